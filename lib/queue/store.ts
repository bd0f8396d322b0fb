/**
 * What the in-process queue asks of a store that is to outlive it, as plain records. A queue writes what has changed in one
 * go, before anybody acts on it; it reads everything once, when it starts.
 */
import type { Entry, Place } from './entry.ts'

/** An entry as it is kept. Bodies are whatever JSON was sent; times are milliseconds since the epoch. */
export interface Row {
  readonly row: number
  readonly key: string
  readonly place: Place
  readonly order: number
  readonly dueAt: number
  readonly since: number
  readonly isEarly: boolean
  readonly attempt: number
  readonly backoffUntil: number
  readonly reason: string
  readonly crash: string | undefined
  readonly body: unknown
  readonly arrival: { readonly body: unknown; readonly dueAt: number } | undefined
}

/** What is to be written: everything or, on a throw, nothing. */
export interface Writing {
  /** Entries with the number of their row. */
  readonly puts: Iterable<Entry>
  /** Numbers of rows. */
  readonly deletes: Iterable<number>
  /** Keys and when their bucket is full again; undefined: no more to be kept. */
  readonly meters: Iterable<readonly [key: string, fullAt: number | undefined]>
}

export interface QueueStore {
  /** Everything kept, entries in the order in which they were put. */
  load(): { readonly entries: Iterable<Row>; readonly meters: Iterable<readonly [string, number]> }
  /** Throws where it cannot be written; then the queue stops for good. */
  save(writing: Writing): void
}
