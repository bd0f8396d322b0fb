/** What the queue on Durable Objects keeps when its objects end in the middle of whatever they do (R26). */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Handle, Verdict } from '../../../lib/queue.ts'
import { pick, randomFrom } from '../../random.ts'
import { held, message, messageOf } from '../held.ts'
import { type Scene, startStage } from './stage.ts'

const stage = await startStage()
after(() => stage[Symbol.asyncDispose]())

const ack: Verdict = { type: 'ack' }
const keyFor = (name: string) => `test|myapp||default|${name}`

describe('killed Durable Objects lose nothing (R26)', () => {
  it('a key that dies while it runs has crashed: it runs again with its failures counted, and a change during the run is kept', async () => {
    const scene = stage.scene()
    const worker = held()
    scene.run(worker.handle, 1)
    await scene.queue.send([message('a')])
    await worker.next()
    await scene.queue.send([message('a', { causes: ['generation 2'] })])
    await scene.kill(keyFor('a'))
    await scene.moveOn(60_000)
    const again = await worker.next()
    assert.deepEqual(messageOf(again.delivery).causes, ['created', 'generation 2'])
    assert.match(again.delivery.crash ?? '', /ended while it ran/)
    again.answer(ack)
    await scene.moveOn(60_000)
    assert.deepEqual(await scene.pending(), [])
  })

  it('a key whose delay was set, and one that is parked, are as they were', async () => {
    const scene = stage.scene()
    const worker = held()
    scene.run(worker.handle, 2)
    await scene.queue.send([message('waits', { delaySeconds: 5 }), message('hopeless')])
    const hopeless = await worker.next()
    hopeless.answer({ type: 'bury', reason: 'cannot be' })
    await scene.advance(1_000)
    for (const name of ['waits', 'hopeless']) await scene.kill(keyFor(name))
    await scene.killIndex()
    assert.deepEqual(
      (await scene.parked()).map(({ key, reason }) => [key, reason]),
      [[keyFor('hopeless'), 'cannot be']],
    )
    await scene.advance(3_999)
    assert.deepEqual(worker.unseen(), [])
    await scene.advance(1)
    const due = await worker.next()
    assert.equal(due.name, 'waits')
    due.answer(ack)
  })

  it('an index that dies forgets whose turn it is: who waited comes back within half a minute, who ran runs to its end', async () => {
    const scene = stage.scene()
    const worker = held()
    scene.run(worker.handle, 1)
    await scene.queue.send([message('a'), message('b')])
    const a = await worker.next()
    await scene.killIndex()
    a.answer(ack)
    await scene.moveOn(30_000)
    const b = await worker.next()
    assert.equal(b.name, 'b')
    b.answer(ack)
    await scene.moveOn(60_000)
    assert.deepEqual(await scene.pending(), [])
    assert.deepEqual(worker.unseen(), [])
  })

  it('a parked key of which the index never heard is listed half a minute later', async () => {
    const scene = stage.scene()
    const worker = held()
    scene.run(worker.handle, 1)
    await scene.queue.send([message('a')])
    const a = await worker.next()
    await scene.killIndex()
    a.answer({ type: 'bury', reason: 'cannot be' })
    await scene.moveOn(30_000)
    await scene.moveOn(30_000)
    assert.deepEqual(
      (await scene.parked()).map(({ key }) => key),
      [keyFor('a')],
    )
  })

  it('a key that always kills its object is parked alone after 20 deaths, while others go on; a redrive revives it', async () => {
    const scene = stage.scene()
    let deaths = 0
    let others = 0
    const isOver = Promise.withResolvers<void>()
    const handle: Handle = async ([delivery]) => {
      if (delivery?.id !== keyFor('poison')) {
        others += 1
        return new Map([[delivery?.id ?? '', ack]])
      }
      deaths += 1
      if (deaths > 20) isOver.resolve()
      else await scene.kill(delivery.id)
      return new Map([[delivery.id, ack]])
    }
    scene.run(handle, 2)
    await scene.queue.send([message('poison')])
    let rounds = 0
    while ((await scene.parked()).length === 0) {
      await scene.queue.send([message(`other${rounds++}`)])
      await scene.moveOn(120_000)
    }
    const [parked, ...more] = await scene.parked()
    assert.deepEqual([deaths, more], [20, []])
    assert.match(parked?.reason ?? '', /^crashed 20 times: the Durable Object ended while it ran$/)
    await scene.redrive([keyFor('poison')])
    await isOver.promise
    await scene.moveOn(60_000)
    assert.deepEqual([await scene.parked(), await scene.pending()], [[], []])
    assert.deepEqual([others, rounds > 10], [rounds, true])
  })

  for (const seed of [1, 2, 3])
    it(`after kills at random, every change that was taken has been followed by a run (seed ${seed})`, () =>
      chaos(stage.scene(), seed))
})

/** One run in the hands of {@link chaos}. */
interface Run {
  readonly key: string
  readonly causes: readonly string[]
  answer(verdict: Verdict): void
}

/** Sends, answers, kills and lets time pass, at random; then lets everything come to its end. */
async function chaos(scene: Scene, seed: number): Promise<void> {
  const random = randomFrom(seed)
  const names = Array.from({ length: 12 }, (_, index) => `k${index}`)
  const runs = new Set<Run>()
  const overlaps: string[] = []
  const sent: string[] = []
  const seen = new Set<string>()
  const handle: Handle = ([delivery], signal) =>
    new Promise((resolve, reject) => {
      if (delivery === undefined) return reject(new Error('nothing to do'))
      const { id: key } = delivery
      const { causes } = messageOf(delivery)
      const older = [...runs].find((other) => other.key === key)
      // What a dead object had under way is closed later than its successor begins.
      if (older !== undefined && delivery.crash !== undefined) runs.delete(older)
      else if (older !== undefined) overlaps.push(key)
      const answer = (verdict: Verdict) => {
        runs.delete(run)
        for (const cause of causes) seen.add(cause)
        resolve(new Map([[key, verdict]]))
      }
      const run: Run = { key, causes, answer }
      runs.add(run)
      signal.addEventListener('abort', () => {
        runs.delete(run)
        reject(signal.reason)
      })
    })
  const send = async (name: string) => {
    const cause = `change ${sent.length}`
    await scene.queue.send([message(name, { causes: [cause] })])
    sent.push(cause)
  }
  const verdicts: readonly (() => Verdict)[] = [
    () => ack,
    () => ack,
    () => ({ type: 'again', afterSeconds: 20 * random() }),
    () => ({ type: 'retry', afterSeconds: 20 * random(), attempt: 1 }),
    () => ({ type: 'forward', messages: [message(pick(names, random))] }),
  ]
  scene.run(handle, 5)
  for (let round = 0; round < 120; round++) {
    const dice = random()
    if (dice < 0.4) await send(pick(names, random))
    else if (dice < 0.7) [...runs][0]?.answer(pick(verdicts, random)())
    else if (dice < 0.8) await scene.kill(keyFor(pick(names, random)))
    else if (dice < 0.83) await scene.killIndex()
    else await scene.moveOn(20_000 * random())
  }
  for (let round = 0; (await scene.pending()).length > 0; round++) {
    assert.ok(round < 100, `still pending: ${JSON.stringify(await scene.pending())}`)
    for (const run of runs) run.answer(ack)
    await scene.moveOn(31_000)
  }
  assert.deepEqual(
    sent.filter((cause) => !seen.has(cause)),
    [],
    'changes that were taken and never run',
  )
  assert.deepEqual(overlaps, [], 'keys that ran twice at once')
}
