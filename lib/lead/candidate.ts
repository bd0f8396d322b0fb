/** One candidate for a lease: its claim, its timing, how it stands, and what one try to hold the lease comes to. */
import type { Clock } from '../clock.ts'
import { isAlreadyExists, isConflict } from '../kube.ts'
import type { Leading } from '../lead.ts'
import { type Claim, startClaim } from './claim.ts'
import { checkTiming, type LeaseTiming } from './lease.ts'
import { type Standing, startStanding } from './standing.ts'
import type { Term } from './term.ts'

export interface Candidate {
  readonly clock: Clock
  readonly random: () => number
  readonly identity: string
  readonly timing: LeaseTiming
  readonly claim: Claim
  readonly standing: Standing
}

/** A candidate that has not looked yet. Throws where its timing or its identity cannot work. */
export function startCandidate(leading: Leading): Candidate {
  const { namespace, name, clock, random, identity, report } = leading
  const lease = `${namespace}/${name}`
  if (identity === '') throw new Error(`Lease "${lease}": identity must not be empty`)
  const timing = checkTiming(lease, leading.timing)
  const claim = startClaim({ ...leading, timing })
  return { clock, random, identity, timing, claim, standing: startStanding(lease, report) }
}

/**
 * One try to take or renew the lease; the term is extended when it succeeds. Resolves with who holds the lease then, or with
 * undefined where nobody knows. Never rejects: troubles are told.
 */
export async function attempt(
  { claim, identity, standing }: Candidate,
  term: Term,
  signal: AbortSignal,
): Promise<string | undefined> {
  let holder = ''
  try {
    await term.extend(async () => {
      holder = await claim.hold(signal)
      return holder === identity
    })
  } catch (error) {
    const isLostRace = isConflict(error) || isAlreadyExists(error) // somebody else was faster, which is no trouble
    if (!signal.aborted && !isLostRace) standing.failed(error)
    return undefined
  }
  if (holder === identity && !term.signal.aborted) standing.tell('held', `by ${identity}`)
  return holder || undefined
}
