import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONFIGMAPS, configMap, startServer } from './client.ts'

describe('the network edge of the embedded API server', () => {
  it('is ready at once and says so', async (t) => {
    const api = await startServer(t)
    assert.equal((await api.get('/readyz')).text, 'ok')
    const namespaces = await api.get('/api/v1/namespaces')
    assert.deepEqual(
      namespaces.body.items.map(({ metadata }) => metadata.name),
      ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
    )
  })

  it('turns away a page that reaches it by a rebound name or from another origin', async (t) => {
    const api = await startServer(t)
    const rebound = await api.send('GET', CONFIGMAPS, { headers: { host: 'evil.example' } })
    const crossed = await api.send('GET', CONFIGMAPS, { headers: { origin: 'https://evil.example' } })
    assert.deepEqual([rebound.status, crossed.status], [403, 403])
  })

  it('refuses a body over the limit, one that nests without end, and one that is no JSON', async (t) => {
    const api = await startServer(t)
    const large = await api.post(CONFIGMAPS, configMap('a', { v: 'x'.repeat(3 * 1024 * 1024) }))
    assert.equal(large.status, 413)
    const deep = await api.post(CONFIGMAPS, `${'['.repeat(5_000)}${']'.repeat(5_000)}`)
    assert.equal(deep.status, 400)
    const broken = await api.post(CONFIGMAPS, '{"kind":')
    assert.equal(
      broken.body.message,
      'the object provided is unrecognized (must be of type ConfigMap): couldn\'t get version/kind; json parse error: unexpected end of JSON input ({"kind":)',
    )
    assert.equal((await api.get('/readyz')).text, 'ok')
  })

  it('answers unknown paths and methods as the real server does', async (t) => {
    const api = await startServer(t)
    assert.equal((await api.get('/no/such/path')).text, '404 page not found\n')
    assert.equal(
      (await api.get('/api/v1/gizmos')).body.message,
      'the server could not find the requested resource',
    )
    assert.equal((await api.send('DELETE', '/api/v1/namespaces')).status, 405)
    const plain = await api.send('GET', CONFIGMAPS, { headers: { accept: 'text/plain' } })
    assert.equal(plain.status, 406)
    const text = await api.send('POST', CONFIGMAPS, { body: 'x', type: 'text/plain' })
    assert.equal(text.status, 415)
  })

  it('injects the failures that a hook asks for, and none after it is taken away', async (t) => {
    const api = await startServer(t)
    api.server.faults(({ verb }) =>
      verb === 'list'
        ? { status: 429, headers: { 'retry-after': '7' }, body: { kind: 'Status' } }
        : undefined,
    )
    const refused = await api.get(CONFIGMAPS)
    assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '7'])
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).status, 404)
    api.server.faults(() => ({ drop: true }))
    await assert.rejects(api.get(CONFIGMAPS))
    api.server.faults(undefined)
    assert.equal((await api.get(CONFIGMAPS)).status, 200)
  })

  it('tells listeners what each request does', async (t) => {
    const api = await startServer(t)
    const seen: string[] = []
    const stop = api.server.onRequest(({ verb, resource, name }) =>
      seen.push(`${verb} ${resource} ${name ?? ''}`),
    )
    await api.post(CONFIGMAPS, configMap('a'))
    await api.get(`${CONFIGMAPS}/a`)
    await api.merge(`${CONFIGMAPS}/a`, {})
    await api.get(CONFIGMAPS)
    stop()
    await api.remove(`${CONFIGMAPS}/a`)
    assert.deepEqual(seen, [
      'create configmaps ',
      'get configmaps a',
      'patch configmaps a',
      'list configmaps ',
    ])
  })

  it('gives metadata only, and Tables, to those who ask', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('a', { key: 'hidden-value' }))
    const as = async (name: string) =>
      api.send('GET', CONFIGMAPS, { headers: { accept: `application/json;as=${name};v=v1;g=meta.k8s.io` } })
    const metadata = await as('PartialObjectMetadataList')
    assert.equal(metadata.body.kind, 'PartialObjectMetadataList')
    assert.doesNotMatch(metadata.text, /hidden-value/)
    const { rows } = JSON.parse((await as('Table')).text) as { rows: { cells: unknown[] }[] }
    assert.deepEqual(rows[0]?.cells.slice(0, 2), ['a', 1])
  })
})
