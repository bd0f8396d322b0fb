import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { type Api, type Body, startServer } from './client.ts'
import { type Answer, caBundle, configure, hook, MUTATING, patch, startWebhooks } from './webhooks.ts'

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const NEW = '/apis/example.com/v2/namespaces/default/gadgets'
const OLD = '/apis/example.com/v1/namespaces/default/gadgets'

const version = (name: string, storage: boolean, properties: object) => ({
  name,
  served: true,
  storage,
  schema: {
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  },
})

const definition = (conversion: object) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Gadget', plural: 'gadgets' },
    conversion,
    versions: [
      version('v2', true, { host: { type: 'string' }, port: { type: 'integer', default: 80 } }),
      version('v1', false, { address: { type: 'string' } }),
    ],
  },
})

const webhook = (url: string) => ({
  strategy: 'Webhook',
  webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: `${url}/convert`, caBundle } },
})

const gadget = (name: string, apiVersion: string, spec: object, metadata: object = {}) => ({
  apiVersion: `example.com/${apiVersion}`,
  kind: 'Gadget',
  metadata: { name, ...metadata },
  spec,
})

const v2 = (name: string, host: string, metadata?: object) => gadget(name, 'v2', { host }, metadata)
const v1 = (name: string, address: string) => gadget(name, 'v1', { address })

const success = { status: 'Success' }

/** v2 has a host and a port, v1 an address of both. */
const convert: Answer = ({ review }) => {
  const { objects, desiredAPIVersion } = review.request
  return { result: success, convertedObjects: objects.map((object) => converted(object, desiredAPIVersion)) }
}

function converted(object: Body, apiVersion: string): object {
  const { host, port, address } = object.spec as { host?: string; port?: number; address?: string }
  if (apiVersion === 'example.com/v1') return { ...object, apiVersion, spec: { address: `${host}:${port}` } }
  const [name = '', number = ''] = (address ?? '').split(':')
  return { ...object, apiVersion, spec: { host: name, port: Number(number) } }
}

async function startGadgets(t: TestContext, answer: Answer = convert) {
  const api = await startServer(t)
  const hooks = await startWebhooks(t, { '/convert': answer })
  await define(api, webhook(hooks.url))
  return { api, hooks }
}

/** Resolves once the kind is served. */
async function define(api: Api, conversion: object): Promise<void> {
  const watch = await api.watch(`${DEFINITIONS}?watch=1`)
  await api.post(DEFINITIONS, definition(conversion))
  for (let line = await watch.next(); line !== undefined; line = await watch.next())
    if (/"type":"Established","status":"True"/.test(JSON.stringify(line.object.status))) break
  watch.close()
}

const addresses = (items: Body[]) => items.map(({ spec }) => spec.address)

describe('conversion webhooks of the embedded API server', () => {
  it('shows an object in each version, and asks once for each', async (t) => {
    const { api, hooks } = await startGadgets(t)
    await api.post(NEW, v2('a', 'one'))
    assert.equal(hooks.calls.length, 0, 'the stored version needs no conversion')
    assert.deepEqual((await api.get(`${OLD}/a`)).body.spec, { address: 'one:80' })
    await api.get(`${OLD}/a`)
    assert.deepEqual(addresses((await api.get(OLD)).body.items), ['one:80'])
    assert.equal(hooks.calls.length, 1)
    const [sent] = hooks.calls[0]?.review.request.objects ?? []
    assert.equal(sent?.metadata.resourceVersion, undefined, 'what is stored knows no resourceVersion')
  })

  it('stores what is written in another version in the one of storage', async (t) => {
    const { api } = await startGadgets(t)
    const made = await api.post(OLD, v1('a', 'one:1'))
    assert.deepEqual([made.status, made.body.spec], [201, { address: 'one:1' }])
    assert.deepEqual((await api.get(`${NEW}/a`)).body.spec, { host: 'one', port: 1 })
    const patched = await api.merge(`${OLD}/a`, { spec: { address: 'two:2' } })
    assert.deepEqual([patched.status, patched.body.spec], [200, { address: 'two:2' }])
    const put = await api.put(`${OLD}/a`, { ...patched.body, spec: { address: 'three:3' } })
    assert.deepEqual([put.status, put.body.spec], [200, { address: 'three:3' }])
    assert.deepEqual((await api.get(`${NEW}/a`)).body.spec, { host: 'three', port: 3 })
    assert.equal((await api.remove(`${OLD}/a`)).status, 200)
    assert.equal((await api.get(`${NEW}/a`)).status, 404)
  })

  it('writes nothing when what would be stored is the same', async (t) => {
    const { api } = await startGadgets(t)
    await api.post(OLD, v1('a', 'one:1'))
    const { body } = await api.get(`${OLD}/a`)
    const same = await api.put(`${OLD}/a`, body)
    assert.equal(same.body.metadata.resourceVersion, body.metadata.resourceVersion)
  })

  it('answers a dry run as if it had been stored', async (t) => {
    const { api } = await startGadgets(t)
    const { body } = await api.post(`${OLD}?dryRun=All`, v1('a', 'one:1'))
    assert.deepEqual(body.spec, { address: 'one:1' })
    assert.equal((await api.get(`${OLD}/a`)).status, 404)
  })

  it('watches in another version: what is there, what comes, what leaves a selector', async (t) => {
    const { api } = await startGadgets(t)
    await api.post(NEW, v2('a', 'one', { labels: { on: 'yes' } }))
    const watch = await api.watch(`${OLD}?watch=1&labelSelector=on%3Dyes`)
    const next = async () => {
      const line = await watch.next()
      return [line?.type, line?.object.metadata.name, line?.object.spec.address]
    }
    assert.deepEqual(await next(), ['ADDED', 'a', 'one:80'])
    await api.post(NEW, v2('b', 'two', { labels: { on: 'yes' } }))
    await api.merge(`${NEW}/a`, { spec: { port: 1 } })
    await api.merge(`${NEW}/b`, { spec: { port: 2 }, metadata: { labels: { on: 'no' } } })
    await api.remove(`${NEW}/a`)
    assert.deepEqual(await next(), ['ADDED', 'b', 'two:80'])
    assert.deepEqual(await next(), ['MODIFIED', 'a', 'one:1'])
    assert.deepEqual(await next(), ['DELETED', 'b', 'two:80'])
    assert.deepEqual(await next(), ['DELETED', 'a', 'one:1'])
    watch.close()
  })

  it('keeps the order of a watch while a conversion takes its time', async (t) => {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const { api } = await startGadgets(t, async (call) => {
      if (call.review.request.objects[0]?.metadata.name === 'slow') await released
      return convert(call)
    })
    const { body } = await api.get(NEW)
    const watch = await api.watch(`${OLD}?watch=1&resourceVersion=${body.metadata.resourceVersion}`)
    await api.post(NEW, v2('slow', 'one'))
    await api.post(NEW, v2('quick', 'two'))
    assert.equal((await api.get(`${OLD}/quick`)).body.spec.address, 'two:80')
    release()
    assert.equal((await watch.next())?.object.metadata.name, 'slow')
    assert.equal((await watch.next())?.object.metadata.name, 'quick')
    watch.close()
  })

  it('lets a conversion change labels and annotations, and nothing else of the metadata', async (t) => {
    const { api } = await startGadgets(t, (call) => {
      const [object] = call.review.request.objects
      const spec = { address: 'x' }
      const metadata = { ...object?.metadata, labels: { new: 'label' }, finalizers: ['no'], generation: 99 }
      return {
        result: success,
        convertedObjects: [{ ...object, apiVersion: 'example.com/v1', metadata, spec }],
      }
    })
    await api.post(NEW, v2('a', 'one'))
    const { metadata } = (await api.get(`${OLD}/a`)).body
    assert.deepEqual(
      [metadata.labels, metadata.finalizers, metadata.generation],
      [{ new: 'label' }, undefined, 1],
    )
  })

  it('fails what cannot be converted: reads, lists and writes, but not in the stored version', async (t) => {
    const { api } = await startGadgets(t, () => ({ result: { status: 'Failure', message: 'cannot' } }))
    const why = 'conversion webhook for example.com/v2, Kind=Gadget failed: cannot'
    await api.post(NEW, v2('a', 'one'))
    for (const { body } of [
      await api.get(`${OLD}/a`),
      await api.get(OLD),
      await api.merge(`${OLD}/a`, { spec: { address: 'x:1' } }),
      await api.remove(`${OLD}/a`),
    ])
      assert.deepEqual([body.code, body.message], [500, why])
    const { body } = await api.post(OLD, v1('b', 'x:1'))
    assert.equal(body.message, 'conversion webhook for example.com/v1, Kind=Gadget failed: cannot')
    assert.equal((await api.get(`${NEW}/b`)).status, 404)
    assert.equal((await api.get(`${NEW}/a`)).status, 200)
    assert.equal((await api.remove(`${NEW}/a`)).status, 200)
  })

  it('ends a watch that comes upon an object which cannot be converted, and says why', async (t) => {
    const { api } = await startGadgets(t, (call) =>
      call.review.request.objects[0]?.metadata.name === 'bad' ? { convertedObjects: [] } : convert(call),
    )
    const watch = await api.watch(`${OLD}?watch=1&resourceVersion=0`)
    await api.post(NEW, v2('good', 'one'))
    assert.equal((await watch.next())?.type, 'ADDED')
    await api.post(NEW, v2('bad', 'two'))
    const line = await watch.next()
    assert.deepEqual([line?.type, line?.object.code], ['ERROR', 500])
    assert.match(line?.object.message ?? '', /conversion webhook for example.com\/v2, Kind=Gadget failed/)
    assert.equal(await watch.next(), undefined)
  })

  it('refuses an answer that is another object', async (t) => {
    const { api } = await startGadgets(t, (call) => {
      const [object] = call.review.request.objects
      const metadata = { ...object?.metadata, name: 'other' }
      return { result: success, convertedObjects: [{ ...object, apiVersion: 'example.com/v1', metadata }] }
    })
    await api.post(NEW, v2('a', 'one'))
    assert.equal(
      (await api.get(`${OLD}/a`)).body.message,
      'conversion webhook for example.com/v2, Kind=Gadget returned invalid object: must have the same name: a != other',
    )
  })

  it('shows a mutating webhook the version that it asks for, and converts what it makes back', async (t) => {
    const { api, hooks } = await startGadgets(t)
    const admission = await startWebhooks(t, {
      '/m': () => patch({ op: 'replace', path: '/spec/address', value: 'changed:9' }),
    })
    const rules = [
      { operations: ['CREATE'], apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['gadgets'] },
    ]
    await configure(api, MUTATING, 'a', hook(admission.url, 'm', { rules }))
    const { body } = await api.post(NEW, v2('a', 'one'))
    assert.deepEqual(body.spec, { host: 'changed', port: 9 })
    const request = admission.calls[0]?.review.request
    assert.deepEqual(
      [request?.kind.version, request?.requestKind.version, request?.object?.spec],
      ['v1', 'v2', { address: 'one:80' }],
    )
    assert.equal(hooks.calls.length, 2)
  })

  it('compares what managers own in the versions in which they own it', async (t) => {
    const { api } = await startGadgets(t)
    await api.apply(`${NEW}/a`, v2('a', 'one'), 'one')
    const refused = await api.apply(`${OLD}/a`, v1('a', 'two:80'), 'two')
    assert.deepEqual(
      [refused.status, refused.body.message],
      [409, 'Apply failed with 1 conflict: conflict with "one": .spec.host'],
    )
    assert.equal((await api.apply(`${OLD}/a`, v1('a', 'one:81'), 'two')).status, 200)
    assert.deepEqual((await api.get(`${NEW}/a`)).body.spec, { host: 'one', port: 81 })
  })

  it('takes a kind with all its objects away without a conversion', async (t) => {
    const { api, hooks } = await startGadgets(t)
    await api.post(NEW, v2('a', 'one'))
    const watch = await api.watch(`${NEW}?watch=1`)
    await watch.next()
    await api.remove(`${DEFINITIONS}/gadgets.example.com`)
    assert.equal((await watch.next())?.type, 'DELETED')
    assert.equal(await watch.next(), undefined)
    assert.deepEqual(hooks.calls, [])
  })

  it('refuses a definition whose webhook has no address or no version that is understood', async (t) => {
    const api = await startServer(t)
    const clientConfig = { url: 'http://example.com' }
    const { body } = await api.post(
      DEFINITIONS,
      definition({ strategy: 'Webhook', webhook: { conversionReviewVersions: ['v9'], clientConfig } }),
    )
    assert.equal(body.code, 422)
    assert.match(body.message, /spec.conversion.webhookClientConfig.url: Invalid value: "http"/)
    assert.match(body.message, /must include at least one of v1, v1beta1/)
    const unused = await api.post(
      DEFINITIONS,
      definition({ strategy: 'None', webhook: { conversionReviewVersions: ['v1'], clientConfig } }),
    )
    assert.match(unused.body.message, /should not be set when strategy is not set to Webhook/)
  })
})
