/** Workers in the real runtime (workerd, through wrangler's test harness), on loopback and offline. */
import type { TestHarness, TestHarnessOptions } from 'wrangler'

/** Wrangler reads these when it is loaded: no look for `Request.cf`, no metrics, no questions. */
const QUIET = { CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false', CI: '1' }

/** Bundles Workers and runs them; the first one answers `fetch`. Close it after use. */
export async function startHarness(options: TestHarnessOptions): Promise<TestHarness> {
  Object.assign(process.env, QUIET)
  const { createTestHarness } = await import('wrangler')
  const harness = createTestHarness(options)
  await harness.listen()
  return harness
}
