/**
 * Sending: parcels in, held by SQS when it resolves. Splits into calls of 10 messages and 1 MiB, several calls at once, and
 * sends again what SQS refused for its own reasons.
 */
import { backoffSeconds } from '../../backoff.ts'
import { type Clock, sleep } from '../../clock.ts'
import type { Report } from '../../report.ts'
import { MOST_BYTES, MOST_MESSAGES, type Refusal, type Sending, type Sqs } from './calls.ts'
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

/** Throws, naming the queue and SQS's reason, when some parcel is not taken: the others may be held. */
export async function sendParcels(parcels: readonly Parcel[], using: SendUsing): Promise<void> {
  const calls = batches(parcels)
  const sendNext = async (): Promise<void> => {
    for (let call = calls.shift(); call; call = calls.shift()) await sendBatch(call, using)
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL, calls.length) }, sendNext))
}

interface Batch {
  readonly queue: keyof SqsQueues
  readonly messages: Sending[]
  bytes: number
}

function batches(parcels: readonly Parcel[]): Batch[] {
  const all: Batch[] = []
  const filling = new Map<keyof SqsQueues, Batch>()
  for (const { queue, sending } of parcels) {
    const bytes = Buffer.byteLength(sending.body) + Buffer.byteLength(sending.note ?? '') + OVERHEAD
    let batch = filling.get(queue)
    if (!batch || batch.messages.length === MOST_MESSAGES || batch.bytes + bytes > MOST_BYTES) {
      batch = { queue, messages: [], bytes: 0 }
      filling.set(queue, batch)
      all.push(batch)
    }
    batch.messages.push(sending)
    batch.bytes += bytes
  }
  return all
}

async function sendBatch(
  { queue, messages }: Batch,
  { sqs, queues, clock, random }: SendUsing,
): Promise<void> {
  let left: readonly Sending[] = messages
  for (let tries = 1; ; tries++) {
    const refusals = await sqs.send(queues[queue], left)
    const final = refusals.find(({ isFinal }) => isFinal)
    if (refusals.length === 0) return
    if (final !== undefined || tries === MOST_TRIES) throw refused(queues[queue], final ?? refusals[0])
    left = refusals.map(({ index }) => left[index]).filter((sending) => sending !== undefined)
    await sleep(clock, 1000 * backoffSeconds(tries - 1, random, BACKOFF))
  }
}

/** SQS's text may quote what was sent: only its code goes on. */
const refused = (url: string, refusal: Refusal | undefined): Error =>
  new Error(`SQS queue ${url} does not take a message: ${refusal?.code ?? 'no reason given'}`)

/** For reports: what SQS did not take comes again, so the trouble is told and not thrown on. */
export function tellRefused(error: unknown, report: Report): void {
  const detail = (error instanceof Error ? error.message : String(error)).slice(0, 300)
  report({ type: 'store', store: 'queue', state: 'refusing', detail })
}
