/**
 * When a source is to be listed and told anew although nothing seems to have happened: R1's "heals anything missed". Objects
 * that are primaries go to their controllers in the background lane; for all others the list only finds what was missed.
 */
import type { Clock } from '../clock.ts'
import type { Interest } from './plan.ts'
import { type Track, welcome } from './track.ts'

export interface Resync {
  /** Aborts when it is time, or with the signal given. */
  readonly signal: AbortSignal
  /** The track's cursor has moved: somebody may have been told of everything for the first time. */
  moved(): void
  /** Ends the waiting; where its time had come, the track begins anew for those whose it was. */
  end(): void
}

/** controller-runtime's `SyncPeriod` varies by 10 % so that sources do not all come at once. */
const SPREAD = 0.1

/**
 * Waits until somebody on a track is to be told of everything again: each controller by its own interval, from when it was
 * told last. None is due before it has been told once.
 */
export function startResync(
  track: Track,
  { clock, random }: { readonly clock: Clock; readonly random: () => number },
  signal: AbortSignal,
): Resync {
  const waiting = track.source.interests
    .filter(({ type, controller }) => type === 'primary' && controller.resyncSeconds > 0)
    .map((interest) => ({ interest, periodMs: periodOf(interest, random) }))
  const dueAt = ({ interest, periodMs }: (typeof waiting)[number]) =>
    (track.cursor.told?.[interest.name] ?? Number.POSITIVE_INFINITY) + periodMs
  const isDue = (one: (typeof waiting)[number]) => dueAt(one) <= clock.now()
  const due = new AbortController()
  let armedFor = Number.POSITIVE_INFINITY
  let cancel: (() => void) | undefined
  // Who is told for the first time may be due before those that were told long ago.
  const arm = () => {
    const first = Math.min(...waiting.map(dueAt))
    if (first === armedFor) return
    cancel?.()
    armedFor = first
    cancel = clock.after(first - clock.now(), () => {
      armedFor = Number.POSITIVE_INFINITY
      // A clock cannot wait for longer than some weeks; it is asked again.
      if (waiting.some(isDue)) due.abort()
      else arm()
    })
  }
  arm()
  return {
    signal: AbortSignal.any([signal, due.signal]),
    moved: arm,
    end() {
      cancel?.()
      if (due.signal.aborted) {
        const newcomers = waiting.filter(isDue).map(({ interest }) => interest)
        welcome(track, newcomers, 'resync')
      }
    },
  }
}

const periodOf = ({ controller }: Interest, random: () => number): number =>
  1000 * controller.resyncSeconds * (1 - SPREAD + 2 * SPREAD * random())
