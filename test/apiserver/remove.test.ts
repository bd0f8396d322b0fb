import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeClock } from '../fake-clock.ts'
import {
  type Api,
  CONFIGMAPS,
  configMap,
  defineWidgets,
  gone,
  startServer,
  WIDGETS,
  widget,
} from './client.ts'

const ownedBy = (owner: { body: { metadata: { name: string; uid: string } } }, more: object = {}) => ({
  ownerReferences: [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: owner.body.metadata.name,
      uid: owner.body.metadata.uid,
      ...more,
    },
  ],
})

async function family(api: Api, more: object = {}) {
  const owner = await api.post(CONFIGMAPS, configMap('owner'))
  await api.post(CONFIGMAPS, configMap('child', {}, { ...ownedBy(owner), ...more }))
  return owner
}

describe('deletion in the embedded API server', () => {
  it('R12: an object with finalizers is marked, takes no new ones, and goes with the last', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('a', {}, { finalizers: ['example.com/x'] }))
    const marked = await api.remove(`${CONFIGMAPS}/a`)
    assert.ok(marked.body.metadata.deletionTimestamp)
    const more = await api.merge(`${CONFIGMAPS}/a`, {
      metadata: { finalizers: ['example.com/x', 'example.com/y'] },
    })
    assert.equal(more.status, 422)
    await api.merge(`${CONFIGMAPS}/a`, { metadata: { finalizers: null } })
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).status, 404)
  })

  it('C3: a uid precondition that does not hold deletes nothing', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('a'))
    const refused = await api.remove(`${CONFIGMAPS}/a`, { preconditions: { uid: 'another' } })
    assert.deepEqual([refused.status, refused.body.reason], [409, 'Conflict'])
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).status, 200)
  })

  it('D7: dependents go with their owner in the background', async (t) => {
    const api = await startServer(t)
    await family(api)
    await api.remove(`${CONFIGMAPS}/owner`)
    await gone(api, CONFIGMAPS, 'child')
  })

  it('a foreground deletion waits for dependents that block it', async (t) => {
    const api = await startServer(t)
    const owner = await api.post(CONFIGMAPS, configMap('owner'))
    const held = { ...ownedBy(owner, { blockOwnerDeletion: true }), finalizers: ['example.com/x'] }
    await api.post(CONFIGMAPS, configMap('child', {}, held))
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&fieldSelector=metadata.name%3Dchild`)
    await watch.next()
    await api.remove(`${CONFIGMAPS}/owner`, { propagationPolicy: 'Foreground' })
    assert.ok((await watch.next())?.object.metadata.deletionTimestamp)
    watch.close()
    assert.equal((await api.get(`${CONFIGMAPS}/owner`)).status, 200)
    await api.merge(`${CONFIGMAPS}/child`, { metadata: { finalizers: null } })
    await gone(api, CONFIGMAPS, 'owner')
  })

  it('an orphaning deletion leaves the dependents, without their owner', async (t) => {
    const api = await startServer(t)
    await family(api)
    await api.remove(`${CONFIGMAPS}/owner`, { propagationPolicy: 'Orphan' })
    await gone(api, CONFIGMAPS, 'owner')
    assert.equal((await api.get(`${CONFIGMAPS}/child`)).body.metadata.ownerReferences, undefined)
  })

  it('an owner of the same name but another uid owns nothing', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('owner'))
    await api.post(
      CONFIGMAPS,
      configMap('child', {}, ownedBy({ body: { metadata: { name: 'owner', uid: 'old' } } })),
    )
    await gone(api, CONFIGMAPS, 'child')
    assert.equal((await api.get(`${CONFIGMAPS}/owner`)).status, 200)
  })

  it('a namespace is emptied before it goes, and takes nothing new meanwhile', async (t) => {
    const api = await startServer(t)
    await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } })
    const inside = '/api/v1/namespaces/n/configmaps'
    await api.post(inside, configMap('held', {}, { finalizers: ['example.com/x'] }))
    await api.remove('/api/v1/namespaces/n')
    assert.equal((await api.post(inside, configMap('late'))).status, 403)
    await api.merge(`${inside}/held`, { metadata: { finalizers: null } })
    await gone(api, '/api/v1/namespaces', 'n')
    assert.deepEqual((await api.get('/api/v1/configmaps')).body.items, [])
  })

  it('deletecollection deletes what the selector chooses', async (t) => {
    const api = await startServer(t)
    for (const name of ['a', 'b']) await api.post(CONFIGMAPS, configMap(name, {}, { labels: { n: name } }))
    const removed = await api.remove(`${CONFIGMAPS}?labelSelector=n%3Da`)
    assert.deepEqual([removed.body.kind, removed.body.items.length], ['ConfigMapList', 1])
    assert.equal((await api.get(`${CONFIGMAPS}/b`)).status, 200)
  })

  it('a CustomResourceDefinition takes its objects, its paths and its watches with it', async (t) => {
    const api = await startServer(t)
    await defineWidgets(api)
    await api.post(WIDGETS, widget('w'))
    const watch = await api.watch(`${WIDGETS}?watch=1`)
    assert.equal((await watch.next())?.type, 'ADDED')
    await api.remove('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com')
    assert.equal((await watch.next())?.type, 'DELETED')
    assert.equal(await watch.next(), undefined)
    assert.equal((await api.get(WIDGETS)).status, 404)
  })

  const PODS = '/api/v1/namespaces/default/pods'
  const pod = (name: string, spec: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  })
  const graceOf = ({ body }: { body: { metadata: Record<string, unknown> } }) => [
    body.metadata.deletionTimestamp,
    body.metadata.deletionGracePeriodSeconds,
  ]

  it('a pod that runs has its grace, which can only get shorter, and goes when it is over', async (t) => {
    const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
    const api = await startServer(t, { clock })
    await api.post(PODS, pod('p', { nodeName: 'n' }))
    const seconds = (gracePeriodSeconds: number) => api.remove(`${PODS}/p`, { gracePeriodSeconds })
    assert.deepEqual(graceOf(await api.remove(`${PODS}/p`)), ['2030-01-01T00:00:30Z', 30])
    assert.deepEqual(graceOf(await seconds(60)), ['2030-01-01T00:00:30Z', 30])
    assert.deepEqual(graceOf(await seconds(10)), ['2030-01-01T00:00:10Z', 10])
    await clock.advance(20_000)
    assert.deepEqual(graceOf(await seconds(5)), ['2030-01-01T00:00:20Z', 1])
    assert.equal((await api.get(`${PODS}/p`)).body.metadata.generation, 2)
    assert.deepEqual(graceOf(await seconds(0)), ['2030-01-01T00:00:20Z', 0])
    assert.equal((await api.get(`${PODS}/p`)).status, 404)
  })

  it('a pod that runs nowhere goes at once, and its watchers see it marked first', async (t) => {
    const api = await startServer(t)
    await api.post(PODS, pod('p'))
    const watch = await api.watch(`${PODS}?watch=1`)
    assert.equal((await watch.next())?.type, 'ADDED')
    await api.remove(`${PODS}/p`)
    const [marked, last] = [await watch.next(), await watch.next()]
    watch.close()
    assert.deepEqual([marked?.type, last?.type], ['MODIFIED', 'DELETED'])
    assert.equal(marked?.object.metadata.deletionGracePeriodSeconds, 0)
  })

  it('a Job leaves its pods unless it is told otherwise, and says so', async (t) => {
    const api = await startServer(t, { controllers: false })
    const jobs = '/apis/batch/v1/namespaces/default/jobs'
    const template = { spec: { ...pod('p').spec, restartPolicy: 'Never' } }
    await api.post(jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec: { template } })
    const told = await api.remove(`${jobs}/j`, { propagationPolicy: 'Orphan' })
    assert.equal(told.headers.warning, undefined)
    const removed = await api.remove(`${jobs}/j`)
    assert.match(String(removed.headers.warning), /child pods are preserved by default when jobs are deleted/)
    assert.deepEqual(removed.body.metadata.finalizers, ['orphan'])
  })

  it('finalizers that stay the same stay in their order, and the oldest way to wait answers 202', async (t) => {
    const api = await startServer(t, { controllers: false })
    const finalizers = ['foregroundDeletion', 'example.com/x']
    await api.post(CONFIGMAPS, configMap('a', {}, { finalizers }))
    const { body } = await api.remove(`${CONFIGMAPS}/a`, { propagationPolicy: 'Foreground' })
    assert.deepEqual(body.metadata.finalizers, finalizers)
    const accepted = await api.remove(`${CONFIGMAPS}/a`, { orphanDependents: false })
    assert.deepEqual([accepted.status, accepted.body.metadata.finalizers], [202, ['example.com/x']])
  })

  it('a namespace is marked first, whatever its finalizers, and goes by a second request', async (t) => {
    const api = await startServer(t, { controllers: false })
    const path = '/api/v1/namespaces/n'
    const metadata = { name: 'n' }
    const { body } = await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata })
    const refused = await api.remove(path, { preconditions: { uid: 'x' } })
    assert.match(
      refused.body.message,
      /^Operation cannot be fulfilled on namespaces "n": Precondition failed: UID/,
    )
    await api.put(`${path}/finalize`, { ...body, spec: {} })
    const marked = await api.remove(path)
    assert.deepEqual([marked.status, marked.body.status], [200, { phase: 'Terminating' }])
    assert.equal((await api.get(path)).status, 200)
    assert.equal((await api.remove(path)).body.kind, 'Namespace')
    assert.equal((await api.get(path)).status, 404)
  })
})
