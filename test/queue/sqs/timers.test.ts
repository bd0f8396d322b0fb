/** A look again that a reconcile asks for, on SQS: once per period, however many events come, and never lost. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Handle } from '../../../lib/queue.ts'
import { type Received, promote, sqsQueue, startConsumer } from '../../../lib/queue/sqs.ts'
import { fakeClock } from '../../fake-clock.ts'
import { randomFrom } from '../../random.ts'
import { message } from '../held.ts'
import { sqsDouble } from './double.ts'
import { runMapping, slots } from './mapping.ts'
import { QUEUES } from './stage.ts'

/** Functions around SQS; batches of `ready` go to one of several processes at random, as Lambda's do. */
function fleet({ processes, handle, seed }: { processes: number; handle: Handle; seed: number }) {
  const time = fakeClock(1_764_000_000_000)
  const random = randomFrom(seed)
  const sqs = sqsDouble(time, {
    [QUEUES.ready]: { visibilitySeconds: 360, maxReceives: 5, dead: QUEUES.dead },
    [QUEUES.delay]: { visibilitySeconds: 180 },
    [QUEUES.background]: { visibilitySeconds: 180 },
    [QUEUES.dead]: { visibilitySeconds: 30 },
  })
  const using = { sqs, queues: QUEUES, clock: time, random, report: () => {} }
  const consumers = Array.from({ length: processes }, (_, i) =>
    startConsumer({ ...using, identity: `process ${i}` }),
  )
  const work = slots(processes)
  const consume = async (batch: readonly Received[]) => {
    const consumer = consumers[Math.floor(random() * processes)]
    const on = { deadline: time.now() + 60_000, signal: new AbortController().signal }
    try {
      return (await consumer?.(batch, handle, on)) ?? []
    } finally {
      work.release()
    }
  }
  const delay = slots(5)
  const onTime = async (batch: readonly Received[]) => {
    const failed = await promote(batch, { ...using, from: 'delay' })
    delay.release()
    return failed
  }
  const stop = new AbortController()
  const mapping = { sqs, batchSize: 10, waitSeconds: 86_400 }
  void runMapping({ ...mapping, queue: QUEUES.ready, slots: work, invoke: consume }, stop.signal)
  void runMapping({ ...mapping, queue: QUEUES.delay, slots: delay, invoke: onTime }, stop.signal)
  return { time, random, sqs, queue: sqsQueue(using) }
}

const SECONDS = 1_000

describe('timers on SQS', () => {
  for (const period of [1, 2.5, 30, 300, 900, 1_000, 7_200])
    it(`a requeue after ${period} s fires once per period, whatever comes in between`, async () => {
      const runs: number[] = []
      const handle: Handle = async (deliveries) => {
        runs.push(time.now())
        return new Map(deliveries.map(({ id }) => [id, { type: 'again', afterSeconds: period }]))
      }
      const { time, queue, random } = fleet({ processes: 1, handle, seed: period * 10 })
      const start = time.now()
      // Events for three periods, at any time.
      for (let i = 0; i < 40; i++) {
        await queue.send([message('a')])
        await time.advance(Math.ceil(random() * 2 * ((3 * period) / 40) * SECONDS))
      }
      await time.advance(period * SECONDS + SECONDS)
      const quiet = time.now()
      await time.advance(20 * period * SECONDS)
      const after = runs.filter((at) => at >= quiet)
      // SQS keeps whole seconds: a period may be up to one longer.
      const least = Math.floor((20 * period) / Math.ceil(period + 0.01)) - 1
      assert.ok(after.length >= least && after.length <= 21, `${after.length} runs in 20 periods`)
      const gaps = runs.map((at, i) => at - (runs[i - 1] ?? start)).slice(-after.length)
      assert.ok(Math.min(...gaps) >= period * SECONDS - 1, `shortest gap ${Math.min(...gaps)} ms`)
      assert.ok(Math.max(...gaps) <= (period + 2) * SECONDS, `longest gap ${Math.max(...gaps)} ms`)
    })

  for (const period of [5, 60, 300, 1_800])
    it(`with ten processes that know nothing of each other, timers of ${period} s do not multiply`, async () => {
      const runs: number[] = []
      const handle: Handle = async (deliveries) => {
        runs.push(time.now())
        return new Map(deliveries.map(({ id }) => [id, { type: 'again', afterSeconds: period }]))
      }
      const { time, queue, random } = fleet({ processes: 10, handle, seed: period })
      for (let i = 0; i < 60; i++) {
        await queue.send([message('a')])
        await time.advance(Math.ceil(random() * (period / 10) * SECONDS))
      }
      await time.advance(5 * period * SECONDS)
      const quiet = time.now()
      await time.advance(20 * period * SECONDS)
      const after = runs.filter((at) => at >= quiet).length
      // Slots are 300 s at most, so longer periods may keep as many timers as they have slots.
      const most = 20 * Math.max(1, period / 300) + 2
      assert.ok(after >= 17 && after <= most, `${after} runs in 20 periods`)
    })
})
