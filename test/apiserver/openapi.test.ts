import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type ApiServer, startApiServer } from '../../lib/apiserver/index.ts'
import { type Api, apiOf, defineWidgets, startServer } from './client.ts'

type Schema = Record<string, unknown> & { properties?: Record<string, Schema>; required?: string[] }
interface Document {
  readonly paths: Record<string, Record<string, Record<string, unknown>>>
  readonly components: { readonly schemas: Record<string, Schema> }
  readonly definitions: Record<string, Schema>
}

const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

const documentOf = async (api: Api, path: string): Promise<Document> =>
  (await api.get(path)).body as unknown as Document

/** Which documents of version 3 there are; it comes as text. */
const index = async (api: Api): Promise<Record<string, { serverRelativeURL: string }>> =>
  JSON.parse((await api.get('/openapi/v3')).text).paths

/** All that refers to a component, wherever it stands; JSONSchemaProps has a field of that name. */
const referencesIn = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : referencesIn(inner),
  )
}

describe('OpenAPI of built-in kinds', () => {
  let server: ApiServer
  let api: Api
  before(async () => {
    server = await startApiServer()
    api = apiOf(server)
  })
  after(() => server.close())

  it('R23: names components as Go packages do', async () => {
    const { components } = await documentOf(api, '/openapi/v3/apis/apps/v1')
    for (const name of [
      'io.k8s.api.apps.v1.DeploymentSpec',
      'io.k8s.api.core.v1.PodTemplateSpec',
      'io.k8s.apimachinery.pkg.api.resource.Quantity',
      'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
      `${META}.ObjectMeta`,
      `${META}.DeleteOptions`,
    ])
      assert.ok(name in components.schemas, name)
  })

  it('every reference leads somewhere, in every document', async () => {
    const paths = Object.values(await index(api))
    assert.ok(paths.length > 30)
    for (const { serverRelativeURL } of paths) {
      const found = await documentOf(api, serverRelativeURL)
      const names = Object.keys(found.components?.schemas ?? {})
      for (const reference of new Set(referencesIn(found)))
        assert.ok(
          names.includes(reference.replace('#/components/schemas/', '')),
          `${serverRelativeURL} ${reference}`,
        )
    }
    const swagger = await documentOf(api, '/openapi/v2')
    for (const reference of new Set(referencesIn(swagger.definitions)))
      assert.ok(reference.replace('#/definitions/', '') in swagger.definitions, reference)
  })

  it('says what is required, what is chosen from, and how lists are merged', async () => {
    const { schemas } = (await documentOf(api, '/openapi/v3/apis/apps/v1')).components
    const spec = schemas['io.k8s.api.apps.v1.DeploymentSpec']
    assert.deepEqual(spec?.required, ['selector', 'template'])
    assert.deepEqual(spec?.properties?.replicas, { type: 'integer', format: 'int32' })
    const pod = schemas['io.k8s.api.core.v1.PodSpec']
    assert.deepEqual(pod?.required, ['containers'])
    assert.deepEqual(pod?.properties?.restartPolicy?.enum, ['Always', 'Never', 'OnFailure'])
    const { containers } = pod?.properties ?? {}
    assert.deepEqual(
      [containers?.['x-kubernetes-list-map-keys'], containers?.['x-kubernetes-patch-merge-key']],
      [['name'], 'name'],
    )
  })

  it('tells of each operation what it does, to what, and with what', async () => {
    const { paths } = await documentOf(api, '/openapi/v3/api/v1')
    const path = '/api/v1/namespaces/{namespace}/pods/{name}/eviction'
    const evict = paths[path]?.post
    assert.deepEqual(
      [evict?.operationId, evict?.['x-kubernetes-action'], evict?.['x-kubernetes-group-version-kind']],
      ['createCoreV1NamespacedPodEviction', 'post', { group: 'policy', version: 'v1', kind: 'Eviction' }],
    )
    assert.deepEqual(Object.keys(paths[path] ?? {}), ['post', 'parameters'])
    const proxy = paths['/api/v1/namespaces/{namespace}/services/{name}/proxy/{path}']
    assert.deepEqual(
      Object.keys(proxy ?? {}).filter((key) => key !== 'parameters'),
      ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'],
    )
    const list = paths['/api/v1/pods']?.get
    const responses = list?.responses as Record<string, { content: object }>
    const types = Object.keys(responses['200']?.content ?? {})
    assert.ok(types.includes('application/json;stream=watch'))
  })

  it('a document is found by its hash, kept for long under it, and redirected to from another', async () => {
    const { serverRelativeURL } = (await index(api))['apis/apps/v1'] ?? { serverRelativeURL: '' }
    assert.match(serverRelativeURL, /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/)
    const found = await api.get(serverRelativeURL)
    assert.match(String(found.headers['cache-control']), /immutable/)
    const other = await fetch(`${server.url}/openapi/v3/apis/apps/v1?hash=ABC`, { redirect: 'manual' })
    await other.arrayBuffer()
    assert.deepEqual([other.status, other.headers.get('location')], [301, serverRelativeURL])
  })

  it('who has a document already is told so, by either version', async () => {
    for (const path of ['/openapi/v2', '/openapi/v3/apis/apps/v1']) {
      const { headers } = await api.get(path)
      const etag = String(headers.etag)
      const again = await api.send('GET', path, { headers: { 'if-none-match': etag } })
      assert.deepEqual([again.status, again.text.length], [304, 0], path)
      const another = await api.send('GET', path, { headers: { 'if-none-match': '"another"' } })
      assert.equal(another.status, 200, path)
    }
  })

  it('version 2 comes in protobuf to kubectl of all ages, and in nothing that nobody reads', async () => {
    const get = (path: string, accept: string) => fetch(server.url + path, { headers: { accept } })
    for (const accept of [V2_PROTOBUF, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf']) {
      const answer = await get('/openapi/v2', accept)
      const bytes = Buffer.from(await answer.arrayBuffer())
      assert.equal(answer.status, 200)
      // Field 1, three bytes: `swagger: "2.0"`.
      assert.deepEqual([...bytes.subarray(0, 5)], [0x0a, 3, ...Buffer.from('2.0')])
      assert.ok(bytes.includes('io.k8s.api.apps.v1.DeploymentSpec'))
    }
    const refused = await get('/openapi/v2', 'application/xml')
    await refused.arrayBuffer()
    assert.equal(refused.status, 406)
  })
})

describe('OpenAPI of custom kinds', () => {
  it('R23: follows definitions as they come and go', async (t) => {
    const api = await startServer(t)
    const before = await index(api)
    assert.equal(before['apis/example.com/v1'], undefined)
    await defineWidgets(api)
    const after = await index(api)
    assert.ok(after['apis/example.com/v1'])
    assert.deepEqual(after['apis/apps/v1'], before['apis/apps/v1'])
    const { definitions } = await documentOf(api, '/openapi/v2')
    assert.ok('com.example.v1.Widget' in definitions)
  })

  it('is what the definition says, with the metadata of every object', async (t) => {
    const api = await startServer(t)
    await defineWidgets(api)
    const { components, paths } = await documentOf(api, '/openapi/v3/apis/example.com/v1')
    const widget = components.schemas['com.example.v1.Widget']
    assert.deepEqual(widget?.properties?.spec, {
      type: 'object',
      properties: { size: { type: 'integer', minimum: 1, default: 3 } },
    })
    assert.deepEqual(widget?.properties?.metadata?.allOf, [
      { $ref: `#/components/schemas/${META}.ObjectMeta` },
    ])
    assert.deepEqual(widget?.['x-kubernetes-group-version-kind'], [
      { group: 'example.com', kind: 'Widget', version: 'v1' },
    ])
    const place = '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}'
    assert.deepEqual(
      [`${place}`, `${place}/status`].map((path) => Object.keys(paths[path] ?? {}).sort()),
      [
        ['delete', 'get', 'parameters', 'patch', 'put'],
        ['get', 'parameters', 'patch', 'put'],
      ],
    )
  })

  it('loses in version 2 what that has no words for', async (t) => {
    const api = await startServer(t)
    const schema = {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            amount: { 'x-kubernetes-int-or-string': true },
            maybe: { type: 'string', nullable: true },
            free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            one: { type: 'string', oneOf: [{ enum: ['a'] }, { enum: ['b'] }] },
          },
        },
      },
    }
    await defineWidgets(api)
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com'
    await api.send('PATCH', path, {
      type: 'application/json-patch+json',
      body: [{ op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema', value: schema }],
    })
    const three = await documentOf(api, '/openapi/v3/apis/example.com/v1')
    const fields = three.components.schemas['com.example.v1.Widget']?.properties?.spec?.properties
    assert.deepEqual(fields?.amount?.anyOf, [{ type: 'integer' }, { type: 'string' }])
    assert.deepEqual(fields?.maybe, { type: 'string', nullable: true })
    assert.ok(fields?.one?.oneOf)
    const two = await documentOf(api, '/openapi/v2')
    const lossy = two.definitions['com.example.v1.Widget']?.properties?.spec?.properties
    assert.deepEqual(lossy?.amount, { 'x-kubernetes-int-or-string': true })
    assert.deepEqual([lossy?.maybe, lossy?.one], [{}, { type: 'string' }])
    assert.equal(lossy?.free?.['x-kubernetes-preserve-unknown-fields'], true)
  })
})
