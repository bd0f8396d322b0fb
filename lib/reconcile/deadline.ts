/** Deadlines as signals: a run gets one, and is left behind when it does not listen. */
import type { Clock } from '../clock.ts'

/** The reason of a signal whose time has come. */
export class DeadlineError extends Error {
  constructor(seconds: number) {
    super(`did not end within its deadline of ${seconds} s`)
    this.name = 'DeadlineError'
  }
}

/** A signal that aborts with its parent, or with a {@link DeadlineError} after `seconds`; `end` releases the timer. */
export function withDeadline(
  clock: Clock,
  seconds: number,
  parent: AbortSignal,
): { readonly signal: AbortSignal; end(): void } {
  const deadline = new AbortController()
  const cancel = clock.after(seconds * 1000, () => deadline.abort(new DeadlineError(seconds)))
  return { signal: AbortSignal.any([parent, deadline.signal]), end: cancel }
}

/** The result of `work`, or a rejection with the signal's reason as soon as it aborts, whatever `work` is doing. */
export async function unlessAborted<T>(work: Promise<T> | T, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    // The race takes hold of both, so that what `work` rejects with later is not an unhandled rejection.
    return await Promise.race([aborted.promise, work])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
