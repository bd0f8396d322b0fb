/** The relay in a Durable Object, in workerd, against the embedded API server: turns, deaths, budgets. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TestHarness } from 'wrangler'
import type { Message } from '../../lib/index.ts'
import { defineOperator } from '../../lib/operator.ts'
import { type Cluster, startCluster } from '../cluster.ts'
import { COMPATIBILITY, startWorkers } from '../cloudflare/harness.ts'
import type { Setting } from '../cloudflare/relay.worker.ts'
import { startSink } from '../cloudflare/sink.ts'
import { pick, randomFrom } from '../random.ts'
import { App, apps } from '../relay.run.ts'

const operator = defineOperator('test', [apps()])

const textOf = ({ lane, name, causes }: Message) => `${lane} ${name}: ${causes.join('; ')}`
const app = (name: string) => ({
  apiVersion: 'test.fairlead.dev/v1',
  kind: 'App',
  metadata: { namespace: 'default', name },
  spec: { size: 0 },
})
const keyOf = (name: string) => ({ namespace: 'default', name })
const resize = (size: number) => ({ type: 'merge', body: { spec: { size } } }) as const

/** Calls of a turn, by the cluster of a test. */
const CALLS = {
  path: 1_000,
  ends: 1_000,
  deaths: 1_000,
  list: 30,
  refused: 5,
  cron: 1_000,
  down: 1_000,
  away: 1_000,
}
type Name = keyof typeof CALLS

/** Where nobody listens. */
const NOWHERE = 'http://127.0.0.1:1'

describe('the relay in a Durable Object', () => {
  const clusters = new Map<Name, Cluster>()
  let sink: Awaited<ReturnType<typeof startSink>>
  let harness: TestHarness

  const workers = (setting: Setting) => [
    {
      config: {
        name: 'relay',
        main: 'test/cloudflare/relay.worker.ts',
        ...COMPATIBILITY,
        vars: { SETTING: { ...setting } },
        durable_objects: { bindings: [{ name: 'RELAY', class_name: 'Relay' }] },
        migrations: [{ tag: 'v1', new_sqlite_classes: ['Relay'] }],
      },
    },
  ]
  const settingFor = (names: readonly Name[]): Setting => ({
    sink: sink.url,
    clusters: Object.fromEntries(
      names.map((name) => [
        name,
        { server: name === 'down' ? NOWHERE : (clusters.get(name)?.server.url ?? ''), calls: CALLS[name] },
      ]),
    ),
  })
  const NAMES = Object.keys(CALLS) as Name[]

  before(async () => {
    sink = await startSink()
    await Promise.all(NAMES.map(async (name) => clusters.set(name, await startCluster(operator))))
    harness = await startWorkers(workers(settingFor(NAMES)))
  })
  after(async () => {
    await harness.close()
    await sink.close()
    for (const cluster of clusters.values()) await cluster[Symbol.asyncDispose]()
  })

  const cron = () => harness.getWorker('relay').scheduled({ cron: '* * * * *' })

  /** One cluster, and what was sent of it. */
  function world(name: Name) {
    const { api } = clusters.get(name) ?? assert.fail(name)
    const sent = () => sink.sent.filter(({ cluster }) => cluster === name)
    const watches = () =>
      sink.happenings.flatMap((one) =>
        one.type === 'watch' && one.source?.startsWith(`${name}|`) ? [`${one.state}: ${one.detail}`] : [],
      )
    const turns = () => sink.turns.filter((cluster) => cluster === name).length
    let read = 0
    const command = async (text: string): Promise<unknown> => (await harness.fetch(`/${name}/${text}`)).json()
    return {
      api,
      sent,
      watches,
      command,
      /** The next so many messages, as text, in the order of names. */
      async said(count: number): Promise<string[]> {
        await sink.until(() => sent().length >= read + count)
        read += count
        return sent()
          .slice(read - count)
          .map(textOf)
          .sort()
      },
      turns,
      /** Ends the turn; resolves when the next one has begun. */
      async end(): Promise<void> {
        const before = turns()
        await command('end')
        await sink.until(() => turns() > before)
      },
      kill: async (): Promise<void> => assert.rejects(harness.fetch(`/${name}/kill`), /killed/),
    }
  }

  it('tells what is there, what changes and what is deleted', async (context) => {
    const { api, said, command } = world('path')
    await api.create(App, app('web'))
    await command('ensure')
    assert.deepEqual(await said(1), ['background web: found'])
    const writes: number[] = []
    const latencies: number[] = []
    for (let size = 1; size <= 30; size++) {
      const since = performance.now()
      await api.patch(App, keyOf('web'), resize(size))
      writes.push(performance.now() - since)
      assert.deepEqual(await said(1), [`change web: generation ${size + 1}`])
      latencies.push(performance.now() - since)
    }
    await api.delete(App, keyOf('web'))
    assert.deepEqual(await said(1), ['change web: deleted'])
    assert.equal(typeof (await command('alarm')), 'number')
    const median = (times: number[]) => times.sort((a, b) => a - b)[15]?.toFixed(1)
    context.diagnostic(
      `write ${median(writes)} ms, in the queue ${median(latencies)} ms after it began (medians)`,
    )
  })

  it('goes on from turn to turn: what changes at the end of one is told once, and nothing unchanged again', async () => {
    const { api, said, sent, end, command } = world('ends')
    for (const name of ['kept', 'web']) await api.create(App, app(name))
    await command('ensure')
    await said(2)
    for (let size = 1; size <= 6; size++) {
      const ended = end()
      await api.patch(App, keyOf('web'), resize(size))
      await ended
      assert.equal(typeof (await command('alarm')), 'number')
    }
    await api.delete(App, keyOf('web'))
    await sink.until(() => sent().at(-1)?.causes.includes('deleted') ?? false)
    // One message may stand for two changes.
    const told = sent().flatMap(({ name, causes }) => causes.map((cause) => `${name}: ${cause}`))
    const generations = [2, 3, 4, 5, 6, 7].map((generation) => `web: generation ${generation}`)
    assert.deepEqual(told.sort(), ['kept: found', 'web: deleted', 'web: found', ...generations].sort())
  })

  it('loses nothing when it dies at any point, and tells nothing again that did not change', async (context) => {
    const { api, said, sent, end, kill, command, turns } = world('deaths')
    const random = randomFrom(7)
    for (let index = 0; index < 20; index++) await api.create(App, app(`kept-${index}`))
    await command('ensure')
    await said(20)
    await end()
    const names = Array.from({ length: 6 }, (_, index) => `app-${index}`)
    const live = new Set<string>()
    const before = new Map<string, number>()
    for (let step = 0; step < 40; step++) {
      const name = pick(names, random)
      before.set(name, sent().length)
      if (!live.has(name)) await api.create(App, app(name)).then(() => live.add(name))
      else if (random() < 0.4) await api.delete(App, keyOf(name)).then(() => live.delete(name))
      else await api.patch(App, keyOf(name), resize(step))
      if (random() < 0.25) await kill()
    }
    await api.create(App, app('last'))
    // Changes of one kind are told in their order.
    await sink.until(() => sent().some(({ name }) => name === 'last'))
    for (const name of names) {
      const last = sent().findLast((message) => message.name === name)
      const { metadata } = (await api.get(App, keyOf(name))) ?? {}
      const isDeleted = last === undefined || last.causes.at(-1) === 'deleted'
      assert.equal(isDeleted, metadata === undefined, `${name}: ${last && textOf(last)}`)
      // A message that stands for several changes asks for the newest state.
      if (!isDeleted)
        assert.equal(last.resourceVersion ?? metadata?.resourceVersion, metadata?.resourceVersion)
      if (last) assert.ok(sent().lastIndexOf(last) >= (before.get(name) ?? 0), `${name} was not told of`)
    }
    assert.equal(sent().filter(({ name }) => name.startsWith('kept-')).length, 20)
    context.diagnostic(`${sent().length - 20} messages for 41 changes, in ${turns()} turns`)
  })

  it('a first list larger than the calls of a turn arrives whole, each object once, from one list', async (context) => {
    const { api, said, sent, command, watches, turns } = world('list')
    for (let index = 0; index < 100; index++) await api.create(App, app(`app-${index}`))
    await command('ensure')
    await said(100)
    await api.create(App, app('later'))
    assert.deepEqual(await said(1), ['change later: created'])
    assert.equal(new Set(sent().map(({ name }) => name)).size, 101)
    const lists = () => watches().filter((text) => text.includes('objects'))
    await sink.until(() => lists().length > 0)
    assert.deepEqual(lists(), ['synced: 100 objects'])
    assert.equal(typeof (await command('alarm')), 'number')
    context.diagnostic(`101 messages in ${turns()} turns of ${CALLS.list} calls`)
    assert.ok(turns() <= 5, `${turns()} turns`)
  })

  it('waits for a queue that refuses, over turns that use up their calls and through a death', async () => {
    const { api, said, kill, command } = world('refused')
    sink.refusing.add('refused')
    for (const name of ['one', 'other']) await api.create(App, app(name))
    await command('ensure')
    await sink.until(() => sink.refused.length > 8)
    await kill()
    const before = sink.refused.length
    await sink.until(() => sink.refused.length > before + 8)
    await api.create(App, app('third'))
    sink.refusing.delete('refused')
    const told = await said(3)
    assert.deepEqual(
      told.map((text) => text.split(':')[0]?.split(' ')[1]),
      ['one', 'other', 'third'],
    )
  })

  it('is started by the cron, and holds up nobody where a cluster is down', async () => {
    const { api, said } = world('cron')
    await api.create(App, app('web'))
    await cron()
    assert.deepEqual(await said(1), ['background web: found'])
    const down = world('down')
    await sink.until(() => down.watches().length > 0)
    await api.delete(App, keyOf('web'))
    assert.deepEqual(await said(1), ['change web: deleted'])
    assert.match(down.watches().join(), /^lost: [^,]*$/)
    assert.equal(typeof (await down.command('alarm')), 'number')
  })

  it('goes on after a restart of the runtime, and stops in a cluster that is configured no more until it is again', async () => {
    const { api, said, command, end } = world('away')
    for (const name of ['kept', 'web', 'gone']) await api.create(App, app(name))
    await command('ensure')
    await said(3)
    await end()
    await harness.update({ workers: workers(settingFor(NAMES.filter((name) => name !== 'away'))) })
    const stopped = () => sink.happenings.find((one) => one.type === 'failed' && one.key === 'away')
    await command('ensure')
    await sink.until(() => stopped() !== undefined)
    await api.patch(App, keyOf('web'), resize(1))
    await api.delete(App, keyOf('gone'))
    assert.equal(await command('alarm'), null)
    await harness.update({ workers: workers(settingFor(NAMES)) })
    await cron()
    assert.deepEqual(await said(2), ['change gone: deleted', 'change web: generation 2'])
  })
})
