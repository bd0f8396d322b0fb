/** The clusters of a Worker's bindings, in workerd: a review that reads through what stands for a Workers VPC service. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clustersOf } from '../../functions/cloudflare/clusters.ts'
import { capabilityPath, parseKeys } from '../../lib/review/capability.ts'
import { COMPATIBILITY, startWorkers } from '../cloudflare/harness.ts'
import { sendJson, startScripted } from '../kube/server.ts'
import { asked } from '../review.samples.ts'

const keys = `k1=${Buffer.alloc(32, 7).toString('base64url')}`
const POD = {
  kind: { group: '', version: 'v1', kind: 'Pod' },
  resource: { group: '', version: 'v1', resource: 'pods' },
  name: 'a',
}
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'default', labels: { 'quota.fairlead.dev/business': 'shop' } },
  spec: { containers: [] },
}

describe('clusters of a Worker', () => {
  it('are read by its reviews, many at a time, through a binding and with its secrets', async () => {
    await using kube = await startScripted((_seen, response) =>
      sendJson(response, { kind: 'List', metadata: {}, items: [] }),
    )
    const clusters = { east: { server: 'https://kubernetes.default.svc', token: 'env:EAST', via: 'K8S' } }
    const workers = await startWorkers([
      {
        config: {
          name: 'review',
          main: 'functions/review/cloudflare.ts',
          services: [{ binding: 'K8S', service: 'tunnel' }],
          ...COMPATIBILITY,
        },
        // As wrangler.toml has it: JSON, not its text.
        vars: { FAIRLEAD_CLUSTERS: clusters },
        secrets: { FAIRLEAD_REVIEW_KEYS: keys, EAST: 'hunter2' },
      },
      {
        config: { name: 'tunnel', main: 'test/functions/tunnel.worker.ts', ...COMPATIBILITY },
        vars: { TARGET: kube.url },
      },
    ])
    const path = await capabilityPath(parseKeys(keys), 'east')
    const ask = async () => {
      const body = JSON.stringify(asked(pod, POD))
      const headers = { 'content-type': 'application/json' }
      const answer = await workers.fetch(`${path}/validate/pod-quota`, { method: 'POST', headers, body })
      const { response } = (await answer.json()) as { response: { allowed: boolean; warnings?: string[] } }
      assert.deepEqual([response.allowed, response.warnings], [true, undefined])
    }
    try {
      await Promise.all(Array.from({ length: 10 }, ask))
      await ask()
    } finally {
      await workers.close()
    }
    assert.equal(kube.seen.length, 22)
    const [first] = kube.seen
    assert.match(first?.url ?? '', /^\/api\/v1\/namespaces\/default\/(pods|resourcequotas)\?labelSelector=/)
    assert.deepEqual(
      ['authorization', 'user-agent', 'x-asked-for'].map((name) => first?.headers[name]),
      ['Bearer hunter2', 'fairlead-review', 'kubernetes.default.svc'],
    )
  })

  it('are made once of an isolate’s bindings, for each program', () => {
    const env = { FAIRLEAD_CLUSTERS: '{"a":{"server":"http://127.0.0.1:1"}}' }
    assert.equal(clustersOf(env, 'x'), clustersOf(env, 'x'))
    assert.notEqual(clustersOf(env, 'x'), clustersOf(env, 'y'))
    assert.notEqual(clustersOf(env, 'x'), clustersOf({ ...env }, 'x'))
    assert.deepEqual(clustersOf(env, 'x').names, ['a'])
  })

  it('are refused by the name of the setting, and a binding that is none is not there', () => {
    assert.throws(() => clustersOf({}, 'x'), /^Error: FAIRLEAD_CLUSTERS is not set/)
    assert.throws(
      () => clustersOf({ FAIRLEAD_CLUSTERS: 'x' }, 'x'),
      /^Error: FAIRLEAD_CLUSTERS must be JSON$/,
    )
    const FAIRLEAD_CLUSTERS = { a: { server: 'https://x', token: 'env:T', via: 'K8S' } }
    assert.throws(() => clustersOf({ FAIRLEAD_CLUSTERS, K8S: 'text' }, 'x'), /cluster "a"\.via: must name/)
  })
})
