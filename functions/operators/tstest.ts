/**
 * TsTest (R31): `spec {deploymentName, replicas}` becomes one Deployment of that name, which may be renamed. The older
 * version's `cronSpec` and `image` are the newer one's `schedule` and `container.image`.
 */
import * as z from 'zod'
import {
  Deployment,
  defineController,
  defineConversion,
  defineKind,
  defineReview,
  type ObjectOf,
} from '../../lib/index.ts'

const deploymentName = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
  .describe('The name of the Deployment.')
const replicas = z.int().min(0).max(100).default(1).describe('How many pods it has.')
const schedule = z
  .string()
  .regex(/^(\S+ ){4}\S+$/)
  .describe('When its work is due: five fields, as cron reads them.')
const image = z.string().min(1).default('registry.k8s.io/pause:3.10').describe('The image that it runs.')
const status = z.object({ readyReplicas: z.int().optional() })
const columns = [
  { name: 'Deployment', path: '.spec.deploymentName', type: 'string' },
  { name: 'Replicas', path: '.spec.replicas', type: 'integer' },
  { name: 'Ready', path: '.status.readyReplicas', type: 'integer' },
] as const

export const TsTest = defineKind({
  group: 'apps.fairlead.dev',
  kind: 'TsTest',
  scope: 'Namespaced',
  versions: {
    v1beta1: {
      deprecated: 'apps.fairlead.dev/v1beta1 TsTest is deprecated: use v1',
      spec: z.object({ deploymentName, replicas, cronSpec: schedule.optional(), image }),
      status,
      columns,
    },
    v1: {
      storage: true,
      spec: z.object({
        deploymentName,
        replicas,
        schedule: schedule.optional(),
        container: z.object({ image }).prefault({}).describe('What runs.'),
      }),
      status,
      columns,
    },
  },
})
export type TsTest = ObjectOf<typeof TsTest>

export const tstest = defineController(TsTest, {
  owns: [Deployment],
  async reconcile(test, { apply, status: write }) {
    const [deployment] = await apply([deploymentFor(test)])
    write({ readyReplicas: deployment.status?.readyReplicas ?? 0 })
  },
})

export const tstestReview = defineReview(TsTest, {
  validate(test, { old, warn }) {
    const before = old?.spec.deploymentName
    if (before !== undefined && before !== test.spec.deploymentName)
      warn(
        `spec.deploymentName: Deployment ${before} is deleted, ${test.spec.deploymentName} takes its place`,
      )
  },
})

export const tstestConversion = defineConversion(TsTest, {
  'v1beta1 -> v1': ({ spec: { cronSpec, image, ...spec } }) => ({
    spec: { ...spec, ...(cronSpec !== undefined && { schedule: cronSpec }), container: { image } },
  }),
  'v1 -> v1beta1': ({ spec: { schedule, container, ...spec } }) => ({
    spec: { ...spec, ...(schedule !== undefined && { cronSpec: schedule }), image: container?.image },
  }),
})

const deploymentFor = ({ metadata, spec }: TsTest): Deployment => {
  const labels = { 'app.kubernetes.io/name': metadata.name, 'app.kubernetes.io/managed-by': 'tstest' }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: spec.deploymentName, labels },
    spec: {
      replicas: spec.replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'main',
              image: spec.container.image,
              ...(spec.schedule !== undefined && { env: [{ name: 'SCHEDULE', value: spec.schedule }] }),
            },
          ],
        },
      },
    },
  }
}
