/** SQS behind an event source mapping: batches, groups, partial failures, the dead-letter queue. A real client, a local SQS. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { SQSEvent } from 'aws-lambda'
import { CREDENTIALS, REGION } from '../../infra/aws/local/environment.ts'
import { type LocalSqs, startLocalSqs } from '../../infra/aws/local/fauxqs.ts'
import type { Outcome } from '../../infra/aws/local/instance.ts'
import { type Mapping, startMapping } from '../../infra/aws/local/mapping.ts'
import { until } from './bundled.ts'

let sqs: LocalSqs
let client: SQSClient
let count = 0
before(async () => {
  sqs = await startLocalSqs()
  client = new SQSClient({
    region: REGION,
    endpoint: sqs.url,
    credentials: {
      accessKeyId: CREDENTIALS.AWS_ACCESS_KEY_ID,
      secretAccessKey: CREDENTIALS.AWS_SECRET_ACCESS_KEY,
    },
  })
})
after(async () => {
  client.destroy()
  await sqs.close()
})

const returned = (value: unknown): Outcome => ({ type: 'returned', value })
const failures = (...ids: string[]) =>
  returned({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) })

/** A queue of the test's own. */
function queueOf(suffix: '' | '.fifo', attributes: Record<string, string> = {}) {
  const name = `q${++count}${suffix}`
  return { name, ...sqs.createQueue(name, attributes) }
}

type Queue = ReturnType<typeof queueOf>

interface TestMapping extends Mapping, AsyncDisposable {
  readonly events: SQSEvent[]
}

function mapped(
  queue: Queue,
  invoke: (event: SQSEvent) => Promise<Outcome> | Outcome,
  maximumConcurrency?: number,
): TestMapping {
  const events: SQSEvent[] = []
  const mapping = startMapping({
    client,
    queue,
    maximumConcurrency,
    endPolls: () => sqs.endPolls(queue.name),
    onError: (error) => assert.fail(String(error)),
    fn: {
      async invoke(event) {
        events.push(event as SQSEvent)
        return await invoke(event as SQSEvent)
      },
    },
  })
  return { ...mapping, events, [Symbol.asyncDispose]: () => mapping.stop() }
}

/** `a1`, `a2`, `b1`: the letter is the group. */
const send = ({ url }: Queue, ...bodies: string[]) =>
  client.send(
    new SendMessageBatchCommand({
      QueueUrl: url,
      Entries: bodies.map((body, at) => ({
        Id: String(at),
        MessageBody: body,
        ...(url.endsWith('.fifo') && {
          MessageGroupId: body[0],
          MessageDeduplicationId: `${body}-${++count}`,
        }),
      })),
    }),
  )

const show = ({ url }: Queue, ReceiptHandle: string) =>
  client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 }))

const bodies = ({ Records }: SQSEvent) => Records.map(({ body }) => body)
const isEmpty = ({ name }: Queue) => Object.values(sqs.count(name)).every((number) => number === 0)

describe('a local FIFO queue', () => {
  it('gives several messages of one group in one receive, in order, and locks the group for all of them', async () => {
    const queue = queueOf('.fifo', { VisibilityTimeout: '1' })
    await send(queue, 'a1', 'a2', 'b1', 'a3')
    const receive = async () => {
      const command = new ReceiveMessageCommand({
        QueueUrl: queue.url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 2,
      })
      const { Messages = [] } = await client.send(command)
      return Messages.map(({ Body }) => Body)
    }
    assert.deepEqual(await receive(), ['a1', 'a2', 'a3', 'b1'])
    await send(queue, 'a4', 'c1')
    assert.deepEqual(await receive(), ['c1'])
    await until(() => sqs.count(queue.name).ready > 0 || sqs.count(queue.name).inFlight > 0)
    const again = await receive()
    assert.deepEqual(
      again.filter((body) => body?.startsWith('a')),
      ['a1', 'a2', 'a3', 'a4'],
    )
  })

  it('can be left as the emulator is', async () => {
    await using plain = {
      ...(await startLocalSqs({ groupBatches: false })),
      [Symbol.asyncDispose]: () => plain.close(),
    }
    assert.match(plain.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  })
})

describe('an event source mapping', () => {
  it('makes records with everything that Lambda puts into them, and deletes what is done', async () => {
    const queue = queueOf('.fifo')
    await using mapping = mapped(queue, () => returned(null))
    await client.send(
      new SendMessageCommand({
        QueueUrl: queue.url,
        MessageBody: 'hello',
        MessageGroupId: 'g',
        MessageDeduplicationId: 'd',
        MessageAttributes: { why: { DataType: 'String', StringValue: 'watch' } },
      }),
    )
    await until(() => mapping.figures().deletes === 1 && isEmpty(queue))
    const [record] = mapping.events[0]?.Records ?? []
    assert.partialDeepStrictEqual(record, {
      body: 'hello',
      md5OfBody: '5d41402abc4b2a76b9719d911017c592',
      eventSource: 'aws:sqs',
      eventSourceARN: queue.arn,
      awsRegion: 'us-east-1',
      attributes: { ApproximateReceiveCount: '1', MessageGroupId: 'g', MessageDeduplicationId: 'd' },
      messageAttributes: { why: { stringValue: 'watch', dataType: 'String' } },
    })
    assert.match(record?.attributes.SequenceNumber ?? '', /^\d{20}$/)
    assert.ok(Number(record?.attributes.SentTimestamp) > 1e12)
    assert.ok(Number(record?.attributes.ApproximateFirstReceiveTimestamp) > 1e12)
  })

  it('never runs one group twice at once, and runs two groups at once', async () => {
    const queue = queueOf('.fifo')
    const running = new Map<string, number>()
    const overlaps: string[] = []
    const opened = Promise.withResolvers<void>()
    const seen: string[] = []
    await using mapping = mapped(queue, async (event) => {
      const groups = [...new Set(bodies(event).map((body) => body[0] ?? ''))]
      for (const group of groups) {
        if (running.get(group)) overlaps.push(group)
        running.set(group, 1)
      }
      if (running.get('a') && running.get('b')) opened.resolve()
      await opened.promise
      seen.push(...bodies(event))
      for (const group of groups) running.delete(group)
      return returned({})
    })
    await send(queue, 'a1')
    await until(() => running.has('a'))
    await send(queue, 'a2', 'b1', 'a3')
    await until(() => seen.length === 4 && isEmpty(queue))
    assert.deepEqual(overlaps, [])
    assert.deepEqual(
      seen.filter((body) => body.startsWith('a')),
      ['a1', 'a2', 'a3'],
    )
    assert.ok(mapping.figures().batches >= 3)
  })

  it('has no more invocations at once than it may', async () => {
    const queue = queueOf('')
    let now = 0
    let most = 0
    const opened = Promise.withResolvers<void>()
    await using mapping = mapped(
      queue,
      async () => {
        most = Math.max(most, ++now)
        if (most === 2) opened.resolve()
        await opened.promise
        now--
        return returned({ batchItemFailures: [] })
      },
      2,
    )
    for (const body of ['1', '2', '3', '4', '5']) await send(queue, body)
    await until(() => isEmpty(queue))
    assert.equal(most, 2)
    assert.equal(mapping.figures().messages, 5)
  })

  it('keeps the messages that the function names, for their visibility timeout, and deletes the others', async () => {
    const queue = queueOf('', { VisibilityTimeout: '1' })
    await send(queue, 'good', 'bad')
    const counts: string[] = []
    await using mapping = mapped(queue, ({ Records }) => {
      const bad = Records.find(({ body }) => body === 'bad')
      counts.push(...(bad ? [bad.attributes.ApproximateReceiveCount] : []))
      return failures(...(bad && counts.length === 1 ? [bad.messageId] : []))
    })
    await until(() => counts.length === 2 && isEmpty(queue))
    assert.deepEqual(mapping.events.map(bodies), [['good', 'bad'], ['bad']])
    assert.deepEqual(counts, ['1', '2'])
    assert.equal(mapping.figures().failed, 1)
  })

  for (const [what, outcome] of [
    ['names a message that is not in it', failures('somebody else')],
    ['names nothing', failures('')],
    ['returns something else', returned({ batchItemFailures: [{ id: 'x' }] })],
    ['fails', { type: 'failed', errorType: 'Error', errorMessage: '' }],
  ] as const)
    it(`keeps the whole batch when the function ${what}`, async () => {
      const queue = queueOf('')
      await send(queue, '1', '2')
      const mapping = mapped(queue, () => outcome)
      await until(() => mapping.figures().failed === 2)
      await mapping.stop()
      assert.deepEqual(sqs.count(queue.name), { ready: 0, delayed: 0, inFlight: 2 })
    })

  it('leaves a message to the dead-letter queue after five receives, and its group goes on', async () => {
    const dead = queueOf('.fifo')
    const queue = queueOf('.fifo', {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 5 }),
    })
    await send(queue, 'p1', 'p2')
    await using mapping = mapped(queue, async ({ Records }) => {
      const poison = Records.filter(({ body }) => body === 'p1')
      // As if the visibility timeout were over: it would be five times a second at least.
      for (const { receiptHandle } of poison) await show(queue, receiptHandle)
      return failures(...poison.map(({ messageId }) => messageId))
    })
    await until(() => sqs.count(dead.name).ready === 1 && isEmpty(queue))
    const runs = mapping.events.filter((event) => bodies(event).includes('p1'))
    assert.equal(runs.length, 5)
    assert.equal(
      mapping.events.some((event) => bodies(event).includes('p2')),
      true,
    )
  })

  it('stops when what runs is done, and takes nothing more', async () => {
    const queue = queueOf('')
    const opened = Promise.withResolvers<void>()
    const mapping = mapped(queue, () => opened.promise.then(() => returned(null)))
    await send(queue, '1')
    await until(() => mapping.events.length === 1)
    const stopped = mapping.stop()
    opened.resolve()
    await stopped
    await send(queue, '2')
    assert.deepEqual(sqs.count(queue.name), { ready: 1, delayed: 0, inFlight: 0 })
    assert.equal(mapping.figures().deletes, 1)
  })

  it('is counted by what SQS was asked', () => {
    const { ReceiveMessage = 0, DeleteMessageBatch = 0, SendMessageBatch = 0, SendMessage } = sqs.calls()
    assert.ok(ReceiveMessage > 10 && DeleteMessageBatch > 5 && SendMessageBatch > 10)
    assert.equal(SendMessage, 1)
  })
})
