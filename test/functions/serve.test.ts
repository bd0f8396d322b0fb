/** The reviews of a resident process: all of a registration or nothing. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { operator } from '../../functions/operator.ts'
import { startReviews } from '../../functions/review/serve.ts'
import { systemClock as clock } from '../../lib/index.ts'
import { startCluster } from '../cluster.ts'

const serving = { host: '127.0.0.1', namespace: 'fairlead-system', clock, report: () => {}, random: () => 0 }

/** How many configurations there are, and which versions of MyApp are served. */
async function registeredIn(url: string) {
  const list = async (path: string) =>
    ((await (await fetch(`${url}${path}`)).json()) as { items: { spec: Crd }[] }).items
  const group = '/apis/admissionregistration.k8s.io/v1'
  const webhooks = [
    ...(await list(`${group}/mutatingwebhookconfigurations`)),
    ...(await list(`${group}/validatingwebhookconfigurations`)),
  ]
  const crds = await list('/apis/apiextensions.k8s.io/v1/customresourcedefinitions')
  const myapp = crds.find(({ spec }) => spec.names.kind === 'MyApp')
  return [webhooks.length, myapp?.spec.versions.filter(({ served }) => served).map(({ name }) => name)]
}

interface Crd {
  readonly names: { readonly kind: string }
  readonly versions: readonly { readonly name: string; readonly served: boolean }[]
}

describe('startReviews', () => {
  it('registers, and takes all of it away when it ends', async () => {
    await using cluster = await startCluster()
    const reviews = await startReviews(
      operator,
      { ...serving, api: cluster.api },
      new AbortController().signal,
    )
    assert.deepEqual(await registeredIn(cluster.server.url), [2, ['v1beta1', 'v1']])
    await reviews.close()
    assert.deepEqual(await registeredIn(cluster.server.url), [0, ['v1']])
  })

  it('leaves nothing behind where a part is refused: half of it would refuse everything at a port where nobody is', async () => {
    await using cluster = await startCluster()
    cluster.server.faults(({ verb, resource }) =>
      verb === 'patch' && resource === 'validatingwebhookconfigurations' ? { status: 403 } : undefined,
    )
    const starting = startReviews(operator, { ...serving, api: cluster.api }, new AbortController().signal)
    await assert.rejects(starting, /403|Forbidden/)
    assert.deepEqual(await registeredIn(cluster.server.url), [0, ['v1']])
  })
})
