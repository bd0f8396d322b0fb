/**
 * Time as an argument. Stations and adapters take a `Clock`, so that tests move time by hand and no test sleeps.
 */

/** A source of time and timers. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `task` once, `milliseconds` from now; the returned function cancels it. */
  after(milliseconds: number, task: () => void): () => void
}

/** The machine's own time. Timers longer than Node's 2^31-1 ms limit are clamped: callers look at the clock again. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, task) {
    const timer = setTimeout(task, Math.min(Math.max(milliseconds, 0), 2_147_483_647))
    return () => clearTimeout(timer)
  },
}

/** A time (milliseconds since the epoch) as Kubernetes' MicroTime: RFC 3339 with exactly six digits, else it is refused. */
export const microTime = (time: number): string => `${new Date(time).toISOString().slice(0, -1)}000Z`

/** Resolves after `milliseconds`; rejects with the signal's reason as soon as `signal` aborts. */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const cancel = clock.after(milliseconds, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = () => {
      cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
