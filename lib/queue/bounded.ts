/**
 * A queue of which only so many calls may be made for now: what there is no call left for is kept in a database, as safely as in
 * the queue, and sent on before anything else the next time. So whoever sends gets on however much it has at once.
 */
import type { Database } from '../database.ts'
import type { Message } from '../message.ts'
import type { Queue } from '../queue.ts'
import { readNewest } from './merge.ts'

/** How many calls may be made. */
export interface Allowance {
  /** Takes so many calls; returns how many of them there were. */
  take(wanted: number): number
}

export interface BoundedQueue extends Queue {
  /** Sends what was kept. True: nothing is kept any more; false: there are no more calls. Throws as the queue does. */
  drain(): Promise<boolean>
}

export interface Bounds {
  readonly database: Database
  readonly allowance: Allowance
}

/** One call for each message, and one for all together (`durable/send.ts`). */
const COMMON_CALLS = 1

/** Messages of a row: a row of a Durable Object has 2 MB at most, a message never 10 kB. */
const MOST_OF_ROW = 100

/** No number is used twice: a `drain` that nobody waits for any more may end late, and forgets only what it has sent. */
const TABLE =
  'CREATE TABLE IF NOT EXISTS queue_kept (number INTEGER PRIMARY KEY AUTOINCREMENT, messages TEXT NOT NULL) STRICT'
const FIRST = 'SELECT number, messages FROM queue_kept ORDER BY number LIMIT 5'
const KEEP = 'INSERT OR REPLACE INTO queue_kept (number, messages) VALUES (?, ?)'
const FORGET = 'DELETE FROM queue_kept WHERE number = ?'

/** Messages are sent in the order in which they came as long as `drain` is called before `send`. Makes its table where it is not. */
export function boundedQueue(queue: Queue, { database, allowance }: Bounds): BoundedQueue {
  database.run(TABLE)
  /** Resolves with those for which there was no call. */
  const sendSome = async (messages: readonly Message[]): Promise<readonly Message[]> => {
    const calls = allowance.take(messages.length + COMMON_CALLS)
    const some = messages.slice(0, Math.max(0, calls - COMMON_CALLS))
    if (some.length > 0) await queue.send(some)
    return messages.slice(some.length)
  }
  const keep = (messages: readonly Message[], number: number | null) =>
    database.run(KEEP, number, JSON.stringify(messages))
  return {
    async send(messages) {
      // Until they are sent, the worker may have read something newer.
      const rest = (await sendSome(messages)).map(readNewest)
      database.transact(() => {
        for (let from = 0; from < rest.length; from += MOST_OF_ROW)
          keep(rest.slice(from, from + MOST_OF_ROW), null)
      })
    },
    async drain() {
      for (let rows = rowsIn(database); rows.length > 0; rows = rowsIn(database)) {
        const rest = await sendSome(rows.flatMap(({ messages }) => messages))
        let left = rest.length
        database.transact(() => {
          for (const { number, messages } of rows.toReversed()) {
            const kept = messages.slice(Math.max(0, messages.length - left))
            left -= kept.length
            if (kept.length === 0) database.run(FORGET, number)
            else if (kept.length < messages.length) keep(kept, number)
          }
        })
        if (rest.length > 0) return false
      }
      return true
    },
  }
}

interface Row {
  readonly number: number
  readonly messages: readonly Message[]
}

/** The oldest. */
const rowsIn = (database: Database): readonly Row[] =>
  [...database.rows(FIRST)].map(({ number, messages }) => ({
    number: Number(number),
    messages: JSON.parse(String(messages)) as Message[],
  }))
