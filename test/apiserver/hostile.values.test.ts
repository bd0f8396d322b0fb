import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { type Api, CONFIGMAPS, configMap, startServer, WIDGETS, widget, widgetDefinition } from './client.ts'

const APPLY = 'application/apply-patch+yaml'
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** A server with Widgets whose spec has this schema. */
async function withSpec(t: TestContext, properties: string): Promise<Api> {
  const api = await startServer(t)
  const { spec } = widgetDefinition
  const versions = [{ ...spec.versions[0], schema: { openAPIV3Schema: 'SCHEMA' } }]
  const schema = `{"type":"object","properties":{"spec":{"type":"object","properties":${properties}}}}`
  const text = JSON.stringify({ ...widgetDefinition, spec: { ...spec, versions } })
  const { status, body } = await api.post(DEFINITIONS, text.replace('"SCHEMA"', schema))
  assert.equal(status, 201, body.message)
  return api
}

const widgetText = (spec: string, name = 'a') =>
  JSON.stringify(widget(name)).replace('"spec":{}', `"spec":${spec}`)

describe('values that are not what they seem, before the embedded API server', () => {
  it('fields called as members of every JavaScript object are fields', async (t) => {
    const properties =
      '{"__proto__":{"type":"string","default":"d"},"constructor":{"type":"string","default":"c"},"toString":{"type":"integer"}}'
    const api = await withSpec(t, properties)
    const made = await api.post(WIDGETS, widgetText('{"toString":1}'))
    assert.equal(
      JSON.stringify(made.body.spec),
      '{"toString":1,"__proto__":"d","constructor":"c"}',
      made.body.message,
    )
    const wrong = await api.post(WIDGETS, widgetText('{"__proto__":5}', 'b'))
    assert.match(wrong.body.message, /spec\.__proto__: Invalid value: "integer"/)
    const unknown = await api.post(`${WIDGETS}?fieldValidation=Strict`, widgetText('{"valueOf":1}', 'c'))
    assert.match(unknown.body.message, /unknown field "spec\.valueOf"$/)
    assert.equal('d' in {}, false)
  })

  it('formats called like that are unknown ones', async (t) => {
    const api = await withSpec(t, '{"n":{"type":"integer","format":"constructor"}}')
    assert.equal((await api.post(WIDGETS, widgetText('{"n":1}'))).status, 201)
  })

  it('numbers are integers as their text says, and within 64 bits', async (t) => {
    const api = await startServer(t)
    const message = async (generation: string) => {
      const text = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","generation":${generation}}}`
      return (await api.post(`${CONFIGMAPS}?dryRun=All`, text)).body.message
    }
    const refusal = (number: string) =>
      `ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number ${number} into Go struct field ObjectMeta.metadata.generation of type int64`
    for (const number of ['1.0', '1e2', '18446744073709551616'])
      assert.equal(await message(number), refusal(number))
    assert.equal(await message('7'), undefined)
  })

  it('replicas of a custom resource have to be int32, in the words of its scale', async (t) => {
    const api = await startServer(t)
    const { spec } = widgetDefinition
    const scale = { specReplicasPath: '.spec.size', statusReplicasPath: '.status.replicas' }
    const openAPIV3Schema = {
      type: 'object',
      properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    }
    const versions = [{ ...spec.versions[0], subresources: { scale }, schema: { openAPIV3Schema } }]
    await api.post(DEFINITIONS, { ...widgetDefinition, spec: { ...spec, versions } })
    const message = async (size: unknown) => (await api.post(WIDGETS, widget('a', { size }))).body.message
    assert.match(await message(-1), /\.spec\.size: Invalid value: -1: should be a non-negative integer/)
    assert.match(await message(2 ** 31), /should be less than or equal to 2147483647/)
    assert.match(await message('x'), /\.spec\.size accessor error: x is of the type string, expected int64/)
  })

  it('half of a surrogate pair is read as U+FFFD, and control characters are quoted as Go does', async (t) => {
    const api = await startServer(t)
    const text = JSON.stringify(configMap('a', { k: 'HALF' }))
    const { body } = await api.post(CONFIGMAPS, text.replace('HALF', '\\ud800x\\\\ud800'))
    assert.equal(body.data.k, '\ufffdx\\ud800')
    const named = await api.post(CONFIGMAPS, configMap('a\u0001'))
    assert.match(named.body.message, /^ConfigMap "a\\x01" is invalid/)
  })

  it('an object too large for etcd is stored without its managers, or refused as by etcd and its client', async (t) => {
    const api = await withSpec(t, '{"map":{"type":"object","additionalProperties":{"type":"string"}}}')
    const map = Object.fromEntries(Array.from({ length: 40_000 }, (_, at) => [`field-number-${at}`, 'v']))
    const { status, body } = await api.post(WIDGETS, widget('many', { map }))
    assert.deepEqual([status, body.metadata.managedFields], [201, undefined])
    const large = async (bytes: number) =>
      (await api.post(WIDGETS, widget('large', { map: { k: 'x'.repeat(bytes) } }))).body.message
    assert.equal(await large(1_600_000), 'etcdserver: request is too large')
    assert.match(
      await large(2_200_000),
      /^rpc error: code = ResourceExhausted desc = trying to send message larger/,
    )
  })

  it('takes time by the length of lists, not by its square', async (t) => {
    const items =
      '{"type":"object","required":["k"],"properties":{"k":{"type":"string"},"v":{"type":"string"}}}'
    const api = await withSpec(
      t,
      `{"list":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":${items}}}`,
    )
    const list = (v: string) => Array.from({ length: 10_000 }, (_, at) => ({ k: `k${at}`, v }))
    const begin = process.cpuUsage()
    await api.post(WIDGETS, widget('a', { list: list('1') }))
    const { status } = await api.merge(`${WIDGETS}/a`, { spec: { list: list('2') } })
    assert.equal(status, 200)
    const entry = (at: number) => ({
      manager: `m${at}`,
      operation: 'Update',
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { [`f:k${at}`]: {} } },
    })
    const managedFields = Array.from({ length: 10_000 }, (_, at) => entry(at))
    assert.equal((await api.post(CONFIGMAPS, configMap('a', {}, { managedFields }))).status, 201)
    const { user, system } = process.cpuUsage(begin)
    assert.ok((user + system) / 1e6 < 8, 'the square of these lengths would take minutes')
  })

  it('a rule that costs too much is given up, as are long words in rules', async (t) => {
    const rule = '[{"rule":"self.all(x, self.exists(y, x == y))"}]'
    const api = await withSpec(
      t,
      `{"list":{"type":"array","maxItems":1000,"items":{"type":"string","maxLength":10},"x-kubernetes-validations":${rule}}}`,
    )
    const list = Array.from({ length: 1000 }, (_, at) => `v${at}`)
    const { status, body } = await api.post(WIDGETS, widget('a', { list }))
    assert.equal(status, 422)
    assert.match(
      body.message,
      /'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self\.all/,
    )
    assert.equal((await api.post(WIDGETS, widget('b', { list: list.slice(0, 20) }))).status, 201)
  })

  it('nests to a thousand levels and words the refusal beyond as Go does', async (t) => {
    const api = await withSpec(t, '{"any":{"x-kubernetes-preserve-unknown-fields":true}}')
    const nested = (depth: number) => `{"any":${'['.repeat(depth)}${']'.repeat(depth)}}`
    assert.equal((await api.post(WIDGETS, widgetText(nested(900)))).status, 201)
    const { status, body } = await api.post(WIDGETS, widgetText(nested(10_001), 'b'))
    assert.equal(status, 400)
    assert.match(body.message, /json parse error: invalid character '\[' exceeded max depth \(/)
  })

  it('keeps any JSON as it came, whatever its keys', async (t) => {
    const api = await withSpec(t, '{"any":{"x-kubernetes-preserve-unknown-fields":true}}')
    const values = fc.jsonValue({ stringUnit: 'grapheme' })
    const tricky = fc.dictionary(fc.constantFrom('__proto__', 'constructor', 'toString', 'a'), values)
    await fc.assert(
      fc.asyncProperty(fc.oneof(values, tricky), async (any) => {
        const text = JSON.stringify(any)
        const answer = await api.post(`${WIDGETS}?dryRun=All`, widgetText(`{"any":{"v":${text}}}`))
        assert.equal(answer.status, 201, answer.text)
        assert.equal(JSON.stringify(answer.body.spec.any), JSON.stringify({ v: JSON.parse(text) }))
      }),
      { numRuns: 150 },
    )
  })

  it('random JSON patches change what a plain reading of RFC 6902 changes, or are refused', async (t) => {
    const api = await withSpec(t, '{"any":{"x-kubernetes-preserve-unknown-fields":true}}')
    const keys = fc.constantFrom('__proto__', 'constructor', 'a', 'b/c', 'd~e')
    const operation = fc.record({
      op: fc.constantFrom('add', 'remove', 'replace'),
      key: keys,
      value: fc.integer(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 6 }), async (operations) => {
        await api.remove(`${WIDGETS}/p`)
        await api.post(WIDGETS, widgetText('{"any":{"a":0}}', 'p'))
        const model = new Map<string, number>([['a', 0]])
        let isRefused = false
        for (const { op, key, value } of operations) {
          if (op === 'remove') isRefused ||= !model.delete(key)
          else model.set(key, value)
        }
        const body = operations.map(({ op, key, value }) => ({
          op,
          path: `/spec/any/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
          value,
        }))
        const answer = await api.send('PATCH', `${WIDGETS}/p`, { body, type: 'application/json-patch+json' })
        assert.equal(answer.status, isRefused ? 422 : 200, answer.text)
        if (!isRefused)
          assert.deepEqual(new Map(Object.entries(answer.body.spec.any as Record<string, number>)), model)
      }),
      { numRuns: 100 },
    )
  })

  it('a broken YAML body is refused in the words of an apply, and doubled fields are told', async (t) => {
    const api = await startServer(t)
    const yaml = (body: string, query = '') =>
      api.send('POST', `${CONFIGMAPS}?dryRun=All${query}`, { body, type: 'application/yaml' })
    const broken = await yaml('a: b: c')
    assert.equal(
      broken.body.message,
      'the object provided is unrecognized (must be of type ConfigMap): yaml: mapping values are not allowed in this context (613a20623a2063)',
    )
    const doubled = 'metadata: {name: a}\ndata:\n  a: "1"\n  a: "2"\n'
    assert.match(String((await yaml(doubled)).headers.warning), /line 4: key \\"a\\" already set in map/)
    assert.equal((await yaml(doubled, '&fieldValidation=Strict')).status, 400)
    assert.equal((await api.send('PATCH', `${CONFIGMAPS}/a`, { body: '{}', type: APPLY })).status, 422)
  })
})
