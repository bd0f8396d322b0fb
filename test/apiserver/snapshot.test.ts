/** Back to a state that a server had, for tests that share one. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Api, CONFIGMAPS, configMap, defineWidgets, startServer, WIDGETS, widget } from './client.ts'

const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com'
const SERVICES = '/api/v1/namespaces/default/services'

const service = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { ports: [{ port: 80 }] },
})

/** What there is, but for versions. */
async function contents(api: Api, path: string) {
  const { items } = (await api.get(path)).body
  return items.map(({ metadata: { resourceVersion: _, ...metadata }, ...rest }) => ({ ...rest, metadata }))
}

describe('snapshots of the embedded API server', () => {
  it('a restore is a change like any other: watches see what differs, versions grow, uids come back', async (t) => {
    const api = await startServer(t)
    const names = ['changed', 'deleted', 'replaced', 'same']
    for (const name of names) await api.post(CONFIGMAPS, configMap(name, { v: '1' }))
    const before = (await api.get(CONFIGMAPS)).body
    const snapshot = api.server.snapshot()
    await api.merge(`${CONFIGMAPS}/changed`, { data: { v: '2' } })
    await api.remove(`${CONFIGMAPS}/deleted`)
    await api.remove(`${CONFIGMAPS}/replaced`)
    await api.post(CONFIGMAPS, configMap('replaced', { v: '1' }))
    await api.post(CONFIGMAPS, configMap('new'))
    const { resourceVersion } = (await api.get(CONFIGMAPS)).body.metadata
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&resourceVersion=${resourceVersion}`)
    const wanted = before.items.map(({ metadata: { resourceVersion: _, ...metadata }, data }) => ({
      data,
      metadata,
    }))

    api.server.restore(snapshot)

    const told: string[] = []
    let last = Number(resourceVersion)
    for (let count = 0; count < 5; count++) {
      const { type, object } = (await watch.next()) ?? {}
      told.push(`${type} ${object?.metadata.name}`)
      assert.ok(Number(object?.metadata.resourceVersion) > last)
      last = Number(object?.metadata.resourceVersion)
    }
    assert.deepEqual(told, [
      'DELETED new',
      'DELETED replaced',
      'MODIFIED changed',
      'ADDED deleted',
      'ADDED replaced',
    ])
    const after = await contents(api, CONFIGMAPS)
    assert.deepEqual(
      after.map(({ data, metadata }) => ({ data, metadata })),
      wanted,
    )
    const same = (await api.get(`${CONFIGMAPS}/same`)).body.metadata.resourceVersion
    assert.equal(same, before.items[3]?.metadata.resourceVersion)
    watch.close()
  })

  it('can be restored again and again, and writes nothing where nothing differs', async (t) => {
    const api = await startServer(t)
    for (let at = 0; at < 20; at++) await api.post(CONFIGMAPS, configMap(`c${at}`))
    const snapshot = api.server.snapshot()
    for (let turn = 0; turn < 3; turn++) {
      await api.merge(`${CONFIGMAPS}/c1`, { data: { turn: String(turn) } })
      api.server.restore(snapshot)
      assert.equal((await api.get(`${CONFIGMAPS}/c1`)).body.data, undefined)
    }
    const { resourceVersion } = (await api.get(CONFIGMAPS)).body.metadata
    api.server.restore(snapshot)
    assert.equal((await api.get(CONFIGMAPS)).body.metadata.resourceVersion, resourceVersion)
  })

  it('kinds come and go with their CRDs, and their objects with them', async (t) => {
    const api = await startServer(t)
    const without = api.server.snapshot()
    await defineWidgets(api)
    await api.post(WIDGETS, widget('a'))
    const { uid } = (await api.get(`${WIDGETS}/a`)).body.metadata
    const served = api.server.snapshot()

    const watch = await api.watch(`${WIDGETS}?watch=1`)
    await watch.next()
    api.server.restore(without)
    assert.equal((await watch.next())?.type, 'DELETED')
    assert.equal(await watch.next(), undefined)
    assert.equal((await api.get(WIDGETS)).status, 404)

    api.server.restore(served)
    assert.equal((await api.get(`${WIDGETS}/a`)).body.metadata.uid, uid)
    await api.merge(CRD, { spec: { names: { shortNames: ['wd'] } } })
    await api.post(WIDGETS, widget('b', { size: 5 }))
    api.server.restore(served)
    assert.deepEqual(
      (await api.get(WIDGETS)).body.items.map(({ metadata }) => metadata.name),
      ['a'],
    )
    assert.equal((await api.post(WIDGETS, widget('c', { size: 0 }))).status, 422)
  })

  it('what is allocated after a restore is what would have been before', async (t) => {
    const api = await startServer(t)
    const snapshot = api.server.snapshot()
    const addresses = []
    for (let turn = 0; turn < 2; turn++) {
      addresses.push((await api.post(SERVICES, service('a'))).body.spec.clusterIP)
      api.server.restore(snapshot)
    }
    assert.equal(addresses[0], addresses[1])
  })

  it('what the garbage collector took comes back with what it belonged to, and stays', async (t) => {
    const api = await startServer(t)
    const owner = (await api.post(CONFIGMAPS, configMap('owner'))).body.metadata
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.uid }]
    await api.post(CONFIGMAPS, configMap('owned', {}, { ownerReferences }))
    const snapshot = api.server.snapshot()
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&fieldSelector=metadata.name%3Downed`)
    await watch.next()
    await api.remove(`${CONFIGMAPS}/owner`)
    assert.equal((await watch.next())?.type, 'DELETED')
    api.server.restore(snapshot)
    assert.equal((await watch.next())?.type, 'ADDED')
    // The collector works between two requests.
    for (const name of ['owner', 'owned'])
      assert.equal((await api.get(`${CONFIGMAPS}/${name}`)).status, 200, name)
    await api.remove(`${CONFIGMAPS}/owner`)
    assert.equal((await watch.next())?.type, 'DELETED')
    watch.close()
  })

  it('may be restored into another server', async (t) => {
    const one = await startServer(t)
    await defineWidgets(one)
    await one.post(WIDGETS, widget('a', { size: 7 }))
    const snapshot = one.server.snapshot()
    const other = await startServer(t)
    other.server.restore(snapshot)
    assert.deepEqual(await contents(other, WIDGETS), await contents(one, WIDGETS))
    assert.deepEqual(await contents(other, '/api/v1/namespaces'), await contents(one, '/api/v1/namespaces'))
  })

  it('whatever happened, all is as it was, and a watch that went on knows it', async (t) => {
    const api = await startServer(t)
    for (const name of ['a', 'b', 'c']) await api.post(CONFIGMAPS, configMap(name))
    const snapshot = api.server.snapshot()
    const wanted = await contents(api, CONFIGMAPS)
    const { metadata, items } = (await api.get(CONFIGMAPS)).body
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&resourceVersion=${metadata.resourceVersion}`)
    const known = new Map(items.map((item) => [item.metadata.name, item.metadata.uid]))
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      action: fc.constantFrom('create', 'change', 'delete', 'hold'),
    })
    let turn = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        for (const { name, action } of steps) {
          const path = `${CONFIGMAPS}/${name}`
          if (action === 'create') await api.post(CONFIGMAPS, configMap(name))
          else if (action === 'change') await api.merge(path, { data: { turn: String(turn) } })
          else if (action === 'delete') await api.remove(path)
          else await api.merge(path, { metadata: { finalizers: ['example.com/hold'] } })
        }
        api.server.restore(snapshot)
        assert.deepEqual(await contents(api, CONFIGMAPS), wanted)
        await api.post(CONFIGMAPS, configMap(`end${++turn}`))
        for (let line = await watch.next(); line !== undefined; line = await watch.next()) {
          const { name, uid } = line.object.metadata
          if (line.type === 'DELETED') known.delete(name)
          else {
            assert.equal(known.get(name) ?? uid, uid, 'no object becomes another one')
            known.set(name, uid)
          }
          if (name === `end${turn}`) break
        }
        known.delete(`end${turn}`)
        api.server.restore(snapshot)
        assert.deepEqual(
          [...known].sort(),
          items.map((item) => [item.metadata.name, item.metadata.uid]).sort(),
        )
        await watch.next()
      }),
      { numRuns: 30 },
    )
    watch.close()
  })
})
