/**
 * One candidate's calls that take, renew and release a Lease. Every write is conditional on what was read, so of two
 * candidates one wins. When to call is for `lead`.
 */
import type { Clock } from '../clock.ts'
import { Lease } from '../kind/builtin.ts'
import { ApiError, type Kube } from '../kube.ts'
import { withDeadline } from '../reconcile/deadline.ts'
import { heldSpec, type LeaseSpec, type LeaseTiming, releasedSpec } from './lease.ts'
import { startSight } from './sight.ts'

export interface Claiming {
  readonly api: Kube
  readonly clock: Clock
  readonly namespace: string
  readonly name: string
  /** Who claims; no other candidate, past or present, has the same. */
  readonly identity: string
  readonly timing: LeaseTiming
}

/** A claim to one lease. A write under way is never abandoned before its time is up: a lease taken unnoticed lies idle. */
export interface Claim {
  /**
   * Takes the lease where it is free, lapsed or ours already (which renews it). Resolves with who holds it then. Throws
   * what the API server answers (409: somebody else was faster), and the signal's reason when that aborts before a write.
   */
  hold(signal: AbortSignal): Promise<string>
  /** Gives the lease up if it is ours. Resolves with who else holds it, the empty string being nobody. */
  release(): Promise<string>
  /** Aborts when the lease as it was last seen, held by another, has not changed for as long as it is valid. */
  lapse(): AbortSignal
  /** Ends its timers. */
  end(): void
}

/** A claim that knows nothing of the lease yet. */
export function startClaim({ api, clock, namespace, name, identity, timing }: Claiming): Claim {
  const { leaseSeconds } = timing
  const key = { namespace, name }
  const sight = startSight(clock, { identity, leaseSeconds })
  const inTime = startTimeout(clock, timing)

  const read = async (signal?: AbortSignal) =>
    sight.see(await inTime((inner) => api.get(Lease, key, { signal: inner }), signal))
  const write = async (spec: LeaseSpec) => {
    const lease = sight.lease()
    const send = (signal: AbortSignal) =>
      lease === undefined
        ? api.create(Lease, { metadata: key, spec }, { signal })
        : api.update(Lease, { ...lease, spec }, { signal })
    sight.see(await inTime(send))
  }
  const isOurs = () => sight.lease() !== undefined && sight.holder() === identity
  const take = () => write(heldSpec(sight.lease(), { identity, leaseSeconds, now: clock.now() }))
  const giveUp = () => write(releasedSpec(sight.lease(), clock.now()))

  return {
    async hold(signal) {
      if (isOurs() && (await isDone(take))) return identity
      await read(signal)
      signal.throwIfAborted()
      const holder = sight.holder()
      if (holder !== '' && holder !== identity && !sight.lapse().aborted) return holder
      await take()
      return identity
    },
    async release() {
      if (isOurs() && (await isDone(giveUp))) return ''
      await read()
      if (isOurs()) await giveUp()
      return sight.holder() === identity ? '' : sight.holder()
    },
    lapse: sight.lapse,
    end: sight.end,
  }
}

/** Whether a write over what is known went through. False when the server refuses it: then what stands now must be read. */
async function isDone(write: () => Promise<void>): Promise<boolean> {
  try {
    await write()
    return true
  } catch (error) {
    if (error instanceof ApiError && error.code > 0) return false
    throw error
  }
}

/** Calls that end with their answer, with the abort of `signal`, or with an error after controller-runtime's client timeout. */
function startTimeout(clock: Clock, { renewDeadlineSeconds }: LeaseTiming) {
  const seconds = Math.max(1, renewDeadlineSeconds / 2)
  return async <T>(
    call: (signal: AbortSignal) => Promise<T>,
    signal = new AbortController().signal,
  ): Promise<T> => {
    const deadline = withDeadline(clock, seconds, signal)
    try {
      return await call(deadline.signal)
    } finally {
      deadline.end()
    }
  }
}
