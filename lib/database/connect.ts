/** A connection to a SQLite file: statements are prepared once, and what goes wrong is told with the file and the way out. */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Database, SqlRow, SqlValue } from '../database.ts'
import { type Advice, troubleOf } from './trouble.ts'

export interface NodeDatabase extends Database {
  /** Ends the connection and gives the file free. */
  close(): void
}

/** A visitor's write holds up the holder's, and the other way round, for milliseconds. */
const BUSY_MS = 5_000

/** Makes the file where there is none. Throws a DatabaseError, as all that is done with it does. */
export function connect(path: string, advice: Advice): NodeDatabase {
  const attempt = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw troubleOf(error, path, advice)
    }
  }
  const sqlite = attempt(() => new DatabaseSync(path, { timeout: BUSY_MS }))
  const prepared = new Map<string, StatementSync>()
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql)
    if (known) return known
    const statement = sqlite.prepare(sql)
    prepared.set(sql, statement)
    return statement
  }
  return {
    run: (sql, ...values) => attempt(() => void prepare(sql).run(...values)),
    rows: (sql, ...values) => readRows(() => sqlite.prepare(sql), values, attempt),
    transact(work) {
      attempt(() => sqlite.exec('BEGIN IMMEDIATE'))
      try {
        work()
        attempt(() => sqlite.exec('COMMIT'))
      } catch (error) {
        if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
        throw error
      }
    },
    close: () => sqlite.close(),
  }
}

/** A statement of its own for each reading: two may be under way at once. */
function* readRows(
  prepare: () => StatementSync,
  values: readonly SqlValue[],
  attempt: <T>(work: () => T) => T,
): Iterable<SqlRow> {
  const rows = attempt(() => prepare().iterate(...values)) as IterableIterator<SqlRow>
  try {
    for (let next = attempt(() => rows.next()); !next.done; next = attempt(() => rows.next()))
      yield next.value
  } finally {
    // A reading that is left open would hold the log for ever.
    rows.return?.()
  }
}
