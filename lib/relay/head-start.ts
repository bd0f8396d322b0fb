/**
 * The order of first lists: what primaries own, and the namespaces they may be in, before the primaries. Then each primary
 * is sent once, with its children known, instead of once more for every child that is found after it.
 */
import type { Clock } from '../clock.ts'
import type { Track } from './track.ts'

/** Primaries wait no longer, so that one slow or broken source does not hold up the others. */
const LIMIT_MS = 5_000

export interface HeadStart {
  /** Resolves when the track may begin. */
  turnOf(track: Track): Promise<void>
  /** The track is synced, or in trouble. */
  stands(track: Track): void
}

/** Begins at once. Tracks that go on from where they were need no head start. */
export function startHeadStart(tracks: readonly Track[], clock: Clock, signal: AbortSignal): HeadStart {
  const isPrimary = ({ source }: Track) => source.interests.some(({ type }) => type === 'primary')
  const isSupport = ({ source }: Track) =>
    source.interests.some(({ type }) => type === 'owned' || type === 'namespaces')
  const waitedFor = new Set(
    tracks.filter((track) => isSupport(track) && !isPrimary(track) && track.newcomers.interests.length > 0),
  )
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = clock.after(LIMIT_MS, resolve)
  const open = () => {
    cancel()
    resolve()
  }
  signal.addEventListener('abort', open, { once: true })
  if (signal.aborted || waitedFor.size === 0) open()
  return {
    turnOf: (track) => (isPrimary(track) ? promise : Promise.resolve()),
    stands(track) {
      if (waitedFor.delete(track) && waitedFor.size === 0) open()
    },
  }
}
