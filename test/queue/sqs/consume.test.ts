/** One batch of the ready queue: who runs, who waits, what is acknowledged, and what becomes of those that crash. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Delivery, Verdict } from '../../../lib/queue.ts'
import { listDead, promote, type Received, redriveDead, startConsumer } from '../../../lib/queue/sqs.ts'
import { groupOf } from '../../../lib/queue/sqs/identity.ts'
import { sleep } from '../../../lib/clock.ts'
import { keyOf } from '../../../lib/message.ts'
import { message, messageOf } from '../held.ts'
import { NOW, scene, VISIBILITY } from './scene.ts'
import { QUEUES } from './stage.ts'

const ack = (): Verdict => ({ type: 'ack' })
/** What a function that is killed leaves behind: nothing. */
const never = (): Promise<Verdict> => new Promise(() => {})

describe('a batch of the ready queue', () => {
  it('runs each key once for all its messages, keys at once, and is done with all', async () => {
    const { queue, receive, invoke, ran, sqs } = scene()
    await queue.send(['a', 'b', 'a', 'a', 'b'].map((name) => message(name)))
    const batch = await receive()
    assert.equal(batch.length, 5)
    assert.deepEqual(await invoke(batch, ack), [])
    assert.deepEqual(ran, ['a', 'b'])
    assert.deepEqual(sqs.bodies(QUEUES.ready), [])
    assert.deepEqual(
      [sqs.calls.send, sqs.calls.remove],
      [1, 1],
      'an acknowledged batch costs no call of the function',
    )
  })

  it('puts off by way of the background what SQS refuses something for: that is no crash of the key', async () => {
    const { queue, receive, invoke, sqs, clock, ran, using, reported } = scene()
    await queue.send(['a', 'a', 'b'].map((name) => message(name)))
    sqs.failures.send.push(new Error('SQS is away'))
    const again = (delivery: Delivery): Verdict =>
      messageOf(delivery).name === 'a' ? { type: 'again', afterSeconds: 60 } : { type: 'ack' }
    assert.deepEqual(await invoke(await receive(), again), [])
    assert.deepEqual(ran, ['a', 'b'])
    assert.ok(reported.some((one) => one.type === 'failed' && one.error === 'SQS is away'))
    await clock.advance(59_000)
    assert.deepEqual(await sqs.receive(QUEUES.background, { most: 10, waitSeconds: 0 }), [])
    await clock.advance(1_000)
    const late = await sqs.receive(QUEUES.background, { most: 10, waitSeconds: 0 })
    assert.equal(late.length, 2)
    await promote(late, { ...using, from: 'background' })
    await invoke(await receive(), (delivery) => {
      assert.equal(delivery.crash, undefined)
      return { type: 'ack' }
    })
    assert.deepEqual(ran, ['a', 'b', 'a'])
  })

  it('where SQS takes nothing at all, the messages of the key stay, all of them, and are run again', async () => {
    const { queue, receive, invoke, sqs, clock, ran, using } = scene()
    const consume = startConsumer(using)
    await queue.send(['a', 'a'].map((name) => message(name)))
    sqs.failures.send.push(new Error('SQS is away'), new Error('SQS is away'))
    await clock.advance(10_000)
    const batch = await receive()
    const failed = await invoke(batch, () => ({ type: 'again', afterSeconds: 60 }), consume)
    assert.deepEqual(
      failed,
      batch.map(({ id }) => id),
    )
    await clock.advance(VISIBILITY * 1000)
    await invoke(await receive(), ack, consume)
    assert.deepEqual(ran, ['a', 'a'])
  })

  it('skips what an earlier run of this process has seen, not within the 2 s by which clocks may differ', async () => {
    const { queue, receive, invoke, clock, ran, using } = scene()
    const consume = startConsumer(using)
    await queue.send([message('a')])
    await clock.advance(1_000)
    await queue.send([message('a')])
    const [first, ...rest] = await receive()
    assert.ok(first && rest.length === 1)
    await clock.advance(1_500)
    await invoke([first], ack, consume)
    await invoke(rest, ack, consume)
    assert.deepEqual(
      ran,
      ['a', 'a'],
      'the second was sent 1.5 s before the first run: it may not have been seen',
    )
    await queue.send([message('a')])
    await queue.send([message('a')])
    const [third, ...others] = await receive()
    assert.ok(third && others.length === 1)
    await clock.advance(2_500)
    await invoke([third], ack, consume)
    await invoke(others, ack, consume)
    assert.deepEqual(ran, ['a', 'a', 'a'])
  })

  it('deletes from within what is done while another key takes long', async () => {
    const { queue, receive, invoke, clock, sqs } = scene()
    await queue.send(['slow', 'quick'].map((name) => message(name)))
    const slow = Promise.withResolvers<Verdict>()
    const running = invoke(await receive(), (delivery) =>
      messageOf(delivery).name === 'slow' ? slow.promise : { type: 'ack' },
    )
    await clock.advance(1_000)
    assert.equal(sqs.bodies(QUEUES.ready).length, 1)
    slow.resolve({ type: 'ack' })
    await running
    assert.deepEqual(sqs.bodies(QUEUES.ready), [])
  })

  it('sends what strangers put into a group of their own to the group of its key', async () => {
    const { sqs, receive, invoke, ran } = scene()
    await sqs.send(QUEUES.ready, [
      { body: JSON.stringify(message('a')), group: 'theirs', deduplicationId: '1' },
    ])
    await invoke(await receive(), ack)
    assert.deepEqual(ran, [])
    const batch = await receive()
    assert.equal(batch[0]?.group, groupOf(keyOf(message('a'))))
    await invoke(batch, ack)
    assert.deepEqual(ran, ['a'])
  })

  it('tries at once what failed, while that takes less than a second; then through the delay queue', async () => {
    const { queue, receive, invoke, clock, sqs } = scene()
    await queue.send([message('a')])
    const attempts: number[] = []
    const running = invoke(await receive(), (delivery) => {
      attempts.push(delivery.attempt)
      const attempt = delivery.attempt + 1
      return { type: 'retry', afterSeconds: 0.005 * 2 ** delivery.attempt, attempt }
    })
    await clock.advance(2_000)
    await running
    assert.deepEqual(attempts, [0, 1, 2, 3, 4, 5, 6, 7])
    assert.deepEqual(sqs.bodies(QUEUES.delay), [
      { ...message('a'), attempt: 8, delaySeconds: 1, notBefore: 1_764_000_000_635 + 1_000 },
    ])
  })

  it('a key that runs too often waits in the delay queue, and is told so', async () => {
    const rate = { burst: 2, perSecond: 0.1 }
    const controllerLimits = new Map([['myapp', { concurrency: 1, rate }]])
    const { queue, receive, invoke, clock, sqs, ran, reported, using } = scene({ controllerLimits })
    const consume = startConsumer(using)
    for (let i = 0; i < 3; i++) {
      await queue.send([message('a')])
      await clock.advance(3_000)
      await invoke(await receive(), ack, consume)
    }
    assert.deepEqual(ran, ['a', 'a'])
    assert.equal(sqs.bodies(QUEUES.delay).length, 1)
    assert.deepEqual(
      reported.map((one) => one.type === 'rate' && one.state),
      ['limited'],
    )
  })
})

describe('functions that die', () => {
  it('a key that crashed a function runs alone, after the others are safe; suspects go back before that', async () => {
    const { queue, receive, invoke, clock, ran, sqs } = scene()
    await queue.send(['poison', 'other'].map((name) => message(name)))
    // Killed with both in flight: nobody knows whose fault it was.
    void invoke(await receive(), never)
    await clock.advance(VISIBILITY * 1000)
    await queue.send([message('fresh')])
    ran.length = 0
    const batch = await receive()
    assert.equal(batch.length, 3)
    void invoke(batch, (delivery) => (messageOf(delivery).name === 'poison' ? never() : { type: 'ack' }))
    await clock.advance(0)
    assert.deepEqual(ran, ['fresh', 'poison'])
    // Whatever the poison does to this process: the fresh one is done, and the other suspect is a message of its own.
    const names = (sqs.bodies(QUEUES.ready) as { name: string }[]).map(({ name }) => name)
    assert.deepEqual(names.toSorted(), ['other', 'poison'])
    const [again] = await receive()
    assert.equal(again?.receives, 1)
    ran.length = 0
    await invoke([again as Received], (delivery) => {
      assert.deepEqual([delivery.attempt, delivery.crash !== undefined], [1, true])
      return { type: 'ack' }
    })
    assert.deepEqual(ran, ['other'])
  })

  // Suspects were sent back only after the fresh keys of their batch: quick tries held them up for seconds, batch after batch
  // (timers fired 7 s late), and where a fresh key crashed, the crash counted against all of them.
  it('suspects go back before a fresh key runs: one that takes long, or crashes, is not at their cost', async () => {
    const { queue, receive, invoke, clock, ran, sqs } = scene()
    await queue.send(['first', 'second', 'third'].map((name) => message(name)))
    void invoke(await receive(), never)
    await clock.advance(VISIBILITY * 1000)
    await queue.send([message('fresh')])
    ran.length = 0
    void invoke(await receive(), never)
    await clock.advance(0)
    assert.deepEqual(ran, ['fresh'])
    const again = await receive()
    assert.deepEqual(
      again.map(({ receives, body }) => [receives, JSON.parse(body).name]),
      [
        [1, 'second'],
        [1, 'third'],
      ],
    )
    for (const { note } of again) assert.match(note ?? '', /"crashes":1/)
    await invoke(again, ack)
    assert.deepEqual(ran, ['fresh', 'second'])
    assert.equal(
      sqs.bodies(QUEUES.ready).length,
      3,
      'the third aside once more; the first and the fresh one in flight',
    )
  })

  // Quick tries of the fresh keys (up to 5 s) came before a suspect ran: killed then four times, it was given up unheard.
  it('with a suspect in the batch there are no quick tries, neither of the fresh keys nor of its own', async () => {
    const { queue, receive, invoke, clock, ran, sqs } = scene()
    await queue.send([message('suspect')])
    void invoke(await receive(), never)
    await clock.advance(VISIBILITY * 1000)
    await queue.send([message('fresh')])
    ran.length = 0
    await invoke(await receive(), () => ({ type: 'again', afterSeconds: 0.3 }))
    assert.deepEqual(ran, ['fresh', 'suspect'])
    const waiting = (sqs.bodies(QUEUES.delay) as { delaySeconds: number }[]).map(
      ({ delaySeconds }) => delaySeconds,
    )
    assert.deepEqual(waiting, [1, 1])
  })

  it('B15: a poison key is given up alone after four crashes, with its reason, and a redrive revives it', async () => {
    const { queue, receive, invoke, clock, ran, using } = scene()
    const names = ['poison', ...Array.from({ length: 9 }, (_, i) => `good-${i}`)]
    await queue.send(names.map((name) => message(name)))
    const tries: (boolean | undefined)[] = []
    for (let i = 0; i < 40; i++) {
      const batch = await receive()
      void invoke(batch, (delivery) => {
        if (messageOf(delivery).name !== 'poison') return { type: 'ack' }
        tries.push(delivery.isLastChance)
        // What `work` says without calling the author: the object is told.
        return delivery.isLastChance ? { type: 'bury', reason: `crashed ${delivery.attempt} times` } : never()
      })
      await clock.advance(VISIBILITY * 1000)
    }
    assert.deepEqual(tries, [undefined, undefined, undefined, undefined, true])
    for (const name of names) assert.ok(ran.includes(name), `${name} ran`)
    const parked = await listDead(using, NOW)
    assert.deepEqual(
      parked.map(({ key, reason }) => [key, reason]),
      [[keyOf(message('poison')), 'crashed 4 times']],
    )
    ran.length = 0
    assert.equal(await redriveDead('all', using, NOW), 1)
    await invoke(await receive(), (delivery) => {
      assert.deepEqual([delivery.attempt, delivery.crash], [0, undefined])
      return { type: 'ack' }
    })
    assert.deepEqual([ran, await listDead(using, NOW)], [['poison'], []])
  })

  it('what SQS itself gave up, because no function ever started, is listed with a reason', async () => {
    const { queue, receive, clock, using } = scene()
    await queue.send([message('a')])
    for (let i = 0; i < 6; i++) {
      await receive()
      await clock.advance(VISIBILITY * 1000)
    }
    const [only] = await listDead(using, NOW)
    assert.match(only?.reason ?? '', /did not start/)
  })

  it('with little time left, suspects are put aside and not begun; a short time of a function is no little time', async () => {
    const { queue, receive, clock, ran, sqs, using, invoke } = scene()
    await queue.send([message('slow'), message('a')])
    await receive()
    await clock.advance(VISIBILITY * 1000)
    await queue.send([message('fresh')])
    const batch = await receive()
    const on = { deadline: clock.now() + 8_000, signal: new AbortController().signal }
    const consuming = startConsumer(using)(
      batch,
      async ([delivery]) => {
        ran.push(messageOf(delivery as Delivery).name)
        await sleep(clock, 5_000)
        return new Map([[delivery?.id ?? '', { type: 'ack' }]])
      },
      on,
    )
    await clock.advance(8_000)
    assert.deepEqual([await consuming, ran], [[], ['fresh']])
    const again = await receive()
    assert.deepEqual(
      again.map(({ receives, note }) => [receives, note?.includes('"crashes":1')]),
      [
        [1, true],
        [1, true],
      ],
    )
    await invoke(again, ack)
    assert.deepEqual(ran, ['fresh', 'a'])
    assert.equal(sqs.bodies(QUEUES.ready).length, 1, 'the other suspect, aside once more')
  })
})
