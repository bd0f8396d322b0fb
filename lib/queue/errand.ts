/** Errands: what a key will run for, how two of them become one, and what is left of one after a run. Pure. */
import type { Lane, Message } from '../message.ts'
import type { Verdict } from '../queue.ts'
import { betterLane, MOST_SECONDS, mergeMessages, readNewest } from './merge.ts'

/** What a key's next delivery will be about. `dueAt` 0 means ready, which beats any delay. */
export interface Errand {
  readonly body: unknown
  /** `body`, where it is one; undefined for what only `work` can bury. */
  readonly message: Message | undefined
  readonly lane: Lane
  readonly dueAt: number
}

/** Two errands of one key; without a second, the first. Bodies that are no messages share a key only when they are equal. */
export function mergeErrands(older: Errand, newer: Errand | undefined): Errand {
  if (!newer) return older
  const message = older.message && newer.message && mergeMessages(older.message, newer.message)
  return {
    body: message ?? newer.body,
    message,
    lane: betterLane(older.lane, newer.lane),
    dueAt: Math.min(older.dueAt, newer.dueAt),
  }
}

/** What follows a run must see what that run wrote, perhaps after the version it was told of: it reads the newest. */
export const readOwnWrites = (errand: Errand): Errand => revised(errand, {})

/** The look again that a run asked for: nobody's retry. */
export function requeued(errand: Errand, afterSeconds: number, now: number): Errand {
  const causes = [`requeue after ${afterSeconds} s`]
  return { ...revised(errand, { causes, attempt: 0 }), dueAt: dueAfter(afterSeconds, now) }
}

/** The next try of what failed. */
export function retried(errand: Errand, retry: Extract<Verdict, { type: 'retry' }>, now: number): Errand {
  const { afterSeconds, attempt } = retry
  return { ...revised(errand, { attempt }), dueAt: dueAfter(afterSeconds, now) }
}

/** What is kept of an errand that nobody will run, unless somebody wants it again. */
export const givenUp = (errand: Errand): Errand => ({ ...revised(errand, { attempt: 0 }), dueAt: 0 })

/** Never at once: a handler that always asks for 0 s would keep the process from everything else. */
export const dueAfter = (afterSeconds: number, now: number): number =>
  now + Math.max(Math.min(afterSeconds, MOST_SECONDS) * 1000, 1)

/** What follows from a run was sent for no change. */
function revised(errand: Errand, change: Partial<Message>): Errand {
  if (!errand.message) return errand
  const { delaySeconds: _delay, notBefore: _time, origin: _origin, ...rest } = readNewest(errand.message)
  const message = { ...rest, ...change }
  return { ...errand, body: message, message }
}
