/** The Workers that look at clusters, relay and resync, as they are deployed: the operator's own kinds, both ways to the queue. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TestHarness } from 'wrangler'
import { operator } from '../../functions/operator.ts'
import { MyApp } from '../../functions/operators/myapp.ts'
import { type Cluster, startCluster } from '../cluster.ts'
import { COMPATIBILITY, startWorkers } from '../cloudflare/harness.ts'
import { startSink } from '../cloudflare/sink.ts'

const myapp = (name: string) => ({
  apiVersion: 'apps.fairlead.dev/v1',
  kind: 'MyApp',
  metadata: { namespace: 'default', name },
  spec: { image: 'nginx:1.29' },
})

describe('relay and resync as Workers', () => {
  let cluster: Cluster
  let sink: Awaited<ReturnType<typeof startSink>>
  let harness: TestHarness

  before(async () => {
    cluster = await startCluster(operator)
    sink = await startSink()
    const east = { server: cluster.server.url }
    const vars = { FAIRLEAD_CLUSTERS: JSON.stringify({ east, down: { server: 'http://127.0.0.1:1' } }) }
    const queue = (name: string, class_name: string) => ({ name, class_name, script_name: 'fairlead' })
    const queues = { producers: [{ binding: 'CHANGES', queue: 'fairlead-changes' }] }
    harness = await startWorkers([
      {
        config: {
          name: 'fairlead',
          main: 'test/cloudflare/queue.worker.ts',
          ...COMPATIBILITY,
          vars: { SINK: sink.url },
          durable_objects: {
            bindings: [
              { name: 'KEYS', class_name: 'KeyQueue' },
              { name: 'INDEX', class_name: 'QueueIndex' },
            ],
          },
          migrations: [{ tag: 'v1', new_sqlite_classes: ['KeyQueue', 'QueueIndex'] }],
          queues: { consumers: [{ queue: 'fairlead-changes', max_batch_size: 100, max_batch_timeout: 0 }] },
        },
      },
      {
        config: {
          name: 'relay',
          main: 'functions/relay/cloudflare.ts',
          ...COMPATIBILITY,
          vars,
          durable_objects: {
            bindings: [
              { name: 'RELAY', class_name: 'Relay' },
              queue('KEYS', 'KeyQueue'),
              queue('INDEX', 'QueueIndex'),
            ],
          },
          migrations: [{ tag: 'v1', new_sqlite_classes: ['Relay'] }],
        },
      },
      { config: { name: 'resync', main: 'functions/resync/cloudflare.ts', ...COMPATIBILITY, vars, queues } },
    ])
  })
  after(async () => {
    await harness.close()
    await sink.close()
    await cluster[Symbol.asyncDispose]()
  })
  const cron = (worker: string) => harness.getWorker(worker).scheduled({ cron: '* * * * *' })

  it('the relay sends what there is and what changes to the Durable Objects of the keys', async () => {
    const { api } = cluster
    await api.create(MyApp, myapp('web'))
    await cron('relay')
    await sink.until(() => sink.sent.length > 0)
    await api.delete(MyApp, { namespace: 'default', name: 'web' })
    await sink.until(() => sink.sent.length > 1)
    assert.deepEqual(
      sink.sent.map(({ cluster: name, controller, lane, causes }) => [name, controller, lane, ...causes]),
      [
        ['east', 'myapp', 'background', 'found'],
        ['east', 'myapp', 'change', 'deleted'],
      ],
    )
  })

  it('the resync sends all keys to the Cloudflare Queue, and says which cluster it could not look at', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `app-${index}`)
    for (const name of names) await cluster.api.create(MyApp, myapp(name))
    await cron('resync')
    await sink.until(() => sink.buffered.length >= names.length)
    assert.deepEqual(sink.buffered.map(({ name }) => name).sort(), names.sort())
    assert.ok(sink.buffered.every(({ lane, causes }) => lane === 'background' && causes[0] === 'resync'))
    const line = harness.getLogs().find(({ message }) => message.includes('"resynced"'))
    const { resynced } = JSON.parse(line?.message ?? '{}')
    assert.equal(resynced.east.sent.myapp, 120)
    assert.match(JSON.stringify(resynced.down), /MyApp/)
  })
})
