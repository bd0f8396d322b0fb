import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { humanDuration } from '../../lib/apiserver/kinds/columns.ts'
import { builtinTypes } from '../../lib/apiserver/kinds/builtin.ts'
import { autoscalerColumns } from '../../lib/apiserver/printers/autoscaler.ts'
import { columnsOf } from '../../lib/apiserver/printers/builtin.ts'
import type { Json, JsonObject } from '../../lib/apiserver/resource.ts'

const NOW = Date.parse('2026-06-01T00:00:00Z')
const HOURS_AGO = '2026-05-31T21:00:00Z'

/** The cells of a row by the names of their columns, Name and Age left out. */
function cells(group: string, kind: string, object: JsonObject): Record<string, Json> {
  const columns = kind === 'HorizontalPodAutoscaler' ? autoscalerColumns((it) => it) : columnsOf(group, kind)
  assert.ok(columns, `${group}/${kind} has columns`)
  return Object.fromEntries(
    columns
      .filter(({ name }) => name !== 'Name' && name !== 'Age')
      .map(({ name, value }) => [name, typeof value === 'function' ? value(object, NOW) : null]),
  )
}

type Case = [what: string, group: string, kind: string, object: JsonObject, shown: Record<string, Json>]

const status = (name: string, state: JsonObject, more: JsonObject = {}): JsonObject => ({
  name,
  ready: false,
  restartCount: 0,
  state,
  ...more,
})
const running = (name: string): JsonObject => status(name, { running: {} }, { ready: true })
const completed = { terminated: { exitCode: 0, reason: 'Completed' } }
const pod = (state: JsonObject, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({
  metadata,
  spec: { containers: [{ name: 'a' }, { name: 'b' }], ...spec },
  status: state,
})
const init = { initContainers: [{ name: 'i' }, { name: 'j' }] }
const initState = (...initContainerStatuses: JsonObject[]): JsonObject =>
  pod({ phase: 'Pending', initContainerStatuses }, init)
const deleted = { deletionTimestamp: HOURS_AGO }

const pods: Case[] = (
  [
    ['nothing yet', pod({ phase: 'Pending' }), { Ready: '0/2', Status: 'Pending', Restarts: '0' }],
    [
      'all running',
      pod({ phase: 'Running', containerStatuses: [running('a'), running('b')] }),
      { Ready: '2/2', Status: 'Running' },
    ],
    [
      'of several reasons the first',
      pod({
        phase: 'Pending',
        containerStatuses: [
          status('a', { waiting: { reason: 'ImagePullBackOff' } }),
          status('b', { waiting: { reason: 'ContainerCreating' } }),
        ],
      }),
      { Status: 'ImagePullBackOff' },
    ],
    [
      'restarts and the last of them',
      pod({
        phase: 'Running',
        containerStatuses: [
          status('a', { waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 3 }),
          { ...running('b'), restartCount: 2, lastState: { terminated: { finishedAt: HOURS_AGO } } },
        ],
      }),
      { Ready: '1/2', Status: 'CrashLoopBackOff', Restarts: '5 (3h ago)' },
    ],
    [
      'ended by a signal',
      pod({
        phase: 'Running',
        containerStatuses: [status('a', { terminated: { exitCode: 137, signal: 9 } })],
      }),
      { Status: 'Signal:9' },
    ],
    [
      'ended without a reason',
      pod({ phase: 'Failed', containerStatuses: [status('a', { terminated: { exitCode: 2 } })] }),
      { Status: 'ExitCode:2' },
    ],
    [
      'one done, one failed',
      pod({
        phase: 'Failed',
        containerStatuses: [
          status('a', completed),
          status('b', { terminated: { exitCode: 3, reason: 'Error' } }),
        ],
      }),
      { Status: 'Error' },
    ],
    [
      'one done, one running, not ready',
      pod({ phase: 'Running', containerStatuses: [status('a', completed), running('b')] }),
      { Status: 'NotReady', Ready: '1/2' },
    ],
    [
      'one done, one running, ready',
      pod({
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [status('a', completed), running('b')],
      }),
      { Status: 'Running' },
    ],
    ['evicted', pod({ phase: 'Failed', reason: 'Evicted' }), { Status: 'Evicted' }],
    [
      'gated',
      pod({
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      }),
      { Status: 'SchedulingGated' },
    ],
    [
      'the second init container starts',
      initState(
        status('i', { terminated: { exitCode: 0 } }),
        status('j', { waiting: { reason: 'PodInitializing' } }),
      ),
      { Status: 'Init:1/2' },
    ],
    [
      'an init container crashes',
      initState(status('i', { waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 4 })),
      { Status: 'Init:CrashLoopBackOff', Restarts: '4' },
    ],
    [
      'an init container failed',
      initState(status('i', { terminated: { exitCode: 2 } })),
      { Status: 'Init:ExitCode:2' },
    ],
    [
      'an init container was killed',
      initState(status('i', { terminated: { exitCode: 2, signal: 15 } })),
      { Status: 'Init:Signal:15' },
    ],
    [
      'a sidecar counts like a container',
      pod(
        {
          phase: 'Running',
          conditions: [{ type: 'Initialized', status: 'True' }],
          initContainerStatuses: [
            { ...running('side'), started: true, restartCount: 2 },
            status('i', { terminated: { exitCode: 0 } }, { restartCount: 7 }),
          ],
          containerStatuses: [running('a'), running('b')],
        },
        { initContainers: [{ name: 'side', restartPolicy: 'Always' }, { name: 'i' }] },
      ),
      { Ready: '3/3', Status: 'Running', Restarts: '2' },
    ],
    ['going', pod({ phase: 'Running' }, {}, deleted), { Status: 'Terminating' }],
    ['going, but over', pod({ phase: 'Succeeded' }, {}, deleted), { Status: 'Succeeded' }],
    ['its node is lost', pod({ phase: 'Running', reason: 'NodeLost' }, {}, deleted), { Status: 'Unknown' }],
    [
      'where it is, and what it waits for',
      pod(
        { podIP: '10.1.1.1', nominatedNodeName: 'm', conditions: [{ type: 'x', status: 'True' }] },
        { nodeName: 'n', readinessGates: [{ conditionType: 'x' }, { conditionType: 'y' }] },
      ),
      { IP: '10.1.1.1', Node: 'n', 'Nominated Node': 'm', 'Readiness Gates': '1/2' },
    ],
    [
      'nowhere yet',
      pod({}),
      { IP: '<none>', Node: '<none>', 'Nominated Node': '<none>', 'Readiness Gates': '<none>' },
    ],
  ] as [string, JsonObject, Record<string, Json>][]
).map(([what, object, shown]) => [what, '', 'Pod', object, shown])

const service = (spec: JsonObject, ingress: JsonObject[] = []): JsonObject => ({
  spec,
  status: { loadBalancer: { ingress } },
})
const rules = (...hosts: string[]): JsonObject => ({ spec: { rules: hosts.map((host) => ({ host })) } })
const job = (spec: JsonObject, state: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({
  metadata,
  spec,
  status: state,
})
const isTrue = (type: string): JsonObject => ({ conditions: [{ type, status: 'True' }] })
const selector: JsonObject = {
  matchLabels: { m: '1' },
  matchExpressions: [
    { key: 'z', operator: 'NotIn', values: ['b', 'a'] },
    { key: 'a', operator: 'In', values: ['2', '1'] },
    { key: 'e', operator: 'Exists' },
    { key: 'n', operator: 'DoesNotExist' },
  ],
}
const selected = 'a in (1,2),e,m=1,!n,z notin (a,b)'
const metric = (type: string, field: string, spec: JsonObject): JsonObject => ({ type, [field]: spec })
const scaler = (metrics: JsonObject[], currentMetrics: JsonObject[] = []): JsonObject => ({
  spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 5, metrics },
  status: { currentMetrics },
})
const cpu = (target: JsonObject) => metric('Resource', 'resource', { name: 'cpu', target })

const others: Case[] = [
  ['no replicas', 'apps', 'Deployment', {}, { Ready: '0/0', 'Up-to-date': 0, Available: 0, Selector: '' }],
  [
    'replicas and a selector',
    'apps',
    'Deployment',
    {
      spec: {
        replicas: 3,
        selector,
        template: {
          spec: {
            containers: [
              { name: 'a', image: 'i' },
              { name: 'b', image: 'j' },
            ],
          },
        },
      },
      status: { readyReplicas: 2, updatedReplicas: 1 },
    },
    { Ready: '2/3', 'Up-to-date': 1, Containers: 'a,b', Images: 'i,j', Selector: selected },
  ],
  ['no selector', 'apps', 'ReplicaSet', { spec: {} }, { Desired: 0, Selector: '<none>' }],
  [
    'a node selector',
    'apps',
    'DaemonSet',
    { spec: { template: { spec: { nodeSelector: { b: '2', a: '1' } } } }, status: { numberReady: 3 } },
    { Ready: 3, 'Node Selector': 'a=1,b=2' },
  ],
  [
    'an owner with a group',
    'apps',
    'ControllerRevision',
    {
      metadata: {
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 's', controller: true }],
      },
      revision: 3,
    },
    { Controller: 'statefulset.apps/s', Revision: 3 },
  ],
  [
    'an owner of core, and one that does not control',
    'apps',
    'ControllerRevision',
    {
      metadata: {
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Pod', name: 'o' },
          { apiVersion: 'v1', kind: 'Pod', name: 'p', controller: true },
        ],
      },
    },
    { Controller: 'pod/p' },
  ],
  [
    'one completion',
    'batch',
    'Job',
    job({ parallelism: 1 }),
    { Status: 'Running', Completions: '0/1', Duration: '' },
  ],
  ['a work queue', 'batch', 'Job', job({ parallelism: 3 }, { succeeded: 1 }), { Completions: '1/1 of 3' }],
  [
    'done',
    'batch',
    'Job',
    job(
      { completions: 5 },
      {
        ...isTrue('Complete'),
        succeeded: 5,
        startTime: '2026-05-31T21:00:00Z',
        completionTime: '2026-05-31T21:00:30Z',
      },
    ),
    { Status: 'Complete', Completions: '5/5', Duration: '30s' },
  ],
  ['running for long', 'batch', 'Job', job({ completions: 1 }, { startTime: HOURS_AGO }), { Duration: '3h' }],
  ['going', 'batch', 'Job', job({}, isTrue('Suspended'), deleted), { Status: 'Terminating' }],
  ['over, and going', 'batch', 'Job', job({}, isTrue('Failed'), deleted), { Status: 'Failed' }],
  ['about to fail', 'batch', 'Job', job({}, isTrue('FailureTarget')), { Status: 'FailureTarget' }],
  [
    'a schedule',
    'batch',
    'CronJob',
    job(
      { schedule: '@daily', suspend: true, timeZone: 'Etc/UTC' },
      { active: [{}, {}], lastScheduleTime: HOURS_AGO },
    ),
    { Schedule: '@daily', Timezone: 'Etc/UTC', Suspend: 'True', Active: 2, 'Last Schedule': '3h' },
  ],
  [
    'no schedule yet',
    'batch',
    'CronJob',
    job({}),
    { Suspend: '<unset>', Timezone: '<none>', 'Last Schedule': '<none>' },
  ],
  [
    'an address',
    '',
    'Service',
    service({
      type: 'ClusterIP',
      clusterIPs: ['10.0.0.1'],
      ports: [{ port: 80, protocol: 'TCP' }],
      selector: { b: '1', a: '2' },
    }),
    {
      Type: 'ClusterIP',
      'Cluster-IP': '10.0.0.1',
      'External-IP': '<none>',
      'Port(s)': '80/TCP',
      Selector: 'a=2,b=1',
    },
  ],
  [
    'node ports',
    '',
    'Service',
    service({
      type: 'NodePort',
      ports: [
        { port: 80, nodePort: 30080, protocol: 'TCP' },
        { port: 53, protocol: 'UDP' },
      ],
    }),
    { 'Cluster-IP': '<none>', 'Port(s)': '80:30080/TCP,53/UDP', Selector: '<none>' },
  ],
  [
    'a balancer to come',
    '',
    'Service',
    service({ type: 'LoadBalancer' }),
    { 'External-IP': '<pending>', 'Port(s)': '<none>' },
  ],
  [
    'balancers and addresses',
    '',
    'Service',
    service({ type: 'LoadBalancer', externalIPs: ['192.0.2.1'] }, [
      { hostname: 'b' },
      { ip: '203.0.113.9' },
      { ip: '203.0.113.9' },
    ]),
    { 'External-IP': '203.0.113.9,b,192.0.2.1' },
  ],
  [
    'a name elsewhere',
    '',
    'Service',
    service({ type: 'ExternalName', externalName: 'a.b' }),
    { 'External-IP': 'a.b' },
  ],
  ['no type', '', 'Service', {}, { Type: '', 'External-IP': '<unknown>' }],
  [
    'no hosts',
    'networking.k8s.io',
    'Ingress',
    { spec: {} },
    { Class: '<none>', Hosts: '*', Address: '', Ports: '80' },
  ],
  [
    'hosts',
    'networking.k8s.io',
    'Ingress',
    { spec: { ...(rules('a', 'b').spec as JsonObject), tls: [{}], ingressClassName: 'n' } },
    { Class: 'n', Hosts: 'a,b', Ports: '80, 443' },
  ],
  [
    'many hosts',
    'networking.k8s.io',
    'Ingress',
    rules('a', '', 'b', 'c', 'd'),
    { Hosts: 'a,b,c + 2 more...' },
  ],
  ['three hosts and rules without', 'networking.k8s.io', 'Ingress', rules('a', 'b', 'c'), { Hosts: 'a,b,c' }],
  [
    'parameters',
    'networking.k8s.io',
    'IngressClass',
    { spec: { controller: 'c', parameters: { apiGroup: 'g', kind: 'K', name: 'n' } } },
    { Controller: 'c', Parameters: 'K.g/n' },
  ],
  ['no subsets', '', 'Endpoints', {}, { Endpoints: '<none>' }],
  [
    'ports of addresses',
    '',
    'Endpoints',
    {
      subsets: [{ addresses: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }], ports: [{ port: 80 }, { port: 81 }] }],
    },
    { Endpoints: '10.0.0.1:80,[fd00::1]:80,10.0.0.1:81 + 1 more...' },
  ],
  [
    'none ready',
    '',
    'Endpoints',
    { subsets: [{ notReadyAddresses: [{ ip: '10.0.0.1' }] }] },
    { Endpoints: '' },
  ],
  [
    'names of ports without numbers',
    'discovery.k8s.io',
    'EndpointSlice',
    { ports: [{ name: 'x' }, {}, { port: 3 }, { port: 4 }], endpoints: [{ addresses: ['a'] }] },
    { Ports: 'x,*,3 + 1 more...', Endpoints: 'a' },
  ],
  ['nothing', 'discovery.k8s.io', 'EndpointSlice', {}, { Ports: '<unset>', Endpoints: '<unset>' }],
  [
    'all pods',
    'networking.k8s.io',
    'NetworkPolicy',
    { spec: { podSelector: {} } },
    { 'Pod-Selector': '<none>' },
  ],
  [
    'a node that works',
    '',
    'Node',
    {
      metadata: {
        labels: {
          'node-role.kubernetes.io/b': '',
          'node-role.kubernetes.io/': '',
          'kubernetes.io/role': 'a',
        },
      },
      spec: { unschedulable: true },
      status: {
        ...isTrue('Ready'),
        addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        nodeInfo: { kernelVersion: '6.1', architecture: 'amd64' },
      },
    },
    {
      Status: 'Ready,SchedulingDisabled',
      Roles: 'a,b',
      'Internal-IP': '10.0.0.1',
      'External-IP': '<none>',
      'Kernel-Version': '6.1 (amd64)',
      'OS-Image': '<unknown>',
    },
  ],
  [
    'a node that is silent',
    '',
    'Node',
    { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
    { Status: 'NotReady', Roles: '<none>' },
  ],
  ['a node that never spoke', '', 'Node', {}, { Status: 'Unknown', Version: '' }],
  [
    'a bound volume',
    '',
    'PersistentVolume',
    {
      metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'old' } },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
        claimRef: { namespace: 'a', name: 'b' },
        storageClassName: 'new',
      },
      status: { phase: 'Bound' },
    },
    {
      Capacity: '1Gi',
      'Access Modes': 'RWO,RWX',
      Status: 'Bound',
      Claim: 'a/b',
      StorageClass: 'old',
      VolumeAttributesClass: '<unset>',
      VolumeMode: '<unset>',
    },
  ],
  [
    'a claim that waits',
    '',
    'PersistentVolumeClaim',
    { status: { phase: 'Pending' } },
    { Status: 'Pending', Capacity: '', 'Access Modes': '' },
  ],
  [
    'a claim without a capacity',
    '',
    'PersistentVolumeClaim',
    {
      metadata: deleted,
      spec: { volumeName: 'v' },
      status: { accessModes: ['ReadOnlyMany', 'ReadWriteOncePod'] },
    },
    { Status: 'Terminating', Volume: 'v', Capacity: '0', 'Access Modes': 'ROX,RWOP' },
  ],
  [
    'a class',
    'storage.k8s.io',
    'StorageClass',
    { provisioner: 'p' },
    { ReclaimPolicy: 'Delete', VolumeBindingMode: 'Immediate', AllowVolumeExpansion: false },
  ],
  [
    'a driver',
    'storage.k8s.io',
    'CSIDriver',
    {
      spec: {
        tokenRequests: [{ audience: 'a' }, { audience: 'b' }],
        volumeLifecycleModes: ['Persistent', 'Ephemeral'],
      },
    },
    { AttachRequired: true, PodInfoOnMount: false, TokenRequests: 'a,b', Modes: 'Persistent,Ephemeral' },
  ],
  [
    'a driver by default',
    'storage.k8s.io',
    'CSIDriver',
    { spec: { attachRequired: false } },
    { AttachRequired: false, TokenRequests: '<unset>', Modes: '<none>' },
  ],
  [
    'limits apart',
    '',
    'ResourceQuota',
    { status: { hard: { pods: '3', 'limits.cpu': '2', cpu: '1', limitsx: '1' }, used: { pods: '1' } } },
    { Request: 'cpu: 0/1, limitsx: 0/1, pods: 1/3', Limit: 'limits.cpu: 0/2' },
  ],
  ['keys of both kinds', '', 'ConfigMap', { data: { a: '' }, binaryData: { b: '' } }, { Data: 2 }],
  ['data only', '', 'Secret', { type: 'x/y', data: { a: '' } }, { Type: 'x/y', Data: 1 }],
  ['a holder', 'coordination.k8s.io', 'Lease', { spec: { holderIdentity: 'me' } }, { Holder: 'me' }],
  [
    'subjects by kind',
    'rbac.authorization.k8s.io',
    'RoleBinding',
    {
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [
        { kind: 'User', name: 'u' },
        { kind: 'User', name: 'v' },
        { kind: 'ServiceAccount', namespace: 'n', name: 's' },
      ],
    },
    { Role: 'Role/r', Users: 'u, v', Groups: '', ServiceAccounts: 'n/s' },
  ],
  [
    'a percentage',
    'policy',
    'PodDisruptionBudget',
    { spec: { minAvailable: '50%' } },
    { 'Min Available': '50%', 'Max Unavailable': 'N/A', 'Allowed Disruptions': 0 },
  ],
  [
    'an approved request',
    'certificates.k8s.io',
    'CertificateSigningRequest',
    {
      spec: { username: 'u', expirationSeconds: 3600 },
      status: { ...isTrue('Approved'), certificate: 'eA==' },
    },
    { SignerName: '<none>', Requestor: 'u', RequestedDuration: '60m', Condition: 'Approved,Issued' },
  ],
  [
    'a policy without parameters',
    'admissionregistration.k8s.io',
    'ValidatingAdmissionPolicy',
    { spec: { validations: [{}] } },
    { Validations: 1, ParamKind: '<unset>' },
  ],
  [
    'parameters by selector',
    'admissionregistration.k8s.io',
    'ValidatingAdmissionPolicyBinding',
    { spec: { policyName: 'p', paramRef: { selector: { matchLabels: { a: 'b' } } } } },
    {
      PolicyName: 'p',
      ParamRef:
        '&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{},}',
    },
  ],
  [
    'no limits',
    'flowcontrol.apiserver.k8s.io',
    'PriorityLevelConfiguration',
    { spec: { type: 'Exempt' } },
    { Type: 'Exempt', Queues: '<none>' },
  ],
  [
    'no metrics',
    'autoscaling',
    'HorizontalPodAutoscaler',
    scaler([]),
    { Reference: 'Deployment/d', Targets: '<none>', MinPods: '<unset>', MaxPods: 5, Replicas: 0 },
  ],
  [
    'a utilization that is known',
    'autoscaling',
    'HorizontalPodAutoscaler',
    scaler(
      [cpu({ averageUtilization: 80 })],
      [metric('Resource', 'resource', { current: { averageUtilization: 20 } })],
    ),
    { Targets: 'cpu: 20%/80%' },
  ],
  [
    'three metrics',
    'autoscaling',
    'HorizontalPodAutoscaler',
    scaler([
      cpu({ averageValue: '1' }),
      metric('Pods', 'pods', { target: { averageValue: '5' } }),
      metric('Object', 'object', { target: { value: '9' } }),
    ]),
    { Targets: 'cpu: <unknown>/1, <unknown>/5 + 1 more...' },
  ],
]

describe('cells of Tables', () => {
  for (const [what, group, kind, object, shown] of [...pods, ...others])
    it(`${kind}: ${what}`, () => {
      const all = cells(group, kind, object)
      assert.deepEqual(Object.fromEntries(Object.keys(shown).map((name) => [name, all[name]])), shown)
    })

  it('tell how long ago something was in the two units that matter', () => {
    const durations: [number, string][] = [
      [-5, '<invalid>'],
      [-1.5, '0s'],
      [0.9, '0s'],
      [119, '119s'],
      [120, '2m'],
      [125, '2m5s'],
      [600, '10m'],
      [3 * 3600, '3h'],
      [3 * 3600 + 60, '3h1m'],
      [8 * 3600 + 60, '8h'],
      [2 * 86400 + 3600, '2d1h'],
      [8 * 86400 + 3600, '8d'],
      [2 * 365 * 86400 + 86400, '2y1d'],
      [9 * 365 * 86400 + 86400, '9y'],
      [1e12, '292y'],
    ]
    for (const [seconds, text] of durations) assert.equal(humanDuration(seconds), text)
  })

  it('of nobody’s object can be computed for every kind: bookmarks are printed too', () => {
    for (const type of builtinTypes())
      for (const { name, value } of type.columns)
        if (typeof value === 'function')
          assert.notEqual(value({ metadata: {} }, NOW), undefined, `${type.kind} ${name}`)
  })
})
