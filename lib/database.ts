/**
 * The database port: as much of a SQLite connection as durable adapters need, so that they run on whatever has SQLite
 * (`node:sqlite` on Node, the storage of a Durable Object). Synchronous, one writer, statements as text.
 */

export type SqlValue = string | number | null

/** A row by column name. */
export type SqlRow = Readonly<Record<string, SqlValue>>

/**
 * A connection. `sql` is one statement; the same text is prepared once. Numbers are doubles: integers are exact up to 2^53.
 * Throws {@link DatabaseError}.
 */
export interface Database {
  run(sql: string, ...values: readonly SqlValue[]): void
  /** Rows as they are read: do not write while iterating. */
  rows(sql: string, ...values: readonly SqlValue[]): Iterable<SqlRow>
  /** Runs `work` as one transaction: all of it is kept or, on a throw, nothing. Does not nest. */
  transact(work: () => void): void
}

/**
 * `full`: the disk has no room. `damaged`: the file is not, or no longer, what was written. `locked`: another process holds
 * it. `foreign`: it is readable, and not meant for this program or this cluster. `failed`: anything else.
 */
export type DatabaseTrouble = 'full' | 'damaged' | 'locked' | 'foreign' | 'failed'

/** What a database could not do. Messages name the file, the rule and the way out; never what was to be written. */
export class DatabaseError extends Error {
  readonly trouble: DatabaseTrouble

  constructor(trouble: DatabaseTrouble, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'DatabaseError'
    this.trouble = trouble
  }
}
