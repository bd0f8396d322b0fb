/**
 * SQS and S3 on loopback (fauxqs), brought closer to AWS where the event source mapping would notice. What stays different:
 * deduplication ids hold for a whole queue even in a high-throughput one, DelaySeconds above 900 is accepted, and there is no
 * StartMessageMoveTask.
 */
import type { BuildAppOptions } from 'fauxqs'
import { buildApp } from 'fauxqs'
import { ACCOUNT, REGION } from './environment.ts'

type Stores = NonNullable<BuildAppOptions['stores']>
type SqsStore = Stores['sqsStore']
type Queue = ReturnType<SqsStore['createQueue']>

export interface LocalQueue {
  readonly url: string
  readonly arn: string
}

export interface LocalSqs {
  /** For AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL_S3. */
  readonly url: string
  /** A queue with attributes as in CreateQueue; a FIFO queue where its name ends so. */
  createQueue(name: string, attributes?: Readonly<Record<string, string>>): LocalQueue
  createBucket(name: string): void
  /** How often which action was called, by whomever: `ReceiveMessage`, `SendMessageBatch`, ..., S3's as `S3 PUT`. */
  calls(): Readonly<Record<string, number>>
  /** Messages in a queue, visible ones, delayed ones and those that somebody works on. */
  count(name: string): { readonly ready: number; readonly delayed: number; readonly inFlight: number }
  /** Ends the long polls of a queue as if their time were up. */
  endPolls(name: string): void
  close(): Promise<void>
}

interface LocalSqsOptions {
  /** 0 (the default) takes a free one. */
  readonly port?: number | undefined
  /** A receive returns several messages of one group, in order, as AWS does; fauxqs by itself returns one (default: true). */
  readonly groupBatches?: boolean | undefined
  /** How many groups a receive returns messages of at most; AWS promises nothing here (default: as many as there are). */
  readonly groupsPerReceive?: number | undefined
}

/** Listens on 127.0.0.1 until closed; everything is in memory. */
export async function startLocalSqs({
  port = 0,
  groupBatches = true,
  groupsPerReceive = Number.POSITIVE_INFINITY,
}: LocalSqsOptions = {}): Promise<LocalSqs> {
  const stores = await newStores()
  const { sqsStore, s3Store } = stores
  const app = buildApp({ logger: false, host: '127.0.0.1', defaultRegion: REGION, stores })
  const calls: Record<string, number> = {}
  app.addHook('onRequest', (request, _reply, done) => {
    const action = String(request.headers['x-amz-target'] ?? `S3 ${request.method}`).replace(
      /^AmazonSQS\./,
      '',
    )
    calls[action] = (calls[action] ?? 0) + 1
    done()
  })
  const url = await app.listen({ port, host: '127.0.0.1' })
  return {
    url,
    createQueue(name, attributes = {}) {
      const queue = { url: `${url}/${ACCOUNT}/${name}`, arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}` }
      const isFifo = name.endsWith('.fifo')
      const all = { ...attributes, ...(isFifo && { FifoQueue: 'true' }) }
      const created = sqsStore.createQueue(name, queue.url, queue.arn, all)
      if (isFifo && groupBatches) batchGroups(created, groupsPerReceive)
      return queue
    },
    createBucket: (name) => s3Store.createBucket(name),
    calls: () => ({ ...calls }),
    count(name) {
      const messages = sqsStore.inspectQueue(name)?.messages
      if (messages === undefined) throw new Error(`there is no queue ${name}`)
      const { ready, delayed, inflight } = messages
      return { ready: ready.length, delayed: delayed.length, inFlight: inflight.length }
    },
    endPolls: (name) => sqsStore.getQueueByName(name)?.cancelWaiters(),
    close: () => app.close(),
  }
}

/** fauxqs exports its stores' types only: that of its server is kept to itself, and so would the queues be. */
async function newStores(): Promise<Stores> {
  const load = async (path: string) => await import(new URL(path, import.meta.resolve('fauxqs')).href)
  const [sqs, sns, s3] = await Promise.all(['sqs/sqsStore.js', 'sns/snsStore.js', 's3/s3Store.js'].map(load))
  return { sqsStore: new sqs.SqsStore(), snsStore: new sns.SnsStore(), s3Store: new s3.S3Store() }
}

/**
 * Makes a FIFO queue return as many messages of one group as a receive has room for, then those of the next ("SQS prefers
 * to return as many messages with the same message group ID as possible"). It takes one message at a time, with the
 * group's lock lifted while it goes on, and then locks each group once per message taken, so that dead-letter moves and
 * deletes stay fauxqs's own.
 */
function batchGroups(queue: Queue, mostGroups: number): void {
  const takeOne = queue.dequeue.bind(queue, 1)
  queue.dequeue = (most, visibilitySeconds, dlqResolver) => {
    const locks = new Map<string, number>()
    const taken: ReturnType<Queue['dequeue']> = []
    while (taken.length < most) {
      const [next] = takeOne(visibilitySeconds, dlqResolver)
      if (next === undefined) break
      taken.push(next)
      const group = queue.inflightMessages.get(next.ReceiptHandle)?.message.messageGroupId ?? ''
      locks.set(group, (locks.get(group) ?? 0) + 1)
      // Visible again at once: it would be taken until there is no room.
      if (visibilitySeconds === 0) break
      queue.fifoLockedGroups.delete(group)
      if (locks.size === mostGroups && !queue.fifoMessages.has(group)) break
    }
    for (const [group, count] of locks) queue.fifoLockedGroups.set(group, count)
    return taken
  }
  const passTime = queue.processTimers.bind(queue)
  // What becomes visible again is put in front one by one: several of one group would be the wrong way round.
  queue.processTimers = () => {
    passTime()
    for (const group of queue.fifoMessages.values()) group.sort(bySequence)
  }
}

const bySequence = (one: { sequenceNumber?: string }, other: { sequenceNumber?: string }): number =>
  (one.sequenceNumber ?? '').localeCompare(other.sequenceNumber ?? '')
