/**
 * Leader election: of several candidates one acts, the others stand by. What they agree by is a Lease
 * (`coordination.k8s.io/v1`) that its holder renews. The semantics are client-go's (`tools/leaderelection`), the numbers
 * controller-runtime's, so theirs and ours may be candidates for one lease. What a leader does is not known here.
 *
 * Its rooms, in `lib/lead`:
 *
 *   candidate    one try to hold the lease, and what is told of it
 *   claim        the calls that take, renew and release it
 *   sight        what was seen of it, and since when
 *   lease        the record: what it says and what is written into it
 *   term         how long a lease that is held may be relied on
 *   standing     how the candidate stands, told once per change
 */
import { type Clock, sleep } from './clock.ts'
import type { Kube } from './kube.ts'
import { attempt, type Candidate, startCandidate } from './lead/candidate.ts'
import { JITTER, type LeaseTiming } from './lead/lease.ts'
import { startTerm, type Term } from './lead/term.ts'
import type { Report } from './report.ts'

export type { LeaseTiming } from './lead/lease.ts'

/** What a candidate leads by. */
export interface Leading {
  readonly api: Kube
  readonly clock: Clock
  /** Numbers in [0, 1). */
  readonly random: () => number
  readonly report: Report
  /** Where the lease is, or will be: an absent one is created. */
  readonly namespace: string
  readonly name: string
  /** Who this candidate is. It must be its own alone, for ever: two under one name would both act. */
  readonly identity: string
  /** Default 15, 10 and 2 s. */
  readonly timing?: Partial<LeaseTiming> | undefined
}

/** What the leader does. Its signal aborts when it must end. */
export type Run = (signal: AbortSignal) => Promise<void>

/**
 * Stands by until this candidate holds the lease, then calls `run`. When `run` ends by itself the lease is released, so
 * that a successor takes over at its next look, and `lead` resolves, or throws what `run` threw. When the lease is lost (not
 * renewed for `renewDeadlineSeconds`, or held by another) `run`'s signal aborts, and once `run` has ended the candidate
 * stands by again. When `signal` aborts, `run`'s does; the lease is renewed until `run` has ended, and released only then.
 *
 * Troubles of the API server never reject it: they are reported once per change of state and waited out. It throws at once
 * where the timing or the identity cannot work. A `run` that rejects with the reason of its own signal has just ended.
 *
 * Guarantees that no two run at once, provided that `run` ends within `leaseSeconds - renewDeadlineSeconds` (5 s) of a loss,
 * that clocks go at about the same pace (they need not show the same time), and that nobody else edits the holder. A process
 * that was stopped for longer learns of its loss when it goes on, after a successor may have begun: writes that must not
 * happen twice need preconditions of their own.
 */
export async function lead(run: Run, leading: Leading, signal: AbortSignal): Promise<void> {
  const candidate = startCandidate(leading)
  try {
    while (!signal.aborted) {
      const term = await standBy(candidate, signal)
      if (term === undefined || !(await serve(run, { candidate, term }, signal))) return
    }
  } finally {
    candidate.claim.end()
  }
}

/** Looks at the lease until it is held. Resolves with the term that begins then; undefined when `signal` aborts before. */
async function standBy(candidate: Candidate, signal: AbortSignal): Promise<Term | undefined> {
  const { claim, clock, identity, random, standing, timing } = candidate
  while (!signal.aborted) {
    const term = startTerm(clock, timing.renewDeadlineSeconds)
    const holder = await attempt(candidate, term, signal)
    if (holder === identity && !term.signal.aborted) return term
    term.close()
    if (holder !== undefined && holder !== identity) standing.waiting(holder)
    const lapse = claim.lapse()
    const wake = lapse.aborted ? signal : AbortSignal.any([signal, lapse])
    await pause(clock, timing.retrySeconds * (1 + JITTER * random()), wake)
  }
  return undefined
}

interface Holding {
  readonly candidate: Candidate
  readonly term: Term
}

/** Runs for as long as the term lasts, then releases the lease unless it was lost. Resolves with whether it was lost. */
async function serve(run: Run, { candidate, term }: Holding, signal: AbortSignal): Promise<boolean> {
  const tellLoss = () => candidate.standing.tell('lost', term.signal.reason.message)
  term.signal.addEventListener('abort', tellLoss, { once: true })
  const acting = AbortSignal.any([signal, term.signal])
  const over = new AbortController()
  const keeping = keep({ candidate, term }, over.signal)
  try {
    // Stopped while the lease was being taken: it is only given back.
    if (!acting.aborted) await endOf(run, acting)
    return term.signal.aborted
  } finally {
    over.abort()
    await keeping
    term.close()
    if (!term.signal.aborted) await release(candidate)
  }
}

async function endOf(run: Run, acting: AbortSignal): Promise<void> {
  try {
    await run(acting)
  } catch (error) {
    if (!acting.aborted || error !== acting.reason) throw error
  }
}

/** Renews the lease until `over` aborts or it is lost. */
async function keep({ candidate, term }: Holding, over: AbortSignal): Promise<void> {
  const { clock, identity, timing } = candidate
  const end = AbortSignal.any([over, term.signal])
  while (!end.aborted) {
    await pause(clock, timing.retrySeconds, end)
    if (end.aborted) return
    const holder = await attempt(candidate, term, end)
    if (holder !== undefined && holder !== identity) term.lose(`the lease is held by ${holder}`)
  }
}

/** Tried twice at most, since the process may be waiting to end: a lease that cannot be released lapses. */
async function release({ claim, standing }: Candidate): Promise<void> {
  try {
    const holder = await claim.release()
    if (holder === '') standing.tell('released', '')
    else standing.tell('lost', `the lease is held by ${holder}`)
  } catch (error) {
    standing.failed(error)
  }
}

/** Sleeps; an abort ends it early and is seen by the loop. */
const pause = (clock: Clock, seconds: number, signal: AbortSignal): Promise<void> =>
  sleep(clock, seconds * 1000, signal).catch(() => undefined)
