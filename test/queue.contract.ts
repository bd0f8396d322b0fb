/**
 * What every queue promises, as cases that any adapter can be put through: messages go in through the port, a handler that
 * the test holds takes deliveries out, time moves through `advance`. B numbers are the acceptance cases, Q numbers the
 * behaviours of the field's reference queues (controller-runtime's priority queue first).
 *
 * Times are multiples of `unitMs`, the shortest delay that the adapter keeps. A case that an adapter cannot pass is skipped
 * with its reason, which is printed.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Handle, Parked, Queue, Verdict } from '../lib/queue.ts'
import { type Held, held, message, messageOf } from './queue/held.ts'

/** An adapter, empty, with its consumer not yet running. */
export interface QueueUnderTest {
  readonly queue: Queue
  /** The shortest delay that it keeps, in milliseconds. */
  readonly unitMs: number
  /** Starts a consumer with so many deliveries at once. */
  run(handle: Handle, concurrency: number): void
  /** Lets time pass, and what becomes due start. */
  advance(milliseconds: number): Promise<void>
  /** Stops the consumers; resolves when what they were running is answered. */
  stop(): Promise<void>
  parked(): Promise<readonly Parked[]>
  redrive(keys: readonly string[]): Promise<void>
}

interface Scene extends QueueUnderTest {
  readonly worker: Held
  /** Lets `units` pass. */
  pass(units: number): Promise<void>
  seconds(units: number): number
}

type Case = readonly [title: string, play: (scene: Scene) => Promise<void>]

const ack: Verdict = { type: 'ack' }
const bury: Verdict = { type: 'bury', reason: 'cannot be' }

/** Puts an adapter through the contract. `skips`: the first word of a case's title -> why it does not apply. */
export function queueContract(
  name: string,
  start: () => Promise<QueueUnderTest>,
  skips: Readonly<Record<string, string>> = {},
): void {
  describe(`${name} keeps the contract of queues`, () => {
    for (const [title, play] of cases) {
      const skip = skips[title.split(':')[0] ?? '']
      test(title, skip === undefined ? {} : { skip }, async () => {
        const scene = sceneOf(await start())
        await play(scene)
        assert.deepEqual(scene.worker.overlaps, [], 'a key ran twice at once')
        assert.deepEqual(scene.worker.unseen(), [], 'nothing else ran')
        await scene.stop()
      })
    }
  })
}

const sceneOf = (under: QueueUnderTest): Scene => ({
  ...under,
  worker: held(),
  pass: (units) => under.advance(units * under.unitMs),
  seconds: (units) => (units * under.unitMs) / 1000,
})

const cases: readonly Case[] = [
  [
    'Q1: any number of messages for a key that waits become one delivery, with the causes of all',
    async ({ queue, run, pass, worker }) => {
      await queue.send([message('a', { causes: ['created'] }), message('a', { causes: ['generation 2'] })])
      await queue.send([message('a', { causes: ['generation 3'] })])
      run(worker.handle, 2)
      const only = await worker.next()
      assert.deepEqual(messageOf(only.delivery).causes, ['created', 'generation 2', 'generation 3'])
      only.answer(ack)
      await pass(2)
    },
  ],
  [
    'B1: messages that come while a key is handled cause exactly one further run, after the current one',
    async ({ queue, run, pass, worker }) => {
      run(worker.handle, 2)
      await queue.send([message('a')])
      const first = await worker.next()
      for (let i = 0; i < 5; i++) await queue.send([message('a')])
      await pass(2)
      assert.deepEqual(worker.unseen(), [])
      first.answer(ack)
      const second = await worker.next()
      second.answer(ack)
      await pass(2)
    },
  ],
  [
    'B2: no two runs of one key overlap, for several workers',
    async ({ queue, run, pass, worker }) => {
      for (let i = 0; i < 4; i++) run(worker.handle, 3)
      for (let round = 0; round < 10; round++) {
        await queue.send(['a', 'b', 'c'].map((name) => message(name)))
        await pass(1)
        if (round % 3 === 2) while (worker.unseen().length > 0) (await worker.next()).answer(ack)
      }
      for (let i = 0; i < 3; i++) {
        await pass(1)
        while (worker.unseen().length > 0) (await worker.next()).answer(ack)
      }
      assert.equal(worker.most(), 3)
    },
  ],
  [
    'B3: different keys run in parallel, up to the limit',
    async ({ queue, run, pass, worker }) => {
      run(worker.handle, 3)
      await queue.send(['a', 'b', 'c', 'd', 'e'].map((name) => message(name)))
      await pass(1)
      assert.equal(worker.unseen().length, 3)
      for (let i = 0; i < 5; i++) (await worker.next()).answer(ack)
      assert.equal(worker.most(), 3)
    },
  ],
  [
    'B4: of two delays the earlier one wins, whichever came first, and the later one is gone',
    async ({ queue, run, pass, seconds, worker }) => {
      run(worker.handle, 4)
      const delayed = (name: string, units: number) => message(name, { delaySeconds: seconds(units) })
      await queue.send([delayed('a', 5), delayed('a', 9), delayed('b', 9), delayed('b', 5)])
      await pass(4)
      assert.deepEqual(worker.unseen(), [])
      await pass(1)
      assert.deepEqual(worker.unseen().toSorted(), ['a', 'b'])
      for (let i = 0; i < 2; i++) (await worker.next()).answer(ack)
      await pass(20)
    },
  ],
  [
    'Q5: a message without delay runs a delayed key at once, and the delay is gone',
    async ({ queue, run, pass, seconds, worker }) => {
      run(worker.handle, 1)
      await queue.send([message('a', { delaySeconds: seconds(5) })])
      await pass(1)
      await queue.send([message('a')])
      const only = await worker.next()
      assert.equal(only.delivery.early, false)
      only.answer(ack)
      await pass(20)
    },
  ],
  [
    'Q6: delayed keys come in the order in which they are due',
    async ({ queue, run, pass, seconds, worker }) => {
      run(worker.handle, 9)
      const delays = { d: 8, a: 2, c: 6, b: 4 }
      for (const [name, units] of Object.entries(delays)) {
        await queue.send([message(name, { delaySeconds: seconds(units) })])
      }
      for (const expected of ['a', 'b', 'c', 'd']) {
        await pass(1)
        assert.deepEqual(worker.unseen(), [])
        await pass(1)
        assert.deepEqual(worker.unseen(), [expected])
        const run = await worker.next()
        run.answer(ack)
      }
    },
  ],
  [
    'Q7: changes go before the background; a raised key goes to the end of the changes and is not lowered again',
    async ({ queue, run, pass, worker }) => {
      await queue.send([message('low', { lane: 'background' }), message('raised', { lane: 'background' })])
      await queue.send([message('first'), message('raised'), message('raised', { lane: 'background' })])
      await queue.send([message('last')])
      run(worker.handle, 1)
      for (const expected of ['first', 'raised', 'last', 'low']) {
        const { name, answer } = await worker.next()
        assert.equal(name, expected)
        answer(ack)
      }
      await pass(2)
    },
  ],
  [
    'Q8: a delayed change goes before older background keys once it is due, and not before its time',
    async ({ queue, run, pass, seconds, worker }) => {
      run(worker.handle, 1)
      await queue.send([message('now')])
      const now = await worker.next()
      await queue.send([message('low', { lane: 'background' }), message('low2', { lane: 'background' })])
      await queue.send([message('timed', { delaySeconds: seconds(3) })])
      now.answer(ack)
      const low = await worker.next()
      assert.equal(low.name, 'low')
      await pass(4)
      low.answer(ack)
      for (const expected of ['timed', 'low2']) {
        const run = await worker.next()
        assert.equal(run.name, expected)
        run.answer(ack)
      }
    },
  ],
  [
    'B5: a failed key comes back after its backoff with its failures counted; success forgets them',
    async ({ queue, run, pass, seconds, worker }) => {
      run(worker.handle, 1)
      await queue.send([message('a')])
      for (const attempt of [0, 1, 2]) {
        const failing = await worker.next()
        assert.deepEqual([failing.delivery.attempt, failing.delivery.early], [attempt, false])
        const wait = 2 ** (attempt + 1)
        failing.answer({ type: 'retry', afterSeconds: seconds(wait), attempt: attempt + 1 })
        await pass(wait - 1)
        assert.deepEqual(worker.unseen(), [])
        await pass(1)
      }
      const last = await worker.next()
      assert.equal(last.delivery.attempt, 3)
      last.answer(ack)
      await queue.send([message('a')])
      const fresh = await worker.next()
      assert.equal(fresh.delivery.attempt, 0)
      fresh.answer(ack)
      await pass(20)
    },
  ],
  [
    'B6: a change during the backoff runs at once, is told so, and carries the failures it found',
    async ({ queue, run, pass, seconds, worker }) => {
      run(worker.handle, 1)
      await queue.send([message('a')])
      const failing = await worker.next()
      failing.answer({ type: 'retry', afterSeconds: seconds(50), attempt: 1 })
      for (let i = 0; i < 5; i++) {
        await pass(2)
        await queue.send([message('a')])
        const early = await worker.next()
        assert.deepEqual([early.delivery.attempt, early.delivery.early], [1, true])
        early.answer({ type: 'retry', afterSeconds: seconds(50), attempt: 1 })
      }
      await pass(49)
      assert.deepEqual(worker.unseen(), [])
      await pass(1)
      const due = await worker.next()
      assert.deepEqual([due.delivery.attempt, due.delivery.early], [1, false])
      due.answer(ack)
      await pass(100)
    },
  ],
  [
    'Q11: a change that comes while a key is failing runs it again at once, early',
    async ({ queue, run, pass, seconds, worker }) => {
      run(worker.handle, 1)
      await queue.send([message('a')])
      const failing = await worker.next()
      await queue.send([message('a')])
      failing.answer({ type: 'retry', afterSeconds: seconds(50), attempt: 1 })
      const early = await worker.next()
      assert.deepEqual([early.delivery.attempt, early.delivery.early], [1, true])
      early.answer(ack)
      await pass(100)
    },
  ],
  [
    'B7: a key that is given up is parked where it can be seen; a change revives it with no failures',
    async ({ queue, run, pass, worker, parked }) => {
      run(worker.handle, 1)
      await queue.send([message('a', { attempt: 7 })])
      const hopeless = await worker.next()
      assert.equal(hopeless.delivery.attempt, 7)
      hopeless.answer(bury)
      await pass(5)
      const [only, ...others] = await parked()
      assert.deepEqual([only?.reason, others], ['cannot be', []])
      await queue.send([message('a')])
      const revived = await worker.next()
      assert.deepEqual([revived.delivery.attempt, revived.delivery.early], [0, false])
      assert.deepEqual(await parked(), [])
      revived.answer(ack)
      await pass(5)
    },
  ],
  [
    'Q12: a resync does not revive a parked key, a redrive does',
    async ({ queue, run, pass, worker, parked, redrive }) => {
      run(worker.handle, 1)
      await queue.send([message('a')])
      ;(await worker.next()).answer(bury)
      await pass(1)
      await queue.send([message('a', { lane: 'background' })])
      await pass(5)
      assert.deepEqual(worker.unseen(), [])
      await redrive((await parked()).map(({ key }) => key))
      const again = await worker.next()
      assert.deepEqual([again.name, again.delivery.attempt], ['a', 0])
      again.answer(ack)
      await pass(1)
      assert.deepEqual(await parked(), [])
    },
  ],
  [
    'B7b: a change that comes while a key is being given up is not lost',
    async ({ queue, run, pass, worker, parked }) => {
      run(worker.handle, 1)
      await queue.send([message('a', { attempt: 3 })])
      const hopeless = await worker.next()
      await queue.send([message('a', { causes: ['generation 2'] })])
      hopeless.answer(bury)
      const next = await worker.next()
      assert.deepEqual(messageOf(next.delivery).causes, ['generation 2'])
      assert.equal(next.delivery.attempt, 0)
      next.answer(ack)
      await pass(1)
      assert.deepEqual(await parked(), [])
    },
  ],
  [
    'B8: a requeue that was asked for is dropped when a change ran the key before it was due',
    async ({ queue, run, pass, seconds, worker }) => {
      run(worker.handle, 1)
      await queue.send([message('a')])
      ;(await worker.next()).answer({ type: 'again', afterSeconds: seconds(10) })
      await pass(3)
      await queue.send([message('a')])
      ;(await worker.next()).answer(ack)
      await pass(30)
    },
  ],
  [
    'B8b: a requeue that was asked for is dropped when a change came while the key was handled',
    async ({ queue, run, pass, seconds, worker }) => {
      run(worker.handle, 1)
      await queue.send([message('a')])
      const first = await worker.next()
      await queue.send([message('a')])
      first.answer({ type: 'again', afterSeconds: seconds(10) })
      ;(await worker.next()).answer(ack)
      await pass(30)
    },
  ],
  [
    'Q13: a requeue that was asked for comes in time, with no failures, and is not early',
    async ({ queue, run, pass, seconds, worker }) => {
      run(worker.handle, 1)
      await queue.send([message('a', { attempt: 4 })])
      ;(await worker.next()).answer({ type: 'again', afterSeconds: seconds(5) })
      await pass(4)
      assert.deepEqual(worker.unseen(), [])
      await pass(1)
      const requeued = await worker.next()
      assert.deepEqual([requeued.delivery.attempt, requeued.delivery.early], [0, false])
      requeued.answer(ack)
      await pass(20)
    },
  ],
  [
    'Q14: a key keeps its lane when it is requeued or retried',
    async ({ queue, run, pass, seconds, worker }) => {
      run(worker.handle, 1)
      for (const verdict of [
        { type: 'again', afterSeconds: seconds(2) },
        { type: 'retry', afterSeconds: seconds(2), attempt: 1 },
      ] as const) {
        await queue.send([message('low', { lane: 'background' })])
        ;(await worker.next()).answer(verdict)
        await pass(1)
        await queue.send([message('busy')])
        const busy = await worker.next()
        await pass(2)
        await queue.send([message('change')])
        busy.answer(ack)
        for (const expected of ['change', 'low']) {
          const run = await worker.next()
          assert.equal(run.name, expected)
          run.answer(ack)
        }
      }
    },
  ],
  [
    'B11: a message that is delivered twice while its key waits runs it once, afterwards once more',
    async ({ queue, run, pass, worker }) => {
      const twice = message('a', { resourceVersion: '5' })
      await queue.send([twice, twice])
      run(worker.handle, 2)
      const first = await worker.next()
      assert.deepEqual(first.delivery.body, twice)
      first.answer(ack)
      await pass(1)
      await queue.send([twice])
      ;(await worker.next()).answer(ack)
      await pass(2)
    },
  ],
  [
    'B13: a poisoned key, a malformed message and a key that hangs stop nobody else',
    async ({ queue, run, pass, worker, parked }) => {
      run(worker.handle, 2)
      await queue.send([message('hangs')])
      const hanging = await worker.next()
      const malformed = { ...message('malformed'), name: '' }
      await queue.send([message('poisoned'), malformed, message('good1'), message('good2')])
      const names: string[] = []
      for (let i = 0; i < 4; i++) {
        const run = await worker.next()
        names.push(run.name)
        run.answer(run.name.startsWith('good') ? ack : bury)
      }
      assert.deepEqual(names.toSorted(), ['good1', 'good2', 'poisoned', JSON.stringify(malformed)].toSorted())
      await pass(1)
      assert.equal((await parked()).length, 2)
      hanging.answer(ack)
    },
  ],
  [
    'B15: a handler that throws or does not answer has failed: the key is retried, counted, and others go on',
    async ({ queue, run, advance, worker }) => {
      run(worker.handle, 1)
      await queue.send([message('a'), message('b')])
      const thrown = await worker.next()
      thrown.crash(new Error('out of luck'))
      const other = await worker.next()
      assert.equal(other.name, 'b')
      other.answer(ack)
      await advance(60_000)
      const omitted = await worker.next()
      assert.deepEqual([omitted.name, omitted.delivery.attempt], ['a', 1])
      omitted.omit()
      await advance(60_000)
      const last = await worker.next()
      assert.deepEqual([last.name, last.delivery.attempt], ['a', 2])
      last.answer(ack)
    },
  ],
  [
    'B16: after a stop nothing new starts, what runs is finished, and what waits is there for the next consumer',
    async ({ queue, run, pass, stop, worker }) => {
      run(worker.handle, 1)
      await queue.send([message('a'), message('b')])
      const running = await worker.next()
      await queue.send([message('a')])
      let hasStopped = false
      const stopped = stop().then(() => {
        hasStopped = true
      })
      await pass(1)
      assert.equal(hasStopped, false)
      running.answer(ack)
      await stopped
      await pass(2)
      assert.deepEqual(worker.unseen(), [])
      run(worker.handle, 1)
      for (const expected of ['b', 'a']) {
        const left = await worker.next()
        assert.equal(left.name, expected)
        left.answer(ack)
      }
    },
  ],
  [
    'Q18: a consumer that waits for work stops at once',
    async ({ run, stop, worker }) => {
      run(worker.handle, 3)
      await stop()
    },
  ],
  [
    'B17: a requeue after 0.1 s comes within a second',
    async ({ queue, run, advance, worker }) => {
      run(worker.handle, 1)
      await queue.send([message('a')])
      ;(await worker.next()).answer({ type: 'again', afterSeconds: 0.1 })
      await advance(999)
      assert.deepEqual(worker.unseen(), ['a'])
      ;(await worker.next()).answer(ack)
    },
  ],
  [
    'Q19: what is forwarded is sent, then the key is done',
    async ({ queue, run, pass, worker }) => {
      run(worker.handle, 4)
      await queue.send([message('config', { related: 'ConfigMap' })])
      const related = await worker.next()
      related.answer({ type: 'forward', messages: [message('x'), message('y'), message('x')] })
      await pass(1)
      assert.deepEqual(worker.unseen().toSorted(), ['x', 'y'])
      for (let i = 0; i < 2; i++) (await worker.next()).answer(ack)
      await pass(5)
    },
  ],
  [
    'Q20: a delay of days ends on time and holds up no change',
    async ({ queue, run, advance, worker }) => {
      const days = 86_400
      run(worker.handle, 1)
      await queue.send([message('a')])
      ;(await worker.next()).answer({ type: 'again', afterSeconds: 40 * days })
      await advance(39 * days * 1000)
      await queue.send([message('b')])
      const meanwhile = await worker.next()
      assert.equal(meanwhile.name, 'b')
      meanwhile.answer(ack)
      await advance(days * 1000)
      const requeued = await worker.next()
      assert.equal(requeued.name, 'a')
      requeued.answer(ack)
    },
  ],
]
