/**
 * MyApp (R30): an application as one object. `spec {image, replicas}` becomes a Deployment, a Service and a ConfigMap; the
 * status tells how many replicas are ready; deleting it takes the application down before the object goes. Reviews fill in
 * and refuse; v1beta1, which knew the port alone of a service, is converted.
 */
import * as z from 'zod'
import {
  ConfigMap,
  type Desired,
  Deployment,
  defineController,
  defineConversion,
  defineKind,
  defineReview,
  type ObjectOf,
  Service,
} from '../../lib/index.ts'

const image = z.string().min(1).describe('The image that the application runs.')
const replicas = z.int().min(0).max(50).default(1).describe('How many of it run.')
const port = z.int().min(1).max(65_535).default(80).describe('Where the application is reached.')
const status = z.object({ readyReplicas: z.int().optional().describe('How many of them are ready.') })
const columns = [
  { name: 'Image', path: '.spec.image', type: 'string' },
  { name: 'Replicas', path: '.spec.replicas', type: 'integer' },
  { name: 'Ready', path: '.status.readyReplicas', type: 'integer' },
  { name: 'Reconciled', path: '.status.conditions[?(@.type=="Reconciled")].status', type: 'string' },
] as const

export const MyApp = defineKind({
  group: 'apps.fairlead.dev',
  kind: 'MyApp',
  scope: 'Namespaced',
  shortNames: ['ma'],
  versions: {
    v1beta1: { spec: z.object({ image, replicas, port }), status, columns },
    v1: {
      storage: true,
      spec: z.object({
        image,
        replicas,
        service: z
          .object({
            port,
            type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']).default('ClusterIP'),
          })
          .prefault({})
          .describe('How the application is reached.'),
      }),
      status,
      columns,
    },
  },
})
export type MyApp = ObjectOf<typeof MyApp>

export const myapp = defineController(MyApp, {
  owns: [Deployment, Service, ConfigMap],

  async reconcile(app, { apply, event, status }) {
    const [, , deployment] = await apply([configFor(app), serviceFor(app), deploymentFor(app)])
    status({ readyReplicas: deployment.status?.readyReplicas ?? 0 })
    if (isFloating(app.spec.image))
      event.warning('FloatingTag', `image ${app.spec.image} has no fixed version`)
    return { afterSeconds: 300 }
  },

  /** Nothing of an application that is gone still runs: its children go first, the object after them. */
  async finalize(app, { apply, api }) {
    await apply([])
    const deployment = await api.get(Deployment, app.metadata, { as: 'metadata' })
    return deployment === undefined ? undefined : { afterSeconds: 1 }
  },
})

/** Above this many a rollout that picks up another version by itself does harm. */
const MOST_FLOATING = 10

export const myappReview = defineReview(MyApp, {
  default(app, { name }) {
    if (name !== '') app.metadata.labels = { 'app.kubernetes.io/name': name, ...app.metadata.labels }
  },
  validate(app, { old, refuse, warn }) {
    const { image, replicas, service } = app.spec
    if (isFloating(image) && replicas > MOST_FLOATING)
      refuse('spec.image', `must have a fixed version where spec.replicas is above ${MOST_FLOATING}`)
    else if (isFloating(image)) warn(`spec.image: ${image} has no fixed version`)
    if (old?.spec.service?.type === 'LoadBalancer' && service.type !== 'LoadBalancer')
      warn('spec.service.type: the load balancer of this application goes away')
  },
})

/** v1beta1 cannot hold the service's type: it is kept in an annotation. */
export const myappConversion = defineConversion(
  MyApp,
  {
    'v1beta1 -> v1': ({ spec: { port, ...spec } }) => ({ spec: { ...spec, service: { port } } }),
    'v1 -> v1beta1': ({ spec: { service, ...spec } }) => ({ spec: { ...spec, port: service?.port } }),
  },
  { keep: true },
)

/** `nginx`, `nginx:latest`: what runs tomorrow may differ from what runs today. */
const isFloating = (image: string): boolean => !/(:(?!latest$)[^/:]+|@sha256:[0-9a-f]+)$/.test(image)

const labelsOf = (app: MyApp) => ({ 'app.kubernetes.io/name': app.metadata.name })

const configFor = (app: MyApp) =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: app.metadata.name },
    data: { APP_NAME: app.metadata.name, APP_IMAGE: app.spec.image },
  }) satisfies ConfigMap & Desired

const serviceFor = (app: MyApp) =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: app.metadata.name },
    spec: {
      type: app.spec.service.type,
      selector: labelsOf(app),
      ports: [{ name: 'http', port: app.spec.service.port, targetPort: 8080 }],
    },
  }) satisfies Service & Desired

const deploymentFor = (app: MyApp): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: app.metadata.name, labels: labelsOf(app) },
  spec: {
    replicas: app.spec.replicas,
    selector: { matchLabels: labelsOf(app) },
    template: {
      metadata: { labels: labelsOf(app) },
      spec: {
        containers: [
          {
            name: 'app',
            image: app.spec.image,
            ports: [{ name: 'http', containerPort: 8080 }],
            envFrom: [{ configMapRef: { name: app.metadata.name } }],
          },
        ],
      },
    },
  },
})
