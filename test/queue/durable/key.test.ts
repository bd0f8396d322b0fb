/** A key of the queue on Durable Objects, and its index, where something goes wrong that the platform cannot be made to do (R26). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Message } from '../../../lib/message.ts'
import { indexOf } from '../../../lib/queue/durable/calls.ts'
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
