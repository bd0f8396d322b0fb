import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeProblem } from '../../lib/apiserver/decodeProblem.ts'
import { builtinTypes } from '../../lib/apiserver/kinds/builtin.ts'
import { isLatest } from '../../lib/apiserver/kinds/image.ts'
import { countIndexes, overlapAt } from '../../lib/apiserver/kinds/indexes.ts'
import { unifiedDiff } from '../../lib/apiserver/kinds/pod/difference.ts'
import { goFields, goText } from '../../lib/apiserver/kinds/pod/go.ts'
import { scheduleProblem } from '../../lib/apiserver/kinds/schedule.ts'
import type { JsonObject, ResourceType } from '../../lib/apiserver/resource.ts'
import { addressProblems, canonicalAddress } from '../../lib/apiserver/schema/address.ts'
import { applyDefaults } from '../../lib/apiserver/schema/default.ts'
import { prune } from '../../lib/apiserver/schema/prune.ts'

const types = builtinTypes()
const allocations = {
  clusterIP: () => '10.0.0.1',
  nodePort: () => 30000,
  refuseAddress: () => undefined,
  refusePort: () => undefined,
  now: () => '2026-01-01T00:00:00Z',
}

const typeOf = (kind: string): ResourceType => {
  const found = types.find((type) => type.kind === kind)
  assert.ok(found, kind)
  return found
}

const made = (kind: string, given: JsonObject, before?: JsonObject): JsonObject => {
  const type = typeOf(kind)
  const object = structuredClone(given)
  prune(object, type.schema)
  applyDefaults(object, type.schema)
  type.defaults?.(object)
  if (!before) type.admit?.(object, () => [])
  type.prepare?.(object, before, allocations)
  return object
}

const refused = (kind: string, given: JsonObject, before?: JsonObject, subresource = ''): string[] => {
  const object = made(kind, given, before)
  return (typeOf(kind).validate?.(object, before, subresource) ?? []).map(
    ({ field, message }) => `${field}: ${message}`,
  )
}

const pod = (spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({
  metadata: { name: 'a', creationTimestamp: '2024-01-01T00:00:00Z', ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})
const podOf = (container: JsonObject, spec: JsonObject = {}): JsonObject =>
  pod({ containers: [{ name: 'c', image: 'i', ...container }], ...spec })

const c = 'spec.containers[0]'

describe('pods are refused in the words of the real server (R23)', () => {
  const cases: [string, JsonObject, string[]][] = [
    [
      'host ports that are taken',
      podOf({
        ports: [
          { containerPort: 1, hostPort: 5 },
          { containerPort: 2, hostPort: 5 },
        ],
      }),
      [`${c}.ports[1].hostPort: Duplicate value: "TCP//5"`],
    ],
    [
      'a field that no variable may show',
      podOf({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.restartPolicy' } } }] }),
      [
        `${c}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.restartPolicy": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
      ],
    ],
    [
      'a mount whose list is named, not itself',
      podOf(
        { volumeMounts: [{ name: 'v', mountPath: '/a', subPath: '../x' }] },
        { volumes: [{ name: 'v' }] },
      ),
      [`${c}.volumeMounts.subPath: Invalid value: "../x": must not contain '..'`],
    ],
    [
      'requests beyond limits',
      podOf({ resources: { limits: { cpu: '1' }, requests: { cpu: '1500m' } } }),
      [`${c}.resources.requests: Invalid value: "1500m": must be less than or equal to cpu limit of 1`],
    ],
    [
      'a security context that contradicts itself, printed as a Go struct',
      podOf({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
      [
        `${c}.securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
      ],
    ],
    [
      'two sources of a volume, one of them misspelt',
      pod({ volumes: [{ name: 'v', emptyDir: {}, downwardAPI: {} }] }),
      ['spec.volumes[0].downwarAPI: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      'a node and gates',
      pod({ schedulingGates: [{ name: 'x' }], nodeName: 'n' }),
      ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
    ],
  ]
  for (const [title, given, expected] of cases)
    it(title, () => assert.deepEqual(refused('Pod', given), expected))
})

describe('pods are decoded as Go decodes them', () => {
  const cases: [string, JsonObject, string][] = [
    [
      'a text as a number',
      podOf({ ports: [{ containerPort: 'x' }] }),
      'json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [
      'a field of an embedded struct',
      podOf({ livenessProbe: { tcpSocket: { port: true } } }),
      'json: cannot unmarshal bool into Go struct field TCPSocketAction.spec.containers.livenessProbe.ProbeHandler.tcpSocket.port of type int32',
    ],
    [
      'a quantity without digits',
      podOf({ resources: { limits: { cpu: 'x' } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      'a quantity with an odd suffix',
      podOf({ resources: { limits: { cpu: '1MM' } } }),
      "unable to parse quantity's suffix",
    ],
  ]
  for (const [title, given, expected] of cases)
    it(title, () => assert.equal(decodeProblem(given, typeOf('Pod')), expected))

  it('takes a null in a list for an empty struct', () => {
    assert.deepEqual(refused('Pod', pod({ containers: [null] })), [
      `${c}.name: Required value`,
      `${c}.image: Required value`,
    ])
  })
})

describe('changes of pods', () => {
  it('lets images change and shows what else did, as a diff of Go structs', () => {
    const before = made('Pod', pod())
    const image = pod({ containers: [{ name: 'c', image: 'other' }] })
    assert.deepEqual(refused('Pod', image, before), [])
    const [text = ''] = refused('Pod', pod({ hostname: 'h' }), before)
    assert.match(text, /^spec: Forbidden: pod updates may not change fields other than /)
    assert.match(text, /\n- "Hostname": "",\n\+ "Hostname": "h",\n/)
  })

  it('keeps an ended container from running again, unless its policy says so', () => {
    const ended = (policy: string): string[] => {
      const state = (one: JsonObject): JsonObject => ({
        status: { qosClass: 'BestEffort', containerStatuses: [{ name: 'c', state: one }] },
      })
      const before = {
        ...made('Pod', pod({ restartPolicy: policy })),
        ...state({ terminated: { exitCode: 1 } }),
      }
      return refused('Pod', { ...before, ...state({ running: {} }) }, before, 'status')
    }
    assert.deepEqual(ended('OnFailure'), [])
    assert.deepEqual(ended('Never'), [
      'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
    ])
  })

  it('ends with the grace that a client asks for, and at once where nothing runs', () => {
    const { graceSeconds } = typeOf('Pod')
    assert.equal(graceSeconds?.(pod(), 20), 0)
    assert.equal(graceSeconds?.(pod({ nodeName: 'n', terminationGracePeriodSeconds: 30 }), undefined), 30)
    assert.equal(graceSeconds?.(pod({ nodeName: 'n' }), -5), 1)
  })
})

describe('admission of pods', () => {
  it('fills the priority of a class, and refuses one that is not there or says otherwise', () => {
    const { admit } = typeOf('Pod')
    const world = () => [{ metadata: { name: 'high' }, value: 5, preemptionPolicy: 'Never' }]
    const spec: JsonObject = { priorityClassName: 'high' }
    assert.equal(admit?.({ spec }, world), undefined)
    assert.deepEqual([spec.priority, spec.preemptionPolicy], [5, 'Never'])
    assert.equal(
      admit?.({ spec: { priorityClassName: 'none' } }, world),
      'no PriorityClass with name none was found',
    )
    assert.match(admit?.({ spec: { priority: 7 } }, () => []) ?? '', /^the integer value of priority \(7\)/)
  })
})

describe('workloads', () => {
  const template = (spec: JsonObject = {}): JsonObject => ({
    metadata: { labels: { a: 'b' } },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  })
  const workload = (spec: JsonObject = {}): JsonObject => ({
    metadata: { name: 'a' },
    spec: { selector: { matchLabels: { a: 'b' } }, template: template(), ...spec },
  })

  it('counts the templates of a DaemonSet in an annotation, whatever clients write there', () => {
    const count = 'deprecated.daemonset.template.generation'
    const first = made('DaemonSet', workload())
    const annotated = { ...first, metadata: { name: 'a', annotations: { [count]: '7' } } }
    const next = made('DaemonSet', annotated, first)
    assert.deepEqual(next.metadata, { name: 'a', annotations: { [count]: '1' } })
    const changed = made('DaemonSet', workload({ template: template({ hostPID: true }) }), first)
    assert.deepEqual(changed.metadata, { name: 'a', annotations: { [count]: '2' } })
  })

  it('prints strategies that there are not as Go structs', () => {
    assert.deepEqual(refused('Deployment', workload({ strategy: { type: 'Odd' } })), [
      'spec.strategy: Unsupported value: {"Type":"Odd","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
    ])
  })

  it('gives a Job without labels those of its template, with what is added to them', () => {
    const job = made('Job', {
      metadata: { name: 'j', uid: 'u' },
      spec: { template: template({ restartPolicy: 'Never' }) },
    })
    const labels = {
      'batch.kubernetes.io/controller-uid': 'u',
      'batch.kubernetes.io/job-name': 'j',
      'controller-uid': 'u',
      'job-name': 'j',
      a: 'b',
    }
    assert.deepEqual(job.metadata, { name: 'j', uid: 'u', labels })
  })
})

describe('texts of pods and workloads', () => {
  it('shows three lines around a change', () => {
    assert.equal(
      unifiedDiff('1\n2\n3\n4\n5\n6\n7\n8\n9', '1\n2\n3\n4\n5x\n6\n7\n8\n9'),
      '@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+5x\n 6\n 7\n 8\n',
    )
    assert.equal(unifiedDiff('same', 'same'), '')
  })

  it('prints Go structs with all their fields, and the API types in them without empty ones', () => {
    assert.equal(
      goText('LabelSelector', { matchLabels: { b: '<', a: 'x' } }),
      '{"matchLabels":{"a":"x","b":"\\u003c"}}',
    )
    assert.equal(
      goFields('ContainerPort', { containerPort: 80, protocol: 'TCP', hostIP: '1.1.1.1' }),
      '{Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:1.1.1.1}',
    )
  })

  const schedules: Record<string, string | undefined> = {
    '*/5 * * * *': undefined,
    '0 0 * jan-mar mon': undefined,
    '@every 5m': undefined,
    x: 'expected exactly 5 fields, found 1: [x]',
    '60 * * * *': 'end of range (60) above maximum (59): 60',
    '5-1 * * * *': 'beginning of range (5) beyond end of range (1): 5-1',
    '*/0 * * * *': 'step of range should be a positive number: */0',
    'a * * * *': 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax',
    '@never': 'unrecognized descriptor: @never',
    '@every x': 'failed to parse duration @every x: time: invalid duration "x"',
  }
  for (const [schedule, problem] of Object.entries(schedules))
    it(`reads the schedule ${schedule}`, () => assert.equal(scheduleProblem(schedule), problem))

  it('counts indexes', () => {
    assert.equal(countIndexes('0,2-4', 5), 4)
    assert.equal(countIndexes('0,9', 5), 'too large index: "9"')
    assert.equal(countIndexes('3,1', 5), 'non-increasing order, previous: 3, current: 1')
    assert.equal(overlapAt('0-2', '2,4', 5), 2)
  })

  it('takes addresses strictly', () => {
    assert.deepEqual(addressProblems('2001:db8::1'), [])
    assert.deepEqual(addressProblems('010.0.0.1'), ['must not have leading 0s'])
    assert.deepEqual(addressProblems('::ffff:1.2.3.4'), ['must not be an IPv4-mapped IPv6 address'])
    assert.equal(canonicalAddress('2001:DB8:0:0:1:0:0:1'), '2001:db8::1:0:0:1')
  })

  it('pulls the latest image anew, pinned or not, and nothing that is no reference', () => {
    const pinned = `@sha256:${'a'.repeat(64)}`
    const latest = ['x', 'x:latest', `x:latest${pinned}`, 'host:5000/x']
    assert.deepEqual(latest.filter(isLatest), latest)
    assert.deepEqual([`x${pinned}`, 'x:1', 'Upper', 'a//b'].filter(isLatest), [])
  })
})
