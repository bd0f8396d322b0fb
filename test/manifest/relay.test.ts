import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { defineKind } from '../../lib/kind.ts'
import { rbacOf } from '../../lib/manifest/rbac.ts'
import { type RelayPod, relayOf } from '../../lib/manifest/relay.ts'
import { defineController, defineOperator } from '../../lib/operator.ts'

const Site = defineKind({
  group: 'apps.example.com',
  kind: 'Site',
  scope: 'Namespaced',
  versions: { v1: { spec: z.object({}) } },
})
const operator = defineOperator('web', [defineController(Site, { reconcile() {} })])

/** As much of a Deployment as is looked at. */
const schema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({
    replicas: z.number(),
    strategy: z.object({ type: z.string() }),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        serviceAccountName: z.string(),
        securityContext: z.record(z.string(), z.unknown()),
        volumes: z.array(z.unknown()).optional(),
        containers: z.tuple([z.record(z.string(), z.unknown())]),
      }),
    }),
  }),
})

function made(pod: Partial<RelayPod> = {}) {
  const { metadata, spec } = schema.parse(
    relayOf(operator, 'web-system', { image: 'example/relay:1', ...pod }),
  )
  const [container] = spec.template.spec.containers
  return { metadata, ...spec, pod: spec.template.spec, container }
}

describe('the relay’s Deployment', () => {
  it('runs as the service account that the RBAC is for', () => {
    const { metadata, pod } = made()
    const accounts = rbacOf(operator, 'web-system').filter(({ kind }) => kind === 'ServiceAccount')
    assert.ok(accounts.some(({ metadata: { name } }) => name === pod.serviceAccountName))
    assert.deepEqual([metadata.name, metadata.namespace], ['web-relay', 'web-system'])
  })

  it('selects its own pods', () => {
    const { selector, template } = made()
    assert.deepEqual(selector.matchLabels, template.metadata.labels)
  })

  // What Pod Security's profile "restricted" asks for, and a file system that nothing is written to.
  it('may be nothing but what it is', () => {
    const { pod, container } = made()
    const { runAsNonRoot, seccompProfile, runAsUser } = pod.securityContext
    assert.deepEqual([runAsNonRoot, seccompProfile], [true, { type: 'RuntimeDefault' }])
    assert.ok(Number(runAsUser) > 0)
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })

  it('asks for little, and is asked for its health', () => {
    const { container } = made()
    assert.deepEqual(container.resources, {
      requests: { cpu: '50m', memory: '64Mi' },
      limits: { memory: '512Mi' },
    })
    assert.deepEqual(container.ports, [{ name: 'probes', containerPort: 8080 }])
    const pathOf = (probe: unknown) => z.object({ httpGet: z.object({ path: z.string() }) }).parse(probe)
    assert.equal(pathOf(container.livenessProbe).httpGet.path, '/healthz')
    assert.equal(pathOf(container.readinessProbe).httpGet.path, '/readyz')
  })

  it('has a token for the ingress only where it is told whom for', () => {
    assert.equal(made().pod.volumes, undefined)
    const { pod, container } = made({ audience: 'https://ingress' })
    assert.deepEqual(pod.volumes, [
      {
        name: 'fairlead-token',
        projected: {
          sources: [
            {
              serviceAccountToken: {
                path: 'token',
                audience: 'https://ingress',
                expirationSeconds: 3600,
              },
            },
          ],
        },
      },
    ])
    assert.deepEqual(container.volumeMounts, [
      { name: 'fairlead-token', mountPath: '/var/run/secrets/fairlead', readOnly: true },
    ])
  })

  it('hands on arguments and settings', () => {
    const { container, replicas } = made({ args: ['--cluster', 'a'], env: { A: 'b' }, replicas: 2 })
    assert.deepEqual(container.args, ['--cluster', 'a'])
    assert.deepEqual(container.env, [{ name: 'A', value: 'b' }])
    assert.equal(replicas, 2)
    assert.deepEqual(
      [made().container.env, made().container.args, made().replicas],
      [undefined, undefined, 1],
    )
  })

  it('has no gap when it is exchanged; one that keeps an inventory is never two', () => {
    assert.equal(made().strategy.type, 'RollingUpdate')
    assert.equal(made({ env: { FAIRLEAD_INVENTORY: 's3://b/p' } }).strategy.type, 'Recreate')
  })
})
