/** Cloudflare Queues in front of a queue: what goes in, and what becomes of each message that comes out. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Happening, Message, Queue } from '../../lib/index.ts'
import { type Buffered, bufferedQueue, unbuffer } from '../../lib/queue/buffered.ts'
import { message } from './held.ts'

/** Exceeds no bound of the schema, and any of a sensible message. */
const largest = (name: string) =>
  message(name, { causes: Array.from({ length: 16 }, () => '\u0001'.repeat(512)) })

describe('messages on their way into Cloudflare Queues', () => {
  it('go in calls within the limits of one, in order', async () => {
    const calls: Message[][] = []
    const queue = bufferedQueue({
      async sendBatch(sendings) {
        const batch = [...sendings]
        assert.ok(batch.every(({ contentType }) => contentType === 'json'))
        calls.push(batch.map(({ body }) => body))
      },
    })
    const small = Array.from({ length: 250 }, (_, index) => message(`s${index}`))
    const large = Array.from({ length: 9 }, (_, index) => largest(`l${index}`))
    await queue.send([...small, ...large])
    assert.deepEqual(calls.flat(), [...small, ...large])
    for (const batch of calls) {
      assert.ok(batch.length <= 100)
      assert.ok(Buffer.byteLength(batch.map((one) => JSON.stringify(one)).join('')) <= 256_000)
    }
    assert.ok(Buffer.byteLength(JSON.stringify(largest('a'))) < 128_000)
    assert.equal(calls.length, 4)
  })

  it('are not asked for where there are none', async () => {
    await bufferedQueue({ sendBatch: () => assert.fail('asked') }).send([])
  })

  it('are not taken while one call fails, and every call has ended by then', async () => {
    let ended = 0
    const queue = bufferedQueue({
      async sendBatch(sendings) {
        const [first] = sendings
        await new Promise(setImmediate)
        ended += 1
        if (first?.body.name === 's0') throw new Error('Too Many Requests')
      },
    })
    const messages = Array.from({ length: 250 }, (_, index) => message(`s${index}`))
    await assert.rejects(queue.send(messages), { message: 'Too Many Requests' })
    assert.equal(ended, 3)
  })
})

/** A batch as the platform hands it out, and the answers to it: `ack`, or the seconds until the next try. */
function batchOf(bodies: readonly unknown[], { attempts = 1, sentAt = 0 } = {}) {
  const answers: (string | number)[] = bodies.map(() => 'none')
  const messages = bodies.map((body, index): Buffered => {
    const answer = (how: string | number) => {
      assert.equal(answers[index], 'none', 'answered once')
      answers[index] = how
    }
    return {
      id: `m${index}`,
      timestamp: new Date(sentAt),
      // As the platform claims.
      body: body as Message,
      attempts,
      ack: () => answer('ack'),
      retry: ({ delaySeconds }) => answer(delaySeconds),
    }
  })
  return { messages, answers }
}

describe('messages on their way out of Cloudflare Queues', () => {
  const using = { report: () => {}, random: () => 0.5 }

  it('are held by the queue behind before they are acknowledged, the whole batch by one call', async () => {
    const calls: (readonly Message[])[] = []
    const { messages, answers } = batchOf([message('a'), message('b'), message('a')])
    await unbuffer(
      { messages },
      {
        async send(sent) {
          await new Promise(setImmediate)
          assert.deepEqual(answers, ['none', 'none', 'none'])
          calls.push(sent)
        },
      },
      using,
    )
    assert.deepEqual(calls, [[message('a'), message('b'), message('a')]])
    assert.deepEqual(answers, ['ack', 'ack', 'ack'])
  })

  /** A queue that does not take messages of these names; what it took. */
  function refusing(...names: string[]) {
    const took = new Set<unknown>()
    const queue: Queue = {
      async send(sent) {
        if (sent.some(({ name }) => names.includes(name))) throw new Error('overloaded')
        for (const one of sent) took.add(one.name)
      },
    }
    return { queue, took }
  }

  it('wait where their key is not taken, and hold up no other', async () => {
    const happenings: Happening[] = []
    const { queue, took } = refusing('bad')
    const { messages, answers } = batchOf([message('a'), message('bad'), message('b'), message('bad')])
    await unbuffer({ messages }, queue, { ...using, report: (one) => void happenings.push(one) })
    assert.deepEqual([...took], ['a', 'b'])
    assert.deepEqual(answers, ['ack', 2, 'ack', 2])
    assert.deepEqual(happenings, [
      { type: 'store', store: 'queue', state: 'refusing', detail: '2 of 4 messages wait: overloaded' },
    ])
  })

  it('wait longer from try to try, up to 20 minutes', async () => {
    const waits: unknown[] = []
    for (const attempts of [1, 2, 3, 5, 10, 11, 100]) {
      const { messages, answers } = batchOf([message('a'), message('b')], { attempts })
      await unbuffer({ messages }, refusing('a', 'b').queue, using)
      waits.push(answers[0])
    }
    assert.deepEqual(waits, [2, 3, 6, 24, 768, 900, 900])
  })

  it('of one key alone are not tried twice in a batch', async () => {
    let calls = 0
    const queue = {
      async send() {
        calls += 1
        throw new Error('overloaded')
      },
    }
    const { messages, answers } = batchOf([message('a'), message('a')])
    await unbuffer({ messages }, queue, using)
    assert.deepEqual([calls, answers], [1, [2, 2]])
  })

  it('go on where they are no messages, and wait for people where no queue could hold them', async () => {
    const took: unknown[] = []
    const queue: Queue = {
      async send(sent) {
        for (const one of sent) JSON.stringify(one)
        took.push(...sent)
      },
    }
    const strange = [{ hello: 1 }, 'text', null, { ...message('a'), version: 2 }]
    const { messages, answers } = batchOf([...strange, { big: 1n }, message('b')])
    await unbuffer({ messages }, queue, using)
    assert.deepEqual(answers, ['ack', 'ack', 'ack', 'ack', 2, 'ack'])
    assert.deepEqual(took, [...strange, message('b')])
  })

  it('name no version to read, and have waited since they were sent', async () => {
    const took: Message[] = []
    const queue: Queue = { send: async (sent) => void took.push(...sent) }
    const late = message('a', { resourceVersion: '7', origin: 'u-1:7' })
    const delayed = message('b', { delaySeconds: 60 })
    const timed = message('c', { delaySeconds: 60, notBefore: 5 })
    await unbuffer(batchOf([late, delayed, timed], { sentAt: 1_000 }), queue, using)
    assert.deepEqual(took, [message('a', { origin: 'u-1:7' }), { ...delayed, notBefore: 61_000 }, timed])
  })
})
