import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Verdict } from '../../lib/queue.ts'
import { type ConsumeOptions, type EmbeddedQueueOptions, embeddedQueue } from '../../lib/queue/embedded.ts'
import type { Happening } from '../../lib/report.ts'
import { fakeClock } from '../fake-clock.ts'
import { queueContract } from '../queue.contract.ts'
import { held, message, messageOf } from './held.ts'
import { underTest } from './lives.ts'

const ack: Verdict = { type: 'ack' }

queueContract('the embedded queue', async () => {
  const clock = fakeClock(1_000_000)
  return underTest(embeddedQueue({ clock }), clock)
})

/** An embedded queue with a held worker, its clock and what it reported. */
function stage(options: Partial<EmbeddedQueueOptions> = {}) {
  const clock = fakeClock(1_000_000)
  const reported: Happening[] = []
  const queue = embeddedQueue({
    clock,
    report: (happening) => reported.push(happening),
    random: () => 0.5,
    ...options,
  })
  const worker = held()
  const stop = new AbortController()
  const run = (more: Partial<ConsumeOptions> = {}) =>
    queue.consume(worker.handle, { concurrency: 10, signal: stop.signal, ...more })
  return { clock, queue, worker, reported, stop, run }
}

test('Q9: keys are counted by lane and place; a delayed key is not ready, a held one is only held', async () => {
  const { clock, queue, worker, run } = stage()
  await queue.send([message('a'), message('b'), message('c', { delaySeconds: 5 })])
  await queue.send([message('low', { lane: 'background' })])
  const empty = { ready: 0, delayed: 0, locked: 0, parked: 0 }
  assert.deepEqual(queue.depth(), {
    change: { ...empty, ready: 2, delayed: 1 },
    background: { ...empty, ready: 1 },
  })
  void run({ concurrency: 2 })
  const [a, b] = [await worker.next(), await worker.next()]
  await queue.send([message('a')])
  assert.deepEqual(queue.depth().change, { ...empty, locked: 2, delayed: 1 })
  b.answer({ type: 'bury', reason: 'no' })
  const low = await worker.next()
  assert.deepEqual(queue.depth().change, { ...empty, locked: 1, delayed: 1, parked: 1 })
  await clock.advance(5000)
  assert.deepEqual(queue.depth().change, { ...empty, locked: 1, ready: 1, parked: 1 })
  low.answer(ack)
  a.answer(ack)
  await clock.advance(0)
  assert.deepEqual(queue.depth().change, { ...empty, locked: 2, parked: 1 })
})

test('where both lanes wait, every 16th delivery is from the background, so that it is never starved', async () => {
  const { queue, worker, run } = stage()
  await queue.send(Array.from({ length: 40 }, (_, i) => message(`change-${i}`)))
  await queue.send(Array.from({ length: 3 }, (_, i) => message(`low-${i}`, { lane: 'background' })))
  void run({ concurrency: 1 })
  const lows: number[] = []
  for (let i = 1; i <= 43; i++) {
    const { name, answer } = await worker.next()
    if (name.startsWith('low')) lows.push(i)
    answer(ack)
  }
  assert.deepEqual(lows, [16, 32, 43])
})

test('a controller at its limit holds up no other controller, and gets its turn in order', async () => {
  const { clock, queue, worker, run } = stage()
  await queue.send(['s1', 's2', 's3'].map((name) => message(name, { controller: 'slow' })))
  await queue.send([message('quick')])
  void run({
    concurrency: 3,
    controllerLimits: new Map([['slow', { concurrency: 1, rate: { burst: 100, perSecond: 1 } }]]),
  })
  await clock.advance(0)
  assert.deepEqual(worker.unseen(), ['s1', 'quick'])
  const s1 = await worker.next()
  s1.answer(ack)
  await clock.advance(0)
  assert.deepEqual(worker.unseen(), ['quick', 's2'])
})

test('messages that wait together keep the greatest resourceVersion only if every one carries one', async () => {
  const { queue, worker, run } = stage()
  await queue.send(['9', '10', '8'].map((resourceVersion) => message('all', { resourceVersion })))
  await queue.send([message('one', { resourceVersion: '5' }), message('one')])
  void run()
  const versions = [await worker.next(), await worker.next()].map(
    ({ delivery }) => messageOf(delivery).resourceVersion,
  )
  assert.deepEqual(versions, ['10', undefined])
})

test('a run that follows another reads the newest state, because the one before may have written', async () => {
  const { clock, queue, worker, run } = stage()
  void run()
  const sent = message('a', { resourceVersion: '5', attempt: 4 })
  await queue.send([sent])
  const first = await worker.next()
  await queue.send([sent])
  first.answer(ack)
  const second = await worker.next()
  second.answer({ type: 'again', afterSeconds: 1 })
  await clock.advance(1000)
  const third = await worker.next()
  third.answer({ type: 'retry', afterSeconds: 1, attempt: 1 })
  await clock.advance(1000)
  const fourth = await worker.next()
  const versions = [first, second, third, fourth].map(({ delivery }) => messageOf(delivery).resourceVersion)
  assert.deepEqual(versions, ['5', undefined, undefined, undefined])
  assert.deepEqual(messageOf(third.delivery).causes, ['requeue after 1 s'])
  const attempts = [first, second, third, fourth].map(({ delivery }) => messageOf(delivery).attempt)
  assert.deepEqual(attempts, [4, 4, 0, 1], 'the body agrees with the delivery')
})

test('B15: crashes are reported, come back with growing delay, and park the key in the end', async () => {
  const { clock, queue, worker, reported, run } = stage({ crashLimit: 3 })
  void run()
  await queue.send([message('a')])
  ;(await worker.next()).crash(new TypeError('boom'))
  await clock.advance(4)
  ;(await worker.next()).omit()
  await clock.advance(7)
  assert.deepEqual(worker.unseen(), [])
  await clock.advance(1)
  ;(await worker.next()).answer({ type: 'again', afterSeconds: Number.NaN })
  await clock.advance(0)
  const errors = reported.flatMap((happening) => (happening.type === 'failed' ? [happening.error] : []))
  assert.deepEqual(errors, [
    'handler crashed: TypeError: boom',
    'handler crashed: the handler left the delivery unanswered',
    'handler crashed: verdict "again": afterSeconds must be >= 0, got NaN',
  ])
  assert.deepEqual(
    queue.parked().map(({ reason, since }) => [reason.slice(0, 15), since]),
    [['crashed 3 times', 1_000_012]],
  )
  assert.equal(reported.filter(({ type }) => type === 'parked').length, 1)
})

test('B6: a crash of a run that a change brought forward is not counted', async () => {
  const { clock, queue, worker, run } = stage()
  void run()
  await queue.send([message('a')])
  ;(await worker.next()).answer({ type: 'retry', afterSeconds: 60, attempt: 2 })
  await clock.advance(1)
  await queue.send([message('a')])
  ;(await worker.next()).crash(new Error('boom'))
  await clock.advance(8)
  assert.equal((await worker.next()).delivery.attempt, 2)
})

test('an answer that is no verdict is a crash, not an acknowledgement', async () => {
  const { clock, queue, worker, reported, run } = stage()
  void run()
  await queue.send([message('a')])
  const unknown: Verdict = JSON.parse('{"type":"done"}')
  ;(await worker.next()).answer(unknown)
  await clock.advance(5)
  assert.equal((await worker.next()).delivery.attempt, 1)
  assert.deepEqual(reported, [
    {
      type: 'failed',
      controller: 'myapp',
      key: 'default/a',
      error: 'handler crashed: verdict "done": there is no such verdict',
    },
  ])
})

test('B15: a handler that never comes back frees its place after a while, and its late answer is ignored', async () => {
  const { clock, queue, worker, reported, run } = stage({ answerSeconds: 60 })
  void run({ concurrency: 1 })
  await queue.send([message('hangs'), message('next')])
  const hanging = await worker.next()
  await clock.advance(59_999)
  assert.deepEqual(worker.unseen(), [])
  await clock.advance(1)
  const next = await worker.next()
  assert.equal(next.name, 'next')
  hanging.answer({ type: 'bury', reason: 'too late' })
  next.answer(ack)
  await clock.advance(10)
  const again = await worker.next()
  assert.deepEqual([again.name, again.delivery.attempt, queue.parked()], ['hangs', 1, []])
  assert.equal(reported.length, 1)
})

test('B16: what runs at a stop has a grace before it is told to abort', async () => {
  const { clock, queue, stop } = stage()
  const reasons: unknown[] = []
  const consumed = queue.consume(
    (deliveries, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason)
          resolve(new Map(deliveries.map(({ id }) => [id, { type: 'retry', afterSeconds: 0, attempt: 0 }])))
        })
      }),
    { concurrency: 1, signal: stop.signal, graceSeconds: 5 },
  )
  await queue.send([message('a')])
  await clock.advance(0)
  stop.abort('shutting down')
  await clock.advance(4999)
  assert.deepEqual(reasons, [])
  await clock.advance(1)
  await consumed
  assert.deepEqual(reasons, ['shutting down'])
  assert.equal(queue.depth().change.delayed, 1)
  assert.equal(clock.pending(), 0, 'no timer is left, so no process is kept alive')
  await clock.advance(1)
  assert.equal(queue.depth().change.ready, 1)
})

test('a stop that comes before the start hands nothing out; no concurrency is refused', async () => {
  const { queue, worker, stop, run } = stage()
  await queue.send([message('a')])
  stop.abort()
  await run()
  assert.deepEqual(worker.unseen(), [])
  await assert.rejects(run({ concurrency: 0 }), /concurrency must be >= 1, got 0/)
})

test('parked keys are bounded: the one parked longest is dropped and reported', async () => {
  const { clock, queue, worker, reported, run } = stage({ parkedLimit: 2 })
  void run()
  for (const name of ['a', 'b', 'c']) {
    await queue.send([message(name)])
    ;(await worker.next()).answer({ type: 'bury', reason: `${name} is bad` })
    await clock.advance(1)
  }
  assert.deepEqual(
    queue.parked().map(({ reason }) => reason),
    ['b is bad', 'c is bad'],
  )
  assert.deepEqual(reported, [
    {
      type: 'dropped',
      what: 'parked',
      key: 'test/myapp/default/a',
      error: 'more than 2 keys are parked: a is bad',
    },
  ])
})

test('a revived key has no failures, whatever the change or the parked message says', async () => {
  const { clock, queue, worker, run } = stage()
  void run()
  await queue.send([message('a', { attempt: 3 })])
  ;(await worker.next()).answer({ type: 'bury', reason: 'no' })
  await clock.advance(0)
  assert.deepEqual(
    queue.parked().map(({ body }) => body),
    [message('a')],
  )
  await queue.send([message('a', { attempt: 2 })])
  assert.equal((await worker.next()).delivery.attempt, 0)
})

test('B8: a change that came while the key was handled is alone in the next message', async () => {
  const { queue, worker, run } = stage()
  void run()
  await queue.send([message('a')])
  const first = await worker.next()
  await queue.send([message('a', { causes: ['generation 2'] })])
  first.answer({ type: 'again', afterSeconds: 10 })
  assert.deepEqual(messageOf((await worker.next()).delivery).causes, ['generation 2'])
})

test('B10: a key that always asks to be looked at after 0 s runs once per millisecond, not in a hot loop', async () => {
  const { clock, queue, stop } = stage()
  let runs = 0
  const again: Verdict = { type: 'again', afterSeconds: 0 }
  void queue.consume(
    async (deliveries) => {
      runs++
      return new Map(deliveries.map(({ id }) => [id, runs > 1000 ? ack : again]))
    },
    { concurrency: 1, signal: stop.signal },
  )
  await queue.send([message('a')])
  await clock.advance(10)
  assert.equal(runs, 11)
})

test('parked keys are redriven or dropped by name or all at once, each once', async () => {
  const { clock, queue, worker, run } = stage()
  void run()
  await queue.send(['a', 'b', 'c', 'd'].map((name) => message(name)))
  for (let i = 0; i < 4; i++) (await worker.next()).answer({ type: 'bury', reason: 'no' })
  await clock.advance(0)
  const [a = '', b = ''] = queue.parked().map(({ key }) => key)
  assert.equal(queue.drop([a, a, 'unknown']), 1)
  assert.equal(queue.redrive([b, b, a]), 1)
  assert.equal((await worker.next()).name, 'b')
  assert.equal(queue.redrive('all'), 2)
  assert.equal(queue.redrive('all'), 0)
  assert.deepEqual([(await worker.next()).name, (await worker.next()).name], ['c', 'd'])
})

test('drained resolves once nothing is ready or handed out, whatever is delayed', async () => {
  const { clock, queue, worker, run } = stage()
  await queue.drained()
  await queue.send([message('a'), message('later', { delaySeconds: 60 })])
  let isDrained = false
  const drained = queue.drained().then(() => {
    isDrained = true
  })
  void run()
  const a = await worker.next()
  await queue.send([message('a')])
  a.answer(ack)
  const second = await worker.next()
  await clock.advance(0)
  assert.equal(isDrained, false)
  second.answer(ack)
  await drained
})

test('what cannot be held is refused, with all that was sent beside it; a forward of it does not lose the key', async () => {
  const { clock, queue, worker, run } = stage()
  const endless: { name: string; self?: unknown } = { name: 'endless' }
  endless.self = endless
  const broken = { ...message('x'), causes: [], trace: endless, attempt: -1 }
  await assert.rejects(queue.send([message('good'), broken]), TypeError)
  assert.equal(queue.depth().change.ready, 0)
  void run()
  await queue.send([message('a')])
  ;(await worker.next()).answer({ type: 'forward', messages: [message('b'), broken] })
  await clock.advance(10)
  assert.deepEqual(worker.unseen(), ['a'])
})

test('equal malformed messages are one key, different ones are two, and none delays a change', async () => {
  const { queue, worker, run } = stage()
  const malformed = (attempt: number) => ({ ...message('a'), attempt })
  await queue.send([malformed(-1), malformed(-1), malformed(-2), message('a')])
  void run({ concurrency: 1 })
  const names: string[] = []
  for (let i = 0; i < 3; i++) {
    const { name, answer } = await worker.next()
    names.push(name)
    answer(ack)
  }
  assert.deepEqual(names, ['a', JSON.stringify(malformed(-1)), JSON.stringify(malformed(-2))])
  await queue.drained()
})

test('while every worker is busy, a time that has come sets no timer again and again', async () => {
  const { clock, queue, worker, run } = stage({ answerSeconds: 1_000_000 })
  void run({ concurrency: 1 })
  await queue.send([message('busy'), message('later', { delaySeconds: 1 })])
  await worker.next()
  await clock.advance(10_000)
  assert.equal(clock.pending(), 1, 'only the patience with the busy one')
})

test('B18: a key that runs in a circle is slowed down to its rate, told of once, and told of again when it is calm', async () => {
  const { clock, queue, worker, reported, run } = stage()
  const rate = { burst: 100, perSecond: 1 }
  void run({ controllerLimits: new Map([['myapp', { concurrency: 10, rate }]]) })
  const cycle = async () => {
    await queue.send([message('loop')])
    const run = await worker.next()
    run.answer(ack)
    return run
  }
  for (let i = 0; i < 100; i++) assert.equal((await cycle()).delivery.isLimited, undefined)
  await queue.send([message('loop'), message('other')])
  ;(await worker.next()).answer(ack)
  await clock.advance(999)
  assert.deepEqual(worker.unseen(), [], 'a change does not get round the limit')
  await queue.send([message('loop')])
  await clock.advance(1)
  const slow = await worker.next()
  assert.deepEqual([slow.name, slow.delivery.isLimited], ['loop', true])
  slow.answer({ type: 'again', afterSeconds: 0 })
  await clock.advance(10_000)
  for (let i = 0; i < 3; i++) {
    await clock.advance(1_000)
    assert.deepEqual(worker.unseen(), ['loop'])
    ;(await worker.next()).answer({ type: 'again', afterSeconds: 0 })
  }
  const told = () => reported.flatMap((happening) => (happening.type === 'rate' ? [happening.state] : []))
  assert.deepEqual(told(), ['limited'])
  await clock.advance(1_000)
  ;(await worker.next()).answer(ack)
  await clock.advance(110_000)
  assert.equal((await cycle()).delivery.isLimited, undefined)
  assert.deepEqual(told(), ['limited', 'calm'])
})

test('B18: a key that was limited and then never ran again is forgotten, and said to be calm', async () => {
  const { clock, queue, worker, reported, run } = stage()
  void run({ controllerLimits: new Map([['myapp', { concurrency: 10, rate: { burst: 1, perSecond: 1 } }]]) })
  await queue.send([message('a')])
  ;(await worker.next()).answer(ack)
  await queue.send([message('a')])
  for (let i = 0; i < 20; i++) {
    await clock.advance(1_000)
    ;(await worker.next()).answer(ack)
    await queue.send([message('a')])
  }
  await clock.advance(1_000)
  ;(await worker.next()).answer(ack)
  await clock.advance(20_000)
  await queue.send([message('b')])
  ;(await worker.next()).answer(ack)
  const rates = reported.filter(({ type }) => type === 'rate')
  assert.deepEqual(
    rates.map((happening) => happening.type === 'rate' && [happening.state, happening.key]),
    [
      ['limited', 'test/myapp/default/a'],
      ['calm', 'test/myapp/default/a'],
    ],
  )
})

test('a delivery tells since when it was ready: since it was sent, or due', async () => {
  const { clock, queue, worker, run } = stage()
  await queue.send([message('a'), message('b', { delaySeconds: 2 })])
  await clock.advance(5_000)
  void run()
  const since = [await worker.next(), await worker.next()].map(({ delivery }) => delivery.readySince)
  assert.deepEqual(since, [1_000_000, 1_002_000])
})

test('a clock that is set back by hours keeps no key for longer than an empty bucket takes to fill', async () => {
  let offset = 0
  const clock = fakeClock(100_000_000)
  const queue = embeddedQueue({ clock: { ...clock, now: () => clock.now() - offset } })
  const worker = held()
  const controllerLimits = new Map([['myapp', { concurrency: 10, rate: { burst: 2, perSecond: 1 } }]])
  void queue.consume(worker.handle, {
    concurrency: 10,
    signal: new AbortController().signal,
    controllerLimits,
  })
  for (let i = 0; i < 2; i++) {
    await queue.send([message('a')])
    ;(await worker.next()).answer(ack)
    await queue.drained()
  }
  offset = 7_200_000
  await queue.send([message('a')])
  await clock.advance(1_000)
  assert.deepEqual(worker.unseen(), ['a'])
})
