/** The keys of an index that wait for nobody's turn, delayed or parked, by name: each one's own object knows the rest. */
import type { Database } from '../../database.ts'

export type Listed = 'delayed' | 'parked'

export interface KeyList {
  /** Writes nothing where it is listed so already. */
  put(key: string, list: Listed): void
  remove(key: string): void
  /** So many after the one given, in their order. */
  keys(list: Listed, after: string, limit: number): string[]
  count(list: Listed): number
  /** Names of other indexes, for the one that knows them all. */
  enroll(name: string): void
  names(): string[]
}

const TABLES = [
  `CREATE TABLE IF NOT EXISTS index_key (
    list TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (list, key)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS index_name (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID`,
]

const PUT = 'INSERT OR IGNORE INTO index_key VALUES (?, ?)'
const REMOVE = 'DELETE FROM index_key WHERE list = ? AND key = ?'
const KEYS = 'SELECT key FROM index_key WHERE list = ? AND key > ? ORDER BY key LIMIT ?'

const COUNT = 'SELECT count(*) AS count FROM index_key WHERE list = ?'

/** The list in this database, whose tables it makes where they are not. */
export function openList(database: Database): KeyList {
  for (const table of TABLES) database.run(table)
  return {
    put(key, list) {
      database.run(REMOVE, list === 'parked' ? 'delayed' : 'parked', key)
      database.run(PUT, list, key)
    },
    remove(key) {
      database.run(REMOVE, 'delayed', key)
      database.run(REMOVE, 'parked', key)
    },
    keys: (list, after, limit) => [...database.rows(KEYS, list, after, limit)].map(({ key }) => String(key)),
    count(list) {
      for (const { count } of database.rows(COUNT, list)) return Number(count)
      return 0
    },
    enroll: (name) => database.run('INSERT OR IGNORE INTO index_name VALUES (?)', name),
    names: () =>
      [...database.rows('SELECT name FROM index_name ORDER BY name')].map(({ name }) => String(name)),
  }
}
