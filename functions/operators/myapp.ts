/**
 * MyApp (R30): an application as one object. `spec {image, replicas}` becomes a Deployment, a Service and a ConfigMap; the
 * status tells how many replicas are ready; deleting it takes the application down before the object goes.
 */
import * as z from 'zod'
import {
  ConfigMap,
  type Desired,
  Deployment,
  defineController,
  defineKind,
  type ObjectOf,
  Service,
} from '../../lib/index.ts'

export const MyApp = defineKind({
  group: 'apps.fairlead.dev',
  kind: 'MyApp',
  scope: 'Namespaced',
  shortNames: ['ma'],
  versions: {
    v1: {
      storage: true,
      spec: z.object({
        image: z.string().min(1).describe('The image that the application runs.'),
        replicas: z.int().min(0).max(50).default(1).describe('How many of it run.'),
      }),
      status: z.object({ readyReplicas: z.int().optional().describe('How many of them are ready.') }),
      columns: [
        { name: 'Image', path: '.spec.image', type: 'string' },
        { name: 'Replicas', path: '.spec.replicas', type: 'integer' },
        { name: 'Ready', path: '.status.readyReplicas', type: 'integer' },
        { name: 'Reconciled', path: '.status.conditions[?(@.type=="Reconciled")].status', type: 'string' },
      ],
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
    spec: { selector: labelsOf(app), ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
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
