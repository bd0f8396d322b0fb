/** A key of the queue on Durable Objects, and its index, where something goes wrong that the platform cannot be made to do (R26). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Message } from '../../../lib/message.ts'
import type { Verdict } from '../../../lib/queue.ts'
import { gone, indexOf, type Standing } from '../../../lib/queue/durable/calls.ts'
import { message } from '../held.ts'
import { always, bareIndex, bareKey } from './bare.ts'

const LET = { isLimited: false }

describe('a key whose storage refuses a write (R26)', () => {
  it('has not begun to run, and runs when writes are taken again', async () => {
    const { key, storage } = bareKey()
    await key.add([message('a')])
    storage.isRefusing = true
    await assert.rejects(key.run(LET), /no more rows/)
    assert.equal((await key.show())?.place, 'ready')
    storage.isRefusing = false
    assert.equal((await key.run(LET)).place, 'gone')
  })

  it('has its alarm repeated by the platform until another can be set', async () => {
    const { key, storage, clock } = bareKey()
    await key.add([message('a', { delaySeconds: 60 })])
    await clock.advance(60_000)
    storage.isRefusing = true
    await assert.rejects(key.alarm(), /no more rows/)
    storage.isRefusing = false
    await key.alarm()
    assert.equal(storage.alarmAt, clock.now() + 30_000)
  })
})

describe('a key whose neighbours do not answer (R26)', () => {
  it('that was dropped and sent anew while its index was told of it keeps the alarm of its delay', async () => {
    const index = Promise.withResolvers<void>()
    const handle = always({ type: 'bury', reason: 'cannot be' })
    const { key, storage, clock } = bareKey({ handle, note: () => index.promise })
    await key.add([message('a')])
    await key.run(LET)
    await clock.advance(30_000)
    const alarm = key.alarm()
    await key.drop()
    await key.add([message('a', { delaySeconds: 60 })])
    index.resolve()
    await alarm
    assert.equal(storage.alarmAt, clock.now() + 60_000)
  })

  it('has crashed when what it forwards is never taken, and runs again', async () => {
    const { promise: never } = Promise.withResolvers<void>()
    const handle = always({ type: 'forward', messages: [message('b')] })
    const { key, clock } = bareKey({ handle, queue: { send: () => never }, answerSeconds: 840 })
    await key.add([message('a')])
    void key.run(LET)
    await clock.advance(840_000)
    const { place, attempt, reason } = (await key.show()) ?? {}
    assert.deepEqual([place, attempt, reason], ['delayed', 1, 'no answer within 840 s'])
  })
})

describe('what a key writes (R26)', () => {
  it('for a change: that it waits and is looked after, that it runs, and nothing is left', async () => {
    const { key, storage } = bareKey()
    await key.add([message('a')])
    await key.run(LET)
    assert.deepEqual(storage.writes, ['alarm', 'record', 'record', 'everything'])
  })

  it('for a requeue in each period: that it is looked after, that it runs, and when it is due', async () => {
    const { key, storage, clock } = bareKey({ handle: always({ type: 'again', afterSeconds: 300 }) })
    await key.add([message('a')])
    await key.run(LET)
    storage.writes.length = 0
    await clock.advance(300_000)
    await key.alarm()
    await key.run(LET)
    assert.deepEqual(storage.writes, ['alarm', 'record', 'alarm', 'record'])
    assert.equal(storage.alarmAt, clock.now() + 300_000)
  })

  it('while it waits for its turn or for its time: no more than an alarm for each look, and what is sent', async () => {
    const { key, storage, clock } = bareKey()
    await key.add([message('a')])
    storage.writes.length = 0
    await clock.advance(30_000)
    await key.alarm()
    assert.deepEqual(storage.writes, ['alarm'])
    await key.run(LET)
    await key.add([message('a', { delaySeconds: 60 })])
    storage.writes.length = 0
    await key.add([message('a', { delaySeconds: 90 })])
    assert.deepEqual(storage.writes, ['record'])
  })
})

describe('what is no message (R26)', () => {
  const broken = { ...message('a'), version: 2, delaySeconds: 5, notBefore: 9 }
  for (const body of [broken, { ...message('a'), delaySeconds: -1 }, 'text', [1, 2], null, 0, ''])
    it(`runs, to be buried, under its own key: ${JSON.stringify(body).slice(0, 40)}`, async () => {
      const { key } = bareKey({ handle: always({ type: 'bury', reason: 'no message' }) })
      const standing = await key.add([body as Message])
      const names: string[] = []
      const index = bareIndex({
        getByName(name) {
          names.push(name)
          return key
        },
      })
      const stop = new AbortController()
      const letting = index.letRun({ concurrency: 1, controllerLimits: new Map(), signal: stop.signal })
      await index.note([standing])
      stop.abort()
      await letting
      assert.deepEqual(names, [standing.key])
      assert.equal((await key.show())?.place, 'parked')
    })
})

it('what people name that is no key is asked of no index but the root: an index of its own would stay for ever', () => {
  assert.deepEqual(['prod', '', 'prod|myapp||default|a', 'invalid|0'].map(indexOf), ['', '', 'prod', ''])
})

it('a run that does not come back counts as crashed, and its memory is ended: nothing of it goes on beside the next', async () => {
  let ended = 0
  const never = () => new Promise<never>(() => {})
  const { clock, storage, key } = bareKey({ handle: never, end: () => void ended++ })
  await key.add([message('a')])
  const running = key.run({ isLimited: false })
  await clock.advance(839_999)
  assert.equal(ended, 0)
  await clock.advance(1)
  const { place, attempt, reason } = await running
  assert.deepEqual([place, attempt, ended], ['delayed', 1, 1])
  assert.match(reason, /no answer within 840 s/)
  assert.equal(storage.writes.at(-1), 'record', 'it is kept before')
})

it('tells a run for how long the key was delayed, unless a change has brought it', async () => {
  const waited: unknown[] = []
  const verdict: Verdict = { type: 'retry', afterSeconds: 40, attempt: 0 }
  const { clock, key } = bareKey({
    async handle(deliveries) {
      waited.push(...deliveries.map(({ waitedSeconds }) => waitedSeconds))
      return await always(verdict)(deliveries)
    },
  })
  const due = async () => {
    await clock.advance(40_000)
    await key.alarm()
    await key.run({ isLimited: false })
  }
  await key.add([message('a')])
  await key.run({ isLimited: false })
  await due()
  await clock.advance(10_000)
  await key.add([message('a')])
  await key.run({ isLimited: false })
  await due()
  assert.deepEqual(waited, [undefined, 40, undefined, 40])
})

it('looks after a ready key less and less often: after half a minute, and each five minutes in the end', async () => {
  const { clock, storage, key } = bareKey()
  await key.add([message('a')])
  const looks: number[] = []
  for (let look = 0; look < 7; look++) {
    const wait = (storage.alarmAt ?? 0) - clock.now()
    looks.push(wait / 1000)
    await clock.advance(wait)
    await key.alarm()
  }
  assert.deepEqual(looks, [30, 30, 60, 120, 240, 300, 300])
})

it('a parked key tells its index each day, in case that it has forgotten', async () => {
  const told: string[] = []
  const { clock, storage, key } = bareKey({
    handle: always({ type: 'bury', reason: 'cannot be' }),
    note: async ({ place }) => void told.push(place),
  })
  await key.add([message('a')])
  await key.run({ isLimited: false })
  for (let day = 0; day < 3; day++) {
    await clock.advance((storage.alarmAt ?? 0) - clock.now())
    await key.alarm()
  }
  assert.deepEqual(told, ['parked', 'parked', 'parked'])
  assert.equal((storage.alarmAt ?? 0) - clock.now(), 86_400_000)
})

it('an index that does not answer keeps no alarm: the next one is set, and what happened is told', async () => {
  const never = () => new Promise<never>(() => {})
  const told: string[] = []
  const { clock, storage, key } = bareKey({
    note: never,
    report: (happening) => void told.push(happening.type === 'store' ? happening.detail : happening.type),
  })
  await key.add([message('a')])
  await clock.advance(30_000)
  const alarm = key.alarm()
  await clock.advance(20_000)
  await alarm
  assert.deepEqual(told, ['index: no answer in 20 s'])
  assert.ok((storage.alarmAt ?? 0) > clock.now())
})

it('an index that has forgotten everything learns of keys that run, and gives them their turns until they end', async () => {
  const ends: (() => void)[] = []
  const standing = (name: string, place: Standing['place']): Standing => ({
    ...gone(`test|myapp||default|${name}`),
    place,
    body: message(name),
  })
  const run = (key: string) => new Promise<Standing>((resolve) => ends.push(() => resolve(gone(key))))
  const { key: any } = bareKey()
  const keys = { getByName: (key: string) => ({ ...any, run: () => run(key) }) }
  const index = bareIndex(keys)
  void index.letRun({ concurrency: 2, controllerLimits: new Map(), signal: new AbortController().signal })
  await index.note([standing('a', 'locked'), standing('b', 'locked')])
  await index.note([standing('c', 'ready'), standing('a', 'locked')])
  assert.deepEqual(await index.depths(), { ready: 1, running: 2, delayed: 0, parked: 0 })
  for (const end of ends.splice(0)) end()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(await index.depths(), { ready: 0, running: 1, delayed: 0, parked: 0 })
})
