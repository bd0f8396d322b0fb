/** Deployments, ReplicaSets and pods of the embedded API server's simulation, in fake time. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Outcome, startApiServer } from '../../lib/apiserver/index.ts'
import { fakeClock } from '../fake-clock.ts'
import { apiOf, startServer } from './client.ts'
import { configure, deny, hook, rule, startWebhooks, VALIDATING } from './webhooks.ts'
import {
  counts,
  deployment,
  DEPLOYMENTS,
  conditionOf,
  image,
  list,
  names,
  PODS,
  REPLICA_SETS,
  revisions,
  startCluster,
  template,
  told,
} from './workloads.ts'

const WEB = `${DEPLOYMENTS}/web`

describe('a simulated Deployment', () => {
  it('is as it was written where nothing is simulated', async (t) => {
    const api = await startServer(t)
    await api.post(DEPLOYMENTS, deployment('web', 2))
    assert.deepEqual((await api.get(WEB)).body.status, {})
    assert.deepEqual(await list(api, REPLICA_SETS), [])
  })

  it('reports its rollout step by step, from its ReplicaSet to enough pods', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    const watch = await api.watch(`${DEPLOYMENTS}?watch=1`)
    await api.post(DEPLOYMENTS, deployment('web', 2))
    await passSeconds(5)
    const seen: string[] = []
    while (seen.at(-1) !== 'True NewReplicaSetAvailable, True MinimumReplicasAvailable') {
      const line = await watch.next()
      assert.ok(line)
      seen.push(`${told(line.object, 'Progressing')}, ${told(line.object, 'Available')}`)
    }
    watch.close()
    assert.deepEqual(
      [...new Set(seen)],
      [
        'undefined, undefined',
        'True NewReplicaSetCreated, False MinimumReplicasUnavailable',
        'True ReplicaSetUpdated, False MinimumReplicasUnavailable',
        'True NewReplicaSetAvailable, True MinimumReplicasAvailable',
      ],
    )
    const { body } = await api.get(WEB)
    assert.equal(body.status.observedGeneration, body.metadata.generation)
    assert.deepEqual(
      counts(
        body,
        'replicas',
        'updatedReplicas',
        'readyReplicas',
        'availableReplicas',
        'unavailableReplicas',
      ),
      [2, 2, 2, 2, 0],
    )
    assert.deepEqual(body.metadata.annotations, { 'deployment.kubernetes.io/revision': '1' })
  })

  it('has a ReplicaSet and pods that are its own, named and labelled as real ones', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    const { body: web } = await api.post(DEPLOYMENTS, deployment('web', 1))
    await passSeconds(4)
    const [set] = await list(api, REPLICA_SETS)
    const [pod] = await list(api, PODS)
    const labels = (set?.metadata.labels ?? {}) as Record<string, string>
    const hash = labels['pod-template-hash'] ?? ''
    assert.match(hash, /^[bcdfghjklm]+$/)
    assert.equal(set?.metadata.name, `web-${hash}`)
    assert.deepEqual(set?.metadata.ownerReferences, [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: 'web',
        uid: web.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ])
    assert.match(pod?.metadata.name ?? '', new RegExp(`^web-${hash}-[a-z0-9]{5}$`))
    assert.deepEqual(pod?.metadata.labels, { app: 'web', 'pod-template-hash': hash })
    assert.equal(pod?.status.phase, 'Running')
    assert.match(String(pod?.status.podIP), /^10\.244\./)
    assert.ok(pod !== undefined && told(pod, 'Ready') === 'False ContainersNotReady')
    await passSeconds(1)
    const [ready] = await list(api, PODS)
    assert.ok(ready !== undefined && conditionOf(ready, 'Ready')?.status === 'True')
  })

  it('writes as kube-controller-manager and kubelet, through the subresource of the status', async (t) => {
    const { api } = await startCluster(t)
    await api.post(DEPLOYMENTS, deployment('web', 1))
    const managersOf = (object: { metadata: Record<string, unknown> } | undefined) =>
      ((object?.metadata.managedFields ?? []) as { manager: string; subresource?: string }[])
        .map(({ manager, subresource }) => `${manager} ${subresource ?? ''}`.trim())
        .sort()
    assert.deepEqual(managersOf((await api.get(WEB)).body), ['kube-controller-manager status', 'unknown'])
    const [pod] = await list(api, PODS)
    assert.deepEqual(managersOf(pod), ['kube-controller-manager', 'kubelet status'])
  })

  it('rolls to a new template within maxSurge and maxUnavailable', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    const strategy = { rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } }
    await api.post(DEPLOYMENTS, deployment('web', 4, { strategy }))
    await passSeconds(5)
    await api.merge(WEB, image('i:2'))
    assert.deepEqual(await revisions(api), [
      ['1', 3],
      ['2', 3],
    ])
    await passSeconds(5)
    assert.deepEqual(await revisions(api), [
      ['1', 0],
      ['2', 4],
    ])
    await passSeconds(5)
    const { body } = await api.get(WEB)
    assert.equal(told(body, 'Progressing'), 'True NewReplicaSetAvailable')
    assert.deepEqual(counts(body, 'replicas', 'updatedReplicas', 'availableReplicas'), [4, 4, 4])
    assert.deepEqual(body.metadata.annotations, { 'deployment.kubernetes.io/revision': '2' })
  })

  it('goes back to a former template by its ReplicaSet, which becomes the latest revision', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(DEPLOYMENTS, deployment('web', 1))
    for (const text of ['i:2', 'i:1']) {
      await passSeconds(20)
      await api.merge(WEB, image(text))
    }
    await passSeconds(20)
    assert.deepEqual(await revisions(api), [
      ['2', 0],
      ['3', 1],
    ])
    const [set] = (await list(api, REPLICA_SETS)).filter(({ spec }) => spec.replicas === 1)
    const annotations = set?.metadata.annotations as Record<string, string>
    assert.equal(annotations['deployment.kubernetes.io/revision-history'], '1')
  })

  it('keeps as many former ReplicaSets as revisionHistoryLimit says', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(DEPLOYMENTS, deployment('web', 1, { revisionHistoryLimit: 1 }))
    for (const text of ['i:2', 'i:3', 'i:4']) {
      await passSeconds(20)
      await api.merge(WEB, image(text))
    }
    await passSeconds(20)
    assert.deepEqual(await revisions(api), [
      ['3', 0],
      ['4', 1],
    ])
  })

  it('replaces all pods at once, the old ones first, where its strategy is Recreate', async (t) => {
    const { api, passSeconds } = await startCluster(t, { stopAfterSeconds: 3 })
    await api.post(DEPLOYMENTS, deployment('web', 2, { strategy: { type: 'Recreate' } }))
    await passSeconds(5)
    await api.merge(WEB, image('i:2'))
    assert.deepEqual(await revisions(api), [['1', 0]])
    assert.deepEqual(
      (await list(api, PODS)).map(({ metadata }) => metadata.deletionTimestamp !== undefined),
      [true, true],
    )
    await passSeconds(3)
    assert.deepEqual(await revisions(api), [
      ['1', 0],
      ['2', 2],
    ])
    await passSeconds(5)
    assert.deepEqual(counts((await api.get(WEB)).body, 'availableReplicas'), [2])
  })

  it('takes templates and does nothing about them while it is paused', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(DEPLOYMENTS, deployment('web', 1))
    await passSeconds(5)
    await api.merge(WEB, { spec: { paused: true } })
    assert.equal(told((await api.get(WEB)).body, 'Progressing'), 'Unknown DeploymentPaused')
    await api.merge(WEB, image('i:2'))
    await api.merge(WEB, { spec: { replicas: 3 } })
    await passSeconds(5)
    assert.deepEqual(await revisions(api), [['1', 3]])
    const { body } = await api.get(WEB)
    assert.equal(body.status.observedGeneration, body.metadata.generation)
    await api.merge(WEB, { spec: { paused: false } })
    await passSeconds(60)
    assert.deepEqual(await revisions(api), [
      ['1', 0],
      ['2', 3],
    ])
    assert.equal(told((await api.get(WEB)).body, 'Progressing'), 'True NewReplicaSetAvailable')
  })

  it('shares out a new size among its ReplicaSets in the middle of a rollout', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    const strategy = { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } }
    await api.post(DEPLOYMENTS, deployment('web', 10, { strategy }))
    await passSeconds(5)
    await api.merge(WEB, { spec: { template: template('web', 'i:2', { 'fairlead.dev/outcome': 'never' }) } })
    assert.deepEqual(await revisions(api), [
      ['1', 8],
      ['2', 5],
    ])
    await api.merge(WEB, { spec: { replicas: 15 } })
    assert.deepEqual(await revisions(api), [
      ['1', 11],
      ['2', 7],
    ])
  })

  it('has no pods at size 0, and is complete and available', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(DEPLOYMENTS, deployment('web', 3))
    await passSeconds(5)
    await api.merge(`${WEB}/scale`, { spec: { replicas: 0 } })
    assert.deepEqual(await names(api, PODS), [])
    const { body } = await api.get(WEB)
    assert.deepEqual(counts(body, 'replicas', 'availableReplicas'), [0, 0])
    assert.equal(told(body, 'Available'), 'True MinimumReplicasAvailable')
    await api.merge(`${WEB}/scale`, { spec: { replicas: 2 } })
    await passSeconds(5)
    assert.deepEqual(counts((await api.get(WEB)).body, 'availableReplicas'), [2])
  })

  it('counts pods as available after minReadySeconds', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(DEPLOYMENTS, deployment('web', 1, { minReadySeconds: 7 }))
    await passSeconds(11)
    assert.deepEqual(counts((await api.get(WEB)).body, 'readyReplicas', 'availableReplicas'), [1, 0])
    await passSeconds(1)
    assert.deepEqual(counts((await api.get(WEB)).body, 'readyReplicas', 'availableReplicas'), [1, 1])
  })

  it('fails its rollout a second after progressDeadlineSeconds, and recovers', async (t) => {
    let outcome: Outcome = 'never'
    const { api, passSeconds } = await startCluster(t, { outcome: () => outcome })
    await api.post(DEPLOYMENTS, deployment('web', 1, { progressDeadlineSeconds: 60 }))
    await passSeconds(60)
    assert.equal(told((await api.get(WEB)).body, 'Progressing'), 'True ReplicaSetUpdated')
    await passSeconds(1)
    const { body } = await api.get(WEB)
    assert.equal(told(body, 'Progressing'), 'False ProgressDeadlineExceeded')
    assert.match(
      String(conditionOf(body, 'Progressing')?.message),
      /^ReplicaSet "web-\w+" has timed out progressing\.$/,
    )
    outcome = 'ready'
    const [name] = await names(api, PODS)
    await api.merge(`${PODS}/${name}`, { metadata: { annotations: { touched: 'yes' } } })
    assert.equal(told((await api.get(WEB)).body, 'Progressing'), 'True NewReplicaSetAvailable')
  })

  it('is not available while an annotation keeps its pods from being ready', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(DEPLOYMENTS, deployment('web', 1))
    await passSeconds(5)
    const [name] = await names(api, PODS)
    const outcome = (text: string | null) => ({ metadata: { annotations: { 'fairlead.dev/outcome': text } } })
    await api.merge(`${PODS}/${name}`, outcome('never'))
    assert.equal(told((await api.get(WEB)).body, 'Available'), 'False MinimumReplicasUnavailable')
    await api.merge(`${PODS}/${name}`, outcome(null))
    assert.equal(told((await api.get(WEB)).body, 'Available'), 'True MinimumReplicasAvailable')
  })

  it('shows pods that fail in CrashLoopBackOff, started again later and later', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    const failing = template('web', 'i:1', { 'fairlead.dev/outcome': 'fail' })
    await api.post(DEPLOYMENTS, deployment('web', 1, { template: failing }))
    const stateOf = async () => {
      const [pod] = await list(api, PODS)
      const [status] = (pod?.status.containerStatuses ?? []) as {
        restartCount: number
        state: { waiting?: { reason: string; message: string } }
      }[]
      return [status?.restartCount, status?.state.waiting?.reason]
    }
    await passSeconds(5)
    assert.deepEqual(await stateOf(), [0, 'CrashLoopBackOff'])
    await passSeconds(10)
    assert.deepEqual(await stateOf(), [1, undefined])
    await passSeconds(5)
    assert.deepEqual(await stateOf(), [1, 'CrashLoopBackOff'])
    await passSeconds(20)
    assert.deepEqual(await stateOf(), [2, undefined])
  })

  it('tells why it has no pods when they are refused, and goes on when they no longer are', async (t) => {
    const { api, clock, passSeconds } = await startCluster(t)
    let isAllowed = false
    const hooks = await startWebhooks(t, {
      '/v': () => (isAllowed ? { allowed: true } : deny('too many pods')),
    })
    await configure(api, VALIDATING, 'v', hook(hooks.url, 'v', { rules: [rule(['CREATE'], ['pods'])] }))
    const watch = await api.watch(`${DEPLOYMENTS}?watch=1`)
    await api.post(DEPLOYMENTS, deployment('web', 1))
    let web = (await watch.next())?.object
    while (web !== undefined && told(web, 'ReplicaFailure') === undefined) web = (await watch.next())?.object
    assert.equal(web && told(web, 'ReplicaFailure'), 'True FailedCreate')
    assert.match(String(web && conditionOf(web, 'ReplicaFailure')?.message), /too many pods/)
    isAllowed = true
    let isShown = false
    const shown = (async () => {
      while (web !== undefined && !(Number(web.status.replicas) > 0)) web = (await watch.next())?.object
      isShown = true
    })()
    // A refusal may be on its way still, and its next try not be set yet.
    while (!isShown) await Promise.all([clock.advance(1_000), nextTurn()])
    await shown
    watch.close()
    assert.equal(web && told(web, 'ReplicaFailure'), undefined)
    await passSeconds(5)
  })

  it('makes another pod for one that is deleted or that loses its labels', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(DEPLOYMENTS, deployment('web', 2))
    await passSeconds(5)
    const [first = '', second = ''] = await names(api, PODS)
    await api.remove(`${PODS}/${first}`)
    await api.merge(`${PODS}/${second}`, { metadata: { labels: { app: 'other' } } })
    await passSeconds(5)
    const left = await names(api, PODS)
    assert.equal(left.length, 3)
    assert.ok(!left.includes(first) && left.includes(second))
    assert.equal((await api.get(`${PODS}/${second}`)).body.metadata.ownerReferences, undefined)
    assert.deepEqual(counts((await api.get(WEB)).body, 'availableReplicas'), [2])
  })

  it('gives up the pod that costs least when it shrinks', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(DEPLOYMENTS, deployment('web', 3))
    await passSeconds(5)
    const [, cheap = ''] = await names(api, PODS)
    const annotations = { 'controller.kubernetes.io/pod-deletion-cost': '-1' }
    await api.merge(`${PODS}/${cheap}`, { metadata: { annotations } })
    await api.merge(WEB, { spec: { replicas: 2 } })
    assert.ok(!(await names(api, PODS)).includes(cheap))
  })

  it('goes with all that it made, after its pods where it is deleted in the foreground', async (t) => {
    const { api, passSeconds } = await startCluster(t, { stopAfterSeconds: 3 })
    await api.post(DEPLOYMENTS, deployment('web', 2))
    await passSeconds(5)
    await api.remove(WEB, { propagationPolicy: 'Foreground' })
    assert.ok((await api.get(WEB)).body.metadata.deletionTimestamp)
    await passSeconds(3)
    assert.equal((await api.get(WEB)).status, 404)
    assert.deepEqual([await names(api, REPLICA_SETS), await names(api, PODS)], [[], []])
  })

  it('leaves its pods behind where they are orphaned, and finds them again', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(DEPLOYMENTS, deployment('web', 2))
    await passSeconds(5)
    const pods = await names(api, PODS)
    const sets = await names(api, REPLICA_SETS)
    await api.remove(WEB, { propagationPolicy: 'Orphan' })
    assert.equal((await api.get(WEB)).status, 404)
    assert.deepEqual(await names(api, PODS), pods)
    const { body } = await api.post(DEPLOYMENTS, deployment('web', 2))
    await passSeconds(5)
    assert.deepEqual([await names(api, REPLICA_SETS), await names(api, PODS)], [sets, pods])
    const [set] = await list(api, REPLICA_SETS)
    const [owner] = (set?.metadata.ownerReferences ?? []) as { uid: string }[]
    assert.equal(owner?.uid, body.metadata.uid)
    assert.deepEqual(counts((await api.get(WEB)).body, 'availableReplicas'), [2])
  })

  it('ends with its namespace', async (t) => {
    const { api, passSeconds } = await startCluster(t, { stopAfterSeconds: 3 })
    await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } })
    await api.post('/apis/apps/v1/namespaces/n/deployments', deployment('web', 2))
    await passSeconds(5)
    await api.remove('/api/v1/namespaces/n')
    assert.equal((await api.get('/api/v1/namespaces/n')).status, 200)
    await passSeconds(3)
    assert.equal((await api.get('/api/v1/namespaces/n')).status, 404)
  })

  it('writes nothing once it is where it should be', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(DEPLOYMENTS, deployment('web', 3))
    await passSeconds(5)
    const versionOf = async () => (await api.get(PODS)).body.metadata.resourceVersion
    const version = await versionOf()
    await passSeconds(24 * 3600)
    assert.equal(await versionOf(), version)
  })

  it('has no timer that outlives the server', async () => {
    const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
    const server = await startApiServer({ clock, workloads: { readyAfterSeconds: 5 } })
    await apiOf(server).post(DEPLOYMENTS, deployment('web', 1))
    assert.ok(clock.pending() > 0)
    await server.close()
    assert.equal(clock.pending(), 0)
  })

  it('is there in hundreds at once', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    const all = Array.from({ length: 100 }, (_, index) => deployment(`web-${index}`, 1))
    await Promise.all(all.map((one) => api.post(DEPLOYMENTS, one)))
    await passSeconds(5)
    await passSeconds(5)
    const ready = (await list(api, DEPLOYMENTS)).filter((one) => counts(one, 'availableReplicas')[0] === 1)
    assert.equal(ready.length, all.length)
  })
})

describe('a simulated pod of its own', () => {
  const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: { ...template('x').spec, ...spec },
  })

  it('runs on the simulated node, is ready in time, and stops when it is deleted', async (t) => {
    const { api, passSeconds } = await startCluster(t, { stopAfterSeconds: 2 })
    await api.post(PODS, pod('p'))
    await passSeconds(5)
    const { body } = await api.get(`${PODS}/p`)
    assert.deepEqual(
      [body.spec.nodeName, body.status.phase, told(body, 'Ready')],
      ['simulated', 'Running', 'True undefined'],
    )
    assert.equal(conditionOf((await api.get('/api/v1/nodes/simulated')).body, 'Ready')?.status, 'True')
    await api.remove(`${PODS}/p`)
    await passSeconds(1)
    assert.ok((await api.get(`${PODS}/p`)).body.metadata.deletionTimestamp)
    await passSeconds(1)
    assert.equal((await api.get(`${PODS}/p`)).status, 404)
  })

  it('ends where it is not to be started again: well, or as an annotation says', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(PODS, pod('good', { restartPolicy: 'Never' }))
    const annotations = { 'fairlead.dev/outcome': 'fail' }
    await api.post(PODS, pod('bad', { restartPolicy: 'Never' }, { annotations }))
    await passSeconds(5)
    const phaseOf = async (name: string) => (await api.get(`${PODS}/${name}`)).body.status.phase
    assert.deepEqual([await phaseOf('good'), await phaseOf('bad')], ['Succeeded', 'Failed'])
  })

  it('waits for its scheduling gates, and for its readiness gates', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    const gates = {
      schedulingGates: [{ name: 'example.com/g' }],
      readinessGates: [{ conditionType: 'example.com/ok' }],
    }
    await api.post(PODS, pod('p', gates))
    await passSeconds(5)
    assert.equal((await api.get(`${PODS}/p`)).body.status.phase, 'Pending')
    await api.merge(`${PODS}/p`, { spec: { schedulingGates: [] } })
    await passSeconds(5)
    const { body } = await api.get(`${PODS}/p`)
    assert.deepEqual(
      [told(body, 'ContainersReady'), told(body, 'Ready')],
      ['True undefined', 'False ReadinessGatesNotReady'],
    )
    const conditions = [...(body.status.conditions as object[]), { type: 'example.com/ok', status: 'True' }]
    await api.merge(`${PODS}/p/status`, { status: { conditions } })
    assert.equal(told((await api.get(`${PODS}/p`)).body, 'Ready'), 'True undefined')
  })
})
