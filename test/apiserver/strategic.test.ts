/** Strategic merge patches against the server: how their results are read, and how refusals quote them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startServer } from './client.ts'

const SMP = 'application/strategic-merge-patch+json'
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'd' } },
    template: {
      metadata: { labels: { app: 'd' } },
      spec: { containers: [{ name: 'main', image: 'i:1' }] },
    },
  },
}

async function patching(t: Parameters<typeof startServer>[0]) {
  const api = await startServer(t)
  await api.post(DEPLOYMENTS, deployment)
  return (body: unknown, path = '') => api.send('PATCH', `${DEPLOYMENTS}/d${path}`, { body, type: SMP })
}

describe('a strategic merge patch', () => {
  it('whose result does not fit is quoted as Go prints it, in the words of the converter', async (t) => {
    const patch = await patching(t)
    const { status, body } = await patch({ spec: { template: { spec: { containers: 'text' } } } })
    assert.equal(status, 422)
    assert.equal(
      body.message,
      ' "" is invalid: patch: Invalid value: "map[spec:map[template:map[spec:map[containers:text]]]]": cannot restore slice from string',
    )
  })

  it('does not change what an object is', async (t) => {
    const patch = await patching(t)
    const { status, body } = await patch({ kind: 'Pod', apiVersion: 'v1', spec: { replicas: 4 } })
    assert.deepEqual([status, body.kind, body.spec.replicas], [200, 'Deployment', 4])
  })

  it('that is null changes nothing; one that is no object is refused', async (t) => {
    const patch = await patching(t)
    assert.equal((await patch(null)).status, 200)
    const { status, body } = await patch([])
    assert.equal(status, 400)
    assert.equal(body.message, 'json: cannot unmarshal array into Go value of type map[string]interface {}')
  })

  it('that takes everything away leaves no name', async (t) => {
    const patch = await patching(t)
    const { status, body } = await patch({ $patch: 'delete' })
    assert.equal(status, 400)
    assert.equal(
      body.message,
      'the name of the object (d based on URL) was undeterminable: name must be provided',
    )
  })

  it('is refused for unknown fields where that is asked for, with 422', async (t) => {
    const patch = await patching(t)
    const { status, body } = await patch({ spec: { other: 1, more: 2 } }, '?fieldValidation=Strict')
    assert.equal(status, 422)
    assert.match(
      body.message,
      /: strict decoding error: unknown field "spec.more", unknown field "spec.other"$/,
    )
  })

  it('of a Scale is read in the same way', async (t) => {
    const patch = await patching(t)
    const refused = await patch({ spec: { replicas: 1.5 } }, '/scale')
    assert.equal(refused.status, 422)
    assert.match(refused.body.message, /"map\[spec:map\[replicas:1.5\]\]": cannot convert float64 to int32$/)
    const { status, body } = await patch({ spec: { replicas: 5 } }, '/scale')
    assert.deepEqual([status, body.kind, body.spec.replicas], [200, 'Scale', 5])
  })
})

describe('a merge patch', () => {
  it('without a version is decoded into a type that has no fields', async (t) => {
    const api = await startServer(t)
    await api.post(DEPLOYMENTS, deployment)
    const { status, body, headers } = await api.merge(`${DEPLOYMENTS}/d`, { apiVersion: null })
    assert.equal(status, 400)
    assert.match(body.message, /name must be provided$/)
    assert.match(String(headers.warning), /unknown field \\"metadata\\"".*unknown field \\"spec\\""/)
  })

  it('to a kind that is no text is refused', async (t) => {
    const api = await startServer(t)
    await api.post(DEPLOYMENTS, deployment)
    const { status, body } = await api.merge(`${DEPLOYMENTS}/d`, { kind: 5 })
    assert.equal(status, 422)
    assert.match(body.message, /json: cannot unmarshal number into Go struct field \.kind of type string$/)
  })
})
