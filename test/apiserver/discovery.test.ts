import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type ApiServer, startApiServer } from '../../lib/apiserver/index.ts'
import {
  type Api,
  apiOf,
  defineWidgets,
  gone,
  startServer,
  WIDGETS,
  widget,
  widgetDefinition,
} from './client.ts'

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices'
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

interface Resource {
  readonly name: string
  readonly kind: string
  readonly group?: string
  readonly version?: string
  readonly verbs: readonly string[]
  readonly storageVersionHash?: string
}

async function resources(api: Api, path: string): Promise<Resource[]> {
  const { body } = await api.get(path)
  return (body as unknown as { resources: Resource[] }).resources
}

/** Name, kind (with its group and version where they are told) and verbs. */
const line = ({ name, kind, group, version, verbs }: Resource): string =>
  `${name} ${group === undefined ? '' : `${group}/${version}/`}${kind} ${verbs.join(',')}`

const rw = 'get,patch,update'

/** What a kube-apiserver v1.36 lists of parts and of what is not stored. */
const parts: Readonly<Record<string, readonly string[]>> = {
  '/api/v1': [
    'bindings Binding create',
    'componentstatuses ComponentStatus get,list',
    'namespaces/finalize Namespace update',
    `namespaces/status Namespace ${rw}`,
    'nodes/proxy NodeProxyOptions create,delete,get,patch,update',
    `nodes/status Node ${rw}`,
    `persistentvolumeclaims/status PersistentVolumeClaim ${rw}`,
    `persistentvolumes/status PersistentVolume ${rw}`,
    'pods/attach PodAttachOptions create,get',
    'pods/binding Binding create',
    `pods/ephemeralcontainers Pod ${rw}`,
    'pods/eviction policy/v1/Eviction create',
    'pods/exec PodExecOptions create,get',
    'pods/log Pod get',
    'pods/portforward PodPortForwardOptions create,get',
    'pods/proxy PodProxyOptions create,delete,get,patch,update',
    `pods/resize Pod ${rw}`,
    `pods/status Pod ${rw}`,
    `replicationcontrollers/scale autoscaling/v1/Scale ${rw}`,
    `replicationcontrollers/status ReplicationController ${rw}`,
    `resourcequotas/status ResourceQuota ${rw}`,
    'serviceaccounts/token authentication.k8s.io/v1/TokenRequest create',
    'services/proxy ServiceProxyOptions create,delete,get,patch,update',
    `services/status Service ${rw}`,
  ],
  '/apis/certificates.k8s.io/v1': [
    `certificatesigningrequests/approval CertificateSigningRequest ${rw}`,
    `certificatesigningrequests/status CertificateSigningRequest ${rw}`,
  ],
  '/apis/authorization.k8s.io/v1': [
    'localsubjectaccessreviews LocalSubjectAccessReview create',
    'selfsubjectaccessreviews SelfSubjectAccessReview create',
    'selfsubjectrulesreviews SelfSubjectRulesReview create',
    'subjectaccessreviews SubjectAccessReview create',
  ],
  '/apis/storage.k8s.io/v1': [`volumeattachments/status VolumeAttachment ${rw}`],
}

/** Of `storageVersionHash`, where the stored version is not the one that is listed, too. */
const hashes: readonly (readonly [path: string, name: string, hash: string | undefined])[] = [
  ['/apis/certificates.k8s.io/v1', 'certificatesigningrequests', '95fRKMXA+00='],
  ['/apis/apiregistration.k8s.io/v1', 'apiservices', 'InPBPD7+PqM='],
  ['/apis/admissionregistration.k8s.io/v1', 'mutatingwebhookconfigurations', 'Sqi0GUgDaX0='],
  ['/api/v1', 'bindings', undefined],
  ['/api/v1', 'componentstatuses', undefined],
]

/** Whether methods are looked at differs from document to document; a HEAD has no body to judge by. */
const methods: readonly (readonly [method: string, path: string, status: number])[] = [
  ['POST', '/apis', 200],
  ['DELETE', '/apis/apps', 200],
  ['HEAD', '/apis', 200],
  ['POST', '/openapi/v2', 200],
  ['POST', '/api', 405],
  ['HEAD', '/api/v1', 405],
  ['PUT', '/apis/apps/v1', 405],
  ['OPTIONS', '/version', 405],
  ['GET', '/apis/apps/v9', 404],
  ['GET', '/apis/nobody.example.com', 404],
  ['GET', '/apis/nobody.example.com/v1', 404],
]

/** What is answered to an `Accept` of `/apis`. */
const forms: readonly (readonly [accept: string, type: string, kind: string])[] = [
  ['application/json', 'application/json', 'APIGroupList'],
  ['*/*', 'application/json', 'APIGroupList'],
  [AGGREGATED, AGGREGATED, 'APIGroupDiscoveryList'],
  [`${AGGREGATED},application/json`, AGGREGATED, 'APIGroupDiscoveryList'],
  // Wherever it stands.
  [`application/json,${AGGREGATED}`, AGGREGATED, 'APIGroupDiscoveryList'],
  // Served no more.
  [
    'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json',
    'application/json',
    'APIGroupList',
  ],
]

describe('discovery of built-in kinds', () => {
  let server: ApiServer
  let api: Api
  before(async () => {
    server = await startApiServer()
    api = apiOf(server)
  })
  after(() => server.close())

  for (const [path, wanted] of Object.entries(parts))
    it(`R23: ${path} lists what is no resource of its own, with kinds and verbs`, async () => {
      const isPart = ({ name, verbs }: Resource) => name.includes('/') || !verbs.includes('delete')
      assert.deepEqual((await resources(api, path)).filter(isPart).map(line), wanted)
    })

  for (const [path, name, hash] of hashes)
    it(`${name} of ${path} ${hash === undefined ? 'are stored in no version' : `have the hash ${hash}`}`, async () => {
      const found = (await resources(api, path)).find((one) => one.name === name)
      assert.equal(found?.storageVersionHash, hash)
    })

  it('kinds of one storage have one hash, whichever version is asked', async () => {
    const hashOf = async (path: string, name: string) =>
      (await resources(api, path)).find((one) => one.name === name)?.storageVersionHash
    assert.equal(await hashOf('/api/v1', 'events'), await hashOf('/apis/events.k8s.io/v1', 'events'))
    const name = 'horizontalpodautoscalers'
    assert.equal(await hashOf('/apis/autoscaling/v1', name), await hashOf('/apis/autoscaling/v2', name))
  })

  it('the preferred version of a group is the one of the highest priority', async () => {
    const { body } = await api.get('/apis/autoscaling')
    const group = body as unknown as {
      versions: { version: string }[]
      preferredVersion: { version: string }
    }
    assert.deepEqual(
      [group.versions.map(({ version }) => version), group.preferredVersion.version],
      [['v2', 'v1'], 'v2'],
    )
  })

  for (const [method, path, status] of methods)
    it(`${method} ${path} is answered with ${status}`, async () => {
      const answer = await fetch(server.url + path, { method })
      await answer.arrayBuffer()
      assert.equal(answer.status, status)
    })

  for (const [accept, type, kind] of forms)
    it(`who accepts ${accept} gets ${kind}`, async () => {
      const { headers, body } = await api.send('GET', '/apis', { headers: { accept } })
      assert.deepEqual([headers['content-type'], body.kind], [type, kind])
    })

  it('what is no form of discovery, or none any more, is refused', async () => {
    const status = async (path: string, accept: string) =>
      (await api.send('GET', path, { headers: { accept } })).status
    assert.equal(await status('/apis/apps/v1', 'application/xml'), 406)
    assert.equal(await status('/apis', AGGREGATED.replace('v=v2', 'v=v2beta1')), 406)
  })

  it('aggregated discovery says of parts what plain discovery says', async () => {
    const { body } = await api.send('GET', '/api', { headers: { accept: AGGREGATED } })
    const [core] = (body as unknown as { items: { versions: { resources: Aggregated[] }[] }[] }).items
    const found = core?.versions[0]?.resources.flatMap(({ resource, subresources = [] }) =>
      subresources.map(({ subresource, responseKind, verbs }) => {
        const { group, version, kind } = responseKind
        return `${resource}/${subresource} ${group === '' ? '' : `${group}/${version}/`}${kind} ${verbs.join(',')}`
      }),
    )
    assert.deepEqual(
      found,
      parts['/api/v1']?.filter((one) => one.split(' ')[0]?.includes('/')),
    )
  })
})

interface Aggregated {
  readonly resource: string
  readonly subresources?: readonly {
    readonly subresource: string
    readonly responseKind: { readonly group: string; readonly version: string; readonly kind: string }
    readonly verbs: readonly string[]
  }[]
}

describe('discovery of custom kinds', () => {
  it('lists the versions that are served, the most stable first', async (t) => {
    const api = await startServer(t)
    const [version] = widgetDefinition.spec.versions
    const versions = ['v1alpha1', 'v2beta1', 'v1', 'v10', 'v3'].map((name) => ({
      ...version,
      name,
      storage: name === 'v1',
      served: name !== 'v3',
    }))
    const watch = await api.watch(
      `${SERVICES}?watch=1&labelSelector=kube-aggregator.kubernetes.io/automanaged%3Dtrue`,
    )
    await api.post(DEFINITIONS, { ...widgetDefinition, spec: { ...widgetDefinition.spec, versions } })
    for (let count = 0; count < 4; count++) await watch.next()
    watch.close()
    const { body } = await api.get('/apis/example.com')
    assert.deepEqual(
      (body as unknown as { versions: { version: string }[] }).versions.map(({ version }) => version),
      ['v10', 'v1', 'v2beta1', 'v1alpha1'],
    )
    assert.equal((await api.get('/apis/example.com/v3')).status, 404)
    assert.equal((await api.get(`${SERVICES}/v3.example.com`)).status, 404)
  })

  it('a definition that is being deleted takes no new objects, and its group goes with it', async (t) => {
    const api = await startServer(t)
    await defineWidgets(api)
    await api.post(WIDGETS, { ...widget('w'), metadata: { name: 'w', finalizers: ['example.com/x'] } })
    const definition = await api.watch(`${DEFINITIONS}?watch=1`)
    await api.remove(`${DEFINITIONS}/widgets.example.com`)
    const object = await api.watch(`${WIDGETS}?watch=1`)
    for (let line = await object.next(); line !== undefined; line = await object.next())
      if (line.object.metadata.deletionTimestamp !== undefined) break
    object.close()
    definition.close()
    const [widgets] = await resources(api, '/apis/example.com/v1')
    assert.deepEqual(widgets?.verbs, ['delete', 'deletecollection', 'get', 'list', 'watch'])
    const refused = await api.post(WIDGETS, widget('other'))
    assert.deepEqual(
      [refused.status, refused.body.message],
      [
        403,
        'widgets.example.com "other" is forbidden: create not allowed while custom resource definition is terminating',
      ],
    )
    assert.equal((await api.merge(`${WIDGETS}/w`, { spec: { size: 5 } })).status, 200)
    await api.merge(`${WIDGETS}/w`, { metadata: { finalizers: null } })
    await gone(api, DEFINITIONS, 'widgets.example.com')
    for (const path of ['/apis/example.com', '/apis/example.com/v1', '/openapi/v3/apis/example.com/v1'])
      assert.equal((await api.get(path)).status, 404, path)
    assert.equal((await api.get(`${SERVICES}/v1.example.com`)).status, 404)
  })
})

describe('APIServices', () => {
  it('are there for every group and version that is served, but for their own', async (t) => {
    const api = await startServer(t)
    const { body } = await api.get(`${SERVICES}/v2.autoscaling`)
    assert.deepEqual(body.spec, {
      group: 'autoscaling',
      version: 'v2',
      groupPriorityMinimum: 17500,
      versionPriority: 30,
    })
    const [condition] = body.status.conditions as { type: string; reason: string }[]
    assert.deepEqual([condition?.type, condition?.reason], ['Available', 'Local'])
    assert.deepEqual((await api.get(`${SERVICES}/v1.`)).body.spec, {
      version: 'v1',
      groupPriorityMinimum: 18000,
      versionPriority: 1,
    })
    assert.equal((await api.get(`${SERVICES}/v1.apiregistration.k8s.io`)).status, 404)
  })

  it('come with the versions of a definition', async (t) => {
    const api = await startServer(t)
    await defineWidgets(api)
    const { body } = await api.get(`${SERVICES}/v1.example.com`)
    assert.deepEqual(body.metadata.labels, { 'kube-aggregator.kubernetes.io/automanaged': 'true' })
  })

  const priorities = { groupPriorityMinimum: 1, versionPriority: 1 }
  for (const [name, spec, fields] of [
    [
      'x',
      {},
      ['metadata.name', 'spec.group', 'spec.version', 'spec.groupPriorityMinimum', 'spec.versionPriority'],
    ],
    ['v2.', { version: 'v2', ...priorities }, ['spec.group']],
    [
      'v9.a.b',
      { version: 'v9', group: 'a.b', ...priorities, caBundle: 'eA==', insecureSkipTLSVerify: true },
      ['spec.caBundle', 'spec.insecureSkipTLSVerify'],
    ],
    [
      'v9.a.b',
      { version: 'v9', group: 'a.b', ...priorities, service: { port: 70000 } },
      ['spec.service.namespace', 'spec.service.name', 'spec.service.port'],
    ],
  ] as const)
    it(`are refused for ${fields.join(', ')}`, async (t) => {
      const api = await startServer(t)
      const { status, body } = await api.post(SERVICES, { metadata: { name }, spec })
      assert.equal(status, 422)
      assert.deepEqual(
        (body.details.causes as { field: string }[]).map(({ field }) => field),
        fields,
      )
    })
})
