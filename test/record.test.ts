/** Kubernetes Events: the F cases, against the embedded API server. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ApiError,
  ConfigMap,
  Event,
  type Happening,
  type Kube,
  type KubeObject,
  Namespace,
  recorder,
} from '../lib/index.ts'
import { type Occurrence, toEvent } from '../lib/record.ts'
import { startCluster } from './cluster.ts'
import { fakeClock } from './fake-clock.ts'
import { intercepted } from './site.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')

const map = (name = 'web'): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
})

const about = (regarding: KubeObject, more: Partial<Occurrence> = {}): Occurrence => ({
  regarding,
  type: 'Warning',
  reason: 'Failed',
  action: 'Reconcile',
  note: 'no',
  ...more,
})

/** A process with a recorder of its own, and what it reported. */
function process(api: Kube, clock = fakeClock(NOW)) {
  const happenings: Happening[] = []
  const record = recorder(api, 'test', { clock, report: (happening) => void happenings.push(happening) })
  return { record, happenings, clock }
}

const events = async (api: Kube) => (await api.list(Event, { namespace: 'default' })).items

describe('record', () => {
  it('writes an Event that kubectl describe finds, with a constant reporter', async () => {
    await using cluster = await startCluster()
    const regarding = await cluster.api.create(ConfigMap, map())
    await process(cluster.api).record([about(regarding)])
    const [event, ...more] = await events(cluster.api)
    assert.equal(more.length, 0)
    assert.deepEqual(
      [
        event?.reason,
        event?.note,
        event?.type,
        event?.action,
        event?.reportingController,
        event?.reportingInstance,
      ],
      ['Failed', 'no', 'Warning', 'Reconcile', 'test', 'test'],
    )
    assert.deepEqual([event?.regarding?.name, event?.regarding?.uid], ['web', regarding.metadata.uid])
  })

  it('counts the same occurrence up as a series, from whatever worker it comes (F1, B11)', async () => {
    await using cluster = await startCluster()
    const regarding = await cluster.api.create(ConfigMap, map())
    await process(cluster.api).record([about(regarding)])
    await process(cluster.api, fakeClock(NOW + 61_000)).record([about(regarding)])
    await process(cluster.api, fakeClock(NOW + 122_000)).record([about(regarding)])
    const all = await events(cluster.api)
    assert.equal(all.length, 1)
    assert.equal(all[0]?.series?.count, 3)
    assert.match(String(all[0]?.series?.lastObservedTime), /^2026-01-01T00:02:02/)
  })

  it('writes a series at most once a minute and counts the rest with the next write (F5)', async () => {
    await using cluster = await startCluster()
    const regarding = await cluster.api.create(ConfigMap, map())
    let calls = 0
    const count = () => void calls++
    const { record, clock } = process(intercepted(cluster.api, { create: count, get: count, patch: count }))
    for (let time = 0; time < 50; time++) await record([about(regarding)])
    assert.equal(calls, 4, 'create; create (exists), get, patch')
    await clock.advance(61_000)
    await record([about(regarding)])
    assert.equal((await events(cluster.api))[0]?.series?.count, 51)
  })

  it('bounds the Events about one object whose text always differs, and lets others speak (F5)', async () => {
    await using cluster = await startCluster()
    const regarding = await cluster.api.create(ConfigMap, map())
    const other = await cluster.api.create(ConfigMap, map('other'))
    const { record, happenings, clock } = process(cluster.api)
    const flood = Array.from({ length: 40 }, (_, index) =>
      about(regarding, { note: `request ${index} failed` }),
    )
    await record([...flood, about(other)])
    assert.equal((await events(cluster.api)).length, 26)
    assert.equal(happenings.filter(({ type }) => type === 'dropped').length, 15)
    await clock.advance(300_000)
    await record([about(regarding, { note: 'one more' }), about(regarding, { note: 'and another' })])
    assert.equal((await events(cluster.api)).length, 27)
  })

  it('keeps different reasons, notes, types and objects apart', async () => {
    await using cluster = await startCluster()
    const [a, b] = [
      await cluster.api.create(ConfigMap, map('a')),
      await cluster.api.create(ConfigMap, map('b')),
    ]
    const { record } = process(cluster.api)
    await record([
      about(a),
      about(b),
      about(a, { note: 'other' }),
      about(a, { reason: 'Other' }),
      about(a, { type: 'Normal' }),
    ])
    assert.equal((await events(cluster.api)).length, 5)
  })

  it('puts Events about cluster-scoped objects into the namespace default (F2)', async () => {
    await using cluster = await startCluster()
    const regarding = await cluster.api.get(Namespace, { name: 'kube-system' })
    assert.ok(regarding)
    await process(cluster.api).record([about(regarding)])
    assert.equal((await events(cluster.api))[0]?.regarding?.kind, 'Namespace')
  })

  it('cuts a note at 1 kB of UTF-8 without splitting a character (F2)', async () => {
    await using cluster = await startCluster()
    const regarding = await cluster.api.create(ConfigMap, map())
    await process(cluster.api).record([about(regarding, { note: 'é'.repeat(2000), reason: 'R'.repeat(500) })])
    const [event] = await events(cluster.api)
    assert.ok(Buffer.byteLength(event?.note ?? '') <= 1024)
    assert.match(event?.note ?? '', /^é+…$/)
    assert.equal(event?.reason?.length, 128)
  })

  it('never fails a reconcile: what cannot be written is dropped and reported (F3, F5)', async () => {
    await using cluster = await startCluster()
    const regarding = await cluster.api.create(ConfigMap, map())
    const api = intercepted(cluster.api, {
      create() {
        throw new ApiError(403, 'Forbidden', 'namespace is terminating')
      },
    })
    const { record, happenings } = process(api)
    await record([about(regarding)])
    assert.deepEqual(happenings, [
      {
        type: 'dropped',
        what: 'event',
        key: 'ConfigMap default/web Failed',
        error: 'namespace is terminating',
      },
    ])
  })

  it('records no Events about Events (F4)', async () => {
    await using cluster = await startCluster()
    const regarding = await cluster.api.create(ConfigMap, map())
    await process(cluster.api).record([about({ ...regarding, kind: 'Event' })])
    assert.deepEqual(await events(cluster.api), [])
  })

  it('makes a valid name for every object, and the same one for the same words', () => {
    const regarding = {
      metadata: { name: `system:${'X'.repeat(300)}`, uid: 'u', resourceVersion: '1', creationTimestamp: '' },
    }
    const object = { apiVersion: 'v1', kind: 'Role', ...regarding }
    const { name } = toEvent(about(object), 'test', NOW).metadata
    const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
    assert.match(name, subdomain)
    assert.ok(name.length <= 253)
    for (const odd of [':a', 'a:.b', 'a.:b', 'a:', '::', `${'x'.repeat(229)}.y`, 'a..b'])
      assert.match(
        toEvent(about({ ...object, metadata: { ...object.metadata, name: odd } }), 'test', NOW).metadata.name,
        subdomain,
      )
    assert.equal(toEvent(about(object), 'test', NOW + 5000).metadata.name, name)
  })
})
