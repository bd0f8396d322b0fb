/**
 * Objects in a database: a row for each, written before the write is answered, so that a crash loses nothing that anybody
 * was told. History is not kept: after a start, as after one of a real server, watches of older versions have to list again.
 */
import { type Database, DatabaseError, type SqlRow } from '../database.ts'
import type { JsonObject } from './resource.ts'
import { StatusError } from './status.ts'
import { type Entry, fill, keyOf, type Store, tableOf } from './store.ts'

const TABLES = [
  `CREATE TABLE IF NOT EXISTS apiserver (
    id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, is_ended INTEGER NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS apiserver_object (
    number INTEGER PRIMARY KEY, resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    revision INTEGER NOT NULL, object TEXT NOT NULL) STRICT`,
]

const PUT = 'INSERT OR REPLACE INTO apiserver_object VALUES (?, ?, ?, ?, ?, ?)'
const DELETE = 'DELETE FROM apiserver_object WHERE number = ?'
const REVISION = 'INSERT OR REPLACE INTO apiserver VALUES (1, ?, ?)'

/**
 * More changes than a power failure can take back (the log is written through every thousand pages). Whoever has read a
 * version that is gone with them must not wait for it: after an end that was none all versions are older than the newest.
 */
const LOST_CHANGES = 10_000

/** What keeps a store. */
export interface Keeping {
  /** Keeps the store's revision where no change does. */
  revision(): void
  /** To be called at the end: nothing is lost, so clients may go on from the version that they have. */
  end(): void
}

/** Fills an empty store with what the database holds, and keeps all that changes from now on. Throws a DatabaseError. */
export function keepIn(database: Database, store: Store): Keeping {
  for (const table of TABLES) database.run(table)
  // Which row an object is in: the same for as long as it lives.
  const numbers = new WeakMap<Entry, number>()
  let last = load(database, store, numbers)
  store.keep = ({ name: resource }, { type, entry, before, revision }) => {
    const number = (before === undefined ? undefined : numbers.get(before)) ?? ++last
    if (type === 'DELETED') return refusing(() => remove(database, number, revision))
    const { namespace, name, object } = entry
    refusing(() => database.run(PUT, number, resource, namespace, name, revision, JSON.stringify(object)))
    numbers.set(entry, number)
  }
  const write = (isEnded: boolean) => database.run(REVISION, store.revision, isEnded ? 1 : 0)
  write(false)
  return { revision: () => write(false), end: () => write(true) }
}

const remove = (database: Database, number: number, revision: number): void =>
  database.transact(() => {
    database.run(DELETE, number)
    database.run(REVISION, revision, 0)
  })

/** What cannot be kept is refused: the server goes on, and who wrote may try again. */
function refusing(write: () => void): void {
  try {
    write()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new StatusError(500, `Internal error occurred: ${message}`, { reason: 'InternalError' })
  }
}

/** Returns the highest number of a row. */
function load(database: Database, store: Store, numbers: WeakMap<Entry, number>): number {
  const found = new Map<string, Entry[]>()
  let last = 0
  for (const row of database.rows('SELECT * FROM apiserver_object ORDER BY number')) {
    const entry = toEntry(row)
    last = Number(row.number)
    numbers.set(entry, last)
    store.revision = Math.max(store.revision, entry.revision)
    const entries = found.get(String(row.resource)) ?? []
    entries.push(entry)
    found.set(String(row.resource), entries)
  }
  for (const { revision, is_ended } of database.rows('SELECT revision, is_ended FROM apiserver'))
    store.revision = Math.max(store.revision, Number(revision)) + (is_ended === 1 ? 0 : LOST_CHANGES)
  for (const [resource, entries] of found) fill(tableOf(store, resource), entries)
  return last
}

function toEntry(row: SqlRow): Entry {
  const [namespace, name] = [String(row.namespace), String(row.name)]
  const object = fromJson(String(row.object), `${row.resource} ${keyOf(namespace, name)}`)
  return { key: keyOf(namespace, name), namespace, name, revision: Number(row.revision), object }
}

function fromJson(text: string, what: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject
  } catch (cause) {
    throw new DatabaseError('damaged', `${what} is damaged: its object is no JSON`, { cause })
  }
}
