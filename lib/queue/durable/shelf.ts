/**
 * What a Durable Object keeps of its key: one record, one alarm. Each write is a row that is paid for, so an alarm that will do is
 * left as it is, and a key that has nothing to do leaves nothing behind.
 */
import type { Clock } from '../../clock.ts'
import { type Entry, put, type Table } from '../entry.ts'
import { rowOf, toEntry } from '../row.ts'
import type { Row } from '../store.ts'

/** What is used of the storage of a Durable Object (SQLite). Writes of one turn are kept together, before any answer leaves. */
export interface KeyStorage {
  readonly kv: { get<T>(key: string): T | undefined; put<T>(key: string, value: T): void }
  setAlarm(time: number): Promise<void>
  /** The alarm as well. */
  deleteAll(): Promise<void>
}

export interface Shelf {
  /** Puts what was kept into an empty table. */
  load(table: Table): void
  /** Keeps the entry, and sets the alarm for what is next; without an entry, forgets everything. */
  save(entry: Entry | undefined): void
  /**
   * The alarm has gone off: sets the next one, and rejects where that is refused, so that the platform repeats this one. What time
   * alone has changed is not written, since it can be told again.
   */
  fired(entry: Entry | undefined): Promise<void>
  /** Nothing is next until somebody calls; but what was given up is told again each day, lest it be forgotten. */
  rest(): void
}

/** What is ready or running is looked after so much later, in case who was to let it run, or who ran it, is no more. */
const LOOK_MS = 30_000
/** What has waited long already waits longer for the next look: a queue of many thousands must not be asked by all of them. */
const LONGEST_LOOK_MS = 300_000
const DAY_MS = 86_400_000

const RECORD = 'entry'

/** The alarm of before is not known to a new memory: the first save sets it in any case. */
export function keyShelf(storage: KeyStorage, clock: Clock): Shelf {
  let alarmAt = 0
  let isEmpty = false
  const setAlarm = async (time: number) => {
    alarmAt = time
    await storage.setAlarm(time)
  }
  const watch = async (entry: Entry) => {
    const { place, dueAt } = entry
    if (place === 'delayed') return alarmAt === dueAt ? undefined : await setAlarm(dueAt)
    const now = clock.now()
    const lookAt = now + lookMs(entry, now)
    if (alarmAt <= now || alarmAt > lookAt) await setAlarm(lookAt)
  }
  return {
    load(table) {
      const row = storage.kv.get<Row>(RECORD)
      isEmpty = row === undefined
      if (row !== undefined) put(table, toEntry(row), row.place, row.since)
    },
    save(entry) {
      if (entry === undefined) {
        if (!isEmpty) void storage.deleteAll()
        isEmpty = true
        alarmAt = 0
        return
      }
      isEmpty = false
      // The alarm first: if only one of them is taken, it is the one that does no harm alone.
      void watch(entry)
      storage.kv.put(RECORD, rowOf(entry))
    },
    async fired(entry) {
      alarmAt = 0
      if (entry !== undefined) await watch(entry)
    },
    rest: () => void setAlarm(clock.now() + DAY_MS),
  }
}

/** Half a minute; what is ready for longer doubles its wait each time. */
const lookMs = ({ place, since }: Entry, now: number): number =>
  place === 'ready' ? Math.min(Math.max(LOOK_MS, now - since), LONGEST_LOOK_MS) : LOOK_MS
