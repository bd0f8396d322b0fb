/** Whose turn a body is: reads what was sent, whatever it is, as an errand under a key. */
import { createHash } from 'node:crypto'
import { keyOf, messageSchema } from '../message.ts'
import type { Errand } from './errand.ts'
import { dueAtOf } from './merge.ts'

/** What was sent, under its key. */
export interface Identified {
  readonly key: string
  readonly errand: Errand
}

/**
 * The key and the errand of a body. What is not a valid message gets a key of its own from its content, so that it can
 * neither merge with nor hold up anything good; it goes to the background lane, and `work` buries it. Throws TypeError
 * for what JSON cannot express: no queue could hold it.
 */
export function identify(body: unknown, now: number): Identified {
  const parsed = messageSchema.safeParse(body)
  if (parsed.success) {
    // Without what the schema does not know: strangers' fields would be kept, and travel on.
    const message = parsed.data
    return {
      key: keyOf(message),
      errand: { body: message, message, lane: message.lane, dueAt: dueAtOf(message, now) },
    }
  }
  const text = JSON.stringify(body) ?? String(body)
  const key = `invalid|${createHash('sha256').update(text).digest('hex')}`
  return { key, errand: { body, message: undefined, lane: 'background', dueAt: 0 } }
}
