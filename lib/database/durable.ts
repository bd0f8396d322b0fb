/**
 * The database in a Durable Object: the SQLite that is in its storage. There is one writer because there is one object, and what
 * leaves the object waits until what it has written is safe (output gates): no statement needs to wait for a disk.
 */
import {
  type Database,
  DatabaseError,
  type DatabaseTrouble,
  type SqlRow,
  type SqlValue,
} from '../database.ts'

/** What is used of a Durable Object's storage (`ctx.storage` of a class with SQLite). */
export interface DurableStorage {
  readonly sql: {
    exec<Row extends Record<string, SqlValue>>(query: string, ...values: SqlValue[]): Cursor<Row>
  }
  transactionSync<T>(work: () => T): T
}

interface Cursor<Row> {
  next(): IteratorResult<Row, undefined>
}

/** The database of the Durable Object whose storage this is. The runtime keeps statements prepared by their text. */
export const durableDatabase = (storage: DurableStorage): Database => ({
  run: (sql, ...values) => attempt(() => void storage.sql.exec(sql, ...values)),
  rows: (sql, ...values) => readRows(() => storage.sql.exec<SqlRow>(sql, ...values)),
  transact: (work) => attempt(() => storage.transactionSync(work)),
})

function* readRows(open: () => Cursor<SqlRow>): Iterable<SqlRow> {
  const cursor = attempt(open)
  const next = () => attempt(() => cursor.next())
  let row = next()
  try {
    for (; !row.done; row = next()) yield row.value
  } finally {
    // A reading that is left open holds the log; there is no other way to end one.
    while (!row.done) row = next()
  }
}

/** SQLite's result codes (sqlite.org/rescode.html) by the names that the runtime ends its messages with. */
const TROUBLES: Readonly<Record<string, DatabaseTrouble>> = {
  SQLITE_FULL: 'full',
  SQLITE_CORRUPT: 'damaged',
  SQLITE_NOTADB: 'damaged',
}

const WAYS_OUT: Partial<Record<DatabaseTrouble, string>> = {
  full: ', it may hold 10 GB: watch less (namespaces, selectors). What was stored until now is kept',
  damaged: ': restore it to a time before (point-in-time recovery), or delete the object to start afresh',
}

/** What is no error of SQLite's (the object was reset, a daily limit) passes: it may be over soon. */
function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    const trouble = TROUBLES[code] ?? 'failed'
    const why = trouble === 'failed' ? `cannot be used: ${textOf(error)}` : `is ${trouble}`
    const message = `the storage of the Durable Object ${why}${WAYS_OUT[trouble] ?? ''}`
    throw new DatabaseError(trouble, message, { cause: error })
  }
}

/** `database or disk is full: SQLITE_FULL`, perhaps with an extended code after it. */
const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && !(error instanceof DatabaseError)
    ? /: (SQLITE_[A-Z]+)( \(extended: \w+\))?$/.exec(error.message)?.[1]
    : undefined

const textOf = (error: unknown): string => (error instanceof Error ? error.message : '').slice(0, 300)
