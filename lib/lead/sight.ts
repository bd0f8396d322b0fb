/**
 * What a candidate has seen of a Lease, and since when: time counts from when the candidate itself saw it change. The
 * times in the record are for people and never compared, so no two machines need agree on what time it is.
 */
import type { Clock } from '../clock.ts'
import { holderOf, type LiveLease } from './lease.ts'

/** The lease as it was last seen. */
export interface Sight {
  /** As the server returned it; undefined when it was absent, or nobody has looked. */
  lease(): LiveLease | undefined
  /** Who holds it; the empty string is nobody. A lease that was deleted was not released: its holder acts until it notices. */
  holder(): string
  /** Aborts when the lease, held by another, has not changed for as long as it is valid. */
  lapse(): AbortSignal
  /** Takes note of a newer look, or of what was written. Any write counts as a change: to wait longer is safe. */
  see(lease: LiveLease | undefined): void
  /** Ends the timer. */
  end(): void
}

/** A sight of nothing yet. `leaseSeconds` is for records that do not say how long they are valid. */
export function startSight(
  clock: Clock,
  { identity, leaseSeconds }: { identity: string; leaseSeconds: number },
): Sight {
  let known: LiveLease | undefined
  let holder = ''
  let lapse = new AbortController()
  let end = () => {}
  return {
    lease: () => known,
    holder: () => holder,
    lapse: () => lapse.signal,
    see(lease) {
      if (lease?.metadata.resourceVersion === known?.metadata.resourceVersion) return
      const seconds = (lease ?? known)?.spec?.leaseDurationSeconds ?? leaseSeconds
      if (lease !== undefined) holder = holderOf(lease)
      known = lease
      end()
      const next = new AbortController()
      lapse = next
      // A timer, and not a look at the clock later: setting the clock forward must not end another's lease.
      if (holder !== '' && holder !== identity) end = clock.after(seconds * 1000, () => next.abort())
    },
    end: () => end(),
  }
}
