/**
 * Cluster (R32): a stateful application as one object. `spec {image, replicas, port, storage}` becomes a headless Service and a
 * StatefulSet. A new image is rolled out one pod at a time from the highest ordinal down, by lowering the StatefulSet's
 * partition (`cluster/step.ts` says when). At rest the partition is `replicas`: whatever changes the template, a person or a
 * newer version of this file, no pod is replaced before it is let go.
 *
 * Reads may be old (R9). The status remembers the newest StatefulSet, so that an older one is not judged, and what memory cannot tell
 * is proved before it is acted upon. There is no finalizer: the children are collected, and volumes outlive them on purpose.
 */
import * as z from 'zod'
import {
  type Condition,
  type Desired,
  defineController,
  defineKind,
  isNotFound,
  type Key,
  type Kube,
  type KubeObject,
  type ObjectOf,
  Pod,
  quantity,
  type Resource,
  rule,
  Service,
  StatefulSet,
  withRules,
} from '../../lib/index.ts'
import { MEMBER, revive } from './cluster/revive.ts'
import {
  CONTAINER,
  later,
  nextStep,
  PARTITION,
  PHASES,
  type Phase,
  ROLLOUT,
  type Setting,
  type Version,
} from './cluster/step.ts'

const isImmutable = rule('self == oldSelf', 'is immutable')

export const Cluster = defineKind({
  group: 'apps.fairlead.dev',
  kind: 'Cluster',
  scope: 'Namespaced',
  versions: {
    v1: {
      storage: true,
      spec: withRules(
        z.object({
          image: z.string().min(1).describe('The image that the pods run.'),
          replicas: z.int().min(0).max(50).default(3).describe('How many pods there are.'),
          // In an upgrade old and new pods have to find each other.
          port: withRules(z.int().min(1).max(65535), isImmutable)
            .default(8080)
            .describe('Where the pods listen.'),
          storage: withRules(quantity(), isImmutable)
            .optional()
            .describe('The volume of each pod, at /data.'),
        }),
        rule('has(self.storage) == has(oldSelf.storage)', 'is immutable', { fieldPath: '.storage' }),
      ),
      status: z.object({
        phase: z.enum(PHASES).optional(),
        targetImage: z.string().optional(),
        currentImage: z.string().optional().describe('The image that all pods were last seen to run.'),
        replicas: z.int().optional(),
        readyReplicas: z.int().optional(),
        updatedReplicas: z.int().optional().describe('How many pods run the target image.'),
        statefulSet: z
          .object({ uid: z.string(), generation: z.int() })
          .optional()
          .describe('The newest StatefulSet that was seen or written; an older one is not judged.'),
      }),
      scale: { spec: '.spec.replicas', status: '.status.replicas' },
      columns: [
        { name: 'Image', path: '.spec.image', type: 'string' },
        { name: 'Replicas', path: '.spec.replicas', type: 'integer' },
        { name: 'Ready', path: '.status.readyReplicas', type: 'integer' },
        { name: 'Updated', path: '.status.updatedReplicas', type: 'integer' },
        { name: 'Phase', path: '.status.phase', type: 'string' },
      ],
    },
  },
})
export type Cluster = ObjectOf<typeof Cluster>

export const cluster = defineController(Cluster, {
  owns: [Service, StatefulSet],
  permissions: [{ resource: Pod, verbs: ['list', 'delete'] }],

  async reconcile(object, { apply, api, event, status }) {
    const known = object.status ?? {}
    const live = await api.get(StatefulSet, object.metadata)
    const step = nextStep(live, object.spec, known)
    if (step.type === 'wait') {
      const phase = known.phase === 'Ready' ? 'Waiting' : (known.phase ?? 'Waiting')
      const statefulSet = known.statefulSet && toMemory(later<Version>(known.statefulSet, live?.metadata))
      status({ phase, statefulSet, conditions: [readiness(object, 'Waiting', step.message)] })
      return { afterSeconds: step.afterSeconds }
    }
    const { setting, phase, message, counts } = step
    await Promise.all([
      prove(api, Cluster, object.metadata, object),
      prove(api, StatefulSet, object.metadata, live),
    ])
    const [, written] = await apply([serviceFor(object), statefulSetFor(object, setting)])
    if (live) await revive(live, setting, api)
    if (phase !== known.phase) event[phase === 'Degraded' ? 'warning' : 'normal'](phase, message)
    const newest = live ? later(live.metadata, written.metadata) : written.metadata
    status({ phase, targetImage: setting.image, ...counts, statefulSet: toMemory(newest) })
    status({ conditions: [readiness(object, phase, message)] })
    if (phase === 'Ready') status({ currentImage: setting.image })
    // What apply itself has read may be old too, and what it left undone for that reason nobody else would do.
    if (newest !== written.metadata) return { afterSeconds: 1 }
    return { afterSeconds: phase === 'Ready' ? 300 : 10 }
  },
})

const toMemory = ({ uid, generation = 0 }: Version) => ({ uid, generation })

/**
 * Resolves where the object, or its absence, is the newest state. Where it is not, the server answers the dry run, which would
 * change nothing, with 409, and the pass starts over. Memory alone cannot tell a Cluster and a StatefulSet that are both old.
 */
async function prove<T extends KubeObject>(api: Kube, kind: Resource<T>, key: Key, read?: T): Promise<void> {
  const metadata = { resourceVersion: read?.metadata.resourceVersion ?? NEVER }
  try {
    await api.patch(kind, key, { type: 'merge', body: { metadata } }, { dryRun: true })
  } catch (error) {
    if (read !== undefined || !isNotFound(error)) throw error
  }
}

/** A resourceVersion that nothing has. */
const NEVER = '1'

const readiness = ({ metadata }: Cluster, phase: Phase, message: string): Condition => ({
  type: 'Ready',
  status: phase === 'Ready' ? 'True' : phase === 'Waiting' ? 'Unknown' : 'False',
  observedGeneration: metadata.generation,
  lastTransitionTime: `${new Date().toISOString().slice(0, 19)}Z`,
  reason: phase,
  message,
})

const serviceFor = ({ metadata: { name }, spec: { port } }: Cluster) =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: {
      clusterIP: 'None',
      // Members have to find each other before they can be ready.
      publishNotReadyAddresses: true,
      selector: { [MEMBER]: name },
      ports: [{ name: 'member', port }],
    },
  }) satisfies Service & Desired

const statefulSetFor = ({ metadata: { name }, spec }: Cluster, setting: Setting): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name, annotations: { [PARTITION]: `${setting.partition}` } },
  spec: {
    serviceName: name,
    replicas: setting.replicas,
    selector: { matchLabels: { [MEMBER]: name } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: setting.partition } },
    template: {
      metadata: {
        labels: { [MEMBER]: name },
        ...(setting.rollout && { annotations: { [ROLLOUT]: setting.rollout } }),
      },
      spec: { containers: [containerFor(spec, setting.image)] },
    },
    ...(spec.storage !== undefined && { volumeClaimTemplates: [claimFor(spec.storage)] }),
  },
})

const containerFor = ({ port, storage }: Cluster['spec'], image: string) => ({
  name: CONTAINER,
  image,
  ports: [{ name: 'member', containerPort: port }],
  readinessProbe: { tcpSocket: { port } },
  ...(storage !== undefined && { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
})

const claimFor = (storage: string | number) => ({
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: `${storage}` } } },
})
