import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TsTest, tstest } from '../../functions/operators/tstest.ts'
import { defineOperator, Deployment } from '../../lib/index.ts'
import { startPath } from '../cluster.ts'

const key = { namespace: 'default', name: 't' }

describe('TsTest (R31)', () => {
  it('becomes one Deployment of the name it says, scaled and renamed with it', async () => {
    await using path = await startPath(defineOperator('test', [tstest]))
    const { api } = path
    const [apiVersion, kind] = ['apps.fairlead.dev/v1', 'TsTest']
    await api.create(TsTest, {
      apiVersion,
      kind,
      metadata: key,
      spec: { deploymentName: 'one', replicas: 2, schedule: '0 * * * *' },
    })
    await path.seen(({ type }) => type === 'reconciled')
    const one = await api.get(Deployment, { namespace: 'default', name: 'one' })
    assert.equal(one?.spec?.replicas, 2)
    const [container] = one?.spec?.template.spec?.containers ?? []
    assert.deepEqual(
      [container?.image, container?.env],
      ['registry.k8s.io/pause:3.10', [{ name: 'SCHEDULE', value: '0 * * * *' }]],
    )
    await api.patch(TsTest, key, { type: 'merge', body: { spec: { deploymentName: 'two', replicas: 3 } } })
    await path.seen((happening) => happening.type === 'applied' && happening.action === 'pruned')
    assert.equal(await api.get(Deployment, { namespace: 'default', name: 'one' }), undefined)
    assert.equal((await api.get(Deployment, { namespace: 'default', name: 'two' }))?.spec?.replicas, 3)
  })
})
