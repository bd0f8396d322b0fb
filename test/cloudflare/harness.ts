/** Workers of tests in the real runtime. */
import type { TestHarness, TestHarnessOptions } from 'wrangler'
import { startHarness } from '../../infra/cloudflare/local/harness.ts'

/** The newest that the installed runtime knows. */
export const COMPATIBILITY = { compatibility_date: '2026-10-01', compatibility_flags: ['nodejs_compat'] }

/** Bundles Workers and runs them; the first one answers `fetch`. Paths are from the repository's root. Close it after use. */
export const startWorkers = (workers: TestHarnessOptions['workers']): Promise<TestHarness> =>
  startHarness({ workers })
