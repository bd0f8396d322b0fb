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

/** Messages sent on in one call to the queue: soon above it. */
const BATCH = 500

/** No number is used twice: a `drain` that nobody waits for any more may end late, and forgets only what it has sent. */
const TABLE =
  'CREATE TABLE IF NOT EXISTS queue_kept (number INTEGER PRIMARY KEY AUTOINCREMENT, messages TEXT NOT NULL) STRICT'
const KEPT = 'SELECT number, messages FROM queue_kept ORDER BY number LIMIT 100'
const KEEP = 'INSERT INTO queue_kept (number, messages) VALUES (?, ?)'
const FORGET = 'DELETE FROM queue_kept WHERE number <= ?'

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
  const keep = (messages: readonly Message[], number: number | null) => {
    if (messages.length > 0) database.run(KEEP, number, JSON.stringify(messages))
  }
  return {
    async send(messages) {
      const rest = await sendSome(messages)
      // Until they are sent, the worker may have read something newer.
      keep(rest.map(readNewest), null)
    },
    async drain() {
      for (let kept = firstIn(database); kept.messages.length > 0; kept = firstIn(database)) {
        const rest = await sendSome(kept.messages)
        database.transact(() => {
          database.run(FORGET, kept.last)
          keep(rest, kept.last)
        })
        if (rest.length > 0) return false
      }
      return true
    },
  }
}

/** The oldest rows, of which each came as one, as far as they make a batch. */
function firstIn(database: Database): { readonly messages: readonly Message[]; readonly last: number } {
  const messages: Message[] = []
  let last = 0
  for (const row of database.rows(KEPT)) {
    messages.push(...(JSON.parse(String(row.messages)) as Message[]))
    last = Number(row.number)
    if (messages.length >= BATCH) break
  }
  return { messages, last }
}
