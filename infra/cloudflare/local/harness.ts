/** Workers in the real runtime (workerd, through wrangler's test harness), on loopback and offline. */
import type { TestHarness, TestHarnessOptions } from 'wrangler'

/** Wrangler reads these when it is loaded: no look for `Request.cf`, no metrics, no questions. */
const QUIET = { CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false', CI: '1' }

/** Bundles Workers and runs them; the first one answers `fetch`. Close it after use. */
export async function startHarness(options: TestHarnessOptions): Promise<TestHarness> {
  Object.assign(process.env, QUIET)
  const giveUp = keepSignals()
  try {
    const { createTestHarness } = await import('wrangler')
    const harness = createTestHarness(options)
    await harness.listen()
    return harness
  } finally {
    giveUp()
  }
}

/** Wrangler ends the process at a signal. Whoever listens already means to do so, once what runs has ended. */
function keepSignals(): () => void {
  const kept = ['SIGINT', 'SIGTERM'].filter((signal) => process.listenerCount(signal) > 0)
  const added = (signal: string | symbol, listener: () => void) => {
    if (kept.includes(String(signal))) queueMicrotask(() => process.removeListener(signal, listener))
  }
  process.on('newListener', added)
  return () => void process.removeListener('newListener', added)
}
