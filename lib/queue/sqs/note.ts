/**
 * What the queue keeps of a message beside the message itself: why it waits and since which run, how often it crashed, why it
 * was given up. It travels as one message attribute; what strangers put there counts as nothing.
 */
import * as z from 'zod'
import { toText } from './text.ts'

const MOST_CRASHES = 1000

const noteSchema = z.object({
  /** Why it waits for its time: asked for by a run, failed, or sent with a delay. */
  why: z.enum(['requeue', 'retry', 'sent']).optional(),
  /** Which process set it; its own stamps compare exactly, others' only as far as clocks agree. */
  by: z.string().max(64).optional(),
  /** When the run that set it began to read: a run that began later knows better. Milliseconds since the epoch. */
  asOf: z.number().min(0).optional(),
  /** When it was sent first, where it has come a longer way than one queue. Milliseconds since the epoch. */
  sentAt: z.number().min(0).optional(),
  /** Set by a run that a timer had caused. */
  isChained: z.boolean().optional(),
  /** How often a function ended while it ran. */
  crashes: z.int().min(0).max(MOST_CRASHES).optional(),
  /** Why it was given up, and when. */
  reason: z.string().max(1024).optional(),
  since: z.number().min(0).optional(),
})

export type Note = Readonly<z.infer<typeof noteSchema>>

/** A count that grew beyond its bound must not read as none. */
export const formatNote = (note: Note): string =>
  toText(note.crashes === undefined ? note : { ...note, crashes: Math.min(note.crashes, MOST_CRASHES) })

export function parseNote(text: string | undefined): Note {
  if (text === undefined) return {}
  try {
    return noteSchema.safeParse(JSON.parse(text)).data ?? {}
  } catch {
    return {}
  }
}
