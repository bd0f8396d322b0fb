/**
 * Chance against the queue on SQS: many keys change, fail, ask to be looked at again, while functions are killed between any two
 * of their calls. Afterwards every key has been run after its last change, none ever ran twice at once, and none was given up.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sleep } from '../../../lib/clock.ts'
import type { Handle, Verdict } from '../../../lib/queue.ts'
import {
  listDead,
  promote,
  type Received,
  type Sqs,
  sqsQueue,
  startConsumer,
} from '../../../lib/queue/sqs.ts'
import { fakeClock } from '../../fake-clock.ts'
import { randomFrom } from '../../random.ts'
import { message, messageOf } from '../held.ts'
import { sqsDouble } from './double.ts'
import { runMapping, slots } from './mapping.ts'
import { QUEUES } from './stage.ts'

const KEYS = 12
const CHANGES = 300

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8])
  it(`B15: nothing is lost and no key runs twice at once, however functions die (seed ${seed})`, async () => {
    const random = randomFrom(seed)
    const clock = fakeClock(1_764_000_000_000)
    const sqs = sqsDouble(clock, {
      [QUEUES.ready]: { visibilitySeconds: 120, maxReceives: 50, dead: QUEUES.dead },
      [QUEUES.delay]: { visibilitySeconds: 120 },
      [QUEUES.background]: { visibilitySeconds: 120 },
      [QUEUES.dead]: { visibilitySeconds: 30 },
    })
    const changedAt = new Map<string, number>()
    const ranAt = new Map<string, number>()
    const running = new Map<string, number>()
    const overlaps: string[] = []
    let isKilling = true
    let kills = 0
    let lastChances = 0

    /** A life of a function: once dead, its calls to SQS neither happen nor return. */
    const life = () => {
      const death = Promise.withResolvers<never>()
      death.promise.catch(() => {})
      let isDead = false
      const maybe = () => {
        if (!isKilling || isDead || random() > 0.1) return
        isDead = true
        kills += 1
        death.reject(new Error('killed'))
      }
      const mortal = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
        return async (...args: A): Promise<T> => {
          maybe()
          if (isDead) return await new Promise(() => {})
          const result = await call(...args)
          maybe()
          return isDead ? await new Promise(() => {}) : result
        }
      }
      const { send, receive, remove, release, depth } = sqs
      const calls: Sqs = {
        send: mortal(send),
        receive: mortal(receive),
        remove: mortal(remove),
        release: mortal(release),
        depth: mortal(depth),
      }
      return { calls, death: death.promise, isDead: () => isDead, maybe }
    }

    const verdictOf = (): Verdict => {
      const dice = random()
      if (dice < 0.15) return { type: 'again', afterSeconds: 1 + random() * 100 }
      if (dice < 0.25) return { type: 'retry', afterSeconds: random() * 20, attempt: 1 }
      return { type: 'ack' }
    }
    const handleIn =
      (one: ReturnType<typeof life>): Handle =>
      async (deliveries) => {
        const answers = await Promise.all(
          deliveries.map(async (delivery) => {
            const { name } = messageOf(delivery)
            if (delivery.isLastChance) lastChances += 1
            running.set(name, (running.get(name) ?? 0) + 1)
            if ((running.get(name) ?? 0) > 1) overlaps.push(name)
            const startedAt = clock.now()
            // Who dies while it runs has run no longer.
            const end = () => running.set(name, (running.get(name) ?? 0) - 1)
            const killed = one.death.catch(() => 'killed' as const)
            const outcome = await Promise.race([sleep(clock, random() * 3_000), killed])
            end()
            if (outcome === 'killed') return await new Promise<never>(() => {})
            one.maybe()
            const verdict = isKilling ? verdictOf() : ({ type: 'ack' } as const)
            if (verdict.type !== 'retry') ranAt.set(name, Math.max(ranAt.get(name) ?? 0, startedAt))
            return [delivery.id, verdict] as const
          }),
        )
        return new Map(answers)
      }

    const using = { queues: QUEUES, clock, random, report: () => {} }
    let lives = 0
    const newProcess = () => {
      const one = life()
      const consume = startConsumer({ ...using, sqs: one.calls, identity: `life ${++lives}` })
      return { one, consume, handle: handleIn(one) }
    }
    let processes = Array.from({ length: 3 }, newProcess)
    const [work, timers, background] = [slots(3), slots(3), slots(2)]
    const consumeIn = async (batch: readonly Received[]) => {
      const at = Math.floor(random() * processes.length)
      const process = processes[at]
      if (process === undefined) return []
      const on = { deadline: clock.now() + 20_000, signal: new AbortController().signal }
      try {
        return await Promise.race([process.consume(batch, process.handle, on), process.one.death])
      } finally {
        processes = processes.map((one) => (one.one.isDead() ? newProcess() : one))
        work.release()
      }
    }
    const promoteIn =
      (from: 'delay' | 'background', free: typeof work) => async (batch: readonly Received[]) => {
        const one = life()
        try {
          return await Promise.race([promote(batch, { ...using, sqs: one.calls, from }), one.death])
        } finally {
          free.release()
        }
      }
    const stop = new AbortController()
    const mapping = { sqs, batchSize: 10, waitSeconds: 86_400 }
    void runMapping({ ...mapping, queue: QUEUES.ready, slots: work, invoke: consumeIn }, stop.signal)
    void runMapping(
      { ...mapping, queue: QUEUES.delay, slots: timers, invoke: promoteIn('delay', timers) },
      stop.signal,
    )
    void runMapping(
      {
        ...mapping,
        queue: QUEUES.background,
        slots: background,
        invoke: promoteIn('background', background),
      },
      stop.signal,
    )

    const queue = sqsQueue({ ...using, sqs })
    for (let i = 0; i < CHANGES; i++) {
      const name = `key-${Math.floor(random() * KEYS)}`
      const lane = random() < 0.2 ? 'background' : 'change'
      changedAt.set(name, clock.now())
      await queue.send([message(name, { lane })])
      await clock.advance(random() * 4_000)
    }
    isKilling = false
    await clock.advance(3_600_000)

    assert.deepEqual(overlaps, [])
    assert.ok(kills > 40, `${kills} kills`)
    // Who is killed four times in a row by chance would be given up; where one dies others must not be counted in.
    assert.ok(lastChances <= 2, `${lastChances} keys would have been given up`)
    assert.deepEqual(await listDead({ ...using, sqs }, { waitSeconds: 0 }), [])
    for (const [name, at] of changedAt)
      assert.ok((ranAt.get(name) ?? 0) >= at, `${name} changed at ${at}, ran last at ${ranAt.get(name)}`)
    for (const url of [QUEUES.ready, QUEUES.delay, QUEUES.background]) assert.deepEqual(sqs.bodies(url), [])
  })
