/** What a reconcile may cost: API calls, writes, connections, runs. Counted at the server. */
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, it } from 'node:test'
import { ConfigMap, systemClock as clock, reconcile, recorder } from '../lib/index.ts'
import { startCluster, startPath } from './cluster.ts'
import { Site, site, siteKey, siteOperator, sites } from './site.ts'

describe('budgets', () => {
  it('answers 200 changes of one object within a second by at most 4 reconciles (B1)', async () => {
    await using path = await startPath(siteOperator())
    await path.api.create(Site, site({ note: '0' }))
    await path.seen(({ type }) => type === 'reconciled')
    const before = path.happenings.length
    const start = performance.now()
    const changes = Array.from({ length: 200 }, (_, index) =>
      path.api.patch(Site, siteKey, { type: 'merge', body: { spec: { note: `${index + 1}` } } }),
    )
    await Promise.all(changes)
    const seconds = (performance.now() - start) / 1000
    const generation = (await path.api.get(Site, siteKey))?.metadata.generation
    while ((await path.api.get(Site, siteKey))?.status?.observedGeneration !== generation)
      await path.queue.drained()
    const runs = path.happenings.slice(before).filter(({ type }) => type === 'reconciled').length
    // One at once, one per quiet window of half a second while changes come, one for the last of them.
    assert.ok(
      runs >= 1 && runs <= Math.max(4, 2 + Math.ceil(seconds / 0.5)),
      `${runs} reconciles in ${seconds} s`,
    )
  })

  it('costs one GET and one per child when nothing differs, on one connection, and writes nothing', async () => {
    await using cluster = await startCluster(siteOperator())
    const { api } = cluster
    await api.create(Site, site({ pages: ['a', 'b', 'c'] }))
    const using_ = {
      api,
      record: recorder(api, 'test', { clock, report: () => {} }),
      report: () => {},
      clock,
      random: Math.random,
    }
    const request = { ...siteKey, attempt: 0, isLastTry: false }
    const run = () => reconcile(sites(), request, using_, new AbortController().signal)
    await run()
    const requests: string[] = []
    const sockets = new Set<unknown>()
    const connected = (message: unknown) => void sockets.add(message)
    const stop = cluster.server.onRequest(({ verb, resource }) => void requests.push(`${verb} ${resource}`))
    subscribe('net.client.socket', connected)
    const { outcome, calls } = await run()
    unsubscribe('net.client.socket', connected)
    stop()
    assert.equal(outcome.type, 'done')
    assert.equal(calls, 4)
    assert.deepEqual(requests, ['get sites', 'get configmaps', 'get configmaps', 'get configmaps'])
    assert.equal(sockets.size, 0, 'the connection of the first run serves the second')
  })

  it('reconciles an object once though its children are owned and watched (C8)', async () => {
    await using path = await startPath(siteOperator())
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`)
    await Promise.all(
      names.map((name) => path.api.create(Site, site({ pages: [`${name}-a`, `${name}-b`] }, { name }))),
    )
    const settled = async () => {
      const { items } = await path.api.list(Site, { namespace: 'default' })
      return items.every(({ status }) => status?.pages === 2)
    }
    while (!(await settled())) await path.queue.drained()
    // Every change of a child has passed the relay once a later one has.
    await path.api.create(Site, site({ pages: ['last'] }, { name: 'last' }))
    await path.seen((happening) => happening.type === 'reconciled' && happening.key === 'default/last')
    await path.api.delete(ConfigMap, { namespace: 'default', name: 'last' })
    await path.seen(
      (happening) =>
        happening.type === 'applied' && happening.key === 'default/last' && happening.kind === 'ConfigMap',
    )
    const runs = path.happenings.filter(
      (happening) => happening.type === 'reconciled' && happening.key !== 'default/last',
    )
    assert.ok(runs.length <= names.length * 1.3, `${runs.length} runs for ${names.length} objects`)
  })

  it('restores a child that a person edits, though its own applies wake nobody (C8, D1)', async () => {
    await using path = await startPath(siteOperator())
    await path.api.create(Site, site({ pages: ['a'] }))
    await path.seen(({ type }) => type === 'event')
    const page = { namespace: 'default', name: 'a' }
    await path.api.patch(
      ConfigMap,
      page,
      { type: 'merge', body: { data: { page: 'edited' } } },
      { fieldManager: 'someone' },
    )
    await path.seen((happening) => happening.type === 'applied' && happening.action === 'changed')
    assert.equal((await path.api.get(ConfigMap, page))?.data?.page, 'a')
  })
})
