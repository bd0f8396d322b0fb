/** The queue on Durable Objects on the platform's own time: how often a key runs, and when (R26). */
import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import type { Handle, Verdict } from '../../../lib/queue.ts'
import { message } from '../held.ts'
import { startStage } from './stage.ts'

const stage = await startStage({ isLive: true })
after(() => stage[Symbol.asyncDispose]())

it('500 changes of one key by five senders: at most five runs where one lasts as long as 125 of them, and never two at once', async () => {
  const scene = stage.scene()
  const counts = { sent: 0, runs: 0, running: 0, most: 0 }
  let onSent = () => {}
  const sentUntil = (count: number) =>
    new Promise<void>((resolve) => {
      onSent = () => counts.sent >= count && resolve()
      onSent()
    })
  const handle: Handle = async (deliveries) => {
    counts.runs += 1
    counts.running += 1
    counts.most = Math.max(counts.most, counts.running)
    await sentUntil(Math.min(counts.sent + 125, 500))
    counts.running -= 1
    return new Map(deliveries.map(({ id }) => [id, { type: 'ack' }]))
  }
  scene.run(handle, 1)
  const sender = async () => {
    for (let change = 0; change < 100; change++) {
      await scene.queue.send([message('hot')])
      counts.sent += 1
      onSent()
    }
  }
  await Promise.all([1, 2, 3, 4, 5].map(sender))
  while ((await scene.pending()).length > 0);
  assert.equal(counts.most, 1)
  assert.ok(counts.runs >= 2 && counts.runs <= 5, `${counts.runs} runs`)
})

it('a requeue that was asked for comes once in each period, never early and soon after it is due', async (context) => {
  const scene = stage.scene()
  const periodMs = 250
  const times: number[] = []
  const isOver = Promise.withResolvers<void>()
  const handle: Handle = async ([delivery]) => {
    times.push(performance.now())
    if (times.length === 10) isOver.resolve()
    const verdict: Verdict =
      times.length < 10 ? { type: 'again', afterSeconds: periodMs / 1000 } : { type: 'ack' }
    return new Map([[delivery?.id ?? '', verdict]])
  }
  scene.run(handle, 1)
  await scene.queue.send([message('a')])
  await isOver.promise
  while ((await scene.pending()).length > 0);
  const late = times.slice(1).map((time, index) => time - (times[index] ?? 0) - periodMs)
  const [least = 0, median = 0] = [Math.min(...late), late.toSorted((a, b) => a - b)[4]]
  context.diagnostic(`late by ${median.toFixed(1)} ms in the median, ${Math.max(...late).toFixed(1)} at most`)
  assert.equal(times.length, 10)
  // A timer's resolution on either side.
  assert.ok(least >= -2, `early by ${-least} ms`)
  assert.ok(median < periodMs, `late by ${median} ms`)
})

it('who is evicted while idle knows what it knew: a delay ends on time, a parked key stays', async () => {
  const scene = stage.scene()
  const seen = Promise.withResolvers<string>()
  const handle: Handle = async ([delivery]) => {
    const id = delivery?.id ?? ''
    if (!id.endsWith('hopeless')) seen.resolve(id)
    return new Map([[id, id.endsWith('hopeless') ? { type: 'bury', reason: 'cannot be' } : { type: 'ack' }]])
  }
  scene.run(handle, 1)
  await scene.queue.send([message('hopeless'), message('waits', { delaySeconds: 1 })])
  while ((await scene.parked()).length === 0);
  for (const key of ['hopeless', 'waits'])
    await stage.harness
      .getWorker()
      .evictDurableObject('Key', { name: `${scene.name}/test|myapp||default|${key}` })
  await stage.harness.getWorker().evictDurableObject('Index', { name: `${scene.name}/test` })
  assert.match(await seen.promise, /waits$/)
  assert.equal((await scene.parked())[0]?.reason, 'cannot be')
})
