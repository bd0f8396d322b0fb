/** Sending to SQS: batches within its limits, what it refuses, what cannot be sent. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Refusal, Sending, Sqs } from '../../../lib/queue/sqs/calls.ts'
import { sqsQueue } from '../../../lib/queue/sqs.ts'
import { fakeClock } from '../../fake-clock.ts'
import { message } from '../held.ts'
import { QUEUES } from './stage.ts'

interface Call {
  readonly queue: string
  readonly messages: readonly Sending[]
}

/** SQS that answers each send as the script says, and then takes everything. */
function scene(script: readonly ((call: Call) => Refusal[])[] = []) {
  const calls: Call[] = []
  const refuse = async (): Promise<never> => {
    throw new Error('not in this test')
  }
  const sqs: Sqs = {
    async send(queue, messages) {
      const call = { queue, messages }
      calls.push(call)
      return script[calls.length - 1]?.(call) ?? []
    },
    receive: refuse,
    remove: refuse,
    release: refuse,
    depth: refuse,
  }
  const clock = fakeClock(1_764_000_000_000)
  const queue = sqsQueue({ sqs, queues: QUEUES, clock, random: () => 0.5 })
  return { calls, clock, queue }
}

const many = (count: number, more = {}) => Array.from({ length: count }, (_, i) => message(`n${i}`, more))
const throttled = (index: number): Refusal => ({
  index,
  code: 'ThrottlingException',
  isFinal: false,
})

describe('sending to SQS', () => {
  it('sends in batches of ten, each message once', async () => {
    const { queue, calls } = scene()
    await queue.send(many(23))
    assert.deepEqual(calls.map(({ messages }) => messages.length).toSorted(), [10, 10, 3])
    const bodies = new Set(calls.flatMap(({ messages }) => messages.map(({ body }) => body)))
    assert.equal(bodies.size, 23)
  })

  it('keeps each call below 1 MiB, however long its messages are', async () => {
    const { queue, calls } = scene()
    const causes = Array.from({ length: 16 }, () => 'ä'.repeat(512))
    await queue.send(many(200, { causes }))
    for (const { messages } of calls)
      assert.ok(messages.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0) < 1_048_576)
  })

  it('sends again what was throttled, only that, and under the same id', async () => {
    const { queue, calls, clock } = scene([() => [throttled(1), throttled(3)]])
    const sending = queue.send(many(5))
    await clock.advance(1_000)
    await sending
    const [first, second, ...others] = calls
    assert.deepEqual(others, [])
    assert.deepEqual(second?.messages, [first?.messages[1], first?.messages[3]])
  })

  it('throws, with the queue and the reason, when SQS keeps refusing, and at once where the message is at fault', async () => {
    const { queue, clock, calls } = scene(Array.from({ length: 9 }, () => () => [throttled(0)]))
    const sending = assert.rejects(
      queue.send(many(1)),
      /ready\.fifo does not take a message: ThrottlingException/,
    )
    await clock.advance(60_000)
    await sending
    assert.equal(calls.length, 5)
    const wrong = scene([() => [{ index: 0, code: 'InvalidMessageContents', isFinal: true }]])
    await assert.rejects(wrong.queue.send(many(1)), /InvalidMessageContents/)
    assert.equal(wrong.calls.length, 1)
  })

  it('puts what is due later into delay, what is background into background, the rest into ready', async () => {
    const { queue, calls, clock } = scene()
    await queue.send([
      message('now'),
      message('low', { lane: 'background' }),
      message('later', { delaySeconds: 2_000.5 }),
      message('past', { notBefore: clock.now() - 1 }),
    ])
    const places = calls.flatMap(({ queue: url, messages }) =>
      messages.map(({ body, delaySeconds, group }) => [
        (JSON.parse(body) as { name: string }).name,
        url,
        delaySeconds,
        group?.length,
      ]),
    )
    assert.deepEqual(places.toSorted(), [
      ['later', QUEUES.delay, 900, undefined],
      ['low', QUEUES.background, undefined, undefined],
      ['now', QUEUES.ready, undefined, 43],
      ['past', QUEUES.ready, undefined, 43],
    ])
  })

  it('gives two relays that saw the same change one id, and everything else ids of its own', async () => {
    const { queue, calls } = scene()
    const origin = 'uid-1:77'
    await queue.send([message('a', { origin })])
    await queue.send([message('a', { origin })])
    await queue.send([message('a', { origin: 'uid-1:78' })])
    await queue.send([message('b', { origin })])
    await queue.send([message('a')])
    await queue.send([message('a')])
    const ids = calls.map(({ messages }) => messages[0]?.deduplicationId)
    assert.equal(ids[0], ids[1])
    assert.equal(new Set(ids).size, 5)
  })
})
