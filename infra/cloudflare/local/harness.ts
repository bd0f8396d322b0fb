/** Workers in the real runtime (workerd, through wrangler's test harness), on loopback and offline. */
import type { TestHarness, TestHarnessOptions } from 'wrangler'

/** Wrangler reads these when it is loaded: no look for `Request.cf`, no metrics, no questions. */
const QUIET = { CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false', CI: '1' }

/** Bundles Workers and runs them; the first one answers `fetch`. Close it after use. */
export async function startHarness(options: TestHarnessOptions): Promise<TestHarness> {
  Object.assign(process.env, QUIET)
  const giveBack = (['SIGINT', 'SIGTERM'] as const).map(keepSignal)
  const { createTestHarness } = await import('wrangler')
  const harness = createTestHarness(options)
  await harness.listen()
  for (const give of giveBack) give()
  return harness
}

/** Wrangler ends the process at a signal. Whoever listens already means to do so, once what runs has ended. */
function keepSignal(signal: 'SIGINT' | 'SIGTERM'): () => void {
  const before = process.listeners(signal)
  return () => {
    if (before.length === 0) return
    for (const listener of process.listeners(signal))
      if (!before.includes(listener)) process.removeListener(signal, listener)
  }
}
