/** Jobs of the embedded API server's simulation, in fake time. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Body } from './client.ts'
import { conditionOf, counts, list, names, PODS, startCluster, told } from './workloads.ts'

const JOBS = '/apis/batch/v1/namespaces/default/jobs'
const J = `${JOBS}/j`

const job = (spec: object = {}, pod: object = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  spec: {
    ...spec,
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }], ...pod } },
  },
})

const typesOf = (object: Body) =>
  ((object.status.conditions ?? []) as { type: string; status: string }[]).map(
    ({ type, status }) => `${type} ${status}`,
  )

describe('a simulated Job', () => {
  it('runs as many pods as it may until enough have succeeded', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(JOBS, job({ completions: 3, parallelism: 2 }))
    assert.deepEqual(counts((await api.get(J)).body, 'active', 'ready', 'succeeded'), [2, 2, 0])
    await passSeconds(5)
    assert.deepEqual(counts((await api.get(J)).body, 'active', 'ready', 'succeeded'), [1, 1, 2])
    await passSeconds(5)
    const { body } = await api.get(J)
    assert.deepEqual(counts(body, 'active', 'ready', 'succeeded'), [0, 0, 3])
    assert.deepEqual(typesOf(body), ['SuccessCriteriaMet True', 'Complete True'])
    assert.equal(told(body, 'Complete'), 'True CompletionsReached')
    assert.deepEqual(
      [body.status.startTime, body.status.completionTime],
      ['2030-01-01T00:00:00Z', '2030-01-01T00:00:10Z'],
    )
  })

  it('keeps pods until they are counted, and counts each once', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(JOBS, job({ completions: 2, parallelism: 1 }))
    assert.deepEqual(
      (await list(api, PODS)).map(({ metadata }) => metadata.finalizers),
      [['batch.kubernetes.io/job-tracking']],
    )
    await passSeconds(5)
    for (const { metadata } of (await list(api, PODS)).filter(({ status }) => status.phase === 'Succeeded'))
      await api.remove(`${PODS}/${metadata.name}`)
    await passSeconds(5)
    assert.deepEqual(counts((await api.get(J)).body, 'succeeded'), [2])
    assert.deepEqual((await api.get(J)).body.status.uncountedTerminatedPods, {})
  })

  it('makes new pods for those that fail, later and later, up to backoffLimit', async (t) => {
    const { api, passSeconds } = await startCluster(t, { outcome: () => 'fail' })
    await api.post(JOBS, job({ backoffLimit: 1 }))
    await passSeconds(5)
    assert.deepEqual(counts((await api.get(J)).body, 'active', 'failed'), [0, 1])
    await passSeconds(10)
    assert.deepEqual(counts((await api.get(J)).body, 'active', 'failed'), [1, 1])
    await passSeconds(5)
    const { body } = await api.get(J)
    assert.deepEqual(counts(body, 'active', 'failed'), [0, 2])
    assert.deepEqual(typesOf(body), ['FailureTarget True', 'Failed True'])
    assert.equal(conditionOf(body, 'Failed')?.message, 'Job has reached the specified backoff limit')
    assert.equal(told(body, 'Failed'), 'True BackoffLimitExceeded')
  })

  it('counts restarts in a pod against backoffLimit where containers are started again', async (t) => {
    const { api, passSeconds } = await startCluster(t, { outcome: () => 'fail' })
    await api.post(JOBS, job({ backoffLimit: 1 }, { restartPolicy: 'OnFailure' }))
    await passSeconds(14)
    assert.deepEqual(typesOf((await api.get(J)).body), [])
    await passSeconds(1)
    assert.equal(told((await api.get(J)).body, 'Failed'), 'True BackoffLimitExceeded')
    assert.deepEqual(await names(api, PODS), [])
  })

  it('gives each index a pod of its own where it is Indexed', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(JOBS, job({ completions: 3, parallelism: 3, completionMode: 'Indexed' }))
    const pods = await list(api, PODS)
    assert.deepEqual(pods.map(({ spec }) => spec.hostname).sort(), ['j-0', 'j-1', 'j-2'])
    await passSeconds(5)
    const { body } = await api.get(J)
    assert.deepEqual([body.status.succeeded, body.status.completedIndexes], [3, '0-2'])
  })

  it('has no pods while it is suspended, and starts anew when it goes on', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(JOBS, job({ suspend: true }))
    await passSeconds(60)
    const { body } = await api.get(J)
    assert.deepEqual([told(body, 'Suspended'), body.status.startTime], ['True JobSuspended', undefined])
    await api.merge(J, { spec: { suspend: false } })
    const resumed = (await api.get(J)).body
    assert.equal(told(resumed, 'Suspended'), 'False JobResumed')
    assert.equal(resumed.status.startTime, '2030-01-01T00:01:00Z')
    await api.merge(J, { spec: { suspend: true } })
    assert.deepEqual(await names(api, PODS), [])
    assert.deepEqual(counts((await api.get(J)).body, 'active', 'failed'), [0, 0])
  })

  it('fails when activeDeadlineSeconds are over', async (t) => {
    const { api, passSeconds } = await startCluster(t, { outcome: () => 'never' })
    await api.post(JOBS, job({ activeDeadlineSeconds: 30 }))
    await passSeconds(29)
    assert.deepEqual(counts((await api.get(J)).body, 'active'), [1])
    await passSeconds(1)
    assert.equal(told((await api.get(J)).body, 'Failed'), 'True DeadlineExceeded')
  })

  it('goes with its pods when it has been finished for ttlSecondsAfterFinished', async (t) => {
    const { api, passSeconds } = await startCluster(t)
    await api.post(JOBS, job({ ttlSecondsAfterFinished: 60 }))
    await passSeconds(64)
    assert.equal((await api.get(J)).status, 200)
    await passSeconds(1)
    assert.equal((await api.get(J)).status, 404)
    assert.deepEqual(await names(api, PODS), [])
  })

  it('is left to others who manage it', async (t) => {
    const { api } = await startCluster(t)
    await api.post(JOBS, job({ managedBy: 'example.com/queue' }))
    assert.deepEqual(await names(api, PODS), [])
    assert.deepEqual((await api.get(J)).body.status, {})
  })
})
