/**
 * One process at a time: a lock that the system itself takes back when its holder dies, however it dies. It is a write
 * transaction, held open, on a small file of its own beside what it guards; the file also says who holds it.
 */
import { DatabaseSync } from 'node:sqlite'
import { DatabaseError } from '../database.ts'
import { type Advice, troubleOf } from './trouble.ts'

export interface Lock {
  release(): void
}

/** The lock's file, and what is said to whoever does not get it. */
export interface Locking {
  readonly path: string
  /** What it guards. */
  readonly name: string
  readonly advice: Advice
  readonly patienceMs: number
}

/** Takes the lock, or throws a {@link DatabaseError} `locked` that names the process which has it. */
export function takeLock({ path, name, advice, patienceMs }: Locking): Lock {
  const sqlite = opened(path, patienceMs, advice)
  try {
    sqlite.exec('PRAGMA synchronous = OFF; BEGIN IMMEDIATE')
    sqlite.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL, since TEXT NOT NULL) STRICT')
    sqlite.exec('DELETE FROM holder')
    sqlite.prepare('INSERT INTO holder VALUES (?, ?)').run(process.pid, new Date().toISOString())
    // Others can read who it is; between the two somebody faster may get in, and then has it.
    sqlite.exec('COMMIT; BEGIN IMMEDIATE')
    return { release: () => sqlite.close() }
  } catch (error) {
    const trouble = troubleOf(error, path, advice)
    const isHeld = trouble instanceof DatabaseError && trouble.trouble === 'locked'
    const holder = isHeld ? holderIn(sqlite) : ''
    sqlite.close()
    if (!isHeld) throw trouble
    throw new DatabaseError(
      'locked',
      `${name} is in use${holder}: end that process, or ${advice.elsewhere}`,
      { cause: error },
    )
  }
}

function opened(path: string, timeout: number, advice: Advice): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout })
  } catch (error) {
    throw troubleOf(error, path, advice)
  }
}

function holderIn(sqlite: DatabaseSync): string {
  try {
    const row = sqlite.prepare('SELECT pid, since FROM holder').get()
    return row === undefined ? '' : ` by process ${row.pid} since ${row.since}`
  } catch {
    // Its holder is just writing who it is.
    return ''
  }
}
