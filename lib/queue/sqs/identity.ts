/**
 * The names by which SQS tells messages apart: the group (nothing of one is handed out while something of it is in flight, so
 * a group is a key) and the deduplication id (the second message with the same one within 5 minutes is dropped, so it must
 * never be the key). Both are limited to 128 characters, and keys are longer: they are hashed.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { Message } from '../../message.ts'
import type { Note } from './note.ts'

/** base64url of SHA-256: 43 characters. */
const digest = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('base64url')

export const groupOf = (key: string): string => digest(key)

/** What two relays that saw the same change send under the same id; what nobody else sends has one of its own. */
export const changeId = (key: string, { origin }: Message): string =>
  origin === undefined ? randomUUID() : digest('change', key, origin)

/** What follows from a received message, the same however often that one is delivered. */
export const sequelId = (messageId: string, what: string): string => digest('sequel', messageId, what)

/** A slot is as long as the delay, within these bounds: the window of deduplication is 5 minutes. */
const SHORTEST_SLOT_MS = 1_000
const LONGEST_SLOT_MS = 300_000

/**
 * Timers that were set by runs that a timer had caused, and are due in the same slot of time, have the same id: chains of timers
 * that were begun by several changes become one. Dropping the second is safe because the first is run whatever happens
 * (`sift.ts`), and after the run that set the second: slots are no longer than the delay, and nothing is promoted early. A
 * timer that a change has led to has an id of its own, and is dropped where a later run is known.
 */
export function timerId(key: string, { notBefore, delaySeconds, note }: Timer): string {
  if (!note.isChained) return digest('timer', key, note.why, note.by ?? '', note.asOf ?? 0, notBefore)
  const slotMs = Math.min(Math.max(delaySeconds * 1000, SHORTEST_SLOT_MS), LONGEST_SLOT_MS)
  return digest('slot', key, note.why, slotMs, Math.floor(notBefore / slotMs))
}

/** A message that waits for its time. */
export interface Timer {
  /** Milliseconds since the epoch. */
  readonly notBefore: number
  readonly delaySeconds: number
  readonly note: Note & { readonly why: string }
}
