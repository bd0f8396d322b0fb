/**
 * The time for which a held lease may be relied on. It ends whatever the server does or fails to do: a renewal that hangs, or
 * a process that was stopped for a while, must not leave a holder that believes in a lease which another has taken.
 */
import type { Clock } from '../clock.ts'

/** A stretch of holding the lease. */
export interface Term {
  /** Aborts when the lease can no longer be relied on; the reason is an Error that says why. */
  readonly signal: AbortSignal
  /**
   * Makes a try to hold the lease, unless the term is over. When it succeeds, the full length counts from before the try: the
   * server may have taken it for renewed at any time since. Rejects as the try does.
   */
  extend(hold: () => Promise<boolean>): Promise<void>
  lose(why: string): void
  /** Ends the timers, and nothing else. */
  close(): void
}

/** A term that begins now and is lost after `seconds` unless it is extended. */
export function startTerm(clock: Clock, seconds: number): Term {
  const lost = new AbortController()
  const lose = (why: string) => {
    current.end()
    lost.abort(new Error(why))
  }
  const runOut = () => lose(`the lease was not renewed for ${seconds} s`)
  const begin = () => {
    const since = clock.now()
    const end = clock.after(seconds * 1000, runOut)
    return { end, isOver: () => clock.now() - since >= seconds * 1000 }
  }
  // Timers stand still while the machine sleeps, the clock does not.
  const checkClock = () => {
    if (current.isOver()) runOut()
  }
  let current = begin()
  return {
    signal: lost.signal,
    async extend(hold) {
      checkClock()
      let spare = begin()
      try {
        if (!lost.signal.aborted && (await hold())) [current, spare] = [spare, current]
      } finally {
        spare.end()
      }
      checkClock()
    },
    lose,
    close: () => current.end(),
  }
}
