import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BUSINESS, podQuota, quantity, requestOf } from '../../functions/operators/podquota.ts'
import { type Kube, Pod, ResourceQuota, review } from '../../lib/index.ts'
import { startCluster } from '../cluster.ts'
import { fakeClock } from '../fake-clock.ts'
import { type Answer, asked } from '../review.samples.ts'

const pod = (name: string, cpu: string, business = 'shop') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { [BUSINESS]: business } },
  spec: { containers: [{ name: 'a', image: 'b', resources: { requests: { cpu } } }] },
})

async function asking(object: ReturnType<typeof pod>, api?: Kube) {
  const body = asked(object, {
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    name: object.metadata.name,
  })
  const { response } = await review(body, 'validate', podQuota, { clock: fakeClock(), report: () => {}, api })
  const { status, ...rest } = response
  return { ...rest, status: status as Answer['status'] }
}

async function quotaed(hard: Record<string, string>) {
  const cluster = await startCluster()
  await cluster.api.create(ResourceQuota, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'gold', namespace: 'default', labels: { [BUSINESS]: 'shop' } },
    spec: { hard },
  })
  return cluster
}

describe('the pod quota of a business (R21, R34)', () => {
  it('lets pods in until the quota is used, then says which quota, what is used and what was requested', async () => {
    await using cluster = await quotaed({ 'requests.cpu': '1', pods: '5' })
    const { api } = cluster
    assert.equal((await asking(pod('a', '600m'), api)).allowed, true)
    await api.create(Pod, pod('a', '600m') as never)
    assert.equal((await asking(pod('b', '400m'), api)).allowed, true)
    const { allowed, status } = await asking(pod('b', '500m'), api)
    assert.equal(allowed, false)
    assert.equal(
      status?.message,
      'exceeded quota: gold of business shop: requests.cpu: requested 0.5, used 0.6, limited to 1',
    )
    assert.deepEqual([status?.code, status?.reason], [403, 'Forbidden'])
    assert.equal((await asking(pod('b', '500m', 'other'), api)).allowed, true)
  })

  it('counts pods that run, not those that are through', async () => {
    await using cluster = await quotaed({ pods: '1' })
    const { api } = cluster
    await api.create(Pod, pod('a', '1') as never)
    assert.match(
      (await asking(pod('b', '1'), api)).status?.message ?? '',
      /pods: requested 1, used 1, limited to 1/,
    )
    await api.patch(
      Pod,
      { namespace: 'default', name: 'a' },
      { type: 'merge', body: { status: { phase: 'Succeeded' } } },
      { subresource: 'status' },
    )
    assert.equal((await asking(pod('b', '1'), api)).allowed, true)
  })

  it('lets pods in with a warning where it cannot read: a quota is no reason to stop a cluster', async () => {
    const without = await asking(pod('a', '1'))
    assert.deepEqual(without.warnings, ['quota of business shop is not enforced: no cluster to read from'])
    await using cluster = await quotaed({ pods: '1' })
    cluster.server.faults(() => ({ status: 403 }))
    const { allowed, warnings } = await asking(pod('a', '1'), cluster.api)
    assert.equal(allowed, true)
    assert.match(warnings?.[0] ?? '', /is not enforced: it could not be read \(/)
  })

  it('adds up containers, takes the largest init container, and a limit for a request that is not given', () => {
    const resources = (cpu: string) => ({ requests: { cpu } })
    const spec = {
      containers: [
        { name: 'a', image: 'x', resources: resources('100m') },
        { name: 'b', image: 'x', resources: { limits: { cpu: '0.2' } } },
      ],
      initContainers: [{ name: 'i', image: 'x', resources: resources('250m') }],
    }
    assert.equal(Math.round(requestOf({ spec }, 'requests.cpu') * 1000), 300)
    assert.equal(
      requestOf(
        { spec: { ...spec, initContainers: [{ name: 'i', image: 'x', resources: resources('2') }] } },
        'cpu',
      ),
      2,
    )
    assert.equal(requestOf({ spec }, 'limits.cpu'), 0.2)
    const sidecar = { name: 's', image: 'x', resources: resources('3'), restartPolicy: 'Always' }
    const heavy = {
      containers: [{ name: 'a', image: 'x', resources: resources('1') }],
      overhead: { cpu: '2' },
    }
    assert.equal(requestOf({ spec: { ...heavy, initContainers: [sidecar] } as never }, 'requests.cpu'), 6)
    assert.equal(requestOf({ spec }, 'requests.nvidia.com/gpu'), 0)
  })

  it('reads quantities as Kubernetes writes them', () => {
    const cases: [string | number, number][] = [
      ['500m', 0.5],
      ['2', 2],
      [3, 3],
      ['1Ki', 1024],
      ['1.5Gi', 1.5 * 2 ** 30],
      ['1e3', 1000],
      ['5k', 5000],
      ['1E', 1e18],
      ['x', 0],
      ['1Q', 0],
    ]
    for (const [text, value] of cases) assert.equal(quantity(text), value, String(text))
  })
})
