/** The requests that calls become and the results that answers become, without a network. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import type { Kube, WatchOptions } from '../../lib/kube.ts'
import { connect } from '../../lib/kube/rest.ts'
import { chunks, configMaps, deployments, nodes, scripted } from './script.ts'
import { statusOf } from './server.ts'

const key = { namespace: 'default', name: 'a' }
const object = { metadata: key, data: { a: '1' } }
const ok = { status: 200, body: { kind: 'ConfigMap', metadata: key } }

/** `[method, path, body, headers]` of the one request that `call` makes. */
async function requestOf(call: (kube: Kube) => Promise<unknown>) {
  const transport = scripted(ok)
  await call(connect(transport, { userAgent: 'test' }))
  assert.equal(transport.requests.length, 1)
  const [request] = transport.requests
  assert(request)
  const body: unknown = request.body === undefined ? undefined : JSON.parse(request.body)
  return { line: `${request.method} ${request.path}`, body, headers: request.headers }
}

const lines: [what: string, call: (kube: Kube) => Promise<unknown>, line: string][] = [
  [
    'a read of the core group',
    (kube) => kube.get(configMaps, key),
    'GET /api/v1/namespaces/default/configmaps/a',
  ],
  [
    'a read of a named group that may be cached',
    (kube) => kube.get(deployments, key, { notOlderThan: '0' }),
    'GET /apis/apps/v1/namespaces/default/deployments/a?resourceVersion=0',
  ],
  [
    'a read of a cluster-scoped object',
    (kube) => kube.get(nodes, { name: 'n:1' }),
    'GET /api/v1/nodes/n%3A1',
  ],
  [
    'an update of the status',
    (kube) => kube.update(deployments, object, { subresource: 'status', fieldManager: 'me & you' }),
    'PUT /apis/apps/v1/namespaces/default/deployments/a/status?fieldManager=me%20%26%20you',
  ],
  [
    'a creation that is only tried',
    (kube) => kube.create(configMaps, object, { dryRun: true }),
    'POST /api/v1/namespaces/default/configmaps?dryRun=All',
  ],
  [
    'an eviction',
    (kube) => kube.create(configMaps, object, { subresource: 'eviction' }),
    'POST /api/v1/namespaces/default/configmaps/a/eviction',
  ],
  [
    'an apply',
    (kube) => kube.patch(configMaps, key, { type: 'apply', object, force: true }, { fieldManager: 'me' }),
    'PATCH /api/v1/namespaces/default/configmaps/a?fieldManager=me&force=true&fieldValidation=Strict',
  ],
]

for (const [what, call, line] of lines)
  test(`${what} is ${line}`, async () => assert.equal((await requestOf(call)).line, line))

test('each kind of patch says what it is, and apply is JSON in YAML clothes', async () => {
  const apply = await requestOf((kube) =>
    kube.patch(configMaps, key, { type: 'apply', object, force: false }, { fieldManager: 'me' }),
  )
  assert.equal(apply.headers['content-type'], 'application/apply-patch+yaml')
  assert.match(apply.line, /force=false/)
  assert.deepEqual(apply.body, { apiVersion: 'v1', kind: 'ConfigMap', ...object })
  const merge = await requestOf((kube) =>
    kube.patch(configMaps, key, { type: 'merge', body: { data: null } }),
  )
  assert.equal(merge.headers['content-type'], 'application/merge-patch+json')
  assert.deepEqual(merge.body, { data: null })
  const operations = [{ op: 'remove', path: '/data' }]
  const json = await requestOf((kube) => kube.patch(configMaps, key, { type: 'json', operations }))
  assert.equal(json.headers['content-type'], 'application/json-patch+json')
  assert.deepEqual(json.body, operations)
})

test('a deletion carries its preconditions, and no body where there are none', async () => {
  const bare = await requestOf((kube) => kube.delete(configMaps, key))
  assert.equal(bare.body, undefined)
  const full = await requestOf((kube) =>
    kube.delete(configMaps, key, {
      uid: 'u',
      resourceVersion: '5',
      propagation: 'Foreground',
      gracePeriodSeconds: 0,
    }),
  )
  assert.deepEqual(full.body, {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid: 'u', resourceVersion: '5' },
    propagationPolicy: 'Foreground',
    gracePeriodSeconds: 0,
  })
})

test('metadata alone is asked for as PartialObjectMetadata: no spec leaves the server', async () => {
  const { headers } = await requestOf((kube) => kube.get(configMaps, key, { as: 'metadata' }))
  assert.equal(headers.accept, 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1')
  const transport = scripted({ status: 200, body: { metadata: { resourceVersion: '1' }, items: null } })
  const page = await connect(transport).list(configMaps, { as: 'metadata' })
  assert.deepEqual(page, { items: [], resourceVersion: '1' })
  const accept = transport.requests[0]?.headers.accept
  assert.equal(accept, 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1')
})

test('a list gives its items the kind that the server left out, and the token of the next page: A5', async () => {
  const transport = scripted({
    status: 200,
    body: {
      kind: 'ConfigMapList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '7', continue: 'next page' },
      items: [{ metadata: { name: 'a' } }, { kind: 'Own', apiVersion: 'x/v1', metadata: { name: 'b' } }],
    },
  })
  const kube = connect(transport)
  const page = await kube.list(configMaps, {
    namespace: 'n',
    limit: 2,
    notOlderThan: '0',
    labelSelector: 'a in (b,c)',
  })
  assert.deepEqual(page, {
    items: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
      { kind: 'Own', apiVersion: 'x/v1', metadata: { name: 'b' } },
    ],
    resourceVersion: '7',
    continue: 'next page',
  })
  await kube.list(configMaps, { limit: 2, continue: 'next page', notOlderThan: '0' })
  assert.deepEqual(
    transport.requests.map((request) => request.path),
    [
      '/api/v1/namespaces/n/configmaps?labelSelector=a%20in%20(b%2Cc)&limit=2&resourceVersion=0&resourceVersionMatch=NotOlderThan',
      '/api/v1/configmaps?limit=2&continue=next%20page',
    ],
  )
})

async function watchPath(options: Partial<WatchOptions>) {
  const transport = scripted({ status: 200, body: '' })
  for await (const line of connect(transport).watch(configMaps, { timeoutSeconds: 290, ...options }))
    assert.fail(line.type)
  assert.equal(transport.requests[0]?.headers['accept-encoding'], 'identity')
  return transport.requests[0]?.path
}

test('a watch asks for bookmarks and for no compression, and for the initial state where that is wanted', async () => {
  const base = '/api/v1/configmaps?watch=true&allowWatchBookmarks=true&timeoutSeconds=290'
  assert.equal(await watchPath({ resourceVersion: '5' }), `${base}&resourceVersion=5`)
  assert.equal(
    await watchPath({ initial: true }),
    `${base}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
  )
})

for (const name of ['', '.', '..', 'a/b', '%2e%2e'])
  test(`the name ${JSON.stringify(name)} cannot leave its place in the path`, async () => {
    const transport = scripted(ok)
    await assert.rejects(connect(transport).get(configMaps, { namespace: 'default', name }), {
      code: 400,
      reason: 'BadRequest',
    })
    await assert.rejects(connect(transport).get(configMaps, { namespace: name, name: 'a' }), { code: 400 })
    assert.equal(transport.requests.length, 0)
  })

test('a call that lacks a namespace, a name or a field manager is refused before it is sent', async () => {
  const transport = scripted(ok)
  const kube = connect(transport)
  await assert.rejects(kube.get(configMaps, { name: 'a' }), {
    code: 400,
    message: /ConfigMap: "a" has no namespace/,
  })
  await assert.rejects(kube.create(configMaps, { metadata: { name: 'a' } }), {
    code: 400,
    message: /metadata.namespace/,
  })
  await assert.rejects(kube.update(configMaps, {}), { code: 400, message: /metadata.name is missing/ })
  await assert.rejects(kube.patch(configMaps, key, { type: 'apply', object, force: true }), {
    message: /fieldManager/,
  })
  assert.equal(transport.requests.length, 0)
})

const absent = {
  status: 404,
  body: statusOf(404, 'NotFound', 'configmaps "a" not found', { name: 'a', kind: 'configmaps' }),
}

test('C3: an absent object is undefined to get and delete, and an error to those who write', async () => {
  const kube = connect(scripted(absent))
  assert.equal(await kube.get(configMaps, key), undefined)
  assert.equal(await kube.delete(configMaps, key), undefined)
  const expected = { name: 'ApiError', code: 404, reason: 'NotFound', message: 'configmaps "a" not found' }
  await assert.rejects(kube.update(configMaps, object), expected)
  await assert.rejects(kube.patch(configMaps, key, { type: 'merge', body: {} }), expected)
})

test('A11: a kind that is not served is an error and not an absent object', async () => {
  const plain = connect(scripted({ status: 404, body: '404 page not found\n' }))
  await assert.rejects(plain.get(configMaps, key), { code: 404, reason: 'NotFound' })
  const status = statusOf(404, 'NotFound', 'the server could not find the requested resource', {})
  await assert.rejects(connect(scripted({ status: 404, body: status })).delete(configMaps, key), {
    code: 404,
  })
})

for (const [code, reason] of [
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [410, 'Expired'],
  [500, 'InternalError'],
] as const)
  test(`A4: a watch that is answered ${code} throws ApiError ${reason}`, async () => {
    const kube = connect(scripted({ status: code, body: statusOf(code, reason, 'no') }))
    await assert.rejects(kube.watch(configMaps, { timeoutSeconds: 5 }).next(), { code, reason })
  })

test('a watch that breaks is Unreachable, and one that is aborted rejects with the reason and drops what is left', async () => {
  const line = JSON.stringify({ type: 'ADDED', object: { metadata: key } })
  async function* breaking() {
    yield `${line}\n`
    throw new Error('aborted')
  }
  const broken = connect(scripted({ status: 200, body: breaking() })).watch(configMaps, { timeoutSeconds: 5 })
  assert.equal((await broken.next()).done, false)
  await assert.rejects(broken.next(), { code: 0, reason: 'Unreachable' })

  const abort = new AbortController()
  const two = scripted({ status: 200, body: chunks(`${line}\n${line}\n`) })
  const watching = connect(two).watch(configMaps, { timeoutSeconds: 5, signal: abort.signal })
  assert.equal((await watching.next()).done, false)
  abort.abort('enough')
  await assert.rejects(watching.next(), (error) => error === 'enough')
})

test('nothing that the REST logic imports needs a platform, so it runs in workerd too', async () => {
  const seen = new Set<string>()
  const follow = async (file: URL) => {
    if (seen.has(file.href)) return
    seen.add(file.href)
    for (const [, name] of (await readFile(file, 'utf8')).matchAll(/(?:from|import\()\s*'([^']+)'/g)) {
      assert.match(name ?? '', /^\./, `${file.pathname} imports ${name}`)
      await follow(new URL(name ?? '', file))
    }
  }
  await follow(new URL('../../lib/kube/rest.ts', import.meta.url))
  assert(seen.size > 5)
})
