/** SQLite's result codes as what they mean to whoever has to do something about them. */
import { DatabaseError, type DatabaseTrouble } from '../database.ts'

/** What a user is told to do about a file. */
export interface Advice {
  /** How to do without it, and what that costs: follows "put a copy back, or". */
  readonly afresh: string
  /** How to use another one: follows "end that process, or". */
  readonly elsewhere: string
}

/** Primary result codes (sqlite.org/rescode.html). */
const TROUBLES: Readonly<Record<number, DatabaseTrouble>> = {
  5: 'locked', // SQLITE_BUSY
  11: 'damaged', // SQLITE_CORRUPT
  13: 'full', // SQLITE_FULL
  26: 'damaged', // SQLITE_NOTADB
}

/** The error of a call on a file. Our own errors, and what is no error of SQLite's, come back as they are. */
export function troubleOf(error: unknown, path: string, advice: Advice): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseError) return error
  if (!('errcode' in error) || typeof error.errcode !== 'number') return error
  // Extended codes carry the primary one in their low byte.
  const trouble = TROUBLES[error.errcode & 0xff] ?? 'failed'
  return new DatabaseError(trouble, textOf(trouble, path, error.message, advice), { cause: error })
}

/** What to do about a damaged file. */
export const damagedText = (path: string, detail: string, { afresh }: Advice): string =>
  `${path} is damaged (${detail.replace(/\s+/g, ' ')}): put a copy back, or ${afresh}`

function textOf(trouble: DatabaseTrouble, path: string, detail: string, advice: Advice): string {
  switch (trouble) {
    case 'damaged':
      return damagedText(path, detail, advice)
    case 'full':
      return `${path} cannot be written, the disk is full: make room and start again; what was stored until now is kept`
    case 'locked':
      return `${path} is locked by another program: end it and start again`
    default:
      return `${path} cannot be used: ${detail}`
  }
}
