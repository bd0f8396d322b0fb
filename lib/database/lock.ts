/**
 * One process at a time: a lock that the system itself takes back when its holder dies, however it dies. It is a write
 * transaction, held open, on a small file of its own beside the state; the file also says who holds it.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DatabaseError } from '../database.ts'
import { troubleOf } from './trouble.ts'

export interface Lock {
  release(): void
}

/** Takes the lock, or throws a {@link DatabaseError} `locked` that names the process which has it. */
export function takeLock(folder: string, patienceMs: number): Lock {
  const path = join(folder, 'lock.db')
  const sqlite = new DatabaseSync(path, { timeout: patienceMs })
  try {
    sqlite.exec('PRAGMA synchronous = OFF; BEGIN IMMEDIATE')
    sqlite.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL, since TEXT NOT NULL) STRICT')
    sqlite.exec('DELETE FROM holder')
    sqlite.prepare('INSERT INTO holder VALUES (?, ?)').run(process.pid, new Date().toISOString())
    // Others can read who it is; between the two somebody faster may get in, and then has it.
    sqlite.exec('COMMIT; BEGIN IMMEDIATE')
    return { release: () => sqlite.close() }
  } catch (error) {
    const trouble = troubleOf(error, path)
    const isHeld = trouble instanceof DatabaseError && trouble.trouble === 'locked'
    const holder = isHeld ? holderIn(sqlite) : ''
    sqlite.close()
    if (!isHeld) throw trouble
    throw new DatabaseError(
      'locked',
      `${folder} is in use${holder}: end that process, or choose another folder with --state`,
      { cause: error },
    )
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
