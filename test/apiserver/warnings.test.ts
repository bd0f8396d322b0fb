import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { builtinTypes } from '../../lib/apiserver/kinds/builtin.ts'
import { podWarnings } from '../../lib/apiserver/kinds/pod/warnings.ts'
import type { JsonObject, ResourceType } from '../../lib/apiserver/resource.ts'
import { startServer } from './client.ts'

/** What a pod is warned of, its fields below `spec` (a real kube-apiserver v1.36). */
const cases: [what: string, spec: JsonObject, warnings: string[]][] = [
  ['nothing', { containers: [{ name: 'c', ports: [{ containerPort: 80 }], env: [{ name: 'A' }] }] }, []],
  [
    'a variable that hides another, but not one that is built on it',
    {
      containers: [
        {
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
            { name: 'B', value: 'x' },
            { name: 'B', value: '$(B)y' },
            { name: 'B', value: '$(B)' },
          ],
        },
      ],
    },
    [
      'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
      'spec.containers[0].env[4]: hides previous definition of "B", which may be dropped when using apply',
    ],
  ],
  [
    'ports that meet across containers',
    {
      containers: [
        {
          ports: [
            { containerPort: 80, protocol: 'TCP', name: 'a' },
            { containerPort: 80, protocol: 'UDP' },
          ],
        },
        {
          ports: [
            { containerPort: 80, protocol: 'TCP', name: 'a' },
            { containerPort: 80, protocol: 'UDP', hostPort: 1 },
          ],
        },
      ],
    },
    [
      'spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]',
      'spec.containers[1].ports[1]: overlapping port definition with spec.containers[0].ports[1]',
      'spec.containers[1].ports[0]: duplicate port name "a" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
    ],
  ],
  [
    'half a byte',
    { containers: [{ resources: { limits: { memory: '1500m', cpu: '500m' } } }] },
    [
      'spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer',
    ],
  ],
  [
    'labels, volumes and selectors of the past',
    {
      nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
      volumes: [{ name: 'g', gitRepo: { repository: 'x' } }],
      affinity: {
        podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'x' }] },
      },
      imagePullSecrets: [{ name: 'a' }, { name: 'a' }],
    },
    [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
      'spec.imagePullSecrets[1].name: duplicate name "a"',
      'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
    ],
  ],
]

const typeOf = (kind: string): ResourceType => {
  const type = builtinTypes().find((one) => one.kind === kind)
  assert.ok(type)
  return type
}

describe('warnings', () => {
  for (const [what, spec, warnings] of cases)
    it(`of a pod: ${what}`, () => assert.deepEqual(podWarnings({ spec }, ''), warnings))

  it('of a workload name the template, and come again only when it is changed', () => {
    const { warnings } = typeOf('Deployment')
    const made = (generation: number): JsonObject => ({
      metadata: { name: 'a.b', generation },
      spec: { template: { spec: { nodeSelector: { 'node-role.kubernetes.io/master': '' } } } },
    })
    const text =
      'spec.template.spec.nodeSelector[node-role.kubernetes.io/master]: use "node-role.kubernetes.io/control-plane" instead'
    assert.deepEqual(warnings?.(made(1), undefined), [
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
      text,
    ])
    assert.deepEqual(warnings?.(made(2), made(1)), [text])
    assert.deepEqual(warnings?.(made(1), made(1)), [])
  })

  it('of Services tell what is ignored', () => {
    const spec = {
      type: 'ClusterIP',
      clusterIP: 'None',
      externalIPs: ['192.0.2.1'],
      sessionAffinity: 'ClientIP',
    }
    assert.deepEqual(typeOf('Service').warnings?.({ spec }, undefined), [
      'spec.externalIPs is ignored for headless services',
      'spec.SessionAffinity is ignored for headless services',
    ])
  })

  it('come with the answer to a write, and with every answer about a kind that is going', async (t) => {
    const api = await startServer(t)
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a.b' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    }
    const made = await api.post('/api/v1/namespaces/default/pods', pod)
    assert.match(String(made.headers.warning), /^299 - "metadata.name: this is used in the Pod's hostname/)
    const read = await api.get('/api/v1/namespaces/default/endpoints')
    assert.equal(
      read.headers.warning,
      '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
    )
  })
})

describe('what the server adds to new objects', () => {
  const first = async (
    t: Parameters<typeof startServer>[0],
    path: string,
    object: object,
  ): Promise<JsonObject> => JSON.parse((await (await startServer(t)).post(path, object)).text) as JsonObject

  it('a taint to nodes, a finalizer and a time to volumes', async (t) => {
    const node = await first(t, '/api/v1/nodes', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n' },
      spec: { podCIDR: '10.1.0.0/24' },
    })
    assert.deepEqual(node.spec, {
      podCIDR: '10.1.0.0/24',
      podCIDRs: ['10.1.0.0/24'],
      taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }],
    })
    const volume = await first(t, '/api/v1/persistentvolumes', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'v' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } },
    })
    const { finalizers, creationTimestamp } = volume.metadata as JsonObject
    assert.deepEqual(finalizers, ['kubernetes.io/pv-protection'])
    assert.deepEqual(volume.status, { phase: 'Pending', lastPhaseTransitionTime: creationTimestamp })
  })

  it('defaults to limits, labels to replication controllers, a count of templates to daemon sets', async (t) => {
    const limits = await first(t, '/api/v1/namespaces/default/limitranges', {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'l' },
      spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' } }] },
    })
    assert.deepEqual(limits.spec, {
      limits: [
        {
          type: 'Container',
          max: { cpu: '2' },
          min: { memory: '1Mi' },
          default: { cpu: '2' },
          defaultRequest: { cpu: '2', memory: '1Mi' },
        },
      ],
    })
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const controller = await first(t, '/api/v1/namespaces/default/replicationcontrollers', {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'r' },
      spec: { template },
    })
    assert.deepEqual((controller.metadata as JsonObject).labels, { a: 'b' })
    const daemons = await first(t, '/apis/apps/v1/namespaces/default/daemonsets', {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    })
    assert.deepEqual((daemons.metadata as JsonObject).annotations, {
      'deprecated.daemonset.template.generation': '1',
    })
  })
})
