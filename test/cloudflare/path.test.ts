/** The scenario of the path, through the real Workers in workerd: the relay's Durable Object, a key's, and the reconcile in it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { operator } from '../../functions/operator.ts'
import { MyApp } from '../../functions/operators/myapp.ts'
import { pathScenario } from '../path.scenario.ts'
import { startCloudflarePath } from './stage.ts'

pathScenario('the path on Cloudflare', () =>
  startCloudflarePath({ only: ['work', 'relay'], kinds: operator }),
)

describe('the cron of resync', () => {
  it('has everything looked at by way of the queue that ingress empties, though nobody watches', async () => {
    await using path = await startCloudflarePath({ only: ['work', 'ingress', 'resync'], kinds: operator })
    await path.api.create(MyApp, {
      apiVersion: 'apps.fairlead.dev/v1',
      kind: 'MyApp',
      metadata: { namespace: 'default', name: 'web' },
      spec: { image: 'nginx:1.27' },
    })
    assert.equal(await path.workers.scheduled('resync'), true)
    await path.seen(({ type }) => type === 'reconciled')
    const live = await path.api.get(MyApp, { namespace: 'default', name: 'web' })
    assert.equal(live?.status?.observedGeneration, 1)
  })
})
