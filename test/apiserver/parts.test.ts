import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type ApiServer, startApiServer } from '../../lib/apiserver/index.ts'
import { type Api, apiOf, startServer } from './client.ts'

const NAMESPACE = '/api/v1/namespaces/default'
const PODS = `${NAMESPACE}/pods`
const container = (name: string) => ({ name, image: 'i' })

const pod = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [container('c')], terminationGracePeriodSeconds: 0, ...spec },
})

const bind = (api: Api, name: string, body: object = {}) =>
  api.post(`${PODS}/${name}/binding`, { metadata: { name }, target: { kind: 'Node', name: 'n' }, ...body })

describe('bindings', () => {
  it('put a pod on a node, with what they say of it', async (t) => {
    const api = await startServer(t)
    await api.post(PODS, pod('p'))
    const { status, body } = await bind(api, 'p', { metadata: { name: 'p', labels: { zone: 'a' } } })
    assert.deepEqual([status, body.status], [201, 'Success'])
    const bound = (await api.get(`${PODS}/p`)).body
    const [condition] = bound.status.conditions as Record<string, unknown>[]
    assert.deepEqual(
      [bound.spec.nodeName, bound.metadata.labels, bound.metadata.generation],
      ['n', { zone: 'a' }, 1],
    )
    assert.deepEqual([condition?.type, condition?.status], ['PodScheduled', 'True'])
    const again = await bind(api, 'p')
    assert.equal(
      again.body.message,
      'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"',
    )
  })

  it('may be sent to a collection of their own', async (t) => {
    const api = await startServer(t)
    await api.post(PODS, pod('p'))
    const path = `${NAMESPACE}/bindings`
    assert.equal((await api.post(path, { metadata: { name: 'p' }, target: { name: 'n' } })).status, 201)
    assert.equal((await api.get(`${PODS}/p`)).body.spec.nodeName, 'n')
    assert.equal((await api.get(path)).status, 405)
    assert.equal((await api.get(`${path}/p`)).status, 404)
    assert.equal((await api.post('/api/v1/bindings', {})).status, 404)
  })

  it('do nothing when they are dry or not right', async (t) => {
    const api = await startServer(t)
    await api.post(PODS, pod('p', { schedulingGates: [{ name: 'example.com/g' }] }))
    await api.post(PODS, pod('q'))
    assert.match((await bind(api, 'p')).body.message, /pod p has non-empty .spec.schedulingGates/)
    const odd = await bind(api, 'q', { target: { kind: 'Foo', name: '' } })
    assert.deepEqual(
      [odd.status, odd.body.message],
      [
        500,
        '[target.kind: Unsupported value: "Foo": supported values: "Node", "<empty>", target.name: Required value]',
      ],
    )
    const other = await bind(api, 'q', { metadata: { name: 'q', uid: 'another' } })
    assert.match(other.body.message, /UID in precondition: another/)
    await api.post(`${PODS}/q/binding?dryRun=All`, { metadata: { name: 'q' }, target: { name: 'n' } })
    assert.equal((await api.get(`${PODS}/q`)).body.spec.nodeName, undefined)
  })
})

describe('ephemeral containers and amounts of resources', () => {
  const strategic = (api: Api, path: string, spec: object) =>
    api.send('PATCH', path, { body: { spec }, type: 'application/strategic-merge-patch+json' })

  it('ephemeral containers are added through their own path, and nothing else changes there', async (t) => {
    const api = await startServer(t)
    await api.post(PODS, pod('p'))
    const path = `${PODS}/p/ephemeralcontainers`
    const { body } = await strategic(api, path, {
      ephemeralContainers: [container('debug')],
      containers: [{ name: 'c', image: 'other' }],
    })
    const [one] = body.spec.ephemeralContainers as { name: string }[]
    const [first] = body.spec.containers as { image: string }[]
    assert.deepEqual([one?.name, first?.image, body.metadata.generation], ['debug', 'i', 2])
    const removed = await api.merge(path, { spec: { ephemeralContainers: null } })
    assert.match(removed.body.message, /existing ephemeral containers "debug" may not be removed/)
    const changed = await strategic(api, path, { ephemeralContainers: [{ name: 'debug', image: 'x' }] })
    assert.match(changed.body.message, /existing ephemeral containers "debug" may not be changed/)
    assert.equal((await api.get(path)).body.kind, 'Pod')
  })

  it('resources are resized through their own path, within their class', async (t) => {
    const api = await startServer(t)
    const requests = { cpu: '100m' }
    await api.post(PODS, pod('p', { containers: [{ ...container('c'), resources: { requests } }] }))
    const resize = (resources: object) =>
      strategic(api, `${PODS}/p/resize`, { containers: [{ name: 'c', resources }] })
    const { body } = await resize({ requests: { cpu: '200m', memory: '1Mi' } })
    const [one] = body.spec.containers as { resources: object }[]
    assert.deepEqual(one?.resources, { requests: { cpu: '200m', memory: '1Mi' } })
    assert.equal(body.metadata.generation, 2)
    const gone = await resize({ requests: null })
    assert.match(gone.body.message, /spec: Invalid value: "Burstable": Pod QOS Class may not change/)
    assert.match(gone.body.message, /containers\[0\].resources.requests: Forbidden: resource requests cannot/)
    const other = await resize({ requests: { 'ephemeral-storage': '1Mi' } })
    assert.match(other.body.message, /spec: Forbidden: only cpu and memory resources are mutable/)
    const added = await strategic(api, `${PODS}/p/resize`, { containers: [container('d')] })
    assert.match(added.body.message, /containers may not be added or removed on resize/)
  })
})

/** What a real server without kubelets answers; `{}` is an empty log. */
const answers: readonly (readonly [method: string, path: string, status: number, message: string])[] = [
  ['GET', 'pods/p/log', 204, ''],
  ['GET', 'pods/two/log', 400, 'a container name must be specified for pod two, choose one of: [i c d]'],
  ['GET', 'pods/two/log?container=d', 204, ''],
  ['GET', 'pods/two/log?container=x', 400, 'container x is not valid for pod two'],
  ['GET', 'pods/p/log?tailLines=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  [
    'GET',
    'pods/nobody/log?tailLines=-1&limitBytes=0&sinceSeconds=0',
    422,
    'PodLogOptions "nobody" is invalid: [tailLines: Invalid value: -1: must be greater than or equal to 0, limitBytes: Invalid value: 0: must be greater than 0, sinceSeconds: Invalid value: 0: must be greater than 0]',
  ],
  [
    'GET',
    'pods/p/log?sinceSeconds=5&sinceTime=2020-01-01T00:00:00Z',
    422,
    'PodLogOptions "p" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
  ],
  [
    'GET',
    'pods/p/log?sinceTime=foo',
    400,
    'parsing time "foo" as "2006-01-02T15:04:05Z07:00": cannot parse "foo" as "2006"',
  ],
  [
    'GET',
    'pods/p/log?stream=Stdout',
    422,
    'PodLogOptions "p" is invalid: stream: Forbidden: may not be specified',
  ],
  ['GET', 'pods/nobody/log', 404, 'pods "nobody" not found'],
  ['GET', 'pods/lost/log', 404, 'pods "nowhere" not found'],
  ['GET', 'pods/bare/log', 500, 'no preferred addresses found; known addresses: []'],
  [
    'GET',
    'pods/there/log?follow=true&tailLines=5',
    500,
    'Get "https://10.9.8.7:10250/containerLogs/default/there/c?follow=true&tailLines=5": dial tcp 10.9.8.7:10250: connect: connection refused',
  ],
  ['POST', 'pods/p/log', 405, 'the server does not allow this method on the requested resource'],
  ['GET', 'pods/p/log/more', 404, 'the server could not find the requested resource'],
  ['POST', 'pods/p/exec?command=ls', 400, 'pod p does not have a host assigned'],
  ['GET', 'pods/p/attach', 400, 'pod p does not have a host assigned'],
  ['POST', 'pods/p/portforward', 400, 'pod p does not have a host assigned'],
  [
    'POST',
    'pods/p/portforward?ports=x',
    400,
    'cannot convert to []int32: strconv.ParseUint: parsing "x": invalid syntax',
  ],
  ['POST', 'pods/two/exec', 400, 'a container name must be specified for pod two, choose one of: [i c d]'],
  ['POST', 'pods/there/exec', 400, 'Upgrade request required'],
  ['PUT', 'pods/p/exec', 405, 'the server does not allow this method on the requested resource'],
  ['GET', 'pods/p/proxy/a/b?c=d', 400, 'address not allowed'],
  ['DELETE', 'pods/nobody/proxy/', 404, 'pods "nobody" not found'],
  ['OPTIONS', 'pods/p/proxy', 400, 'address not allowed'],
  ['GET', 'pods/ftp:p:80/proxy', 400, 'invalid pod request "ftp:p:80"'],
  [
    'GET',
    'pods/http:there:8080/proxy/x',
    503,
    'error trying to reach service: dial tcp 10.1.2.3:8080: connect: connection refused',
  ],
  ['GET', 'services/nobody/proxy', 404, 'services "nobody" not found'],
  ['GET', 'services/s:81/proxy', 503, 'no service port 81 found for service "s"'],
  ['GET', 'services/a:b:c:d/proxy', 400, 'invalid service request "a:b:c:d"'],
  ['GET', 'services/s/proxy', 503, 'no endpoints available for service "s"'],
  [
    'GET',
    'services/s:80/proxy/',
    503,
    'error trying to reach service: dial tcp 10.1.2.3:8080: connect: connection refused',
  ],
  ['GET', '/api/v1/nodes/nobody/proxy/stats', 404, 'nodes "nobody" not found'],
  ['PATCH', '/api/v1/nodes/bare/proxy', 500, 'no preferred addresses found; known addresses: []'],
  [
    'GET',
    '/api/v1/nodes/near:99/proxy',
    503,
    'error trying to reach service: dial tcp 10.9.8.7:99: connect: connection refused',
  ],
]

describe('what is passed on to nodes and pods, where there are none', () => {
  let server: ApiServer
  let api: Api
  before(async () => {
    server = await startApiServer()
    api = apiOf(server)
    await api.post('/api/v1/nodes', { metadata: { name: 'bare' } })
    await api.post('/api/v1/nodes', { metadata: { name: 'near' } })
    const addresses = [{ type: 'InternalIP', address: '10.9.8.7' }]
    await api.merge('/api/v1/nodes/near/status', { status: { addresses } })
    const two = { containers: [container('c'), container('d')], initContainers: [container('i')] }
    for (const [name, spec] of Object.entries({
      p: {},
      two,
      lost: { nodeName: 'nowhere' },
      bare: { nodeName: 'bare' },
      there: { nodeName: 'near' },
    }))
      await api.post(PODS, pod(name, spec))
    await api.merge(`${PODS}/there/status`, { status: { podIP: '10.1.2.3', podIPs: [{ ip: '10.1.2.3' }] } })
    const services = { metadata: { name: 's' }, spec: { ports: [{ name: 'web', port: 80 }] } }
    await api.post(`${NAMESPACE}/services`, services)
    const targetRef = { kind: 'Pod', name: 'there', namespace: 'default' }
    const subsets = [{ addresses: [{ ip: '10.1.2.3', targetRef }], ports: [{ name: 'web', port: 8080 }] }]
    await api.post(`${NAMESPACE}/endpoints`, { metadata: { name: 's' }, subsets })
  })
  after(() => server.close())

  for (const [method, path, status, message] of answers)
    it(`${method} ${path} is answered with ${status}`, async () => {
      const answer = await api.send(method, path.startsWith('/') ? path : `${NAMESPACE}/${path}`)
      assert.deepEqual([answer.status, answer.body.message ?? ''], [status, message])
    })

  it('an empty log is of no type', async () => {
    const { headers, text } = await api.get(`${PODS}/p/log`)
    assert.deepEqual([headers['content-type'], text], [undefined, ''])
  })

  it('ComponentStatuses say that nobody schedules and nobody controls', async () => {
    const { body, headers } = await api.get('/api/v1/componentstatuses')
    assert.deepEqual(
      body.items.map(({ metadata }) => metadata.name),
      ['controller-manager', 'scheduler', 'etcd-0'],
    )
    assert.equal(headers.warning, '299 - "v1 ComponentStatus is deprecated in v1.19+"')
    assert.equal((await api.get('/api/v1/componentstatuses/etcd-0')).body.kind, 'ComponentStatus')
    const missing = await api.get('/api/v1/componentstatuses/x')
    assert.equal(missing.body.message, 'componentstatus "x" not found')
    assert.equal((await api.post('/api/v1/componentstatuses', {})).status, 405)
  })
})
