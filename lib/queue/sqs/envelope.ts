/** From messages to what SQS is sent, and from what SQS hands out to what it is about. Pure but for random ids. */
import { isTooDeep } from '../../body.ts'
import type { Message } from '../../message.ts'
import { identify } from '../identity.ts'
import { MOST_DELAY, type Received, type Sending } from './calls.ts'
import { changeId, groupOf, sequelId, type Timer, timerId } from './identity.ts'
import { formatNote, type Note, parseNote } from './note.ts'
import { toText } from './text.ts'

/** The queues of an operator, by their URLs. */
export interface SqsQueues {
  /** FIFO, high throughput: one group per key. The only queue that keys are reconciled from. */
  readonly ready: string
  /** Standard: what waits for its time. */
  readonly delay: string
  /** Standard: initial lists and resyncs, which wait until `ready` is short. */
  readonly background: string
  /** FIFO: what was given up. */
  readonly dead: string
}

/** Something to send, and where to. */
export interface Parcel {
  readonly queue: keyof SqsQueues
  readonly sending: Sending
}

/** What was received, read: `message` where it is one. */
export interface Envelope {
  readonly received: Received
  readonly key: string
  readonly body: unknown
  readonly message: Message | undefined
  readonly note: Note
}

/** Reads a message; whatever it is, it has a key. */
export function open(received: Received): Envelope {
  const body = parseBody(received.body)
  const { key, errand } = identify(body, 0)
  return { received, key, body, message: errand.message, note: parseNote(received.note) }
}

/** Deeper than any message; what is deeper stays text, which no serialiser can fall over. */
const DEEPEST = 100

function parseBody(text: string): unknown {
  if (isTooDeep(text, DEEPEST)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** A message from a producer: to be handled at once, when `ready` is short, or at its time. */
export function toParcel(sent: Message, now: number): Parcel {
  const { key, errand } = identify(sent, now)
  if (errand.dueAt > now && errand.message !== undefined)
    return delayed(errand.message, { notBefore: errand.dueAt, note: { why: 'sent', asOf: now } }, now)
  const body = toText(errand.body)
  if (errand.lane === 'background') return { queue: 'background', sending: { body } }
  return toReady(body, key, changeId(key, sent))
}

/** `note` only where there is something to note. */
export function toReady(body: string, key: string, deduplicationId: string, note?: Note): Parcel {
  const noted = note === undefined ? {} : { note: formatNote(note) }
  return { queue: 'ready', sending: { body, group: groupOf(key), deduplicationId, ...noted } }
}

/** A message that waits until `notBefore`. Delays beyond SQS's own are kept up by whoever promotes it, hop by hop. */
export function delayed(
  message: Message,
  { notBefore, note }: { readonly notBefore: number; readonly note: Note },
  now: number,
): Parcel {
  const delaySeconds = message.delaySeconds ?? Math.max(1, (notBefore - now) / 1000)
  const body = toText({ ...message, delaySeconds, notBefore })
  return {
    queue: 'delay',
    sending: { body, note: formatNote(note), delaySeconds: hopSeconds(notBefore, now) },
  }
}

/** Whole seconds, not early. */
export const hopSeconds = (notBefore: number, now: number): number =>
  Math.min(MOST_DELAY, Math.max(0, Math.ceil((notBefore - now) / 1000)))

/** What an envelope from `delay` or `background` becomes in `ready`, the same however often it is promoted. */
export function promoted(envelope: Envelope): Parcel {
  const { received, key, message, note } = envelope
  const timer = message === undefined ? undefined : timerOf(message, note)
  if (timer !== undefined) return toReady(received.body, key, timerId(key, timer), note)
  return sentOn(envelope, 'promote')
}

/** The same message once more, in its key's group of `ready`. `why` keeps such copies apart. */
export const sentOn = (envelope: Envelope, why: string, more: Note = {}): Parcel =>
  toReady(envelope.received.body, envelope.key, sequelId(envelope.received.id, why), {
    ...envelope.note,
    ...more,
    sentAt: sentAtOf(envelope),
  })

/** When what it tells was known. */
export const sentAtOf = ({ note, received }: Pick<Envelope, 'note' | 'received'>): number =>
  note.sentAt ?? received.sentAt

/** The timer in a message; undefined: it never waited. */
export function timerOf({ notBefore, delaySeconds }: Message, note: Note): Timer | undefined {
  const { why } = note
  if (notBefore === undefined || delaySeconds === undefined || why === undefined) return undefined
  return { notBefore, delaySeconds, note: { ...note, why } }
}
