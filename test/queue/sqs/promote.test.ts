/** What waited goes on: timers hop by hop and never early, the background when there is room, strangers too. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { promote, sqsQueue } from '../../../lib/queue/sqs.ts'
import { fakeClock } from '../../fake-clock.ts'
import { message } from '../held.ts'
import { sqsDouble } from './double.ts'
import { QUEUES } from './stage.ts'

const START = 1_764_000_000_000

function scene() {
  const clock = fakeClock(START)
  const sqs = sqsDouble(clock, {
    [QUEUES.ready]: { visibilitySeconds: 360 },
    [QUEUES.delay]: { visibilitySeconds: 180 },
    [QUEUES.background]: { visibilitySeconds: 180 },
    [QUEUES.dead]: { visibilitySeconds: 30 },
  })
  const using = { sqs, queues: QUEUES, clock, random: () => 0.5, report: () => {} }
  const receive = (queue: string) => sqs.receive(queue, { most: 10, waitSeconds: 0 })
  return { clock, sqs, using, receive, queue: sqsQueue(using) }
}

describe('promote', () => {
  it('keeps up a delay of hours by hops of 15 minutes, and promotes when it ends', async () => {
    const { clock, sqs, using, receive, queue } = scene()
    await queue.send([message('a', { delaySeconds: 3 * 3_600 + 7 })])
    let hops = 0
    for (; sqs.bodies(QUEUES.ready).length === 0; hops++) {
      await clock.advance(hops === 12 ? 7_000 : 900_000)
      const batch = await receive(QUEUES.delay)
      assert.equal(batch.length, 1, `hop ${hops}`)
      assert.deepEqual(await promote(batch, { ...using, from: 'delay' }), [])
      await sqs.remove(
        QUEUES.delay,
        batch.map(({ handle }) => handle),
      )
    }
    assert.equal(hops, 13)
    assert.equal(clock.now(), START + (3 * 3_600 + 7) * 1000)
  })

  it('waits for what is due within a second, and is never early', async () => {
    const { clock, sqs, using, queue } = scene()
    await queue.send([message('a', { notBefore: START + 1_300 })])
    await clock.advance(1_000)
    // Handed out before its time, as by a clock that runs ahead of ours.
    const early = { ...(await peek(sqs)), note: '{"why":"sent","asOf":0}' }
    const promoting = promote([early], { ...using, from: 'delay' })
    await clock.advance(299)
    assert.deepEqual(sqs.bodies(QUEUES.ready), [])
    await clock.advance(1)
    await promoting
    assert.equal(sqs.bodies(QUEUES.ready).length, 1)
  })

  async function peek({ bodies }: ReturnType<typeof sqsDouble>) {
    const body = JSON.stringify(bodies(QUEUES.delay)[0])
    return { id: 'm', handle: 'h', body, note: undefined, group: undefined, sentAt: START, receives: 1 }
  }

  it('lets the background in when ready is short; where it never is, after 20 s', async () => {
    const { clock, sqs, using, receive, queue } = scene()
    await queue.send(Array.from({ length: 3 }, (_, i) => message(`busy-${i}`)))
    await queue.send([message('low', { lane: 'background' })])
    const batch = await receive(QUEUES.background)
    const promoting = promote(batch, { ...using, from: 'background', room: 2 })
    await clock.advance(10_000)
    assert.equal(sqs.bodies(QUEUES.ready).length, 3)
    await clock.advance(10_000)
    await promoting
    assert.equal(sqs.bodies(QUEUES.ready).length, 4)
    const [again] = await receive(QUEUES.ready)
    await sqs.remove(QUEUES.ready, [again?.handle ?? ''])
    const calls = sqs.calls.depth
    await promote(batch, { ...using, from: 'background', room: 3 })
    assert.equal(sqs.calls.depth, calls + 1, 'one look where there is room')
  })

  it('waits no longer for room than whoever calls has time for', async () => {
    const { clock, sqs, using, receive, queue } = scene()
    await queue.send([message('busy'), message('low', { lane: 'background' })])
    const batch = await receive(QUEUES.background)
    const promoting = promote(batch, { ...using, from: 'background', room: 0, patienceMs: 3_000 })
    await clock.advance(3_000)
    await promoting
    assert.equal(sqs.bodies(QUEUES.ready).length, 2)
  })

  it('promoted twice, a message is in ready once', async () => {
    const { sqs, using, receive, queue } = scene()
    await queue.send([message('low', { lane: 'background' })])
    const batch = await receive(QUEUES.background)
    for (let i = 0; i < 2; i++) await promote(batch, { ...using, from: 'background' })
    assert.equal(sqs.bodies(QUEUES.ready).length, 1)
  })

  it('sends on what is no message: work parks it with its reason', async () => {
    const { sqs, using } = scene()
    const strange = {
      id: 'm',
      handle: 'h',
      body: 'hello',
      note: 'x',
      group: undefined,
      sentAt: 0,
      receives: 1,
    }
    assert.deepEqual(await promote([strange], { ...using, from: 'delay' }), [])
    const [received] = await sqs.receive(QUEUES.ready, { most: 10, waitSeconds: 0 })
    assert.equal(received?.body, 'hello')
  })

  it('gives back what SQS does not take', async () => {
    const { sqs, using, receive, queue } = scene()
    await queue.send([message('low', { lane: 'background' })])
    const batch = await receive(QUEUES.background)
    sqs.failures.send.push(new Error('SQS is away'))
    assert.deepEqual(
      await promote(batch, { ...using, from: 'background' }),
      batch.map(({ id }) => id),
    )
  })
})
