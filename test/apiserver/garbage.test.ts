/**
 * The garbage collector and the end of namespaces, by the rules of kube-controller-manager's: who is collected, who waits, what
 * is told.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type Api,
  type Body,
  CONFIGMAPS,
  configMap,
  defineWidgets,
  gone,
  startServer,
  WIDGETS,
  widget,
} from './client.ts'

const NAMESPACES = '/api/v1/namespaces'
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

const ref = (
  { apiVersion = 'v1', kind, metadata }: Partial<Body> & { apiVersion?: string },
  more: object = {},
) => ({
  apiVersion,
  kind: kind ?? 'ConfigMap',
  name: metadata?.name,
  uid: metadata?.uid,
  ...more,
})

const owned = (...ownerReferences: object[]) => ({ ownerReferences })

/** The owners that an object has left, by name. */
const ownersOf = async (api: Api, path: string) => {
  const { body } = await api.get(path)
  return ((body.metadata?.ownerReferences ?? []) as { name: string }[]).map(({ name }) => name)
}

const finalizersOf = async (api: Api, path: string) => (await api.get(path)).body.metadata?.finalizers

async function namespaced(api: Api, name: string): Promise<string> {
  await api.post(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  return `${NAMESPACES}/${name}/configmaps`
}

describe('the garbage collector', () => {
  it('forgets absent owners where another is left, and collects where none is', async (t) => {
    const api = await startServer(t)
    const { body: a } = await api.post(CONFIGMAPS, configMap('a'))
    const absent = ref({ kind: 'ConfigMap', metadata: { ...a.metadata, name: 'never', uid: 'x' } })
    await api.post(CONFIGMAPS, configMap('both', {}, owned(ref(a), absent)))
    await api.post(CONFIGMAPS, configMap('one', {}, owned(absent)))
    assert.deepEqual(await ownersOf(api, `${CONFIGMAPS}/both`), ['a'])
    assert.equal((await api.get(`${CONFIGMAPS}/one`)).status, 404)
  })

  it('looks for owners in the namespace of the dependent only', async (t) => {
    const api = await startServer(t)
    const inside = await namespaced(api, 'n')
    const { body: a } = await api.post(CONFIGMAPS, configMap('a'))
    await api.post(inside, configMap('stray', {}, owned(ref(a))))
    assert.equal((await api.get(`${inside}/stray`)).status, 404)
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).status, 200)
  })

  it('takes owners without a namespace for dependents with one', async (t) => {
    const api = await startServer(t)
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r' } }
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
    const { body } = await api.post(roles, { ...role, rules: [] })
    await api.post(CONFIGMAPS, configMap('child', {}, owned(ref({ ...body, apiVersion: role.apiVersion }))))
    assert.equal((await api.get(`${CONFIGMAPS}/child`)).status, 200)
    await api.remove(`${roles}/r`)
    assert.equal((await api.get(`${CONFIGMAPS}/child`)).status, 404)
  })

  it('leaves an object without a namespace alone that names an owner with one', async (t) => {
    const api = await startServer(t)
    const { body: a } = await api.post(CONFIGMAPS, configMap('a'))
    const metadata = { name: 'r', ...owned(ref(a)) }
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
    await api.post(roles, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata,
      rules: [],
    })
    await api.remove(`${CONFIGMAPS}/a`)
    assert.deepEqual(await ownersOf(api, `${roles}/r`), ['a'])
  })

  it('leaves alone what has an owner of a kind that is not served, until it is', async (t) => {
    const api = await startServer(t)
    const unknown = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: 'x' }
    const absent = { apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: 'y' }
    await api.post(CONFIGMAPS, configMap('child', {}, owned(unknown, absent)))
    assert.deepEqual(await ownersOf(api, `${CONFIGMAPS}/child`), ['w', 'never'])
    await defineWidgets(api)
    await gone(api, CONFIGMAPS, 'child')
  })

  it('collects the dependents of objects that went with their CustomResourceDefinition', async (t) => {
    const api = await startServer(t)
    await defineWidgets(api)
    const { body: w } = await api.post(WIDGETS, widget('w'))
    await api.post(CONFIGMAPS, configMap('child', {}, owned(ref({ ...w, apiVersion: 'example.com/v1' }))))
    await api.remove(`${CRDS}/widgets.example.com`)
    await gone(api, CONFIGMAPS, 'child')
  })

  it('lets go of an owner in the foreground once the reference that blocks it is taken away', async (t) => {
    const api = await startServer(t)
    const { body: a } = await api.post(CONFIGMAPS, configMap('a'))
    const { body: b } = await api.post(CONFIGMAPS, configMap('b'))
    const held = { finalizers: ['example.com/x'] }
    await api.post(
      CONFIGMAPS,
      configMap('c', {}, { ...owned(ref(a, { blockOwnerDeletion: true })), ...held }),
    )
    await api.post(
      CONFIGMAPS,
      configMap('d', {}, { ...owned(ref(b, { blockOwnerDeletion: true })), ...held }),
    )
    for (const name of ['a', 'b'])
      await api.remove(`${CONFIGMAPS}/${name}`, { propagationPolicy: 'Foreground' })
    assert.deepEqual(await finalizersOf(api, `${CONFIGMAPS}/a`), ['foregroundDeletion'])
    await api.merge(`${CONFIGMAPS}/c`, { metadata: { ownerReferences: null } })
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).status, 404)
    await api.merge(`${CONFIGMAPS}/d`, { metadata: owned(ref(b, { blockOwnerDeletion: false })) })
    assert.equal((await api.get(`${CONFIGMAPS}/b`)).status, 404)
  })

  it('takes an owner that is deleted in the foreground away from dependents with another owner', async (t) => {
    const api = await startServer(t)
    const { body: a } = await api.post(CONFIGMAPS, configMap('a'))
    const { body: b } = await api.post(CONFIGMAPS, configMap('b'))
    const block = { blockOwnerDeletion: true }
    await api.post(CONFIGMAPS, configMap('child', {}, owned(ref(a, block), ref(b, block))))
    await api.remove(`${CONFIGMAPS}/a`, { propagationPolicy: 'Foreground' })
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).status, 404)
    assert.deepEqual(await ownersOf(api, `${CONFIGMAPS}/child`), ['b'])
  })

  it('hands a foreground deletion down to dependents that have dependents', async (t) => {
    const api = await startServer(t)
    const block = { blockOwnerDeletion: true }
    const { body: a } = await api.post(CONFIGMAPS, configMap('a'))
    const { body: b } = await api.post(CONFIGMAPS, configMap('b', {}, owned(ref(a, block))))
    const held = { ...owned(ref(b, block)), finalizers: ['example.com/x'] }
    await api.post(CONFIGMAPS, configMap('c', {}, held))
    await api.remove(`${CONFIGMAPS}/a`, { propagationPolicy: 'Foreground' })
    assert.deepEqual(await finalizersOf(api, `${CONFIGMAPS}/b`), ['foregroundDeletion'])
    await api.merge(`${CONFIGMAPS}/c`, { metadata: { finalizers: null } })
    assert.deepEqual((await api.get(CONFIGMAPS)).body.items, [])
  })

  it('breaks a circle of owners that wait for each other', async (t) => {
    const api = await startServer(t)
    const block = { blockOwnerDeletion: true }
    const { body: a } = await api.post(CONFIGMAPS, configMap('a'))
    const { body: b } = await api.post(CONFIGMAPS, configMap('b', {}, owned(ref(a, block))))
    await api.merge(`${CONFIGMAPS}/a`, { metadata: owned(ref(b, block)) })
    await api.remove(`${CONFIGMAPS}/a`, { propagationPolicy: 'Foreground' })
    assert.deepEqual((await api.get(CONFIGMAPS)).body.items, [])
  })

  it('does not follow Events', async (t) => {
    const api = await startServer(t)
    const metadata = { name: 'e', ...owned({ apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: 'x' }) }
    const involvedObject = { kind: 'ConfigMap', namespace: 'default', name: 'never' }
    const event = { apiVersion: 'v1', kind: 'Event', metadata, involvedObject }
    await api.post(`${NAMESPACES}/default/events`, event)
    assert.equal((await api.get(`${NAMESPACES}/default/events/e`)).status, 200)
    const removed = await api.remove(`${NAMESPACES}/default/events/e`, { propagationPolicy: 'Foreground' })
    assert.equal(removed.body.kind, 'Status')
  })
})

interface Condition {
  type: string
  status: string
  reason: string
  message: string
}

/** The conditions of a namespace: type, status and message of those that hold. */
const toldOf = (namespace: Body): [string, string][] =>
  ((namespace.status.conditions ?? []) as Condition[])
    .filter(({ status }) => status === 'True')
    .map(({ type, message }) => [type, message])

describe('the end of a namespace', () => {
  it('tells what is left, by kind, and which finalizers hold it', async (t) => {
    const api = await startServer(t)
    await defineWidgets(api)
    const inside = await namespaced(api, 'n')
    const finalizers = ['example.com/b', 'example.com/a']
    for (const name of ['one', 'two']) await api.post(inside, configMap(name, {}, { finalizers }))
    const widgets = '/apis/example.com/v1/namespaces/n/widgets'
    await api.post(widgets, { ...widget('w'), metadata: { name: 'w', finalizers: ['example.com/a'] } })
    await api.remove(`${NAMESPACES}/n`)
    const { body } = await api.get(`${NAMESPACES}/n`)
    assert.deepEqual(toldOf(body), [
      [
        'NamespaceContentRemaining',
        'Some resources are remaining: configmaps. has 2 resource instances, widgets.example.com has 1 resource instances',
      ],
      [
        'NamespaceFinalizersRemaining',
        'Some content in the namespace has finalizers remaining: example.com/a in 3 resource instances, example.com/b in 2 resource instances',
      ],
    ])
    const managers = body.metadata.managedFields as { manager: string; subresource?: string }[]
    assert.ok(
      managers.some((one) => one.manager === 'kube-controller-manager' && one.subresource === 'status'),
    )
  })

  it('removes pods first and says nothing of the rest meanwhile', async (t) => {
    const api = await startServer(t)
    const inside = await namespaced(api, 'n')
    await api.post(inside, configMap('free'))
    const pods = `${NAMESPACES}/n/pods`
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', finalizers: ['example.com/x'] } }
    await api.post(pods, { ...pod, spec: { containers: [{ name: 'c', image: 'i' }] } })
    await api.remove(`${NAMESPACES}/n`)
    assert.equal((await api.get(`${inside}/free`)).status, 200)
    assert.deepEqual(toldOf((await api.get(`${NAMESPACES}/n`)).body), [])
    await api.merge(`${pods}/p`, { metadata: { finalizers: null } })
    assert.equal((await api.get(`${NAMESPACES}/n`)).status, 404)
  })

  it('tells that all is well before it goes', async (t) => {
    const api = await startServer(t)
    await namespaced(api, 'n')
    const watch = await api.watch(`${NAMESPACES}?watch=1&fieldSelector=metadata.name%3Dn`)
    await api.remove(`${NAMESPACES}/n`)
    const types: string[] = []
    while (types.at(-1) !== 'DELETED') types.push((await watch.next())?.type ?? 'DELETED')
    assert.deepEqual(types, ['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED'])
    watch.close()
  })

  it('waits for finalizers of the namespace itself, in spec and in metadata', async (t) => {
    const api = await startServer(t)
    const metadata = { name: 'n', finalizers: ['example.com/x'] }
    const spec = { finalizers: ['example.com/y'] }
    await api.post(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata, spec })
    await api.remove(`${NAMESPACES}/n`)
    const { body } = await api.get(`${NAMESPACES}/n`)
    assert.deepEqual(body.spec, { finalizers: ['example.com/y'] })
    await api.put(`${NAMESPACES}/n/finalize`, { ...body, spec: {} })
    assert.deepEqual((await api.get(`${NAMESPACES}/n`)).body.spec, {})
    await api.merge(`${NAMESPACES}/n`, { metadata: { finalizers: null } })
    assert.equal((await api.get(`${NAMESPACES}/n`)).status, 404)
  })
})
