/** StatefulSets, DaemonSets and storage of the embedded API server's simulation, in fake time. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Api } from './client.ts'
import { APPS, counts, image, list, names, PODS, startCluster, template } from './workloads.ts'

const SETS = `${APPS}/statefulsets`
const DB = `${SETS}/db`
const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims'
const VOLUMES = '/api/v1/persistentvolumes'

const statefulSet = (replicas: number, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    replicas,
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: template('db'),
    ...spec,
  },
})

const volumeClaimTemplates = [
  {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
]

/** The image of each pod, by name. */
const images = async (api: Api) =>
  Object.fromEntries(
    (await list(api, PODS)).map(({ metadata, spec }) => [
      metadata.name,
      (spec.containers as { image: string }[])[0]?.image,
    ]),
  )

const replicas = (count: number) => ({ spec: { replicas: count } })

describe('a simulated StatefulSet', () => {
  it('starts its pods one after the other, and ends them in the opposite order', async (t) => {
    const { api, passSeconds } = await startCluster(t, { stopAfterSeconds: 1 })
    await api.post(SETS, statefulSet(3))
    const seen = []
    for (let step = 0; step < 3; step++) {
      seen.push(await names(api, PODS))
      await passSeconds(5)
    }
    assert.deepEqual(seen, [['db-0'], ['db-0', 'db-1'], ['db-0', 'db-1', 'db-2']])
    await api.merge(DB, replicas(1))
    assert.deepEqual(
      (await list(api, PODS))
        .filter(({ metadata }) => metadata.deletionTimestamp)
        .map((one) => one.metadata.name),
      ['db-2'],
    )
    await passSeconds(1)
    assert.deepEqual(await names(api, PODS), ['db-0', 'db-1'])
    await passSeconds(1)
    assert.deepEqual(await names(api, PODS), ['db-0'])
  })

  it('starts all at once where it says Parallel', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(SETS, statefulSet(3, { podManagementPolicy: 'Parallel' }))
    assert.deepEqual(await names(api, PODS), ['db-0', 'db-1', 'db-2'])
    await passSeconds(5)
    const { body } = await api.get(DB)
    assert.deepEqual(
      counts(body, 'replicas', 'readyReplicas', 'availableReplicas', 'currentReplicas'),
      [3, 3, 3, 3],
    )
    assert.equal(body.status.observedGeneration, body.metadata.generation)
  })

  it('names its pods, and finds each its own volume again', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(SETS, statefulSet(1, { volumeClaimTemplates }))
    await passSeconds(5)
    const { body } = await api.get(`${PODS}/db-0`)
    const labels = body.metadata.labels as Record<string, string>
    assert.deepEqual(
      [labels['statefulset.kubernetes.io/pod-name'], body.spec.hostname, body.spec.subdomain],
      ['db-0', 'db-0', 'db'],
    )
    const [claim] = await list(api, CLAIMS)
    assert.deepEqual([claim?.metadata.name, claim?.status.phase], ['data-db-0', 'Bound'])
    const [volume] = await list(api, VOLUMES)
    assert.deepEqual([volume?.metadata.name, volume?.status.phase], [claim?.spec.volumeName, 'Bound'])
    await api.remove(`${PODS}/db-0`)
    await passSeconds(5)
    const again = (await api.get(`${PODS}/db-0`)).body
    assert.notEqual(again.metadata.uid, body.metadata.uid)
    assert.deepEqual(again.spec.volumes, [
      { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } },
    ])
  })

  it('replaces its pods from the highest on, down to the partition', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(SETS, statefulSet(3, { updateStrategy: { rollingUpdate: { partition: 1 } } }))
    await passSeconds(15)
    await api.merge(DB, image('i:2'))
    assert.deepEqual(await images(api), { 'db-0': 'i:1', 'db-1': 'i:1', 'db-2': 'i:2' })
    await passSeconds(10)
    assert.deepEqual(await images(api), { 'db-0': 'i:1', 'db-1': 'i:2', 'db-2': 'i:2' })
    const { body } = await api.get(DB)
    assert.notEqual(body.status.currentRevision, body.status.updateRevision)
    assert.deepEqual(counts(body, 'currentReplicas', 'updatedReplicas'), [1, 2])
    await api.remove(`${PODS}/db-0`)
    await passSeconds(5)
    assert.equal((await images(api))['db-0'], 'i:1')
    await api.merge(DB, { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } })
    await passSeconds(5)
    const { status } = (await api.get(DB)).body
    assert.equal(status.currentRevision, status.updateRevision)
    assert.deepEqual(await images(api), { 'db-0': 'i:2', 'db-1': 'i:2', 'db-2': 'i:2' })
  })

  it('leaves pods alone until they are deleted where it says OnDelete', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(SETS, statefulSet(2, { updateStrategy: { type: 'OnDelete' } }))
    await passSeconds(10)
    await api.merge(DB, image('i:2'))
    await passSeconds(10)
    assert.deepEqual(await images(api), { 'db-0': 'i:1', 'db-1': 'i:1' })
    await api.remove(`${PODS}/db-0`)
    await passSeconds(5)
    assert.deepEqual(await images(api), { 'db-0': 'i:2', 'db-1': 'i:1' })
  })

  it('stops at a pod that does not become ready', async (t) => {
    const { api, passSeconds } = await startCluster(t, {
      outcome: (pod) => ((pod.metadata as { name?: string }).name === 'db-1' ? 'never' : 'ready'),
    })
    await api.post(SETS, statefulSet(3))
    await passSeconds(60)
    assert.deepEqual(await names(api, PODS), ['db-0', 'db-1'])
    assert.deepEqual(counts((await api.get(DB)).body, 'readyReplicas', 'availableReplicas'), [1, 1])
  })

  it('keeps the history of its templates, and goes back in it', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(SETS, statefulSet(1, { revisionHistoryLimit: 0 }))
    for (const text of ['i:2', 'i:1']) {
      await passSeconds(5)
      await api.merge(DB, image(text))
    }
    const revisionsOf = async () =>
      (await list(api, `${APPS}/controllerrevisions`)).map(({ metadata }) => metadata.name)
    assert.equal((await revisionsOf()).length, 2)
    await passSeconds(5)
    assert.deepEqual(await revisionsOf(), [(await api.get(DB)).body.status.updateRevision])
  })

  it('drops claims with pods or with the set where its retention policy says so', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    const persistentVolumeClaimRetentionPolicy = { whenScaled: 'Delete', whenDeleted: 'Delete' }
    await api.post(SETS, statefulSet(2, { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy }))
    await passSeconds(10)
    await api.merge(DB, replicas(1))
    await passSeconds(0)
    assert.deepEqual(await names(api, CLAIMS), ['data-db-0'])
    await api.remove(DB)
    await passSeconds(0)
    assert.deepEqual([await names(api, CLAIMS), await names(api, VOLUMES)], [[], []])
  })

  it('keeps claims without such a policy, and a claim outlives the pod that uses it', async (t) => {
    const { api, passSeconds } = await startCluster(t, { stopAfterSeconds: 2 })
    await api.post(SETS, statefulSet(1, { volumeClaimTemplates }))
    await passSeconds(5)
    await api.remove(`${CLAIMS}/data-db-0`)
    assert.ok((await api.get(`${CLAIMS}/data-db-0`)).body.metadata.deletionTimestamp)
    await api.remove(DB)
    await passSeconds(2)
    assert.deepEqual(
      [await names(api, PODS), await names(api, CLAIMS), await names(api, VOLUMES)],
      [[], [], []],
    )
  })
})

describe('a simulated DaemonSet', () => {
  const agent = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent' },
    spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent') },
  }
  const AGENT = `${APPS}/daemonsets/agent`
  const node = (name: string) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })

  it('has a pod on each node, also on one that comes later', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(`${APPS}/daemonsets`, agent)
    await api.post('/api/v1/nodes', node('other'))
    await passSeconds(5)
    const nodes = (await list(api, PODS)).map(({ spec }) => spec.nodeName)
    assert.deepEqual(nodes.sort(), ['other', 'simulated'])
    const { body } = await api.get(AGENT)
    assert.deepEqual(
      counts(body, 'desiredNumberScheduled', 'currentNumberScheduled', 'numberReady', 'numberAvailable'),
      [2, 2, 2, 2],
    )
    await api.remove('/api/v1/nodes/other')
    assert.equal((await list(api, PODS)).length, 1)
  })

  it('replaces its pods one after the other', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post('/api/v1/nodes', node('other'))
    await api.post(`${APPS}/daemonsets`, agent)
    await passSeconds(5)
    await api.merge(AGENT, image('i:2'))
    assert.deepEqual(Object.values(await images(api)).sort(), ['i:1', 'i:2'])
    await passSeconds(5)
    assert.deepEqual(Object.values(await images(api)).sort(), ['i:2', 'i:2'])
    await passSeconds(5)
    const { body } = await api.get(AGENT)
    assert.deepEqual(
      counts(body, 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable'),
      [2, 2, 0],
    )
    assert.equal(body.status.observedGeneration, body.metadata.generation)
  })
})
