/** Discovery, OpenAPI, version and health endpoints. */
import type { Source } from '../record/recorder.ts'
const A = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const schema = {
  type: 'object',
  required: ['spec'],
  description: 'A widget.',
  properties: {
    spec: {
      type: 'object',
      description: 'What is wanted.',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, description: 'How big.' },
        mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
        port: { 'x-kubernetes-int-or-string': true },
        extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        keyed: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', required: ['k'], properties: { k: { type: 'string' } } },
        },
      },
    },
    status: { type: 'object', properties: { ok: { type: 'boolean', nullable: true } } },
  },
}

export const scenarios: readonly Source[] = [
  [
    'core',
    '/api, /api/v1, /apis and the built-in groups.',
    async (t) => {
      await t.get('/api', { mask: { '/serverAddressByClientCIDRs/0/serverAddress': '<any>' } })
      await t.get('/api/v1', {
        pick: [
          '/kind',
          '/groupVersion',
          '/resources[name=configmaps]',
          '/resources[name=events]',
          '/resources[name=namespaces]',
          '/resources[name=namespaces~1finalize]',
          '/resources[name=namespaces~1status]',
          '/resources[name=secrets]',
          '/resources[name=services]',
          '/resources[name=serviceaccounts~1token]',
        ],
      })
      await t.get('/apis', {
        pick: [
          '/kind',
          '/apiVersion',
          '/groups[name=apps]',
          '/groups[name=coordination.k8s.io]',
          '/groups[name=events.k8s.io]',
          '/groups[name=apiextensions.k8s.io]',
          '/groups[name=admissionregistration.k8s.io]',
        ],
      })
      await t.get('/apis/apps')
      await t.get('/apis/apps/v1', {
        pick: [
          '/kind',
          '/groupVersion',
          '/resources[name=deployments]',
          '/resources[name=deployments~1scale]',
          '/resources[name=deployments~1status]',
          '/resources[name=statefulsets]',
        ],
      })
      await t.get('/apis/coordination.k8s.io/v1', { pick: ['/resources[name=leases]'] })
      await t.get('/apis/apiextensions.k8s.io/v1')
      await t.get('/apis/events.k8s.io/v1')
      await t.get('/apis/authorization.k8s.io/v1')
    },
  ],
  [
    'aggregated',
    'Aggregated discovery (apidiscovery.k8s.io/v2).',
    async (t) => {
      await t.get('/apis', {
        accept: A,
        pick: ['/kind', '/apiVersion', '/items[metadata.name=coordination.k8s.io]'],
      })
      await t.get('/apis', {
        accept: `${A},application/json`,
        pick: ['/kind', '/items[metadata.name=events.k8s.io]'],
      })
      await t.get('/api', {
        accept: A,
        pick: [
          '/kind',
          '/apiVersion',
          '/items/0/metadata',
          '/items/0/versions/0/version',
          '/items/0/versions/0/freshness',
          '/items/0/versions/0/resources[resource=configmaps]',
          '/items/0/versions/0/resources[resource=namespaces]',
          '/items/0/versions/0/resources[resource=services]',
        ],
      })
      await t.get('/apis', {
        accept: A,
        pick: [
          '/items[metadata.name=apps]/versions/0/resources[resource=deployments]',
          '/items[metadata.name=apps]/versions/0/resources[resource=statefulsets]',
        ],
      })
      await t.get('/apis/apps/v1', { accept: A, pick: ['/kind', '/groupVersion'] })
      await t.get('/apis', {
        accept: 'application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList',
        pick: ['/kind'],
      })
    },
  ],
  [
    'custom',
    'A CRD group in discovery: names, categories, subresources, two versions; gone with the CRD.',
    async (t) => {
      const v = (name: string, storage: boolean, more = {}) => ({
        name,
        served: true,
        storage,
        schema: { openAPIV3Schema: schema },
        subresources: { status: {} },
        ...more,
      })
      const w = await t.crd({
        kind: 'Widget',
        names: { shortNames: ['wd', 'wdg'], categories: ['all', 'things'], singular: 'widget' },
        versions: [
          v('v1', true, {
            subresources: {
              status: {},
              scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.n' },
            },
          }),
          v('v1beta1', false),
          { ...v('v1alpha1', false), served: false },
        ],
      })
      const g = `/apis/${w.group}`
      await t.wait(g, [{ status: 200 }, { pointer: '/versions/#', equals: 2 }])
      await t.wait(`${g}/v1`, [{ status: 200 }])
      await t.wait(`${g}/v1beta1`, [{ status: 200 }])
      await t.get(`${g}/v1alpha1`)
      await t.wait('/apis', [{ pointer: `/groups[name=${w.group}]`, exists: true }], {
        pick: [`/groups[name=${w.group}]`],
      })
      await t.wait(
        '/apis',
        [{ pointer: `/items[metadata.name=${w.group}]/versions/1/resources`, exists: true }],
        { accept: A, pick: [`/items[metadata.name=${w.group}]`] },
      )
      await t.wait('/openapi/v3', [{ pointer: `/paths/apis~1${w.group}~1v1`, exists: true }], {
        pick: [`/paths/apis~1${w.group}~1v1/serverRelativeURL`],
        note: 'The hash in the address stands for the content.',
      })
      await t.del(w.crd)
      await t.wait(g, [{ status: 404 }])
      await t.wait(`${g}/v1/widgets`, [{ status: 404 }])
    },
  ],
  [
    'openapi',
    'OpenAPI v3 of a CRD: the schema component and the paths.',
    async (t) => {
      const w = await t.crd({ kind: 'Widget', schema, subresources: { status: {} }, scope: 'Cluster' })
      const rev = w.group.split('.').reverse().join('.')
      const doc = `/openapi/v3/apis/${w.group}/v1`
      await t.wait(doc, [{ status: 200 }], {
        pick: [
          '/openapi',
          `/components/schemas/${rev}.v1.Widget`,
          `/components/schemas/${rev}.v1.WidgetList`,
          '/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
          `/paths/~1apis~1${w.group}~1v1~1widgets~1{name}~1status/get`,
          `/paths/~1apis~1${w.group}~1v1~1widgets~1{name}/patch/requestBody`,
          `/paths/~1apis~1${w.group}~1v1~1widgets/get/responses`,
        ],
      })
      await t.get('/openapi/v3/apis/apps/v1', {
        pick: [
          '/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy',
          '/components/schemas/io.k8s.api.apps.v1.Deployment/x-kubernetes-group-version-kind',
          '/components/schemas/io.k8s.api.apps.v1.DeploymentSpec/required',
        ],
      })
      await t.get('/openapi/v3/api/v1', {
        pick: [
          '/components/schemas/io.k8s.api.core.v1.ConfigMap',
          '/components/schemas/io.k8s.api.core.v1.Toleration',
          '/paths/~1api~1v1~1namespaces~1{namespace}~1configmaps/get/x-kubernetes-action',
          '/paths/~1api~1v1~1namespaces~1{namespace}~1configmaps/get/x-kubernetes-group-version-kind',
        ],
      })
      await t.get('/openapi/v3/apis/none.example.com/v1')
    },
  ],
  [
    'version-and-health',
    '/version, /healthz, /readyz, /livez.',
    async (t) => {
      await t.get('/version', {
        pick: ['/major', '/minor', '/compiler', '/emulationMajor', '/emulationMinor'],
      })
      for (const p of [
        '/healthz',
        '/readyz',
        '/livez',
        '/healthz/ping',
        '/readyz/ping',
        '/livez/ping',
        '/healthz/none',
      ])
        await t.get(p)
      await t.get('/readyz?verbose', { ignoreBody: 'lists the checks of this server' })
      await t.get('/', { pick: ['/paths/0'] })
    },
  ],
]
