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

const TABLE = `CREATE TABLE IF NOT EXISTS queue_kept (
  number INTEGER PRIMARY KEY AUTOINCREMENT, messages TEXT NOT NULL) STRICT`
const FIRST = 'SELECT number, messages FROM queue_kept ORDER BY number LIMIT 1'
const KEEP = 'INSERT INTO queue_kept (messages) VALUES (?)'
const SHORTEN = 'UPDATE queue_kept SET messages = ? WHERE number = ?'
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
  return {
    async send(messages) {
      const rest = await sendSome(messages)
      // When they are sent, the worker may long have read something newer.
      if (rest.length > 0) database.run(KEEP, JSON.stringify(rest.map(readNewest)))
    },
    async drain() {
      for (let kept = firstIn(database); kept !== undefined; kept = firstIn(database)) {
        const rest = await sendSome(kept.messages)
        if (rest.length === 0) database.run(FORGET, kept.number)
        else database.run(SHORTEN, JSON.stringify(rest), kept.number)
        if (rest.length > 0) return false
      }
      return true
    },
  }
}

function firstIn(database: Database): { number: number; messages: readonly Message[] } | undefined {
  for (const { number, messages } of database.rows(FIRST))
    return { number: Number(number), messages: JSON.parse(String(messages)) as Message[] }
  return undefined
}
