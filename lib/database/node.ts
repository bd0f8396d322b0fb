/**
 * The database on Node: one file through `node:sqlite`, held by one process at a time. Write-ahead log with
 * `synchronous=NORMAL`: what a killed process had written stays; after a power failure the newest transactions may be gone,
 * but never one without all that came after it, so whoever keeps queue and inventory in one file loses no change.
 */
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Database, DatabaseError } from '../database.ts'
import { connect, type NodeDatabase } from './connect.ts'
import { type Lock, takeLock } from './lock.ts'
import { type Advice, damagedText } from './trouble.ts'

export type { NodeDatabase } from './connect.ts'

/** What the tables mean; a file of a later version is refused. */
const VERSION = 1

export interface Opening {
  /** A folder; it is made, readable by its owner only. */
  readonly folder: string
  /** Whose state it is (the cluster's address): another one's is refused. Absent: whosever it is. */
  readonly owner?: string
  /** How long to wait for another process to let go of it. Default 2,000: it may be just ending. */
  readonly patienceMs?: number
}

const FILE = 'state.db'

const STATE: Advice = {
  afresh:
    'move the folder away to start afresh. A fresh start looks at every ' +
    'object once; delays, attempts, parked keys, and deletions that nobody has seen yet are lost with the old one',
  elsewhere: 'choose another folder with --state',
}

/**
 * Opens the state in a folder for writing, for this process alone; makes it where there is none. Throws a
 * {@link DatabaseError}: `locked` with the process that holds it, `damaged`, `foreign`, `full`.
 */
export function openState({ folder, owner, patienceMs = 2_000 }: Opening): NodeDatabase {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = takeLock({ path: join(folder, 'lock.db'), name: folder, advice: STATE, patienceMs })
  return openHeld(join(folder, FILE), { owner, advice: STATE, lock })
}

export interface DataOpening {
  /** A file; with its folder it is made, readable by its owner only. Others beside it begin with its name. */
  readonly file: string
  /** What it is for: a file of something else is refused. */
  readonly owner: string
  /** What to do instead of using a file that is in use, or of something else: "choose another file with --data". */
  readonly elsewhere: string
  /** How long to wait for another process to let go of it. Default 2,000: it may be just ending. */
  readonly patienceMs?: number
}

/** The same for a file of its own, whatever is in it. */
export function openData({ file, owner, elsewhere, patienceMs = 2_000 }: DataOpening): NodeDatabase {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const advice = { afresh: 'move it away to start with an empty one', elsewhere }
  const lock = takeLock({ path: `${file}.lock`, name: file, advice, patienceMs })
  makePrivate(file, lock)
  return openHeld(file, { owner, advice, lock })
}

/** SQLite makes what it needs beside a file as readable as that is. */
function makePrivate(file: string, lock: Lock): void {
  try {
    closeSync(openSync(file, 'a', 0o600))
  } catch (error) {
    lock.release()
    throw error
  }
}

interface Holding {
  readonly owner: string | undefined
  readonly advice: Advice
  readonly lock: Lock
}

function openHeld(path: string, { owner, advice, lock }: Holding): NodeDatabase {
  try {
    const database = openFile(path, owner, advice)
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

function openFile(path: string, owner: string | undefined, advice: Advice): NodeDatabase {
  const database = connect(path, advice)
  try {
    refuseStranger(database, path, advice)
    database.run('PRAGMA journal_mode = WAL')
    database.run('PRAGMA synchronous = NORMAL')
    check(database, path, advice)
    claim(database, { path, owner, advice })
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
  const database = connect(path, STATE)
  try {
    checkVersion(database, path)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const numberIn = (database: Database, pragma: string): number => {
  for (const row of database.rows(`PRAGMA ${pragma}`)) return Number(row[pragma])
  return 0
}

/** A file that is damaged must be noticed before anything is built on it, and before anything is added to it. */
function check(database: Database, path: string, advice: Advice): void {
  checkVersion(database, path)
  for (const { quick_check } of database.rows('PRAGMA quick_check(1)'))
    if (quick_check !== 'ok')
      throw new DatabaseError('damaged', damagedText(path, String(quick_check), advice))
}

function checkVersion(database: Database, path: string): void {
  const version = numberIn(database, 'user_version')
  if (version > VERSION)
    throw new DatabaseError(
      'foreign',
      `${path} was written by a newer Fairlead (version ${version}, this one knows ${VERSION}): use that one`,
    )
}

/** Not even its mode of writing is changed. */
function refuseStranger(database: Database, path: string, { elsewhere }: Advice): void {
  const names = [...database.rows(`SELECT name FROM sqlite_schema WHERE type = 'table'`)]
  if (names.length > 0 && !names.some(({ name }) => name === 'state'))
    throw new DatabaseError('foreign', `${path} is a database of something else: ${elsewhere}`)
}

interface Claim {
  readonly path: string
  readonly owner: string | undefined
  readonly advice: Advice
}

/** Binds a new file to its owner, and refuses another's. */
function claim(database: Database, { path, owner, advice }: Claim): void {
  database.transact(() => {
    database.run('CREATE TABLE IF NOT EXISTS state (owner TEXT NOT NULL) STRICT')
    const [known] = [...database.rows('SELECT owner FROM state')]
    if (known === undefined && owner !== undefined) database.run('INSERT INTO state VALUES (?)', owner)
    else if (known !== undefined && owner !== undefined && known.owner !== owner)
      throw new DatabaseError(
        'foreign',
        `${path} belongs to ${known.owner}, not to ${owner}: ${advice.elsewhere}`,
      )
    database.run(`PRAGMA user_version = ${VERSION}`)
  })
}
