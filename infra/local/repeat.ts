/** The same thing again and again, on time, never twice at once: the schedules of a local platform. */
import type { Clock } from '../../lib/index.ts'

export interface When {
  /** From start to start; 0 begins the next run as soon as one has ended. */
  readonly everySeconds: number
  /** How long before the first run (default 0). */
  readonly afterSeconds?: number | undefined
  readonly clock: Clock
}

export interface Repeating {
  /** No new run; resolves when the running one has ended. */
  stop(): Promise<void>
}

/** A run that fails is not followed at once: with an interval of 0 it would be tried in a loop. */
const LEAST_AFTER_FAILURE_SECONDS = 1

/** Runs until stopped, or until `run` rejects; it resolves with whether all went well. */
export function repeat(
  run: (now: number) => Promise<boolean>,
  { everySeconds, afterSeconds = 0, clock }: When,
): Repeating {
  let isStopped = false
  let skipWait = () => {}
  const wait = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(milliseconds, resolve)
      skipWait = () => {
        cancel()
        resolve()
      }
    })
  const runs = async () => {
    if (afterSeconds > 0) await wait(afterSeconds * 1000)
    while (!isStopped) {
      const startedAt = clock.now()
      const isDone = await run(startedAt)
      const seconds = isDone ? everySeconds : Math.max(everySeconds, LEAST_AFTER_FAILURE_SECONDS)
      const left = startedAt + seconds * 1000 - clock.now()
      if (left > 0 && !isStopped) await wait(left)
    }
  }
  const ended = runs().catch(() => undefined)
  return {
    stop() {
      isStopped = true
      skipWait()
      return ended
    },
  }
}
