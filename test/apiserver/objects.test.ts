import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONFIGMAPS, configMap, defineWidgets, startServer, WIDGETS, widget } from './client.ts'

describe('objects of the embedded API server', () => {
  it('C1: a write with an old resourceVersion is refused with the words of the real server', async (t) => {
    const api = await startServer(t)
    const first = await api.post(CONFIGMAPS, configMap('a', { v: '1' }))
    await api.merge(`${CONFIGMAPS}/a`, { data: { v: '2' } })
    const late = await api.put(`${CONFIGMAPS}/a`, { ...first.body, data: { v: '3' } })
    assert.equal(late.status, 409)
    assert.equal(
      late.body.message,
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    )
    assert.deepEqual(late.body.details, { name: 'a', kind: 'configmaps' })
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).body.data.v, '2')
  })

  it('a write that changes nothing keeps the resourceVersion and shows in no watch', async (t) => {
    const api = await startServer(t)
    const { body } = await api.post(CONFIGMAPS, configMap('a', { v: '1' }))
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&resourceVersion=${body.metadata.resourceVersion}`)
    const same = await api.put(`${CONFIGMAPS}/a`, body)
    assert.equal(same.body.metadata.resourceVersion, body.metadata.resourceVersion)
    await api.post(CONFIGMAPS, configMap('b'))
    assert.equal((await watch.next())?.object.metadata.name, 'b')
    watch.close()
  })

  it('creates nothing twice, and nothing in a namespace that does not exist', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('a'))
    const twice = await api.post(CONFIGMAPS, configMap('a'))
    assert.deepEqual([twice.status, twice.body.reason], [409, 'AlreadyExists'])
    const nowhere = await api.post('/api/v1/namespaces/none/configmaps', configMap('a'))
    assert.deepEqual([nowhere.status, nowhere.body.message], [404, 'namespaces "none" not found'])
  })

  it('generateName makes a free name of five more characters', async (t) => {
    const api = await startServer(t)
    const one = await api.post(CONFIGMAPS, { ...configMap(''), metadata: { generateName: 'x-' } })
    const other = await api.post(CONFIGMAPS, { ...configMap(''), metadata: { generateName: 'x-' } })
    assert.match(one.body.metadata.name, /^x-[a-z0-9]{5}$/)
    assert.notEqual(one.body.metadata.name, other.body.metadata.name)
  })

  it('dryRun answers as if, and stores nothing', async (t) => {
    const api = await startServer(t)
    const ghost = await api.post(`${CONFIGMAPS}?dryRun=All`, configMap('ghost'))
    assert.equal(ghost.status, 201)
    assert.equal((await api.get(`${CONFIGMAPS}/ghost`)).status, 404)
  })

  it('the status subresource leaves spec alone, and the object leaves status alone', async (t) => {
    const api = await startServer(t)
    await defineWidgets(api)
    await api.post(WIDGETS, { ...widget('w', { size: 1 }), status: { ready: true } })
    const status = await api.merge(`${WIDGETS}/w/status`, { spec: { size: 9 }, status: { ready: true } })
    assert.deepEqual([status.body.spec, status.body.status], [{ size: 1 }, { ready: true }])
    assert.equal(status.body.metadata.generation, 1)
    const main = await api.merge(`${WIDGETS}/w`, { spec: { size: 2 }, status: { ready: false } })
    assert.deepEqual([main.body.spec, main.body.status], [{ size: 2 }, { ready: true }])
    assert.equal(main.body.metadata.generation, 2)
  })

  it('R16: a custom object gets defaults, loses unknown fields with a warning, and is refused by field', async (t) => {
    const api = await startServer(t)
    await defineWidgets(api)
    const made = await api.post(WIDGETS, widget('w', { color: 'red' }))
    assert.deepEqual(made.body.spec, { size: 3 })
    assert.equal(made.headers.warning, '299 - "unknown field \\"spec.color\\""')
    const bad = await api.post(WIDGETS, widget('bad', { size: 0 }))
    assert.equal(bad.status, 422)
    assert.deepEqual(bad.body.details.causes, [
      {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: 0: spec.size in body should be greater than or equal to 1',
        field: 'spec.size',
      },
    ])
  })

  it('D4: an apply over a field of another manager is a conflict that names both', async (t) => {
    const api = await startServer(t)
    await api.apply(`${CONFIGMAPS}/a`, configMap('a', { v: '1' }), 'one')
    const other = await api.apply(`${CONFIGMAPS}/a`, configMap('a', { v: '2' }), 'two')
    assert.equal(other.status, 409)
    assert.equal(other.body.message, 'Apply failed with 1 conflict: conflict with "one": .data.v')
    const forced = await api.apply(`${CONFIGMAPS}/a`, configMap('a', { v: '2' }), 'two&force=true')
    assert.equal(forced.body.data.v, '2')
  })

  it('keys that name a prototype are data like any other', async (t) => {
    const api = await startServer(t)
    const text =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"p"},"data":{"__proto__":"x","constructor":"y"}}'
    const made = await api.post(CONFIGMAPS, text)
    assert.match(made.text, /"__proto__":"x"/)
    await api.merge(`${CONFIGMAPS}/p`, '{"data":{"__proto__":"z"}}')
    assert.match((await api.get(`${CONFIGMAPS}/p`)).text, /"__proto__":"z"/)
    assert.equal(Object.hasOwn(Object.prototype, 'x'), false)
  })
})
