/**
 * An SQS event source mapping with ReportBatchItemFailures: receives batches, invokes the function with each, deletes what
 * it has done. What it has not done stays invisible until the queue's visibility timeout ends; the queue moves it to its
 * dead-letter queue. In a FIFO queue no group is in two invocations at once: SQS holds it back.
 */
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { doneOf, eventOf } from './batch.ts'
import type { LocalFunction } from './function.ts'
import { type Slots, slots } from './slots.ts'

interface MappingSettings {
  readonly client: SQSClient
  readonly queue: { readonly url: string; readonly arn: string }
  readonly fn: Pick<LocalFunction, 'invoke'>
  /** At most 10 (the default): FIFO queues and mappings without a batching window have no more. */
  readonly batchSize?: number | undefined
  /** Invocations at once (default 5, with which Lambda starts). */
  readonly maximumConcurrency?: number | undefined
  /** Ends the queue's open long polls: a poll that is cut off here would still take messages there. */
  readonly endPolls: () => void
  /** Told what SQS did not do. */
  readonly onError: (error: unknown) => void
}

export interface MappingFigures {
  readonly receives: number
  readonly emptyReceives: number
  readonly deletes: number
  readonly batches: number
  readonly messages: number
  /** Messages that were not done, each time. */
  readonly failed: number
}

export interface Mapping {
  figures(): MappingFigures
  /** No new batches; resolves when the running ones are done. */
  stop(): Promise<void>
}

interface Polling extends MappingSettings {
  readonly slots: Slots
  readonly stopped: AbortSignal
  readonly counted: { -readonly [name in keyof MappingFigures]: MappingFigures[name] }
}

/** Begins at once. */
export function startMapping(settings: MappingSettings): Mapping {
  const stop = new AbortController()
  const polling: Polling = {
    ...settings,
    slots: slots(settings.maximumConcurrency ?? 5),
    stopped: stop.signal,
    counted: { receives: 0, emptyReceives: 0, deletes: 0, batches: 0, messages: 0, failed: 0 },
  }
  const polled = poll(polling)
  return {
    figures: () => ({ ...polling.counted }),
    async stop() {
      stop.abort()
      // A poll that is only on its way there begins after an end of polls.
      settings.endPolls()
      const again = setInterval(settings.endPolls, 50)
      await polled
      clearInterval(again)
      await polling.slots.allFree()
    },
  }
}

/** One poller: a local queue answers at once, and polls that wake each other would only cost calls. */
async function poll(polling: Polling): Promise<void> {
  const { slots: free, stopped, onError } = polling
  while (!stopped.aborted) {
    try {
      await free.take(stopped)
    } catch {
      return
    }
    const messages = await receive(polling)
    if (messages.length === 0) free.give()
    else void handle(polling, messages).catch(onError).finally(free.give)
  }
}

async function receive({
  client,
  queue,
  batchSize = 10,
  counted,
  onError,
  stopped,
}: Polling): Promise<Message[]> {
  const input = {
    QueueUrl: queue.url,
    MaxNumberOfMessages: batchSize,
    WaitTimeSeconds: 20,
    MessageSystemAttributeNames: ['All' as const],
    MessageAttributeNames: ['All'],
  }
  counted.receives++
  try {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(input))
    if (Messages.length === 0) counted.emptyReceives++
    return Messages
  } catch (error) {
    onError(error)
    await pause(stopped)
    return []
  }
}

/** A queue that refuses is not asked in a loop. */
const pause = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, 1000)
    const onAbort = () => {
      clearTimeout(timer)
      resolve()
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })

async function handle({ client, queue, fn, counted }: Polling, messages: Message[]): Promise<void> {
  counted.batches++
  counted.messages += messages.length
  const done = doneOf(messages, await fn.invoke(eventOf(messages, queue.arn)))
  counted.failed += messages.length - done.length
  if (done.length === 0) return
  counted.deletes++
  const Entries = done.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }))
  const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries }))
  if (Failed.length > 0) throw new Error(`${Failed.length} messages were not deleted: ${Failed[0]?.Message}`)
}
