import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createStore, commit, entriesAt, tableOf } from '../../lib/apiserver/store.ts'
import {
  CONFIGMAPS,
  configMap,
  defineWidgets,
  startServer,
  WIDGETS,
  widget,
  widgetDefinition,
} from './client.ts'

const APPLY = 'application/apply-patch+yaml'
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

describe('the embedded API server before hostile and broken input', () => {
  it('answers a body far over the limit instead of cutting the connection', async (t) => {
    const api = await startServer(t)
    const { status, body } = await api.post(CONFIGMAPS, 'x'.repeat(12 * 1024 * 1024))
    assert.deepEqual([status, body.reason], [413, 'RequestEntityTooLarge'])
  })

  it('deletes nothing by options that do not fit: an overlooked dryRun would', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('a'))
    for (const options of [{ dryRun: 'All' }, { preconditions: 5 }, { preconditions: { uid: 1 } }, []]) {
      const { status } = await api.remove(`${CONFIGMAPS}/a`, options)
      assert.equal(status, 400, JSON.stringify(options))
    }
    const yaml = { body: 'dryRun: [All]', type: 'application/yaml' }
    assert.equal((await api.send('DELETE', `${CONFIGMAPS}/a`, yaml)).status, 200)
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).status, 200)
  })

  it('keeps __proto__ a field like any other, in patches that are refused and in paths of a CRD', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('a'))
    const operations = [
      { op: 'add', path: '/__proto__', value: null },
      { op: 'add', path: '/data', value: { bad: 5 } },
    ]
    const text = JSON.stringify(operations).replace('null', '{"polluted":{}}')
    const walk = `${text.slice(0, -1)},{"op":"add","path":"/__proto__/polluted/x","value":1}]`
    const refused = await api.send('PATCH', `${CONFIGMAPS}/a`, {
      body: walk,
      type: 'application/json-patch+json',
    })
    assert.equal(refused.status, 422)
    const { spec } = widgetDefinition
    const scale = { specReplicasPath: '.spec.__proto__.polluted', statusReplicasPath: '.status.replicas' }
    const [version] = spec.versions
    const versions = [{ ...version, subresources: { scale } }]
    await api.post(DEFINITIONS, { ...widgetDefinition, spec: { ...spec, versions } })
    await api.post(WIDGETS, widget('a'))
    await api.put(`${WIDGETS}/a/scale`, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'a' },
      spec: { replicas: 3 },
    })
    assert.equal('polluted' in {}, false)
  })

  it('accepts a write whose warnings are long, many or not ASCII, and still sends a readable header', async (t) => {
    const api = await startServer(t)
    const odd = { 'new\nline': 1, 'uni€': 1, ['u'.repeat(5_000)]: 1 }
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`unknown${at}`, 1]))
    const { status, headers } = await api.post(CONFIGMAPS, { ...configMap('a'), ...odd, ...many })
    assert.equal(status, 201)
    assert.ok(String(headers.warning).length < 8_000)
  })

  it('reads YAML as Go does, and refuses bombs, broken characters and endless nesting', async (t) => {
    const api = await startServer(t)
    const apply = (yaml: string | Buffer) =>
      api.send('PATCH', `${CONFIGMAPS}/config?fieldManager=m&dryRun=All`, { body: String(yaml), type: APPLY })
    const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\n'
    const merged = await apply(`${head}data: {<<: {b: "1"}, a: !!binary aGVsbG8=}\n---\nother: document\n`)
    assert.deepEqual(merged.body.data, { b: '1', a: 'hello' })
    assert.match((await apply(`${head}data: {a: yes}`)).body.message, /Value:true/)
    assert.match((await apply(`${head}data: {a: 010}`)).body.message, /Value:8/)
    assert.match((await apply(`${head}data: {a: .inf}`)).body.message, /unsupported value: \+Inf/)
    assert.equal((await apply(`${head}x: ${'['.repeat(5_000)}${']'.repeat(5_000)}`)).status, 400)
    const bomb = Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`)
    assert.equal((await apply(`a0: &a0 [x]\n${bomb.join('\n')}`)).status, 400)
  })

  it('refuses a number that float64 does not hold instead of storing null', async (t) => {
    const api = await startServer(t)
    await defineWidgets(api)
    const text = JSON.stringify(widget('a', { size: 1 }))
    assert.equal((await api.post(WIDGETS, text.replace('1}', '1e400}'))).status, 400)
    assert.equal((await api.post(WIDGETS, text.replace('1}', `${'9'.repeat(400)}}`))).status, 400)
  })

  it('finishes texts that a careless parser takes the square of their length for', async (t) => {
    const api = await startServer(t)
    const doubled = Array.from({ length: 90_000 }, (_, at) => `"k${at}":1,"k${at}":1`).join(',')
    const object = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"x":{${doubled}}}`
    assert.equal((await api.post(`${CONFIGMAPS}?dryRun=All`, object)).status, 201)
    assert.equal((await api.post(CONFIGMAPS, `[${'[],'.repeat(900_000)}`)).status, 400)
    const yaml = `a:\n${Array.from({ length: 30_000 }, (_, at) => ` k${at}: 1\n`).join('')}`
    assert.equal(
      (await api.send('PATCH', `${CONFIGMAPS}/a?fieldManager=m`, { body: yaml, type: APPLY })).status,
      400,
    )
  })

  it('does not hang on a pattern with catastrophic backtracking', async (t) => {
    const api = await startServer(t)
    const { spec } = widgetDefinition
    const openAPIV3Schema = { type: 'object', properties: { text: { type: 'string', pattern: '^(a+)+$' } } }
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }]
    await api.post(DEFINITIONS, { ...widgetDefinition, spec: { ...spec, versions } })
    const { status } = await api.post(WIDGETS, { ...widget('a'), text: `${'a'.repeat(60)}!` })
    assert.equal(status, 422)
  })

  it('refuses a JSON Patch that doubles a text again and again, and an object that etcd would not take', async (t) => {
    const api = await startServer(t)
    await api.post(CONFIGMAPS, configMap('a', { text: 'x'.repeat(100_000) }))
    const copies = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/data/text', path: '/data/other' }))
    const patch = { body: copies, type: 'application/json-patch+json' }
    assert.equal((await api.send('PATCH', `${CONFIGMAPS}/a`, patch)).status, 422)
    const openAPIV3Schema = { type: 'object', properties: { text: { type: 'string' } } }
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }]
    await api.post(DEFINITIONS, { ...widgetDefinition, spec: { ...widgetDefinition.spec, versions } })
    const large = await api.post(WIDGETS, { ...widget('a'), spec: undefined, text: 'x'.repeat(1_600_000) })
    assert.deepEqual([large.status, large.body.message], [500, 'etcdserver: request is too large'])
  })

  it('answers nonsense in queries with 400, in the words of the real server', async (t) => {
    const api = await startServer(t)
    const message = async (query: string) => {
      const { status, body } = await api.get(`${CONFIGMAPS}?${query}`)
      return `${status} ${body.message}`
    }
    const token = '400 invalid continue token: continue key is not valid: '
    assert.equal(
      await message('limit=99999999999999999999'),
      '400 strconv.ParseInt: parsing "99999999999999999999": value out of range',
    )
    assert.equal(await message('continue=bnVsbA'), `${token}server does not recognize this encoded version `)
    assert.equal(await message('continue=!!'), `${token}illegal base64 data at input byte 0`)
    assert.match(
      await message('labelSelector=__proto__'),
      /^400 unable to parse requirement: <nil>: Invalid value/,
    )
    assert.match(await message('labelSelector=a%3E9999999999999999999999'), /must be an integer$/)
    assert.equal(
      await message('fieldSelector=metadata.name%3Da%5C'),
      '400 invalid field selector: invalid escape sequence: \\',
    )
  })

  it('keeps the memory of its history bounded, whatever the size of the objects', () => {
    const store = createStore(1_000)
    const table = tableOf(store, 'things')
    for (let at = 0; at < 300; at++)
      commit(store, table, { namespace: '', name: 'a' }, () => ({ text: `${at}`.padEnd(1_000_000, 'x') }))
    assert.ok(table.weight <= 64 * 1024 * 1024)
    assert.ok(table.log.length > 20)
    assert.equal(entriesAt(table, 2), undefined)
  })

  it('sends a watch of a version that is still to come nothing older', async (t) => {
    const api = await startServer(t)
    const { body } = await api.get(CONFIGMAPS)
    const watch = await api.watch(
      `${CONFIGMAPS}?watch=1&resourceVersion=${Number(body.metadata.resourceVersion) + 2}`,
    )
    for (const name of ['a', 'b', 'c']) await api.post(CONFIGMAPS, configMap(name))
    assert.equal((await watch.next())?.object.metadata.name, 'c')
    watch.close()
  })
})
