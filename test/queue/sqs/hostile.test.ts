/** Strange messages, strange clocks, many processes: what must not cost anybody a change, a timer or a place among the dead. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Handle, Verdict } from '../../../lib/queue.ts'
import {
  listDead,
  promote,
  type Received,
  redriveDead,
  sqsQueue,
  startConsumer,
} from '../../../lib/queue/sqs.ts'
import { fakeClock } from '../../fake-clock.ts'
import { randomFrom } from '../../random.ts'
import { message, messageOf } from '../held.ts'
import { sqsDouble } from './double.ts'
import { runMapping, slots } from './mapping.ts'
import { NOW, scene } from './scene.ts'
import { QUEUES } from './stage.ts'

const ack = (): Verdict => ({ type: 'ack' })
const bury = (): Verdict => ({ type: 'bury', reason: 'no hope' })

describe('strange messages', () => {
  it('a body nested without end harms nobody in its batch, and is parked as text', async () => {
    const { queue, sqs, receive, invoke, ran, using } = scene()
    const deep = '['.repeat(200_000)
    await sqs.send(QUEUES.ready, [{ body: deep + ']'.repeat(200_000), group: 'x', deduplicationId: '1' }])
    await queue.send([message('a')])
    await invoke(await receive(), bury)
    await invoke(await receive(), bury)
    assert.deepEqual(ran, ['a', 'no message'])
    const dead = await listDead(using, NOW)
    assert.equal(dead.length, 2)
    assert.ok(dead.some(({ body }) => typeof body === 'string' && deep.startsWith(body)))
  })

  it('a handler that dies of what is no message does so a few times, and not for ever', async () => {
    const { sqs, clock, receive, using } = scene()
    const crash: Handle = async () => {
      throw new Error('it cannot be read')
    }
    await sqs.send(QUEUES.ready, [{ body: 'hello', group: 'x', deduplicationId: '1' }])
    const consume = startConsumer(using)
    for (let i = 0; i < 3; i++) {
      const batch = await receive()
      const on = { deadline: clock.now() + 60_000, signal: new AbortController().signal }
      const consuming = consume(batch, crash, on)
      await clock.advance(10_000)
      await consuming
      await sqs.remove(
        QUEUES.ready,
        batch.map(({ handle }) => handle),
      )
    }
    const [dead, ...others] = await listDead(using, NOW)
    assert.deepEqual([dead?.body, others], ['hello', []])
    for (const queue of [QUEUES.ready, QUEUES.delay, QUEUES.background])
      assert.deepEqual(await sqs.depth(queue), { visible: 0, inFlight: 0 })
  })

  it('characters that SQS does not take stop no message, timer or reason', async () => {
    const { queue, receive, invoke, using } = scene()
    const causes = ['Role x\uFFFE', 'bell \u0007', 'half \uD800']
    await queue.send([message('a', { causes }), message('b', { causes })])
    await invoke(await receive(), (delivery) =>
      messageOf(delivery).name === 'a'
        ? { type: 'again', afterSeconds: 60 }
        : { type: 'bury', reason: 'it said \uFFFF and \uD800' },
    )
    const [dead] = await listDead(using, NOW)
    assert.match(dead?.reason ?? '', /^it said \uFFFF and /)
    assert.ok(JSON.stringify(dead?.body).includes('Role x\uFFFE'))
  })

  it('fields that no message has are not kept', async () => {
    const { sqs, queue, receive, invoke } = scene()
    await queue.send([{ ...message('a'), junk: 'x'.repeat(1000) } as never])
    await invoke(await receive(), () => ({ type: 'again', afterSeconds: 60 }))
    assert.doesNotMatch(JSON.stringify(sqs.bodies(QUEUES.delay)), /junk/)
  })

  it('a delay beyond all numbers is ten years', async () => {
    const { sqs, queue, receive, invoke, clock } = scene()
    await queue.send([message('a')])
    await invoke(await receive(), () => ({ type: 'again', afterSeconds: Number.MAX_VALUE }))
    await queue.send([message('b', { delaySeconds: 1e306 })])
    const years = (sqs.bodies(QUEUES.delay) as { notBefore: number }[]).map(
      ({ notBefore }) => (notBefore - clock.now()) / 31_536_000_000,
    )
    assert.deepEqual(years, [10, 10])
  })
})

describe('what a process remembers', () => {
  it('is forgotten once its clock was ahead: it would swallow changes until then', async () => {
    const { clock, using, queue, receive, invoke, ran } = scene()
    let aheadMs = 3_600_000
    const consume = startConsumer({ ...using, clock: { ...clock, now: () => clock.now() + aheadMs } })
    await queue.send([message('a')])
    await invoke(await receive(), ack, consume)
    aheadMs = 0
    await clock.advance(60_000)
    await queue.send([message('a')])
    await invoke(await receive(), ack, consume)
    assert.deepEqual(ran, ['a', 'a'])
  })

  it('of a key that was given up holds resyncs off for a quarter of an hour: another process may have revived it', async () => {
    const { clock, using, queue, receive, invoke, ran } = scene()
    const consume = startConsumer(using)
    const resync = async () => {
      await queue.send([message('a', { lane: 'background' })])
      const late = await using.sqs.receive(QUEUES.background, { most: 10, waitSeconds: 0 })
      await promote(late, { ...using, from: 'background' })
      await invoke(await receive(), ack, consume)
    }
    await queue.send([message('a')])
    await invoke(await receive(), bury, consume)
    await clock.advance(600_000)
    await resync()
    assert.deepEqual(ran, ['a'])
    await clock.advance(600_000)
    await resync()
    assert.deepEqual(ran, ['a', 'a'])
    assert.deepEqual(await listDead(using, NOW), [], 'who runs again is on no list')
  })

  it('takes a key off the list of the dead before its run can put it there again', async () => {
    const { clock, using, queue, sqs, receive, invoke } = scene()
    const consume = startConsumer(using)
    await queue.send([message('a')])
    await invoke(await receive(), bury, consume)
    await clock.advance(5_000)
    const { receive: takeDead } = sqs
    const listed = Promise.withResolvers<void>()
    // The list takes its time, the run does not.
    sqs.receive = async (url, how) => {
      if (url === QUEUES.dead) await listed.promise
      return await takeDead(url, how)
    }
    await queue.send([message('a')])
    const running = invoke(await receive(), () => ({ type: 'bury', reason: 'again' }), consume)
    await new Promise(setImmediate)
    listed.resolve()
    await running
    assert.deepEqual(
      (await listDead(using, NOW)).map(({ reason }) => reason),
      ['again'],
    )
  })

  it('of failures ends with their backoff: whoever comes later begins anew', async () => {
    const { clock, using, queue, receive, invoke } = scene()
    const consume = startConsumer(using)
    await queue.send([message('a')])
    await invoke(await receive(), () => ({ type: 'retry', afterSeconds: 60, attempt: 9 }), consume)
    await clock.advance(3_600_000)
    await queue.send([message('a')])
    await invoke(
      await receive(),
      ({ attempt, early }) => {
        assert.deepEqual([attempt, early], [0, false])
        return { type: 'ack' }
      },
      consume,
    )
  })

  it('a redrive forgets failures, whoever parked the key', async () => {
    const { sqs, using, receive, invoke } = scene()
    // As SQS itself moves it: the message as it was sent.
    const body = JSON.stringify(message('a', { attempt: 15 }))
    await sqs.send(QUEUES.dead, [{ body, group: 'g', deduplicationId: '1' }])
    assert.equal(await redriveDead('all', using, NOW), 1)
    await invoke(await receive(), ({ attempt }) => {
      assert.equal(attempt, 0)
      return { type: 'ack' }
    })
  })
})

describe('a key that runs too often', () => {
  it('loses no change, and waits with one message however many come', async () => {
    const rate = { burst: 2, perSecond: 0.1 }
    const controllerLimits = new Map([['myapp', { concurrency: 1, rate }]])
    const { clock, using, queue, sqs, receive, invoke, ran } = scene({ controllerLimits })
    const consume = startConsumer(using)
    let ranAt = 0
    const noting = (): Verdict => {
      ranAt = clock.now()
      return { type: 'ack' }
    }
    const promoteDue = async () => {
      const due = await sqs.receive(QUEUES.delay, { most: 10, waitSeconds: 0 })
      await promote(due, { ...using, from: 'delay' })
      await sqs.remove(
        QUEUES.delay,
        due.map(({ handle }) => handle),
      )
    }
    let changedAt = 0
    for (let i = 0; i < 20; i++) {
      await promoteDue()
      await queue.send([message('a', { causes: [`generation ${i}`] })])
      changedAt = clock.now()
      await clock.advance(2_500)
      await invoke(await receive(), noting, consume)
      // One that waits, and one whose time has come.
      assert.ok(sqs.bodies(QUEUES.delay).length <= 2)
    }
    for (let i = 0; i < 3; i++) {
      await clock.advance(10_000)
      await promoteDue()
      await invoke(await receive(), noting, consume)
    }
    assert.ok(ranAt >= changedAt)
    assert.deepEqual(sqs.bodies(QUEUES.delay), [])
    assert.ok(ran.length >= 6 && ran.length <= 10, `${ran.length} runs in 80 s`)
  })
})

/** Bursts of changes, then silence until the look again that was asked for last must have come. */
async function lostLookAgains(seed: number, processes: number, choices: readonly (number | undefined)[]) {
  const time = fakeClock(1_764_000_000_000)
  const random = randomFrom(seed)
  const settings = { visibilitySeconds: 360, maxReceives: 5, dead: QUEUES.dead }
  const sqs = sqsDouble(time, {
    [QUEUES.ready]: settings,
    [QUEUES.delay]: settings,
    [QUEUES.background]: settings,
    [QUEUES.dead]: settings,
  })
  const using = { sqs, queues: QUEUES, clock: time, random, report: () => {} }
  const consumers = Array.from({ length: processes }, (_, i) =>
    startConsumer({ ...using, identity: `p${i}` }),
  )
  let due = Number.POSITIVE_INFINITY
  const handle: Handle = async (deliveries) => {
    const seconds = choices[Math.floor(random() * choices.length)]
    due = seconds === undefined ? Number.POSITIVE_INFINITY : time.now() + seconds * 1000
    const verdict: Verdict =
      seconds === undefined ? { type: 'ack' } : { type: 'again', afterSeconds: seconds }
    return new Map(deliveries.map(({ id }) => [id, verdict]))
  }
  const [work, delay, stop] = [slots(processes), slots(5), new AbortController()]
  const consume = async (batch: readonly Received[]) => {
    const on = { deadline: time.now() + 60_000, signal: stop.signal }
    const failed = await consumers[Math.floor(random() * processes)]?.(batch, handle, on)
    work.release()
    return failed ?? []
  }
  const onTime = async (batch: readonly Received[]) => {
    const failed = await promote(batch, { ...using, from: 'delay' })
    delay.release()
    return failed
  }
  const mapping = { sqs, batchSize: 10, waitSeconds: 86_400 }
  void runMapping({ ...mapping, queue: QUEUES.ready, slots: work, invoke: consume }, stop.signal)
  void runMapping({ ...mapping, queue: QUEUES.delay, slots: delay, invoke: onTime }, stop.signal)
  const queue = sqsQueue(using)
  let lost = 0
  for (let burst = 0; burst < 8; burst++) {
    for (let left = 1 + Math.floor(random() * 5); left > 0; left--) {
      await queue.send([message('a')])
      await time.advance(Math.ceil(random() * 30_000))
    }
    for (let runs = 0; runs < 20 && due !== Number.POSITIVE_INFINITY; runs++) {
      const expected = due
      await time.advance(Math.max(0, expected - time.now()) + 5_000)
      if (due !== expected) continue
      lost += 1
      due = Number.POSITIVE_INFINITY
    }
  }
  stop.abort()
  return lost
}

describe('look-agains of many processes', () => {
  for (const processes of [1, 3, 10])
    for (const choices of [[300, undefined], [60, 300], [300], [7, 1_000]])
      it(`${processes} processes, verdicts ${choices.map((one) => one ?? 'done').join(' or ')}: none is lost`, async () => {
        for (let seed = 1; seed <= 12; seed++)
          assert.equal(await lostLookAgains(seed, processes, choices), 0, `seed ${seed}`)
      })
})
