/**
 * Sending: parcels in, held by SQS when it resolves. Splits into calls of 10 messages and 1 MiB, several calls at once, and
 * sends again what SQS refused for its own reasons.
 */
import { backoffSeconds } from '../../backoff.ts'
import { type Clock, sleep } from '../../clock.ts'
import { MOST_BYTES, MOST_MESSAGES, type Refusal, type Sqs } from './calls.ts'
import type { Parcel, SqsQueues } from './envelope.ts'

export interface SendUsing {
  readonly sqs: Sqs
  readonly queues: SqsQueues
  readonly clock: Clock
  readonly random: () => number
}

/** Calls at once: enough to fill the connections of the client, not more than a queue takes from one sender. */
const PARALLEL = 8
/** How often refused messages are sent again before whoever sends is told. */
const MOST_TRIES = 5
const BACKOFF = { baseSeconds: 0.1, capSeconds: 2 }
/** Of a message beside its body, generously: attributes' names and types, ids. */
const OVERHEAD = 512

/** A parcel that SQS did not take. */
export interface Refused {
  readonly parcel: Parcel
  /** Names the queue and SQS's reason. */
  readonly error: Error
}

/** Throws the first refusal; the other parcels may be held. */
export async function sendParcels(parcels: readonly Parcel[], using: SendUsing): Promise<void> {
  const [refused] = await trySend(parcels, using)
  if (refused !== undefined) throw refused.error
}

/** Resolves with what SQS did not take in the end; it holds the others. */
export async function trySend(parcels: readonly Parcel[], using: SendUsing): Promise<readonly Refused[]> {
  const calls = batches(parcels)
  const refused: Refused[] = []
  const sendNext = async (): Promise<void> => {
    for (let call = calls.shift(); call; call = calls.shift()) refused.push(...(await sendBatch(call, using)))
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL, calls.length) }, sendNext))
  return refused
}

interface Batch {
  readonly queue: keyof SqsQueues
  readonly parcels: Parcel[]
  bytes: number
}

function batches(parcels: readonly Parcel[]): Batch[] {
  const all: Batch[] = []
  const filling = new Map<keyof SqsQueues, Batch>()
  for (const parcel of parcels) {
    const { queue, sending } = parcel
    const bytes = Buffer.byteLength(sending.body) + Buffer.byteLength(sending.note ?? '') + OVERHEAD
    let batch = filling.get(queue)
    if (!batch || batch.parcels.length === MOST_MESSAGES || batch.bytes + bytes > MOST_BYTES) {
      batch = { queue, parcels: [], bytes: 0 }
      filling.set(queue, batch)
      all.push(batch)
    }
    batch.parcels.push(parcel)
    batch.bytes += bytes
  }
  return all
}

/** What SQS refuses for its own reasons is sent again; what it finds fault with is not. */
async function sendBatch({ queue, parcels }: Batch, using: SendUsing): Promise<Refused[]> {
  const { sqs, queues, clock, random } = using
  const url = queues[queue]
  const refused: Refused[] = []
  let left: readonly Parcel[] = parcels
  for (let tries = 1; left.length > 0; tries++) {
    const answer = await call(sqs, url, left)
    if (answer instanceof Error) return [...refused, ...left.map((parcel) => ({ parcel, error: answer }))]
    const isOver = ({ isFinal }: Refusal) => isFinal || tries === MOST_TRIES
    const parcelsOf = (some: readonly Refusal[]) =>
      some.flatMap(({ index, code }) => left.slice(index, index + 1).map((parcel) => ({ parcel, code })))
    const over = parcelsOf(answer.filter(isOver))
    refused.push(...over.map(({ parcel, code }) => ({ parcel, error: refusal(url, code) })))
    left = parcelsOf(answer.filter((one) => !isOver(one))).map(({ parcel }) => parcel)
    if (left.length > 0) await sleep(clock, 1000 * backoffSeconds(tries - 1, random, BACKOFF))
  }
  return refused
}

/** A call that fails as a whole was tried again by the client. */
async function call(sqs: Sqs, url: string, parcels: readonly Parcel[]): Promise<readonly Refusal[] | Error> {
  try {
    return await sqs.send(
      url,
      parcels.map(({ sending }) => sending),
    )
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** SQS's text may quote what was sent: only its code goes on. */
const refusal = (url: string, code: string): Error =>
  new Error(`SQS queue ${url} does not take a message: ${code}`)
