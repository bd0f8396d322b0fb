/**
 * Cloudflare Queues in front of a queue: whoever is told of changes is answered as soon as they are held, whatever state the
 * queue behind is in. Messages go in through `bufferedQueue`; the platform hands them, in batches and at least once, to
 * `unbuffer`, which sends them on. There is no order and no key here: both are the business of the queue behind.
 */
import { backoffSeconds } from '../backoff.ts'
import { errorText } from '../fleet.ts'
import { type Message, messageSchema } from '../message.ts'
import type { Queue } from '../queue.ts'
import type { Report } from '../report.ts'
import { identify } from './identity.ts'
import { readNewest } from './merge.ts'

/** A message as a binding takes it. */
interface Sending {
  readonly body: Message
  readonly contentType: 'json'
}

/** What is used of a producer's binding (`Queue` of the Workers runtime). */
export interface Producer {
  sendBatch(messages: Iterable<Sending>): Promise<unknown>
}

/** What is used of a message that is handed out. It is a `Message` unless its sender was broken. */
export interface Buffered {
  readonly id: string
  readonly timestamp: Date
  readonly body: Message
  /** Times it was handed out, this one included. */
  readonly attempts: number
  ack(): void
  retry(options: { readonly delaySeconds: number }): void
}

export interface Unbuffering {
  /** Is told, once a batch, that some of it has to wait (`store`). */
  readonly report: Report
  /** Numbers in [0, 1). */
  readonly random: () => number
}

/** Of one call (Cloudflare Queues, limits): messages, and bytes with what is kept beside each. No message comes near 128 KB. */
const MOST_MESSAGES = 100
const MOST_BYTES = 256_000
const OVERHEAD = 200

/** In vain for a whole day, with the 100 retries that a consumer may have; then the dead letter queue is next. */
const BACKOFF = { baseSeconds: 2, capSeconds: 1200 }

/** Resolves once Cloudflare holds all messages. Throws where it does not take some; sending all of them again is harmless. */
export const bufferedQueue = (producer: Producer): Queue => ({
  async send(messages) {
    // Each is waited for: what a Worker has left running when it answers is cut off.
    const calls = await Promise.allSettled(batchesOf(messages).map((batch) => producer.sendBatch(batch)))
    for (const call of calls) if (call.status === 'rejected') throw call.reason
  },
})

function batchesOf(messages: readonly Message[]): Sending[][] {
  const encoder = new TextEncoder()
  const batches: Sending[][] = []
  let size = 0
  for (const body of messages) {
    const bytes = encoder.encode(JSON.stringify(body)).length + OVERHEAD
    let batch = batches.at(-1)
    if (batch === undefined || batch.length === MOST_MESSAGES || size + bytes > MOST_BYTES) {
      batch = []
      batches.push(batch)
      size = 0
    }
    batch.push({ body, contentType: 'json' })
    size += bytes
  }
  return batches
}

/**
 * Sends a batch on to `queue`, and answers for each message of it: held there, or to be handed out again later. One that is
 * not taken holds up those of no other key. Never rejects.
 */
export async function unbuffer(
  { messages }: { readonly messages: readonly Buffered[] },
  queue: Queue,
  using: Unbuffering,
): Promise<void> {
  const error = await trySend(messages, queue)
  if (error === undefined) return
  const keys = Object.values(Object.groupBy(messages, keyFor)).map((ofKey = []) => ofKey)
  const failures = keys.length === 1 ? [{ ofKey: messages, error }] : await sendEach(keys, queue)
  for (const { ofKey } of failures) for (const message of ofKey) putOff(message, using)
  const [first] = failures
  if (first === undefined) return
  const late = failures.reduce((sum, { ofKey }) => sum + ofKey.length, 0)
  const detail = `${late} of ${messages.length} messages wait: ${errorText(first.error)}`
  using.report({ type: 'store', store: 'queue', state: 'refusing', detail })
}

/** Key by key: which of a batch were not taken is known to nobody. */
async function sendEach(keys: readonly (readonly Buffered[])[], queue: Queue) {
  const tried = await Promise.all(keys.map(async (ofKey) => ({ ofKey, error: await trySend(ofKey, queue) })))
  return tried.filter(({ error }) => error !== undefined)
}

/** Resolves with what was thrown; acknowledges where nothing was. */
async function trySend(messages: readonly Buffered[], queue: Queue): Promise<unknown> {
  try {
    await queue.send(messages.map(toSend))
  } catch (error) {
    return error ?? new Error('not taken')
  }
  for (const message of messages) message.ack()
  return undefined
}

/**
 * What waited here comes late, perhaps behind a newer one of its key: the worker reads the newest state. A delay has begun
 * when it was asked for. What is no message goes on as it is: the queue behind parks it where people see it.
 */
function toSend({ body, timestamp }: Buffered): Message {
  const { data } = messageSchema.safeParse(body)
  if (data === undefined) return body
  const message = readNewest(data)
  const { delaySeconds, notBefore } = message
  if (delaySeconds === undefined || notBefore !== undefined) return message
  return { ...message, notBefore: timestamp.getTime() + delaySeconds * 1000 }
}

/** What no queue can hold (a body that is not JSON) is alone, too. */
function keyFor({ body, id }: Buffered): string {
  try {
    return identify(body, 0).key
  } catch {
    return id
  }
}

const putOff = (message: Buffered, { random }: Unbuffering): void =>
  message.retry({ delaySeconds: Math.ceil(backoffSeconds(message.attempts - 1, random, BACKOFF)) })
