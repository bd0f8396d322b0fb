/**
 * How long to wait before a source is tried again: 0.8 s doubling to at most 30 s, with jitter, forgotten after two
 * minutes without a failure (the numbers of client-go's reflector). It counts; it does not wait.
 */
import type { Clock } from '../clock.ts'

const FIRST_MS = 800
const LONGEST_MS = 30_000
const HEALTHY_MS = 120_000

/** Counts failures in a row and turns each into a delay. */
export interface Pace {
  /** Milliseconds to wait after a failure now. Never less than `atLeastMs`, which a server asked for by Retry-After. */
  failed(atLeastMs?: number): number
  /** True until the first failure, and again after two minutes without one. */
  isRested(): boolean
}

/** A pace that starts rested. `random` yields numbers in [0, 1). */
export function startPace(clock: Clock, random: () => number): Pace {
  let failures = 0
  let tryingSince = clock.now()
  const isRested = () => failures === 0 || clock.now() - tryingSince >= HEALTHY_MS
  return {
    isRested,
    failed(atLeastMs = 0) {
      if (isRested()) failures = 0
      // Half the longest delay is the base of the last step: with full jitter on top no delay exceeds the longest.
      const base = Math.min(FIRST_MS * 2 ** Math.min(failures, 16), LONGEST_MS / 2)
      failures += 1
      const delay = Math.max(base * (1 + random()), atLeastMs)
      tryingSince = clock.now() + delay
      return delay
    },
  }
}
