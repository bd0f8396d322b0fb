/**
 * The queue on SQS. A key is a group of the FIFO queue `ready`, so it is never handed out twice at once; what has to wait is in
 * the standard queue `delay`, because an invisible message would hold up its whole group; initial lists and resyncs are in the
 * standard queue `background`, in front of `ready`; `promote` moves both over. What is given up goes to `dead`.
 *
 *     send -> ready -> consume -> (nothing, delay, dead)        delay, background -> promote -> ready
 *
 * The files of `lib/queue/sqs/`, in the order of a message's life:
 *
 *   calls, client    SQS as plain data, and the AWS client behind it
 *   note, identity   what travels beside a message; groups and deduplication ids
 *   envelope, send   messages to what is sent, and back; batches, limits, refusals
 *   consume          one batch: fresh keys at once, suspects alone (`aside`), acknowledgements (`acks`)
 *   unit, sift       the messages of one key, and which of them still ask for a run (`memory`)
 *   run, sequel      the run with its quick tries, and what follows from its verdict (`rate`)
 *   promote, dead    what waited; what was given up
 */
import type { Message } from '../message.ts'
import type { Queue } from '../queue.ts'
import { toParcel } from './sqs/envelope.ts'
import { type SendUsing, sendParcels } from './sqs/send.ts'

export type { Received, Sqs } from './sqs/calls.ts'
export { awsSqs } from './sqs/client.ts'
export { type Consume, type Consuming, type Invocation, startConsumer } from './sqs/consume.ts'
export { dropDead, listDead, redriveDead } from './sqs/dead.ts'
export type { SqsQueues } from './sqs/envelope.ts'
export { type Promoting, promote } from './sqs/promote.ts'
export type { SendUsing } from './sqs/send.ts'

/** The producer's half. Throws, naming the queue and the way out, when SQS does not take a message; others may then be held. */
export const sqsQueue = (using: SendUsing): Queue => ({
  async send(messages: readonly Message[]) {
    const now = using.clock.now()
    await sendParcels(
      messages.map((message) => toParcel(message, now)),
      using,
    )
  },
})
