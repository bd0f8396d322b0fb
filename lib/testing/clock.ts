/**
 * A Clock that tests move by hand. It starts where it is told and stands still until `advance`; no real time passes.
 */
import type { Clock } from '../clock.ts'

export interface FakeClock extends Clock {
  /**
   * Moves time on by `milliseconds`, running every timer that falls due on the way at its own time, the earliest first and
   * equals in the order they were set. Before the first, after each and at the end, promises and callbacks that are ready
   * settle (`setImmediate`), so timers set by what a timer woke are seen too. `advance(0)` only settles and runs what is due.
   */
  advance(milliseconds: number): Promise<void>
  /** How many timers are waiting. */
  pending(): number
}

interface Timer {
  readonly at: number
  readonly task: () => void
}

/** Everything that promises and zero-delay callbacks can do by themselves has happened when this resolves. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A clock that stands at `start` (milliseconds since the epoch). */
export function fakeClock(start = 0): FakeClock {
  let now = start
  const timers = new Set<Timer>()

  const firstDue = (until: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers) if (timer.at <= until && (!first || timer.at < first.at)) first = timer
    return first
  }

  return {
    now: () => now,
    after(milliseconds, task) {
      const timer = { at: now + Math.max(milliseconds, 0), task }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(milliseconds) {
      const until = now + milliseconds
      await settle()
      for (let timer = firstDue(until); timer; timer = firstDue(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.task()
        await settle()
      }
      now = until
      await settle()
    },
    pending: () => timers.size,
  }
}
