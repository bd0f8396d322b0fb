/**
 * The workqueue of one key, in its Durable Object: what is sent, when it is due, how often it failed and why it was given up,
 * by the rules of every queue here (`transitions.ts`), in the object's own storage. It runs when the index lets it; whatever
 * becomes of the index, of this object or of the machine, while there is something to do an alarm is set.
 */
import type { Clock } from '../../clock.ts'
import { errorText } from '../../fleet.ts'
import { keyText, type Message } from '../../message.ts'
import { CRASH_LIMIT, type Delivery, type Handle, type Queue, type Verdict } from '../../queue.ts'
import type { Report } from '../../report.ts'
import { type Entry, emptyTable, forget, lift, nameOf, put, type Table } from '../entry.ts'
import { identify } from '../identity.ts'
import { ask, type Outcome, verdictOfCrash } from '../outcome.ts'
import { answer, arrive, type Gate, revive, ripen, take } from '../transitions.ts'
import type { Grant, KeyCalls, Standing } from './calls.ts'
import { type KeyStorage, keyShelf } from './shelf.ts'

export interface KeyUsing {
  readonly storage: KeyStorage
  readonly clock: Clock
  readonly handle: Handle
  /** Where what a run forwards is sent. */
  readonly queue: Queue
  /** Tells the index of this key how it stands. */
  readonly note: (standing: Standing) => Promise<void>
  readonly report: Report
  /** Gives [0, 1). */
  readonly random: () => number
  /** A run without an answer for so long counts as crashed. Default 840: alarms and deploys let nothing run for much longer. */
  readonly answerSeconds?: number | undefined
}

export interface Key extends KeyCalls {
  /** What the alarm does: whatever is due and not under way is begun. */
  alarm(): Promise<void>
}

const ANSWER_SECONDS = 840

/** Until what could not be forwarded is tried again; spread by as much. */
const FORWARD_SECONDS = 1

/** The index may say no more than that it is this key's turn: its table decides. */
const OPEN: Gate = { isFull: () => false, opensAt: () => 0 }

/** The key as it was kept. What was running then has crashed: a memory that is new knows of no run. */
export function openKey(using: KeyUsing): Key {
  const shelf = keyShelf(using.storage, using.clock)
  const state: State = { ...using, table: emptyTable({ isStored: false }), running: undefined }
  const save = () => shelf.save(only(state.table))
  shelf.load(state.table)
  if (recover(state)) save()
  return {
    async add(messages) {
      const now = state.clock.now()
      // All or none: what cannot be held throws before anything has been.
      const arrivals = messages.map((message) => identify(message, now))
      for (const arrival of arrivals) arrive(state.table, arrival, now)
      save()
      return standingOf(only(state.table), arrivals[0]?.key ?? '')
    },
    async run(grant) {
      state.running ??= turn(state, grant, save).finally(() => {
        state.running = undefined
      })
      return state.running
    },
    async alarm() {
      ripen(state.table, state.clock.now())
      await shelf.fired(only(state.table))
      const entry = only(state.table)
      if (entry === undefined || entry.place === 'locked') return
      const isNoted = await noted(state, standingOf(entry, entry.key))
      // As it stands now: meanwhile it may have been dropped, and sent anew with an alarm of its own.
      if (isNoted && only(state.table)?.place === 'parked') shelf.rest()
    },
    async show() {
      const entry = only(state.table)
      return entry && standingOf(entry, entry.key)
    },
    async redrive() {
      const entry = only(state.table)
      if (entry?.place !== 'parked') return undefined
      revive(state.table, entry, entry.errand, state.clock.now())
      save()
      return standingOf(entry, entry.key)
    },
    async drop() {
      const entry = only(state.table)
      if (entry?.place !== 'parked') return false
      lift(state.table, entry)
      forget(state.table, entry)
      save()
      return true
    },
  }
}

interface State extends KeyUsing {
  readonly table: Table
  /** The run under way in this memory. */
  running: Promise<Standing> | undefined
}

const only = (table: Table): Entry | undefined => table.entries.values().next().value

function standingOf(entry: Entry | undefined, key: string): Standing {
  if (entry === undefined)
    return { key, place: 'gone', body: undefined, since: 0, dueAt: 0, attempt: 0, reason: '' }
  const { place, errand, since, dueAt, attempt, reason, crash = '' } = entry
  // What is no message travels as it came: `work` is to bury it.
  const body = errand.body as Message
  return { key, place, body, since, dueAt, attempt, reason: reason || crash }
}

/** An index that cannot be told now is told at the next alarm, which is set. */
async function noted({ note, report }: State, standing: Standing): Promise<boolean> {
  try {
    await note(standing)
    return true
  } catch (error) {
    report({ type: 'store', store: 'queue', state: 'refusing', detail: `index: ${errorText(error)}` })
    return false
  }
}

/** One run, if it is due: kept as begun before it begins, and its end kept before anybody hears of it. */
async function turn(state: State, grant: Grant, save: () => void): Promise<Standing> {
  const { table } = state
  const entry = begin(state, save)
  if (entry !== undefined) {
    const delivery = deliveryOf(entry, grant)
    conclude(state, entry, delivery, await askInTime(state, delivery))
    save()
  }
  return standingOf(only(table), entry?.key ?? '')
}

/** What is not kept as begun has not begun: it would be taken for running by all who look after it. */
function begin({ table, clock }: State, save: () => void): Entry | undefined {
  const entry = take(table, clock.now(), OPEN)
  try {
    save()
  } catch (error) {
    if (entry !== undefined) {
      lift(table, entry)
      put(table, entry, 'ready', entry.since)
    }
    throw error
  }
  return entry
}

const deliveryOf = ({ key, errand, attempt, isEarly, since, crash }: Entry, grant: Grant): Delivery => ({
  id: key,
  body: errand.body,
  attempt,
  early: isEarly,
  readySince: since,
  ...(crash === undefined ? {} : { crash }),
  ...(grant.isLimited ? { isLimited: true } : {}),
})

/** Never rejects; what does not come back has crashed, and a handler is told to stop. What it forwards is sent in this time. */
async function askInTime(state: State, delivery: Delivery): Promise<Outcome> {
  const { clock, answerSeconds = ANSWER_SECONDS } = state
  const late = new AbortController()
  const { promise: end, resolve } = Promise.withResolvers<Outcome>()
  const cancel = clock.after(answerSeconds * 1000, () => {
    resolve({ crash: `no answer within ${answerSeconds} s` })
    late.abort()
  })
  try {
    return await Promise.race([askAndForward(state, delivery, late.signal), end])
  } finally {
    cancel()
  }
}

async function askAndForward(state: State, delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
  const outcome = await ask(state.handle, delivery, signal)
  return 'verdict' in outcome ? { verdict: await forwarded(state, delivery, outcome.verdict) } : outcome
}

/** What a run has come to. */
function conclude(state: State, entry: Entry, delivery: Counting, outcome: Outcome): void {
  const verdict = 'verdict' in outcome ? outcome.verdict : crashed(state, entry, delivery, outcome.crash)
  answer(state.table, entry, verdict, state.clock.now())
  if ('crash' in outcome) entry.crash = outcome.crash
}

/** A queue that does not take what is forwarded is nobody's failure: the key runs again. */
async function forwarded(state: State, { attempt }: Delivery, verdict: Verdict): Promise<Verdict> {
  if (verdict.type !== 'forward') return verdict
  try {
    await state.queue.send(verdict.messages)
    return verdict
  } catch (error) {
    state.report({
      type: 'store',
      store: 'queue',
      state: 'refusing',
      detail: `forwarding: ${errorText(error)}`,
    })
    return { type: 'retry', attempt, afterSeconds: FORWARD_SECONDS * (1 + state.random()) }
  }
}

type Counting = Pick<Delivery, 'attempt' | 'early'>

/** A run of which this memory knows nothing: the object died while it was under way. False: there was none. */
function recover(state: State): boolean {
  const entry = only(state.table)
  if (entry?.place !== 'locked') return false
  const crash = 'the Durable Object ended while it ran'
  const counting = { attempt: entry.attempt, early: entry.isEarly }
  answer(state.table, entry, crashed(state, entry, counting, crash), state.clock.now())
  entry.crash = crash
  return true
}

/** A crash is told, and judged by nobody but the queue. */
function crashed({ report, random }: State, entry: Entry, delivery: Counting, crash: string): Verdict {
  const { message } = entry.errand
  const key = message ? keyText(message) : entry.key
  report({ type: 'failed', controller: entry.controller, key, error: `handler crashed: ${crash}` })
  const verdict = verdictOfCrash(crash, delivery, { limit: CRASH_LIMIT, random })
  if (verdict.type === 'bury') report({ type: 'parked', key: nameOf(entry), reason: verdict.reason })
  return verdict
}
