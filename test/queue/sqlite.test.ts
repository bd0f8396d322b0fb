/** The embedded queue with a store: the same contract, and what a process that dies leaves to the next. */
import assert from 'node:assert/strict'
import { after, describe, it, test } from 'node:test'
import { DatabaseError } from '../../lib/database.ts'
import type { RateLimit, Verdict } from '../../lib/queue.ts'
import { type EmbeddedQueueOptions, embeddedQueue } from '../../lib/queue/embedded.ts'
import { answerTo, ask, carryOut, followRequests } from '../../lib/queue/requests.ts'
import { parkedIn, sqliteStore } from '../../lib/queue/sqlite.ts'
import type { Happening } from '../../lib/report.ts'
import { fakeClock } from '../fake-clock.ts'
import { queueContract } from '../queue.contract.ts'
import { held, message, messageOf } from './held.ts'
import { openDisk, underTest } from './lives.ts'

const ack: Verdict = { type: 'ack' }
const disk = openDisk()
after(() => disk[Symbol.dispose]())

queueContract('the embedded queue on disk', async () => {
  const clock = fakeClock(1_000_000)
  return underTest(disk.lives(clock).next(), clock)
})

/** Several processes after each other; each has a worker that the test holds. */
function stage(rate?: RateLimit) {
  const clock = fakeClock(1_000_000)
  const lives = disk.lives(clock)
  const reported: Happening[] = []
  const next = (options: Partial<EmbeddedQueueOptions> = {}) => {
    const report = (happening: Happening) => void reported.push(happening)
    const queue = lives.next({ random: () => 0, report, ...options })
    const worker = held()
    const stop = new AbortController()
    const controllerLimits = rate && new Map([['myapp', { concurrency: 10, rate }]])
    const limits = controllerLimits ? { controllerLimits } : {}
    const consume = (concurrency = 10) =>
      queue.consume(worker.handle, { concurrency, signal: stop.signal, ...limits })
    return { queue, worker, stop, consume }
  }
  return { clock, reported, next }
}

describe('after the process was killed', () => {
  it('what waited waits, in its order, in its lane, with its causes, over two restarts', async () => {
    const { next } = stage()
    const first = next()
    const stop = new AbortController()
    void first.queue.consume(first.worker.handle, { concurrency: 1, signal: stop.signal })
    // Done before: positions of the rest do not begin at 1.
    for (let i = 0; i < 5; i++) {
      await first.queue.send([message(`done-${i}`)])
      ;(await first.worker.next()).answer(ack)
    }
    await first.queue.drained()
    stop.abort()
    await first.queue.send([message('low', { lane: 'background' }), message('a'), message('b')])
    await next().queue.send([message('c'), message('a', { causes: ['generation 2'] })])
    await next().queue.send([message('d')])
    const last = next()
    void last.consume(1)
    const seen = []
    for (let i = 0; i < 5; i++) {
      const { name, delivery, answer } = await last.worker.next()
      seen.push([name, messageOf(delivery).causes.join()])
      answer(ack)
    }
    assert.deepEqual(seen, [
      ['a', 'created,generation 2'],
      ['b', 'created'],
      ['c', 'created'],
      ['d', 'created'],
      ['low', 'created'],
    ])
  })

  it('what was due meanwhile runs at once, what is due later in its time, backoff and failures as they were (R4)', async () => {
    const { clock, next } = stage()
    const first = next()
    void first.consume()
    await first.queue.send(['soon', 'later', 'failing'].map((name) => message(name)))
    const verdicts: Record<string, Verdict> = {
      soon: { type: 'again', afterSeconds: 5 },
      later: { type: 'again', afterSeconds: 100 },
      failing: { type: 'retry', afterSeconds: 50, attempt: 7 },
    }
    for (let i = 0; i < 3; i++) {
      const { name, answer } = await first.worker.next()
      answer(verdicts[name] ?? ack)
    }
    await clock.advance(10_000)
    await first.worker.next() // soon, which this process does not live to answer
    const second = next()
    void second.consume()
    await clock.advance(3)
    const soon = await second.worker.next()
    assert.deepEqual([soon.name, soon.delivery.attempt], ['soon', 1])
    soon.answer(ack)
    await second.queue.send([message('failing')])
    const early = await second.worker.next()
    assert.deepEqual([early.name, early.delivery.attempt, early.delivery.early], ['failing', 7, true])
    early.answer(ack)
    await clock.advance(89_996)
    assert.deepEqual(second.worker.unseen(), [])
    await clock.advance(1)
    assert.equal((await second.worker.next()).name, 'later')
  })

  it('what was being handled has crashed: it is told so, counted, and what arrived meanwhile is not lost', async () => {
    const { clock, reported, next } = stage()
    const first = next()
    void first.consume()
    await first.queue.send([message('a')])
    await first.worker.next()
    await first.queue.send([message('a', { causes: ['generation 2'] })])
    const second = next()
    void second.consume()
    const again = await second.worker.next()
    assert.deepEqual(
      [again.delivery.attempt, again.delivery.crash, messageOf(again.delivery).causes],
      [1, 'the process ended while it ran', ['created', 'generation 2']],
    )
    again.answer(ack)
    await second.queue.send([message('a')])
    assert.equal((await second.worker.next()).delivery.crash, undefined)
    await clock.advance(0)
    assert.deepEqual(
      reported.map((happening) => happening.type === 'failed' && happening.error),
      ['handler crashed: the process ended while it ran'],
    )
  })

  it('B15: a key that takes the process down again and again is parked in the end, and no other', async () => {
    const { clock, next } = stage()
    await next().queue.send([message('deadly')])
    for (let crashes = 1; crashes <= 3; crashes++) {
      const life = next({ crashLimit: 3 })
      void life.consume()
      await clock.advance(1_000)
      assert.equal((await life.worker.next()).delivery.attempt, crashes - 1)
      if (crashes === 3) await life.queue.send([message('neighbour')])
    }
    const last = next({ crashLimit: 3 })
    void last.consume()
    await clock.advance(10_000)
    assert.deepEqual(
      last.queue.parked().map(({ reason }) => reason),
      ['crashed 3 times: the process ended while it ran'],
    )
    assert.equal((await last.worker.next()).name, 'neighbour')
  })

  it('B7: what is parked stays so, visible to others, and a change revives it', async () => {
    const { next } = stage()
    const first = next()
    void first.consume()
    await first.queue.send([message('a')])
    ;(await first.worker.next()).answer({ type: 'bury', reason: 'cannot be' })
    await first.queue.drained()
    const second = next()
    assert.deepEqual(
      [...parkedIn(disk.database)].map(({ reason }) => reason),
      ['cannot be'],
    )
    assert.deepEqual(
      second.queue.parked().map(({ since, reason }) => [since, reason]),
      [[1_000_000, 'cannot be']],
    )
    await second.queue.send([message('a', { lane: 'background' })])
    assert.equal(second.queue.parked().length, 1)
    await second.queue.send([message('a')])
    assert.deepEqual([...parkedIn(disk.database)], [])
  })

  it('B14: how often a key has run is not forgotten', async () => {
    const { clock, next } = stage({ burst: 2, perSecond: 0.1 })
    const run = async (life: ReturnType<typeof next>) => {
      await life.queue.send([message('a')])
      ;(await life.worker.next()).answer(ack)
      await life.queue.drained()
    }
    const first = next()
    void first.consume()
    await run(first)
    await run(first)
    const second = next()
    void second.consume()
    await second.queue.send([message('a')])
    await clock.advance(9_999)
    assert.deepEqual(second.worker.unseen(), [])
    await clock.advance(1)
    ;(await second.worker.next()).answer(ack)
  })

  it('malformed messages are there to be buried, under their own keys', async () => {
    const { next } = stage()
    const malformed = { ...message('a'), attempt: -1 }
    await next().queue.send([malformed, message('a')])
    const life = next()
    await life.queue.send([malformed])
    void life.consume(1)
    const good = await life.worker.next()
    assert.equal(good.name, 'a')
    good.answer(ack)
    assert.deepEqual((await life.worker.next()).delivery.body, malformed)
    assert.deepEqual(life.worker.unseen(), [])
  })

  it('nothing is left of keys that are done, nor of buckets that are full again', async () => {
    const { clock, next } = stage({ burst: 2, perSecond: 1 })
    const life = next()
    void life.consume()
    await life.queue.send([message('a'), message('b', { delaySeconds: 30 })])
    ;(await life.worker.next()).answer(ack)
    await clock.advance(30_000)
    ;(await life.worker.next()).answer(ack)
    await clock.advance(30_000)
    await life.queue.send([message('c')])
    ;(await life.worker.next()).answer(ack)
    await life.queue.drained()
    const { entries, meters } = sqliteStore(disk.database).load()
    assert.deepEqual([[...entries], [...meters].map(([key]) => key)], [[], ['test|myapp||default|c']])
  })
})

describe('a store that does not take something', () => {
  const full = new DatabaseError('full', 'the disk is full')
  function failing() {
    const clock = fakeClock(1_000_000)
    const store = sqliteStore(disk.database)
    disk.lives(clock)
    const state = { isFull: false }
    const save: typeof store.save = (writing) => {
      if (state.isFull) throw full
      store.save(writing)
    }
    const queue = embeddedQueue({ clock, store: { ...store, save } })
    const worker = held()
    const stop = new AbortController()
    const consumed = queue.consume(worker.handle, { concurrency: 10, signal: stop.signal })
    return { clock, store, state, queue, worker, consumed }
  }

  it('ends the queue: send and consume reject with its error, and nothing is handed out any more', async () => {
    const { clock, store, state, queue, worker, consumed } = failing()
    await queue.send([message('kept')])
    const kept = await worker.next()
    state.isFull = true
    await assert.rejects(queue.send([message('refused')]), full)
    await assert.rejects(consumed, full)
    kept.answer(ack)
    await clock.advance(1_000)
    assert.deepEqual(worker.unseen(), [])
    await assert.rejects(queue.send([message('later')]), full)
    await assert.rejects(queue.drained(), full)
    assert.throws(() => queue.redrive('all'), full)
    await assert.rejects(
      queue.consume(worker.handle, { concurrency: 1, signal: new AbortController().signal }),
      full,
    )
    // What a restart finds is what had been promised: the key that was handed out, and not the one that was refused.
    assert.deepEqual(
      [...store.load().entries].map(({ key, place }) => [key, place]),
      [['test|myapp||default|kept', 'locked']],
    )
  })

  it('is noticed when an answer cannot be kept, too', async () => {
    const { state, queue, worker, consumed } = failing()
    await queue.send([message('a')])
    const run = await worker.next()
    state.isFull = true
    run.answer(ack)
    await assert.rejects(consumed, full)
  })
})

describe('requests to a queue that another process holds', () => {
  it('are carried out soon, and answered with how many keys they concerned', async () => {
    const { clock, next } = stage()
    const { queue, worker, consume } = next()
    void consume()
    await queue.send(['a', 'b'].map((name) => message(name)))
    for (let i = 0; i < 2; i++) (await worker.next()).answer({ type: 'bury', reason: 'no' })
    await queue.drained()
    const stop = new AbortController()
    const { database } = disk
    followRequests({ database, queue, clock }, (error) => assert.fail(String(error)), stop.signal)
    const [a = '', b = ''] = queue.parked().map(({ key }) => key)
    const [redrive, drop] = [ask(database, 'redrive', [a, 'unknown']), ask(database, 'drop', [b])]
    assert.equal(answerTo(database, redrive), undefined)
    await clock.advance(250)
    assert.equal((await worker.next()).name, 'a')
    assert.deepEqual([answerTo(database, redrive), answerTo(database, drop)], [1, 1])
    assert.deepEqual(queue.parked(), [])
    stop.abort()
    ask(database, 'redrive', [a])
    await clock.advance(1_000)
    carryOut(database, { redrive: () => 7, drop: () => assert.fail('nothing was to be dropped') })
  })

  it('tell once what goes wrong', async () => {
    const { clock, next } = stage()
    const { queue } = next()
    const { database } = disk
    const errors: unknown[] = []
    const broken = { ...database, rows: () => assert.fail('unreadable') }
    followRequests(
      { database: broken, queue, clock },
      (error) => errors.push(error),
      new AbortController().signal,
    )
    await clock.advance(10_000)
    assert.equal(errors.length, 1)
  })
})

test('a damaged row is said to be damaged, with its number', () => {
  const clock = fakeClock()
  disk.lives(clock)
  const store = sqliteStore(disk.database)
  disk.database.run(
    `INSERT INTO queue_entry VALUES (7, 'k', 'ready', 1, 0, 0, 0, 0, 0, '', NULL, '{"version":', NULL, NULL)`,
  )
  assert.throws(() => embeddedQueue({ clock, store }), /queue_entry 7 is damaged/)
})
