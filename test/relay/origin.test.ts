/** Two relays and a queue that drops duplicates for 5 minutes: what it drops was said by the other, and nothing else is dropped. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryInventory } from '../../lib/inventory/memory.ts'
import { Deployment } from '../../lib/kind/builtin.ts'
import { keyOf, type Message } from '../../lib/message.ts'
import { mergeMessages } from '../../lib/queue/merge.ts'
import { mergeWakes } from '../../lib/relay/message.ts'
import { fakeClock } from '../fake-clock.ts'
import { apps, App, ownedBy, runRelay } from '../relay.run.ts'
import { metadataServer } from '../relay.server.ts'

const web = { namespace: 'default', name: 'web' }
const child = { namespace: 'default', name: 'child' }
const of = (name: string) => ({ ownerReferences: [ownedBy(name)] })
const idOf = (message: Message) => `${keyOf(message)} ${message.origin}`

/** Two relays of the same server. `ids`: what each has sent for changes since it was asked last. */
async function two(controllers = [apps({ owns: [Deployment] })]) {
  const server = metadataServer()
  const clock = fakeClock()
  const runs = [
    await runRelay(controllers, { server, clock }),
    await runRelay(controllers, { server, clock }),
  ]
  const ids = async () => {
    await clock.advance(2_000)
    const all = runs.map(({ sent }) => sent.splice(0).filter(({ lane }) => lane === 'change'))
    return all.map((sent) => sent.map(idOf))
  }
  const stop = async () => void (await Promise.all(runs.map((run) => run.stop())))
  return { server, clock, runs, ids, stop }
}

describe('origin', () => {
  it('is the same in two relays that see the same change, and differs between all changes of a key', async () => {
    const { server, ids, stop } = await two()
    const seen = new Set<string>()
    const steps: [string, number, () => unknown][] = [
      ['created', 1, () => server.put(App, web)],
      ['labels', 1, () => server.put(App, { ...web, labels: { a: 'b' } })],
      ['labels back', 1, () => server.put(App, { ...web, labels: {} })],
      ['other', 1, () => server.put(App, { ...web, name: 'shop' })],
      ['child', 1, () => server.put(Deployment, { ...child, ...of('web') })],
      ['child moves', 2, () => server.put(Deployment, { ...child, ...of('shop') })],
      ['child gone', 1, () => server.remove(Deployment, child)],
      ['child again', 1, () => server.put(Deployment, { ...child, ...of('shop') })],
      ['deleted', 1, () => server.remove(App, web)],
      ['again', 1, () => server.put(App, web)],
      ['deleted again', 1, () => server.remove(App, web)],
    ]
    for (const [what, count, step] of steps) {
      step()
      const [one = [], other] = await ids()
      assert.deepEqual(one, other, what)
      assert.equal(one.length, count, what)
      for (const id of one) {
        assert.ok(!seen.has(id) && !id.endsWith('undefined'), `${what}: ${id}`)
        seen.add(id)
      }
    }
    await stop()
  })

  it('of an object that is gone is the same whether it was seen to go or found missing in a list', async () => {
    const { server, clock, runs, ids, stop } = await two()
    server.put(App, web)
    await ids()
    await runs[1]?.stop()
    const inventory = memoryInventory()
    const third = await runRelay([apps()], { server, clock, inventory })
    await third.saidLater()
    await third.stop()
    server.remove(App, web)
    server.compact()
    const late = await runRelay([apps()], { server, clock, inventory })
    const [one] = await ids()
    assert.deepEqual(late.sent.map(idOf), one)
    await late.stop()
    await stop()
  })

  it('tells each leaving of a selection, and is none where one was only missed: it may have been another', async () => {
    const selected = [apps({ labels: 'on=yes' })]
    const { server, clock, runs, ids, stop } = await two(selected)
    const all: string[] = []
    for (const on of ['yes', 'no', 'yes', 'no', 'yes']) {
      server.put(App, { ...web, labels: { on } })
      const [one = [], other] = await ids()
      assert.deepEqual(one, other)
      all.push(...one)
    }
    assert.deepEqual([all.length, new Set(all).size], [5, 5])
    server.disconnect()
    server.remove(App, web)
    server.compact()
    await clock.advance(2_000)
    const origins = runs.flatMap(({ sent }) => sent.map(({ origin, causes }) => [origin, causes[0]]))
    assert.deepEqual(origins, [
      [undefined, 'gone from the selection'],
      [undefined, 'gone from the selection'],
    ])
    await stop()
  })

  it('is none in the background: lists, newcomers and resyncs; nor where one of those is merged with a change', async () => {
    const server = metadataServer()
    server.put(App, web)
    const run = await runRelay([apps({ resyncSeconds: 3600, quietSeconds: 60 })], { server })
    server.put(App, { ...web, generation: 2 })
    await run.clock.advance(0)
    await run.clock.advance(3_600_000)
    assert.deepEqual(
      run.sent.map(({ lane, origin }) => [lane, origin !== undefined]),
      [
        ['background', false],
        ['change', true],
        ['background', false],
      ],
    )
    await run.stop()
    const [found, changed] = run.sent
    assert.ok(found && changed)
    for (const merged of [
      mergeWakes(found, changed),
      mergeWakes(changed, found),
      mergeMessages(found, changed),
    ])
      assert.deepEqual([merged.lane, merged.origin], ['change', undefined])
  })

  it('of a merged message is no part of it: nobody is silenced by a relay that sent one part before the other happened', async () => {
    const { server, clock, runs, ids, stop } = await two([apps({ owns: [Deployment], quietSeconds: 60 })])
    server.put(App, web)
    await ids()
    await clock.advance(60_000)
    const [quick, slow] = runs
    assert.ok(quick && slow)
    slow.queue.refusing = new Error('throttled')
    server.put(App, { ...web, generation: 2 })
    await clock.advance(0)
    server.put(Deployment, { ...child, ...of('web') })
    await clock.advance(0)
    server.put(App, { ...web, generation: 3 })
    await clock.advance(0)
    slow.queue.refusing = undefined
    const dropped = new Set(quick.sent.map(idOf))
    await clock.advance(120_000)
    const told = slow.sent.filter((message) => !dropped.has(idOf(message)))
    assert.ok(
      told.some(
        ({ causes }) => causes.includes('Deployment child created') && causes.includes('generation 3'),
      ),
      JSON.stringify(slow.sent),
    )
    await stop()
  })

  it('of several changes of one object is the last one, which another relay may have sent alone', async () => {
    const run = await runRelay([apps({ quietSeconds: 60 })])
    run.server.put(App, web)
    await run.said()
    run.server.put(App, { ...web, generation: 2 })
    const { uid, resourceVersion } = run.server.put(App, { ...web, generation: 3 })
    await run.clock.advance(60_000)
    assert.equal(run.sent.at(-1)?.origin, `${uid}:${resourceVersion}`)
    await run.stop()
  })
})
