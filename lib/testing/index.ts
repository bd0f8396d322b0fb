/**
 * What an author's tests use: an API server of their own, time that they move by hand, and chance that can be had again.
 * Nothing here needs a package beside fairlead.
 */
export * from '../apiserver/index.ts'
export type { Clock } from '../clock.ts'
export { type FakeClock, fakeClock } from './clock.ts'
export { randomFrom } from './random.ts'
