/**
 * When a source is to be listed and told anew although nothing seems to have happened: R1's "heals anything missed". Objects
 * that are primaries go to their controllers in the background lane; for all others the list only finds what was missed.
 */
import type { Clock } from '../clock.ts'
import type { Cursor } from '../inventory.ts'
import type { Track } from './track.ts'
import { welcome } from './track.ts'

export interface Resync {
  /** Aborts when it is time, or with the signal given. */
  readonly signal: AbortSignal
  /** The source is at this cursor now. */
  reached(cursor: Cursor): void
  /** Ends the waiting; where its time had come, the track begins anew. */
  end(): void
}

/** controller-runtime's `SyncPeriod` varies by 10 % so that sources do not all come at once. */
const SPREAD = 0.1

/** Waits for the next resync of a track. None is due before everything has been told once. */
export function startResync(
  track: Track,
  { clock, random }: { readonly clock: Clock; readonly random: () => number },
  signal: AbortSignal,
): Resync {
  const primaries = track.source.interests.filter(({ type }) => type === 'primary')
  const periods = primaries.map(({ controller }) => controller.resyncSeconds).filter((seconds) => seconds > 0)
  const periodMs = 1000 * Math.min(...periods) * (1 - SPREAD + 2 * SPREAD * random())
  const due = new AbortController()
  let cancel: (() => void) | undefined
  const arm = (toldAt: number) => {
    // A clock cannot wait for longer than some weeks; it is asked again.
    cancel = clock.after(toldAt + periodMs - clock.now(), () =>
      clock.now() < toldAt + periodMs ? arm(toldAt) : due.abort(),
    )
  }
  const reached = ({ toldAt }: Cursor) => {
    if (toldAt !== undefined && cancel === undefined && periods.length > 0) arm(toldAt)
  }
  reached(track.cursor)
  return {
    signal: AbortSignal.any([signal, due.signal]),
    reached,
    end() {
      cancel?.()
      if (due.signal.aborted) welcome(track, primaries, 'resync')
    },
  }
}
