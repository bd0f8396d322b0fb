/**
 * The workqueue of one key, in its Durable Object: what is sent, when it is due, how often it failed and why it was given up,
 * by the rules of every queue here (`transitions.ts`), in the object's own storage. It runs (`run.ts`) when the index lets it;
 * whatever becomes of the index, of this object or of the machine, while there is something to do an alarm is set.
 */
import { errorText } from '../../fleet.ts'
import type { Message } from '../../message.ts'
import { type Entry, emptyTable, forget, lift } from '../entry.ts'
import { identify } from '../identity.ts'
import { arrive, revive, ripen } from '../transitions.ts'
import { gone, type KeyCalls, type Standing } from './calls.ts'
import { only, recover, type RunState, type RunUsing, turn } from './run.ts'
import { type KeyStorage, keyShelf } from './shelf.ts'

export interface KeyUsing extends RunUsing {
  readonly storage: KeyStorage
  /** Tells the index of this key how it stands. */
  readonly note: (standing: Standing) => Promise<void>
}

export interface Key extends KeyCalls {
  /** What the alarm does: the index is told of what is due, or still under way. */
  alarm(): Promise<void>
}

/** An index that takes longer is told again later: an alarm that hangs would keep the next one from coming. */
const NOTE_SECONDS = 20

/** The key as it was kept. What was running then has crashed: a memory that is new knows of no run. */
export function openKey(using: KeyUsing): Key {
  const { clock } = using
  const shelf = keyShelf(using.storage, clock)
  const table = emptyTable({ isStored: false })
  const state: RunState = { ...using, table, save: () => shelf.save(only(table)), waitedMs: 0 }
  let running: Promise<void> | undefined
  const standing = (key = '') => standingOf(only(table), key)
  shelf.load(table)
  if (recover(state)) state.save()
  return {
    async add(messages) {
      const now = clock.now()
      // All or none: what cannot be held throws before anything has been.
      const arrivals = messages.map((message) => identify(message, now))
      for (const arrival of arrivals) arrive(table, arrival, now)
      state.waitedMs = 0
      state.save()
      return standing(arrivals[0]?.key)
    },
    async run(grant) {
      running ??= turn(state, grant).finally(() => {
        running = undefined
      })
      await running
      return standing()
    },
    async alarm() {
      ripenAll(state)
      await shelf.fired(only(table))
      const entry = only(table)
      if (entry === undefined) return
      const isNoted = await noted(using, standing(entry.key))
      // As it stands now: meanwhile it may have been dropped, and sent anew with an alarm of its own.
      if (isNoted && only(table)?.place === 'parked') shelf.rest()
    },
    async show() {
      const entry = only(table)
      return entry && standingOf(entry, entry.key)
    },
    async redrive() {
      const entry = only(table)
      if (entry?.place !== 'parked') return undefined
      revive(table, entry, entry.errand, clock.now())
      state.save()
      return standing(entry.key)
    },
    async drop() {
      const entry = only(table)
      if (entry?.place !== 'parked') return false
      lift(table, entry)
      forget(table, entry)
      state.save()
      return true
    },
  }
}

/** What is due is ready; for how long it has been delayed is remembered for its run. */
function ripenAll(state: RunState): void {
  const { table, clock } = state
  const now = clock.now()
  const entry = only(table)
  if (entry?.place === 'delayed' && entry.dueAt <= now) state.waitedMs = entry.dueAt - entry.since
  ripen(table, now)
}

function standingOf(entry: Entry | undefined, key: string): Standing {
  if (entry === undefined) return gone(key)
  const { place, errand, since, dueAt, attempt, reason, crash = '' } = entry
  // What is no message travels as it came: `work` is to bury it.
  const body = errand.body as Message
  return { key, place, body, since, dueAt, attempt, reason: reason || crash }
}

/** An index that cannot be told now is told at the next alarm, which is set. */
async function noted({ note, report, clock }: KeyUsing, standing: Standing): Promise<boolean> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const cancel = clock.after(NOTE_SECONDS * 1000, () => reject(new Error(`no answer in ${NOTE_SECONDS} s`)))
  try {
    await Promise.race([note(standing), late])
    return true
  } catch (error) {
    report({ type: 'store', store: 'queue', state: 'refusing', detail: `index: ${errorText(error)}` })
    return false
  } finally {
    cancel()
  }
}
