/** Workers in the real runtime (workerd, through wrangler's test harness), on loopback and offline. */
import type { TestHarness, TestHarnessOptions } from 'wrangler'

/** Wrangler reads these when it is loaded: no look for `Request.cf`, no metrics, no questions. */
const QUIET = { CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false', CI: '1' }

/** The newest that the installed runtime knows. */
export const COMPATIBILITY = { compatibility_date: '2026-10-01', compatibility_flags: ['nodejs_compat'] }

/** Bundles Workers and runs them; the first one answers `fetch`. Paths are from the repository's root. Close it after use. */
export async function startWorkers(workers: TestHarnessOptions['workers']): Promise<TestHarness> {
  Object.assign(process.env, QUIET)
  const { createTestHarness } = await import('wrangler')
  const harness = createTestHarness({ workers })
  await harness.listen()
  return harness
}
