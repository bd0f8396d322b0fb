/** The clock that authors' tests use is the one of ours. */
export { type FakeClock, fakeClock } from '../lib/testing/clock.ts'
