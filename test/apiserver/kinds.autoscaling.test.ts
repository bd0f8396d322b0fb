import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startServer } from './client.ts'

const V1 = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers'
const V2 = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers'
const target = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }
const pods = {
  type: 'Pods',
  pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '1' } },
}
const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})
const carrier = 'autoscaling.alpha.kubernetes.io'

const autoscaler = (spec: object = {}, metadata: object = {}) => ({
  metadata: { name: 'h', ...metadata },
  spec: { scaleTargetRef: target, maxReplicas: 3, ...spec },
})

describe('HorizontalPodAutoscalers', () => {
  it('aim at 80 % of the CPUs where nobody says at what', async (t) => {
    const api = await startServer(t)
    const { body } = await api.post(V2, autoscaler())
    assert.deepEqual(body.spec, {
      scaleTargetRef: target,
      minReplicas: 1,
      maxReplicas: 3,
      metrics: [cpu(80)],
    })
    assert.deepEqual(body.status, { desiredReplicas: 0, currentMetrics: null })
    assert.equal(body.metadata.generation, undefined)
    const old = await api.get(`${V1}/h`)
    assert.equal(old.body.spec.targetCPUUtilizationPercentage, 80)
    assert.deepEqual(old.body.status, { currentReplicas: 0, desiredReplicas: 0 })
  })

  it('fill in the rules of both directions as soon as there is one of either', async (t) => {
    const api = await startServer(t)
    const { body } = await api.post(
      V2,
      autoscaler({ behavior: { scaleUp: { stabilizationWindowSeconds: 5 } } }),
    )
    assert.deepEqual(body.spec.behavior, {
      scaleUp: {
        stabilizationWindowSeconds: 5,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
    })
  })

  it('show in autoscaling/v1 what it has no fields for as annotations, and take it back from them', async (t) => {
    const api = await startServer(t)
    await api.post(
      V2,
      autoscaler({ metrics: [pods, cpu(50)], behavior: { scaleUp: { stabilizationWindowSeconds: 5 } } }),
    )
    const old = await api.get(`${V1}/h`)
    const annotations = old.body.metadata.annotations as Record<string, string>
    assert.equal(old.body.spec.targetCPUUtilizationPercentage, 50)
    assert.equal(
      annotations[`${carrier}/metrics`],
      '[{"type":"Pods","pods":{"metricName":"m","targetAverageValue":"1"}}]',
    )
    assert.match(annotations[`${carrier}/behavior`] ?? '', /^{"ScaleUp":{"StabilizationWindowSeconds":5,/)
    await api.merge(`${V1}/h`, { spec: { targetCPUUtilizationPercentage: 60 } })
    const { body } = await api.get(`${V2}/h`)
    assert.deepEqual(body.spec.metrics, [pods, cpu(60)])
    assert.equal(body.metadata.annotations, undefined)
  })

  it('keep what is measured through a write of the other version', async (t) => {
    const api = await startServer(t)
    await api.post(V2, autoscaler())
    const current = { averageUtilization: 40, averageValue: '100m' }
    const condition = { type: 'AbleToScale', status: 'True', lastTransitionTime: '2020-01-01T00:00:00Z' }
    await api.merge(`${V2}/h/status`, {
      status: {
        currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current } }],
        conditions: [condition],
      },
    })
    const old = await api.merge(`${V1}/h/status`, { status: { currentReplicas: 9 } })
    assert.equal(old.body.status.currentCPUUtilizationPercentage, 40)
    const { body } = await api.get(`${V2}/h`)
    assert.deepEqual(body.status, {
      currentReplicas: 9,
      desiredReplicas: 0,
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current } }],
      conditions: [condition],
    })
  })

  it('forget what somebody wrote into those annotations that is no JSON', async (t) => {
    const api = await startServer(t)
    const { body } = await api.post(
      V1,
      autoscaler({}, { annotations: { [`${carrier}/behavior`]: 'x', a: 'b' } }),
    )
    assert.deepEqual(body.metadata.annotations, { a: 'b' })
  })

  it('may keep a target that is refused to new ones', async (t) => {
    const api = await startServer(t)
    await api.post(V2, autoscaler({ scaleTargetRef: { kind: 'ReplicationController', name: 'r' } }))
    assert.equal((await api.merge(`${V2}/h`, { spec: { maxReplicas: 4 } })).status, 200)
    assert.equal(
      (await api.merge(`${V2}/h`, { spec: { scaleTargetRef: { kind: 'Deployment' } } })).status,
      422,
    )
  })

  it('own fields by the version that wrote them', async (t) => {
    const api = await startServer(t)
    const as = (manager: string, path: string, body: object) =>
      api.send('PATCH', `${path}?fieldManager=${manager}`, { body, type: 'application/merge-patch+json' })
    await api.post(V2, autoscaler())
    await as('old', `${V1}/h`, { spec: { targetCPUUtilizationPercentage: 70 } })
    const { body } = await as('new', `${V2}/h`, { metadata: { labels: { a: 'b' } } })
    const managers = body.metadata.managedFields as {
      manager: string
      apiVersion: string
      fieldsV1: unknown
    }[]
    assert.deepEqual(
      managers.find(({ manager }) => manager === 'old'),
      {
        ...managers.find(({ manager }) => manager === 'old'),
        apiVersion: 'autoscaling/v1',
        fieldsV1: { 'f:spec': { 'f:targetCPUUtilizationPercentage': {} } },
      },
    )
    const first = JSON.stringify(managers.find(({ manager }) => manager === 'unknown'))
    assert.match(first, /"f:scaleTargetRef":{"f:apiVersion":{},"f:kind":{},"f:name":{}}/)
    assert.doesNotMatch(first, /f:metrics/)
  })
})
