/**
 * One run of a key in its Durable Object, from being due to its end: kept as begun before it begins, and its end kept before
 * anybody hears of it. What a handler does (answers, throws, forgets, never comes back) becomes a verdict for `transitions.ts`.
 */
import type { Clock } from '../../clock.ts'
import { errorText } from '../../fleet.ts'
import { CRASH_LIMIT, type Delivery, type Handle, type Queue, type Verdict } from '../../queue.ts'
import type { Report } from '../../report.ts'
import { type Entry, lift, put, type Table } from '../entry.ts'
import { type Counting, deliveryOf, judgeCrash } from '../handed.ts'
import { ask, type Outcome } from '../outcome.ts'
import { answer, type Gate, take } from '../transitions.ts'
import type { Grant } from './calls.ts'

export interface RunUsing {
  readonly clock: Clock
  readonly handle: Handle
  /** Where what a run forwards is sent. */
  readonly queue: Queue
  readonly report: Report
  /** Gives [0, 1). */
  readonly random: () => number
  /** A run without an answer for so long counts as crashed. Default 840: deploys and limits let nothing run for much longer. */
  readonly answerSeconds?: number | undefined
  /** Ends this memory, once what was written is safe, with whatever still runs in it. */
  readonly end: () => void
}

export interface RunState extends RunUsing {
  readonly table: Table
  /** Keeps what has changed. Throws where the storage does not take it. */
  save(): void
  /** How long the key was delayed before it became due; 0 where something else has brought it. */
  waitedMs: number
}

const ANSWER_SECONDS = 840

/** Until what could not be forwarded is tried again; spread by as much. */
const FORWARD_SECONDS = 1

/** The index says no more than that it is this key's turn: its table decides. */
const OPEN: Gate = { isFull: () => false, opensAt: () => 0 }

/** The entry of the key, if it has anything to do. */
export const only = (table: Table): Entry | undefined => table.entries.values().next().value

/** Runs the key if it is due. Rejects where the storage does not take what happens. */
export async function turn(state: RunState, grant: Grant): Promise<void> {
  const entry = begin(state)
  if (entry === undefined) return
  const waitedSeconds = state.waitedMs === 0 ? undefined : state.waitedMs / 1000
  const delivery = deliveryOf(entry, { ...grant, waitedSeconds })
  state.waitedMs = 0
  const { outcome, isLate } = await askInTime(state, delivery)
  conclude(state, entry, delivery, outcome)
  state.save()
  // Nothing of what did not come back may go on beside the next run.
  if (isLate) state.end()
}

/** What is not kept as begun has not begun: it would be taken for running by all who look after it. */
function begin({ table, clock, save }: RunState): Entry | undefined {
  const entry = take(table, clock.now(), OPEN)
  if (entry === undefined) return undefined
  try {
    save()
    return entry
  } catch (error) {
    lift(table, entry)
    put(table, entry, 'ready', entry.since)
    throw error
  }
}

interface Ended {
  readonly outcome: Outcome
  /** It has not come back, and may still do something. */
  readonly isLate: boolean
}

/** Never rejects; what does not come back has crashed, and a handler is told to stop. What it forwards is sent in this time. */
async function askInTime(state: RunState, delivery: Delivery): Promise<Ended> {
  const { clock, answerSeconds = ANSWER_SECONDS } = state
  const late = new AbortController()
  const { promise: end, resolve } = Promise.withResolvers<Outcome>()
  const cancel = clock.after(answerSeconds * 1000, () => {
    resolve({ crash: `no answer within ${answerSeconds} s` })
    late.abort()
  })
  const outcome = await Promise.race([askAndForward(state, delivery, late.signal), end])
  cancel()
  return { outcome, isLate: late.signal.aborted }
}

async function askAndForward(state: RunState, delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
  const outcome = await ask(state.handle, delivery, signal)
  return 'verdict' in outcome ? { verdict: await forwarded(state, delivery, outcome.verdict) } : outcome
}

/** A queue that does not take what is forwarded is nobody's failure: the key runs again. */
async function forwarded(state: RunState, { attempt }: Delivery, verdict: Verdict): Promise<Verdict> {
  if (verdict.type !== 'forward') return verdict
  try {
    await state.queue.send(verdict.messages)
    return verdict
  } catch (error) {
    const detail = `forwarding: ${errorText(error)}`
    state.report({ type: 'store', store: 'queue', state: 'refusing', detail })
    return { type: 'retry', attempt, afterSeconds: FORWARD_SECONDS * (1 + state.random()) }
  }
}

/** What a run has come to. */
function conclude(state: RunState, entry: Entry, delivery: Counting, outcome: Outcome): void {
  const { table, clock, report, random } = state
  const verdict =
    'verdict' in outcome
      ? outcome.verdict
      : judgeCrash(entry, delivery, outcome.crash, { report, random, limit: CRASH_LIMIT })
  answer(table, entry, verdict, clock.now())
  if ('crash' in outcome) entry.crash = outcome.crash
}

/** A run of which this memory knows nothing: the object died while it was under way. False: there was none. */
export function recover(state: RunState): boolean {
  const entry = only(state.table)
  if (entry?.place !== 'locked') return false
  const crash = 'the Durable Object ended while it ran'
  conclude(state, entry, { attempt: entry.attempt, early: entry.isEarly }, { crash })
  return true
}
