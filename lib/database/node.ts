/**
 * The database on Node: one file through `node:sqlite`, held by one process at a time. Write-ahead log with
 * `synchronous=NORMAL`: what a killed process had written stays; after a power failure the newest transactions may be gone,
 * but never one without all that came after it, so whoever keeps queue and inventory in one file loses no change.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type Database, DatabaseError, type SqlRow, type SqlValue } from '../database.ts'
import { takeLock } from './lock.ts'
import { damagedText, troubleOf } from './trouble.ts'

/** What the tables mean; a file of a later version is refused. */
const VERSION = 1

export interface NodeDatabase extends Database {
  /** Ends the connection and gives the file free. */
  close(): void
}

export interface Opening {
  /** A folder; it is made, readable by its owner only. */
  readonly folder: string
  /** Whose state it is (the cluster's address): another one's is refused. Absent: whosever it is. */
  readonly owner?: string
  /** How long to wait for another process to let go of it. Default 2,000: it may be just ending. */
  readonly patienceMs?: number
}

const FILE = 'state.db'

/** A visitor's write holds up the holder's, and the other way round, for milliseconds. */
const BUSY_MS = 5_000

/**
 * Opens the state in a folder for writing, for this process alone; makes it where there is none. Throws a
 * {@link DatabaseError}: `locked` with the process that holds it, `damaged`, `foreign`, `full`.
 */
export function openState({ folder, owner, patienceMs = 2_000 }: Opening): NodeDatabase {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = takeLock(folder, patienceMs)
  try {
    const database = openFile(join(folder, FILE), owner)
    const close = () => {
      database.close()
      lock.release()
    }
    return { ...database, close }
  } catch (error) {
    lock.release()
    throw error
  }
}

function openFile(path: string, owner: string | undefined): NodeDatabase {
  const database = connect(path)
  try {
    database.run('PRAGMA journal_mode = WAL')
    database.run('PRAGMA synchronous = NORMAL')
    check(database, path)
    claim(database, { path, owner })
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Opens a state that there is, whoever else has it open: for a look, and to leave requests. What it throws is as above. */
export function visitState(folder: string): NodeDatabase {
  const path = join(folder, FILE)
  if (!existsSync(path)) throw new DatabaseError('foreign', `${folder} is no state folder: it has no ${FILE}`)
  const database = connect(path)
  try {
    checkVersion(database, path)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function connect(path: string): NodeDatabase {
  const attempt = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw troubleOf(error, path)
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

const numberIn = (database: Database, pragma: string): number => {
  for (const row of database.rows(`PRAGMA ${pragma}`)) return Number(row[pragma])
  return 0
}

/** A file that is damaged must be noticed before anything is built on it, and before anything is added to it. */
function check(database: Database, path: string): void {
  checkVersion(database, path)
  for (const { quick_check } of database.rows('PRAGMA quick_check(1)'))
    if (quick_check !== 'ok') throw new DatabaseError('damaged', damagedText(path, String(quick_check)))
}

function checkVersion(database: Database, path: string): void {
  const version = numberIn(database, 'user_version')
  if (version > VERSION)
    throw new DatabaseError(
      'foreign',
      `${path} was written by a newer Fairlead (version ${version}, this one knows ${VERSION}): use that one`,
    )
}

/** Binds a new file to its owner, and refuses another's. */
function claim(database: Database, { path, owner }: { path: string; owner: string | undefined }): void {
  database.transact(() => {
    database.run('CREATE TABLE IF NOT EXISTS state (owner TEXT NOT NULL) STRICT')
    const [known] = [...database.rows('SELECT owner FROM state')]
    if (known === undefined && owner !== undefined) database.run('INSERT INTO state VALUES (?)', owner)
    else if (known !== undefined && owner !== undefined && known.owner !== owner)
      throw new DatabaseError(
        'foreign',
        `${path} belongs to ${known.owner}, not to ${owner}: choose another folder with --state`,
      )
    database.run(`PRAGMA user_version = ${VERSION}`)
  })
}
