/**
 * What follows a try: from where, in which way and after how long the next one starts. This is all of the watch's
 * judgement about failures in one place; it does no input or output.
 */
import { ApiError } from '../kube.ts'
import type { Pace } from './pace.ts'
import { isExpired, isRefusal, retryAfterMs, type Standing } from './standing.ts'
import type { StreamEnd } from './stream.ts'

/** A stream that ends sooner with nothing on it is a failure in disguise (client-go's "very short watch"). */
const SHORT_MS = 1_000
/** Refusals of one version in a row after which the version is suspected: a broken one is answered 500 by watches. */
const REFUSALS = 5
/**
 * Silent streams in a row after which the version is suspected: a server restored from a backup accepts a version from its
 * future and then says nothing.
 */
const SILENCES = 2

/** What is carried from one try to the next. */
export interface Progress {
  /** Where to go on from. Absent: with a list. */
  resourceVersion: string | undefined
  /** `paged once`: the streaming list did not come to its end. `paged`: the server has none. */
  lists: 'streamed' | 'paged once' | 'paged'
  /** Lines and pages received in this try. */
  received: number
  refusals: number
  silences: number
}

/** Progress at the start: nothing tried yet. */
export const startProgress = (resourceVersion: string | undefined): Progress => ({
  resourceVersion,
  lists: 'streamed',
  received: 0,
  refusals: 0,
  silences: 0,
})

/** What judges a try: the delays and the one who is told. */
export interface Judge {
  readonly pace: Pace
  /** Expired versions are counted apart: one after another trouble is no reason to wait with the list. */
  readonly expiries: Pace
  readonly standing: Standing
}

/** Milliseconds to wait after a list that was read to its end. */
export function afterList(progress: Progress): number {
  if (progress.lists === 'paged once') progress.lists = 'streamed'
  return 0
}

/** Milliseconds to wait after a stream that ended without an error and lasted `lastedMs`. */
export function afterEnd(
  progress: Progress,
  end: StreamEnd | 'ignored',
  lastedMs: number,
  judge: Judge,
): number {
  if (progress.resourceVersion === undefined) {
    progress.lists = end === 'ended' ? 'paged once' : 'paged'
    return 0
  }
  if (progress.received > 0) progress.silences = 0
  else if (lastedMs < SHORT_MS) return judge.pace.failed()
  else progress.silences += 1
  if (progress.silences >= SILENCES) {
    progress.silences = 0
    progress.resourceVersion = undefined
  } else if (end === 'ended') judge.standing.synced('resumed')
  return 0
}

/** Milliseconds to wait after a try that failed. The version is kept unless the error speaks against it. */
export function afterFailure(progress: Progress, error: unknown, judge: Judge): number {
  const { pace, standing } = judge
  if (isExpired(error)) {
    const isFree = judge.expiries.isRested() && progress.resourceVersion !== undefined
    progress.resourceVersion = undefined
    const delay = judge.expiries.failed(retryAfterMs(error))
    return isFree ? 0 : delay
  }
  if (isRefusal(error) && progress.resourceVersion === undefined && progress.lists === 'streamed') {
    progress.lists = 'paged'
    return 0
  }
  // A stream that broke after it had worked is daily life; only a try that brought nothing is worth a word.
  if (progress.received === 0) standing.failed(error)
  suspect(progress, error)
  return pace.failed(retryAfterMs(error))
}

/** Gives a version up when it is gone with its kind, or when the server has refused it too often. */
function suspect(progress: Progress, error: unknown): void {
  if (!(error instanceof ApiError)) return
  if (progress.received > 0) progress.refusals = 0
  else if (error.code === 400 || error.code === 500) progress.refusals += 1
  if (error.code !== 404 && progress.refusals < REFUSALS) return
  progress.refusals = 0
  progress.resourceVersion = undefined
}
