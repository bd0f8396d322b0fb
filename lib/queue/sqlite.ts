/**
 * The embedded queue's store in SQLite: a row per key, written by number, so that the table grows at its end and needs no
 * further index: the queue in memory is the index.
 */
import { type Database, DatabaseError, type SqlRow, type SqlValue } from '../database.ts'
import type { Entry, Place } from './entry.ts'
import type { QueueStore, Row, Writing } from './store.ts'

const TABLES = [
  `CREATE TABLE IF NOT EXISTS queue_entry (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, place TEXT NOT NULL, position INTEGER NOT NULL,
    due_at REAL NOT NULL, since REAL NOT NULL, attempt INTEGER NOT NULL, backoff_until REAL NOT NULL,
    is_early INTEGER NOT NULL, reason TEXT NOT NULL, crash TEXT, body TEXT NOT NULL, arrival TEXT, arrival_due_at REAL) STRICT`,
  `CREATE TABLE IF NOT EXISTS queue_meter (key TEXT PRIMARY KEY, full_at REAL NOT NULL) STRICT, WITHOUT ROWID`,
]

const PUT = 'INSERT OR REPLACE INTO queue_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
const DELETE = 'DELETE FROM queue_entry WHERE number = ?'
const METER = 'INSERT OR REPLACE INTO queue_meter VALUES (?, ?)'
const NO_METER = 'DELETE FROM queue_meter WHERE key = ?'

/** A store in this database, whose tables it makes where they are not. */
export function sqliteStore(database: Database): QueueStore {
  for (const table of TABLES) database.run(table)
  return {
    load: () => ({
      entries: entriesIn(database),
      meters: metersIn(database),
    }),
    save: (writing) => database.transact(() => write(database, writing)),
  }
}

/** The parked keys in a database, the oldest first, whoever else has it open. */
export function* parkedIn(database: Database): Iterable<Row> {
  const [table] = [...database.rows(`SELECT 1 FROM sqlite_master WHERE name = 'queue_entry'`)]
  if (table === undefined) return
  const sql = `SELECT * FROM queue_entry WHERE place = 'parked' ORDER BY position`
  for (const row of database.rows(sql)) yield toRow(row)
}

function write(database: Database, { puts, deletes, meters }: Writing): void {
  for (const number of deletes) database.run(DELETE, number)
  for (const entry of puts) database.run(PUT, ...valuesOf(entry))
  for (const [key, fullAt] of meters) {
    if (fullAt === undefined) database.run(NO_METER, key)
    else database.run(METER, key, fullAt)
  }
}

function valuesOf(entry: Entry): readonly SqlValue[] {
  const { row, key, place, order, errand, since, attempt, backoffUntil, isEarly, reason, crash, arrival } =
    entry
  return [
    row,
    key,
    place,
    order,
    errand.dueAt,
    since,
    attempt,
    backoffUntil,
    isEarly ? 1 : 0,
    reason,
    crash ?? null,
    toJson(errand.body),
    arrival === undefined ? null : toJson(arrival.body),
    arrival === undefined ? null : arrival.dueAt,
  ]
}

/** What JSON has no word for was nothing to begin with. */
const toJson = (body: unknown): string => JSON.stringify(body) ?? 'null'

function* entriesIn(database: Database): Iterable<Row> {
  for (const row of database.rows('SELECT * FROM queue_entry ORDER BY position')) yield toRow(row)
}

function* metersIn(database: Database): Iterable<readonly [string, number]> {
  for (const { key, full_at } of database.rows('SELECT * FROM queue_meter'))
    yield [String(key), Number(full_at)]
}

function toRow(row: SqlRow): Row {
  return {
    row: Number(row.number),
    key: String(row.key),
    place: row.place as Place,
    order: Number(row.position),
    dueAt: Number(row.due_at),
    since: Number(row.since),
    attempt: Number(row.attempt),
    backoffUntil: Number(row.backoff_until),
    isEarly: row.is_early === 1,
    reason: String(row.reason),
    crash: row.crash === null ? undefined : String(row.crash),
    body: fromJson(row.body, row),
    arrival:
      row.arrival === null
        ? undefined
        : { body: fromJson(row.arrival, row), dueAt: Number(row.arrival_due_at) },
  }
}

function fromJson(text: SqlValue | undefined, { number }: SqlRow): unknown {
  try {
    return JSON.parse(String(text))
  } catch (cause) {
    throw new DatabaseError('damaged', `queue_entry ${number} is damaged: its message is no JSON`, { cause })
  }
}
