/** A relay that is run every minute with an inventory that is kept: what each run sends, what it costs, and how it is cut off. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { relayUntil, type Scheduled, stopAfterMs } from '../../functions/relay/until.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { s3Inventory } from '../../lib/inventory/s3.ts'
import { memoryInventory } from '../../lib/inventory/memory.ts'
import { Deployment, Namespace } from '../../lib/kind/builtin.ts'
import { ApiError } from '../../lib/kube.ts'
import { keyText, type Message, messageSchema } from '../../lib/message.ts'
import { type Controller, defineOperator } from '../../lib/operator.ts'
import { type FakeClock, fakeClock } from '../fake-clock.ts'
import { memoryBucket } from '../inventory/bucket.ts'
import { fleetOf } from '../fleet.ts'
import { randomFrom } from '../random.ts'
import { App, apps, ownedBy } from '../relay.run.ts'
import { type MetadataServer, metadataServer } from '../relay.server.ts'

const inDefault = (name: string) => ({ namespace: 'default', name })
const operator = (...controllers: Controller[]) => defineOperator('test', controllers)

interface Stage {
  readonly server: MetadataServer
  readonly clock: FakeClock
  readonly inventory: Inventory
  readonly sent: Message[]
  readonly using: Scheduled
}

function stage(overrides: Partial<Scheduled> = {}): Stage {
  const server = metadataServer()
  const clock = fakeClock(1e12)
  const inventory = memoryInventory()
  const sent: Message[] = []
  const queue = {
    send: async (messages: readonly Message[]) =>
      void sent.push(...messages.map((m) => messageSchema.parse(m))),
  }
  const clusters = fleetOf({ c1: async () => server.api })
  const using = { clusters, queue, inventory, clock, report() {}, random: () => 0, ...overrides }
  return { server, clock, inventory, sent, using }
}

const textOf = ({ lane, causes, ...key }: Message) => `${lane} ${keyText(key)}: ${causes.join('; ')}`

/** One run of a minute; `during` is called in the middle of it. Returns what it has sent and what it says. */
async function runOnce(
  { clock, sent, using }: Stage,
  of = operator(apps()),
  during: () => unknown = () => {},
) {
  const running = relayUntil(of, using, 55_000)
  await clock.advance(30_000)
  await during()
  await clock.advance(25_000)
  const told = await running
  await clock.advance(5_000)
  return { said: sent.splice(0).map(textOf).sort(), told }
}

describe('relayUntil', () => {
  it('sends everything once in the background, and then exactly what changed between the runs and in them', async () => {
    const scene = stage()
    const { server } = scene
    for (const name of ['kept', 'changed', 'gone']) server.put(App, inDefault(name))
    assert.equal((await runOnce(scene)).said.length, 3)
    assert.deepEqual((await runOnce(scene)).said, [])
    server.put(App, inDefault('new'))
    server.put(App, { ...inDefault('changed'), generation: 2 })
    server.remove(App, inDefault('gone'))
    const { said, told } = await runOnce(scene, undefined, () =>
      server.put(App, { ...inDefault('kept'), generation: 2 }),
    )
    assert.deepEqual(said, [
      'change default/changed: generation 2',
      'change default/gone: deleted',
      'change default/kept: generation 2',
      'change default/new: created',
    ])
    assert.deepEqual(told, { c1: { changed: 4, sent: 4, broken: 0, refusing: 0 } })
    assert.deepEqual((await runOnce(scene)).said, [])
    assert.equal(scene.clock.pending(), 0)
  })

  it('lists again when its version has expired, and finds what was deleted', async () => {
    const scene = stage()
    const { server } = scene
    for (const name of ['kept', 'gone']) server.put(App, inDefault(name))
    await runOnce(scene)
    server.remove(App, inDefault('gone'))
    server.put(App, inDefault('new'))
    server.compact()
    assert.deepEqual((await runOnce(scene)).said, [
      'change default/gone: deleted',
      'change default/new: created',
    ])
    assert.deepEqual((await runOnce(scene)).said, [])
  })

  it('costs one request per source when nothing happened: no list, and nothing is stored', async () => {
    const memory = memoryInventory()
    let commits = 0
    const commit: Inventory['commit'] = async (...step) => {
      commits += 1
      await memory.commit(...step)
    }
    const scene = stage({ inventory: { ...memory, commit } })
    const of = operator(apps({ owns: [Deployment], namespaces: { labels: 'team=yes' } }))
    scene.server.put(Namespace, { name: 'default', labels: { team: 'yes' } })
    scene.server.put(App, inDefault('web'))
    await runOnce(scene, of)
    const before = scene.server.opened.length
    commits = 0
    await runOnce(scene, of)
    const opened = scene.server.opened.slice(before)
    assert.deepEqual(
      opened.map(({ options }) => options.initial ?? false),
      [false, false, false],
    )
    assert.equal(commits, 0)
  })

  it('costs what it reads of S3, and a PUT for each source that something happened in', async (context) => {
    const bucket = memoryBucket(() => 1e12)
    const clock = fakeClock(1e12)
    const open = (writer: string) => s3Inventory({ bucket: 'b', prefix: 'p', aws: bucket.aws, clock, writer })
    const scene = { ...stage({ clock, inventory: open('one') }), clock }
    const of = operator(apps({ owns: [Deployment] }))
    for (let index = 0; index < 100; index++) scene.server.put(App, inDefault(`a${index}`))
    await runOnce(scene, of)
    const callsOf = async (run: () => Promise<unknown>) => {
      bucket.calls.length = 0
      await run()
      return bucket.calls.map((call) => call.split(' ')[0]).sort()
    }
    const warm = await callsOf(() => runOnce(scene, of))
    const cold = await callsOf(() =>
      runOnce({ ...scene, using: { ...scene.using, inventory: open('two') } }, of),
    )
    context.diagnostic(`two sources, nothing happened: warm ${warm.join(' ')}; cold ${cold.join(' ')}`)
    assert.deepEqual(
      [...warm, ...cold].filter((verb) => verb === 'PUT'),
      [],
    )
  })

  it('sends what a quiet window holds back before it ends', async () => {
    const scene = stage()
    const of = operator(apps({ quietSeconds: 3600 }))
    scene.server.put(App, inDefault('web'))
    await runOnce(scene, of)
    const { said } = await runOnce(scene, of, async () => {
      for (const generation of [2, 3]) {
        scene.server.put(App, { ...inDefault('web'), generation })
        await scene.clock.advance(0)
      }
    })
    assert.deepEqual(said, ['change default/web: generation 2', 'change default/web: generation 3'])
    assert.deepEqual((await runOnce(scene, of)).said, [])
  })

  it('loses nothing when it is killed, at whatever point; what it had not stored is sent again', async () => {
    for (let after = 0; after < 12; after++) for (const isDone of [false, true]) await killed(after, isDone)
  })

  it('tells everything again by the interval of the controller, though no run is as long', async () => {
    const scene = stage({ random: randomFrom(7) })
    const of = operator(apps({ resyncSeconds: 3600 }))
    scene.server.put(App, inDefault('web'))
    const at: number[] = []
    for (let minute = 0; minute < 400; minute++)
      if ((await runOnce(scene, of)).said.includes('background default/web: resync')) at.push(minute)
    assert.ok(at.length >= 6 && at.length <= 7, at.join())
    for (const [index, minute] of at.entries()) {
      const between = minute - (at[index - 1] ?? 0)
      assert.ok(between >= 54 && between <= 66, at.join())
    }
  })

  it('is held up by no cluster that is broken, and says which', async () => {
    const well = metadataServer()
    const ill = metadataServer()
    ill.refuse('apps', new ApiError(403, 'Forbidden', 'no'))
    well.put(App, inDefault('web'))
    const clusters = fleetOf({
      hangs: () => new Promise<never>(() => {}),
      fails: () => Promise.reject(new Error('no such secret')),
      refuses: async () => ill.api,
      well: async () => well.api,
    })
    const { said, told } = await runOnce(stage({ clusters }))
    assert.deepEqual(said, ['background default/web: found'])
    assert.deepEqual(told, {
      hangs: { error: 'there was no more time' },
      fails: { error: 'no such secret' },
      refuses: { changed: 0, sent: 0, broken: 1, refusing: 0 },
      well: { changed: 1, sent: 1, broken: 0, refusing: 0 },
    })
  })

  it('says when the queue takes nothing, and the next run sends it', async () => {
    let isRefusing = true
    const sent: Message[] = []
    const queue = {
      async send(messages: readonly Message[]) {
        if (isRefusing) throw new Error('throttled')
        sent.push(...messages)
      },
    }
    const scene = { ...stage({ queue }), sent }
    scene.server.put(App, inDefault('web'))
    const running = relayUntil(operator(apps()), scene.using, 55_000)
    await scene.clock.advance(60_000)
    assert.deepEqual(await running, { c1: { changed: 1, sent: 0, broken: 0, refusing: 1 } })
    isRefusing = false
    assert.deepEqual((await runOnce(scene)).said, ['background default/web: found'])
  })

  it('stops early enough to store, and within its minute', () => {
    assert.deepEqual([120_000, 60_000, 30_000, 5_000].map(stopAfterMs), [55_000, 50_000, 20_000, 0])
  })
})

/** A run whose process is gone after so many calls of queue and inventory, the last one carried out or not; then one that is not. */
async function killed(after: number, isDone: boolean): Promise<void> {
  const scene = stage()
  const { server, inventory, sent, clock, using } = scene
  const of = operator(apps({ owns: [Deployment] }))
  for (const name of ['kept', 'changed', 'gone', 'owner']) server.put(App, inDefault(name))
  const child = { ...inDefault('child'), ownerReferences: [ownedBy('owner')] }
  server.put(Deployment, child)
  await runOnce(scene, of)
  let calls = 0
  const never = new Promise<never>(() => {})
  const dying = async (call: () => Promise<void>) => {
    calls += 1
    if (calls > after + 1) return await never
    if (calls <= after || isDone) await call()
    return calls === after + 1 ? await never : undefined
  }
  const doomed = {
    ...using,
    queue: { send: (messages: readonly Message[]) => dying(() => using.queue.send(messages)) },
    inventory: {
      load: inventory.load,
      commit: (...step: Parameters<Inventory['commit']>) => dying(() => inventory.commit(...step)),
    },
  }
  server.put(App, inDefault('new'))
  server.remove(App, inDefault('gone'))
  void relayUntil(of, doomed, 55_000)
  await clock.advance(1_000)
  server.put(App, { ...inDefault('changed'), generation: 2 })
  server.remove(Deployment, child)
  await clock.advance(1_000)
  server.put(App, { ...inDefault('changed'), generation: 3 })
  await clock.advance(100)
  // Gone without a word: nothing of it is called any more.
  after = -2
  const { said } = await runOnce(scene, of)
  const all = new Set([...sent.map(textOf), ...said])
  for (const text of [
    'change default/new: created',
    'change default/gone: deleted',
    'change default/owner: Deployment child deleted',
  ])
    assert.ok(all.has(text), `${text} in ${[...all].join('\n')}`)
  assert.ok(
    [...all].some((text) => text.includes('changed: generation 3') || text.includes('; generation 3')),
  )
  assert.deepEqual((await runOnce(scene, of)).said, [])
}
