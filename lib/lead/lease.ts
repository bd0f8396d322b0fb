/**
 * The Lease as the record of who leads: what a candidate reads from it and what it writes into it. Records in, records out;
 * when to write one is for `claim`, how long to rely on it for `term`.
 */
import { microTime } from '../clock.ts'
import type { Lease, Served } from '../kind/builtin.ts'

/** A Lease as the server returns it. One made by another tool may say nothing at all. */
export type LiveLease = Served<Lease>

export type LeaseSpec = NonNullable<Lease['spec']>

/** How a lease is timed. All candidates for one lease must agree. */
export interface LeaseTiming {
  /** A candidate that has not seen the lease change for so long may take it. Whole seconds, as the API has it. */
  readonly leaseSeconds: number
  /** A holder that has not renewed it for so long no longer acts. What is left of `leaseSeconds` is for it to end. */
  readonly renewDeadlineSeconds: number
  /** From one renewal to the next. A candidate looks after 1 to 2.2 times as long. */
  readonly retrySeconds: number
}

/** controller-runtime's numbers (`pkg/manager/internal.go`). */
export const defaultTiming: LeaseTiming = { leaseSeconds: 15, renewDeadlineSeconds: 10, retrySeconds: 2 }

/** A candidate looks after the retry period and up to this part more: client-go's `leaderelection.JitterFactor`. */
export const JITTER = 1.2

/** What a record that is given up says: client-go writes the same, so that its candidates take over as ours do. */
const RELEASED = { holderIdentity: '', leaseDurationSeconds: 1 }

/** The timing with its defaults. Throws one Error that names the lease, the rule (client-go's) and the value. */
export function checkTiming(lease: string, given: Partial<LeaseTiming> = {}): LeaseTiming {
  const timing = { ...defaultTiming, ...given }
  const { leaseSeconds, renewDeadlineSeconds, retrySeconds } = timing
  const refuse = (rule: string, got: number): never => {
    throw new Error(`Lease "${lease}": ${rule}, got ${got}`)
  }
  if (!(retrySeconds > 0)) refuse('retrySeconds must be > 0', retrySeconds)
  if (!(renewDeadlineSeconds > retrySeconds * JITTER))
    refuse(
      `renewDeadlineSeconds must be > retrySeconds * ${JITTER} (${retrySeconds * JITTER})`,
      renewDeadlineSeconds,
    )
  if (!Number.isInteger(leaseSeconds) || leaseSeconds <= renewDeadlineSeconds)
    refuse(
      `leaseSeconds must be a whole number > renewDeadlineSeconds (${renewDeadlineSeconds})`,
      leaseSeconds,
    )
  return timing
}

/** Who holds the lease, as far as its record says; the empty string is nobody. */
export const holderOf = (lease: LiveLease): string => lease.spec?.holderIdentity ?? ''

/**
 * The spec with which `identity` holds the lease from `now` (milliseconds since the epoch) on: renewed if it held it
 * before, else acquired, which counts as a transition (as client-go counts: also from nobody). Fields of others are kept.
 */
export function heldSpec(
  lease: LiveLease | undefined,
  { identity, leaseSeconds, now }: { identity: string; leaseSeconds: number; now: number },
): LeaseSpec {
  const { acquireTime, leaseTransitions = 0, ...others } = lease?.spec ?? {}
  const isRenewed = others.holderIdentity === identity
  return {
    ...others,
    holderIdentity: identity,
    leaseDurationSeconds: leaseSeconds,
    acquireTime: (isRenewed && acquireTime) || microTime(now),
    renewTime: microTime(now),
    leaseTransitions: leaseTransitions + (isRenewed || lease === undefined ? 0 : 1),
  }
}

/** The spec that gives the lease up, so that the next candidate to look takes it. */
export const releasedSpec = (lease: LiveLease | undefined, now: number): LeaseSpec => ({
  ...lease?.spec,
  ...RELEASED,
  acquireTime: microTime(now),
  renewTime: microTime(now),
})
