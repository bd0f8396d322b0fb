/**
 * Push-back: an author's code found somebody with no time for it now (a 429, a quota, a lock). Trying again later is no
 * failure, so it is not counted and not told as one.
 */

/** Without a readable answer, and never less than this: 0 s would be a hot loop (metacontroller's, B10). */
const LEAST_SECONDS = 1

/** What an unreadable or absent `Retry-After` is taken for. */
const DEFAULT_SECONDS = 5

/**
 * Throw it from `reconcile`, `finalize`, `gone` or `map`: the key is handled again after `wait`, with its count of failures
 * as it was, no Event and no condition. `wait` is seconds, a Date, or the text of a Retry-After header (RFC 9110: seconds or
 * an HTTP date); null, undefined and what cannot be read mean 5 s, less than a second means one.
 */
export class RetryAfter extends Error {
  readonly wait: number | Date | string | null | undefined

  constructor(wait: RetryAfter['wait'], reason = 'asked to come back later', options?: { cause?: unknown }) {
    super(reason, options)
    this.name = 'RetryAfter'
    this.wait = wait
  }
}

/** Seconds from `now` (milliseconds since the epoch) that a push-back asks for. */
export function secondsOf({ wait }: RetryAfter, now: number): number {
  const seconds = readSeconds(wait, now)
  return Number.isFinite(seconds) ? Math.max(seconds, LEAST_SECONDS) : DEFAULT_SECONDS
}

function readSeconds(wait: RetryAfter['wait'], now: number): number {
  if (typeof wait === 'number') return wait
  if (wait instanceof Date) return (wait.getTime() - now) / 1000
  if (wait === null || wait === undefined || wait.trim() === '') return Number.NaN
  if (/^\s*\d+\s*$/.test(wait)) return Number(wait)
  return (Date.parse(wait) - now) / 1000
}
