/**
 * What people ask of a queue that another process holds (redrive these keys, drop those), by way of the database that both can
 * reach: written by one, carried out and answered by the other, now or, if it is not running, when it starts.
 */
import type { Clock } from '../clock.ts'
import type { Database, SqlValue } from '../database.ts'
import type { EmbeddedQueue } from './embedded.ts'

export type RequestVerb = 'redrive' | 'drop'

const TABLE = `CREATE TABLE IF NOT EXISTS queue_request (
  number INTEGER PRIMARY KEY AUTOINCREMENT, verb TEXT NOT NULL, keys TEXT NOT NULL, answer INTEGER) STRICT`

/** How often a running queue looks for requests: one read of an empty table. */
const LOOK_MS = 250

/** Leaves a request; returns its number. */
export function ask(database: Database, verb: RequestVerb, keys: readonly string[]): number {
  database.run(TABLE)
  const sql = 'INSERT INTO queue_request (verb, keys) VALUES (?, ?) RETURNING number'
  for (const { number } of database.rows(sql, verb, JSON.stringify(keys))) return Number(number)
  throw new Error('the request was not kept')
}

/** How many keys a request has concerned, and forgets it; undefined: it is not carried out yet. */
export function answerTo(database: Database, number: number): number | undefined {
  const [row] = [...database.rows('SELECT answer FROM queue_request WHERE number = ?', number)]
  if (row === undefined || row.answer === null) return undefined
  database.run('DELETE FROM queue_request WHERE number = ?', number)
  return Number(row.answer)
}

/** Carries out what was asked for and not answered yet. */
export function carryOut(database: Database, queue: Pick<EmbeddedQueue, RequestVerb>): void {
  const sql = 'SELECT number, verb, keys FROM queue_request WHERE answer IS NULL ORDER BY number'
  for (const { number, verb, keys } of [...database.rows(sql)]) {
    const named = JSON.parse(String(keys)) as string[]
    const count = verb === 'drop' ? queue.drop(named) : queue.redrive(named)
    database.run('UPDATE queue_request SET answer = ? WHERE number = ?', count, number as SqlValue)
  }
}

/** Carries out requests as they come until `signal` aborts. What goes wrong with the database is told to `fail`, once. */
export function followRequests(
  { database, queue, clock }: { database: Database; queue: EmbeddedQueue; clock: Clock },
  fail: (error: unknown) => void,
  signal: AbortSignal,
): void {
  database.run(TABLE)
  let cancel = () => {}
  const look = () => {
    try {
      carryOut(database, queue)
      cancel = clock.after(LOOK_MS, look)
    } catch (error) {
      fail(error)
    }
  }
  signal.addEventListener('abort', () => cancel(), { once: true })
  if (!signal.aborted) look()
}
