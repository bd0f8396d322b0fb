import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { builtinTypes } from '../../lib/apiserver/kinds/builtin.ts'
import type { JsonObject, ResourceType } from '../../lib/apiserver/resource.ts'
import { isObject, objectAt } from '../../lib/apiserver/schema/equal.ts'
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

const made = (kind: string, given: JsonObject, before?: JsonObject, subresource = ''): JsonObject => {
  const type = typeOf(kind)
  const object = structuredClone(given)
  prune(object, type.schema)
  applyDefaults(object, type.schema)
  type.defaults?.(object)
  type.prepare?.(object, before, allocations, subresource)
  return object
}

const refused = (kind: string, given: JsonObject, before?: JsonObject, subresource = ''): string[] => {
  const object = made(kind, given, before, subresource)
  const problems = typeOf(kind).validate?.(object, before, subresource) ?? []
  return [...new Set(problems.map(({ field, message }) => `${field}: ${message}`))]
}

const warned = (kind: string, given: JsonObject): string[] =>
  typeOf(kind).warnings?.(made(kind, given), undefined, '') ?? []

type Case = [what: string, given: JsonObject, texts: string[]]

const refuses = (kind: string, make: (given: JsonObject) => JsonObject, cases: Case[]): void => {
  for (const [what, given, texts] of cases)
    it(what, () => assert.deepEqual(refused(kind, make(given)), texts))
}

const CLAIM = 'PersistentVolumeClaim'
const VOLUME = 'PersistentVolume'
const CLASS = 'volume.beta.kubernetes.io/storage-class'

const claim = (spec: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  metadata: { name: 'a' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  ...more,
})
const asking = (storage: string): JsonObject => ({ resources: { requests: { storage } } })

const volume = (spec: JsonObject = {}, annotations: JsonObject = {}): JsonObject => ({
  metadata: { name: 'a', annotations },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' }, ...spec },
})
/** A volume from another source than the usual one. */
const from = (spec: JsonObject): JsonObject => {
  const object = volume(spec)
  if (isObject(object.spec) && spec.hostPath === undefined) delete object.spec.hostPath
  return object
}

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const modes = '"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"'

describe('claims are refused in the words of the real server', () => {
  refuses(CLAIM, claim, [
    [
      'no mode, before the selector',
      { accessModes: [], selector: { matchExpressions: [{ key: 'a', operator: 'Odd' }] } },
      [
        'spec.accessModes: Required value: at least 1 access mode is required',
        'spec.selector.matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator',
      ],
    ],
    [
      'modes that do not go together',
      { accessModes: ['Odd', 'ReadWriteOncePod', 'ReadWriteOnce'] },
      [
        `spec.accessModes: Unsupported value: "Odd": supported values: ${modes}`,
        'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
      ],
    ],
    ['no amount', { resources: {} }, ['spec.resources[storage]: Required value']],
    ['nothing', asking('0'), ['spec.resources[storage]: Invalid value: "0": must be greater than zero']],
    [
      'a class, a mode and attributes',
      { storageClassName: 'Bad_', volumeMode: 'Odd', volumeAttributesClassName: 'Bad_' },
      [
        `spec.storageClassName: Invalid value: "Bad_": ${subdomain}`,
        'spec.volumeMode: Unsupported value: "Odd": supported values: "Block", "Filesystem"',
        `spec.volumeAttributesClassName: Invalid value: "Bad_": ${subdomain}`,
      ],
    ],
    [
      'sources that differ',
      { dataSource: { kind: CLAIM, name: 'x' }, dataSourceRef: { kind: CLAIM, name: 'y' } },
      ['spec: Invalid value: {}: must match dataSourceRef'],
    ],
  ])
})

describe('claims bring the two fields of their source in line', () => {
  const both = (spec: JsonObject): unknown[] => {
    const { dataSource, dataSourceRef } = objectAt(made(CLAIM, claim(spec)), 'spec')
    return [dataSource, dataSourceRef]
  }
  const source = { apiGroup: null, kind: CLAIM, name: 'x' }
  it('the old one is copied', () =>
    assert.deepEqual(both({ dataSource: { kind: CLAIM, name: 'x' } }), [source, source]))
  it('the new one is copied', () =>
    assert.deepEqual(both({ dataSourceRef: { kind: CLAIM, name: 'x' } }), [source, source]))
  it('what the old one never took is dropped', () =>
    assert.deepEqual(both({ dataSource: { kind: 'X', name: 'x' } }), [undefined, undefined]))
  it('other namespaces are not served', () =>
    assert.deepEqual(both({ dataSourceRef: { ...source, namespace: 'b' } }), [undefined, undefined]))
})

describe('claims change little', () => {
  const text =
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n'
  const bound = { status: { phase: 'Bound', capacity: { storage: '1Gi' } } }
  const change = (given: JsonObject, before: JsonObject): string[] =>
    refused(CLAIM, { ...given, status: before.status ?? {} }, made(CLAIM, before))

  it('says what differs', () =>
    assert.deepEqual(change(claim(asking('2Gi')), claim()), [
      `${text}@@ -6,7 +6,7 @@\n  "Resources": {\n   "Limits": null,\n   "Requests": {\n-   "storage": "1Gi"\n+   "storage": "2Gi"\n   }\n  },\n  "VolumeName": "",\n`,
    ]))
  it('bound claims grow, and get other attributes', () =>
    assert.deepEqual(
      change(claim({ ...asking('2Gi'), volumeAttributesClassName: 'fast' }, bound), claim({}, bound)),
      [],
    ))
  it('and shrink, but not to what they have', () => {
    assert.deepEqual(change(claim(asking('2Gi')), claim(asking('3Gi'), bound)), [])
    assert.deepEqual(change(claim(), claim(asking('3Gi'), bound)), [
      'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
    ])
  })
  it('are named once', () => {
    assert.deepEqual(change(claim({ volumeName: 'v' }), claim()), [])
    assert.equal(change(claim({ volumeName: 'w' }), claim({ volumeName: 'v' })).length, 1)
  })
  it('get a class once', () => {
    assert.deepEqual(change(claim({ storageClassName: 'c' }), claim()), [])
    assert.equal(change(claim({ storageClassName: 'd' }), claim({ storageClassName: 'c' })).length, 1)
  })
  it('move their class from the annotation, which else stays', () => {
    const annotated = claim({}, { metadata: { name: 'a', annotations: { [CLASS]: 'c' } } })
    assert.deepEqual(change(claim({ storageClassName: 'c' }), annotated), [])
    assert.deepEqual(change(claim(), annotated), [
      `metadata.annotations.${CLASS}: Invalid value: "": field is immutable`,
    ])
  })
  it('keep their mode', () =>
    assert.equal(
      change(claim({ volumeMode: 'Block' }), claim())[1],
      'volumeMode: Invalid value: "Block": field is immutable',
    ))
  it('keep attributes that they have', () => {
    const status = { ...bound.status, currentVolumeAttributesClassName: 'fast' }
    assert.deepEqual(change(claim(), claim({ volumeAttributesClassName: 'fast' }, { status })), [
      'spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil',
    ])
  })
  it('have a status in order', () => {
    const status = {
      capacity: { storage: '-1500m' },
      allocatedResourceStatuses: { cpu: 'NodeResizePending', storage: 'Odd' },
      allocatedResources: { memory: '1', storage: '-1' },
    }
    assert.deepEqual(refused(CLAIM, claim({}, { status }), made(CLAIM, claim()), 'status'), [
      'status.capacity[storage]: Invalid value: -2: must be a valid resource quantity',
      'status.allocatedResourceStatuses: Unsupported value: "cpu": supported values: "storage"',
      'status.allocatedResourceStatuses: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
      'status.allocatedResources: Unsupported value: "memory": supported values: "storage"',
      'status.allocatedResources[storage]: Invalid value: -1: must be a valid resource quantity',
    ])
  })
  it('warn of what is old, and of parts of bytes', () => {
    const annotated = { metadata: { name: 'a', annotations: { [CLASS]: 'c' } } }
    assert.deepEqual(warned(CLAIM, claim(asking('1500m'), annotated)), [
      `metadata.annotations[${CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`,
      'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
    ])
  })
})

const csi = { driver: 'd.example', volumeHandle: 'h' }
const local = 'spec.nodeAffinity: Required value: Local volume requires node affinity'

describe('volumes are refused in the words of the real server', () => {
  refuses(VOLUME, from, [
    [
      'nothing at all',
      { capacity: {}, accessModes: [] },
      [
        'spec.accessModes: Required value',
        'spec.capacity: Required value',
        'spec.capacity: Unsupported value: null: supported values: "storage"',
        'spec: Required value: must specify a volume type',
      ],
    ],
    [
      'amounts',
      { capacity: { cpu: '1', storage: '-1' }, hostPath: { path: '/x' } },
      [
        'spec.capacity: Unsupported value: {"cpu":"1","storage":"-1"}: supported values: "storage"',
        'spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
        'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
      ],
    ],
    [
      'policies',
      { persistentVolumeReclaimPolicy: 'Odd', hostPath: { path: '/x' } },
      [
        'spec.persistentVolumeReclaimPolicy: Unsupported value: "Odd": supported values: "Delete", "Recycle", "Retain"',
      ],
    ],
    [
      'the recycling of a node',
      { persistentVolumeReclaimPolicy: 'Recycle', hostPath: { path: '//a/.././' } },
      [
        `spec.hostPath.path: Invalid value: "//a/.././": must not contain '..'`,
        "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
      ],
    ],
    [
      'sources that are too many',
      { cephfs: { monitors: ['m'] }, nfs: { server: 's', path: '/' }, flexVolume: {} },
      [
        'spec.cephFS: Forbidden: may not specify more than 1 volume type',
        'spec.flexVolume.driver: Required value',
      ],
    ],
    ['local volumes', { local: { path: '' } }, ['spec.local.path: Required value', local]],
    [
      'affinities that say nothing',
      { local: { path: '/x' }, nodeAffinity: {} },
      ['spec.nodeAffinity.required: Required value: must specify required node constraints'],
    ],
    [
      'drivers and their secrets',
      { csi: { driver: '', nodePublishSecretRef: { name: 's' } } },
      [
        'spec.csi.driver: Required value',
        'spec.csi.volumeHandle: Required value',
        'spec.csi.nodePublishSecretRef.namespace: Required value',
      ],
    ],
    [
      'iSCSI names',
      { iscsi: { targetPortal: 'p'.repeat(64), iqn: 'odd', lun: 256, initiatorName: 'iqn', secretRef: {} } },
      [
        `spec.iscsi.targetportal: Invalid value: "${'p'.repeat(64)}": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.`,
        'spec.iscsi.iqn: Invalid value: "odd": must be valid format',
        'spec.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
        'spec.iscsi.secretRef.name: Required value',
        'spec.iscsi.initiatorname: Invalid value: "iqn": must be valid format',
      ],
    ],
    [
      'namespaces of sources',
      { glusterfs: { endpoints: 'e', path: 'p', endpointsNamespace: '' } },
      [
        'spec.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name',
      ],
    ],
    [
      'attributes without a driver',
      { hostPath: { path: '/x' }, volumeAttributesClassName: '' },
      [
        'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
        'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
      ],
    ],
  ])
  it('options of mounts where there is no mount', () => {
    const key = 'volume.beta.kubernetes.io/mount-options'
    assert.deepEqual(refused(VOLUME, volume({}, { [key]: 'ro' })), [
      `metadata.annotations.${key}: Forbidden: may not specify mount options for this volume type`,
    ])
  })
})

describe('volumes change little', () => {
  const change = (given: JsonObject, before: JsonObject): string[] =>
    refused(VOLUME, given, made(VOLUME, before))
  const on = (key: string, value: string): JsonObject => ({
    nodeAffinity: {
      required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: [value] }] }] },
    },
  })

  it('not their source', () => {
    const [text = ''] = change(volume({ hostPath: { path: '/y' } }), volume())
    assert.match(text, /^spec\.persistentvolumesource: Forbidden: .* is immutable after creation\n@@ /)
    assert.match(text, /\n- {2}"Path": "\/x",\n\+ {2}"Path": "\/y",\n/)
  })
  it('a secret to expand with may be added', () => {
    const controllerExpandSecretRef = { name: 's', namespace: 'n' }
    assert.deepEqual(change(from({ csi: { ...csi, controllerExpandSecretRef } }), from({ csi })), [])
    assert.equal(change(from({ csi }), from({ csi: { ...csi, controllerExpandSecretRef } })).length, 1)
  })
  it('not their mode, and attributes stay', () => {
    assert.deepEqual(change(volume({ volumeMode: 'Block' }), volume()), [
      'volumeMode: Invalid value: "Block": field is immutable',
    ])
    assert.deepEqual(change(from({ csi }), from({ csi, volumeAttributesClassName: 'fast' })), [
      'spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden',
    ])
  })
  it('their nodes only by the new name of a label', () => {
    const old = volume(on('beta.kubernetes.io/os', 'linux'))
    assert.deepEqual(change(volume(on('kubernetes.io/os', 'linux')), old), [])
    assert.deepEqual(change(old, volume()), [])
    assert.deepEqual(change(volume(on('kubernetes.io/os', 'b')), old), [
      'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"kubernetes.io/os","Operator":"In","Values":["b"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
    ])
  })
  it('warn of what is old', () => {
    const old = { ...on('beta.kubernetes.io/os', 'linux'), persistentVolumeReclaimPolicy: 'Recycle' }
    assert.deepEqual(warned(VOLUME, from({ ...old, rbd: { monitors: ['m'], image: 'i' } })), [
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
      'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
    ])
  })
})

const quota = (spec: JsonObject): JsonObject => ({ metadata: { name: 'a' }, spec })
const when = (scopeName: string, operator: string, ...values: string[]): JsonObject => ({
  scopeSelector: { matchExpressions: [{ scopeName, operator, values }] },
})
const at = 'spec.scopeSelector.matchExpressions'

describe('quotas are refused in the words of the real server', () => {
  refuses('ResourceQuota', quota, [
    [
      'resources and amounts',
      { hard: { storage: '1', pods: '1.5', cpu: '-1', 'count/jobs.batch': '1' } },
      [
        'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
        'spec.hard[pods]: Invalid value: "1500m": must be an integer',
        'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      ],
    ],
    [
      'scopes',
      { hard: { services: '1' }, scopes: ['Odd', 'BestEffort', 'NotBestEffort'] },
      ['unsupported scope', 'unsupported scope applied to resource', 'conflicting scopes'].map(
        (text) => `spec.scopes: Invalid value: ["Odd","BestEffort","NotBestEffort"]: ${text}`,
      ),
    ],
    [
      'selectors of scopes',
      { hard: { cpu: '1' }, ...when('BestEffort', 'In') },
      [
        `${at}: Invalid value: {"MatchExpressions":[{"ScopeName":"BestEffort","Operator":"In","Values":null}]}: unsupported scope applied to resource`,
        `${at}.operator: Invalid value: "In": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
        `${at}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
      ],
    ],
    [
      'values where there are none',
      when('PriorityClass', 'Exists', 'a'),
      [
        `${at}.values: Invalid value: ["a"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
      ],
    ],
  ])
  it('scopes stay, in any order', () => {
    const before = quota({ scopes: ['Terminating', 'PriorityClass'] })
    assert.deepEqual(
      refused('ResourceQuota', quota({ scopes: ['PriorityClass', 'Terminating'] }), before),
      [],
    )
    assert.deepEqual(refused('ResourceQuota', quota({}), before), [
      'spec.scopes: Invalid value: null: field is immutable',
    ])
  })
})

const limits = (limit: JsonObject): JsonObject => ({ metadata: { name: 'a' }, spec: { limits: [limit] } })
const item = 'spec.limits[0]'

describe('limits are refused in the words of the real server', () => {
  refuses('LimitRange', limits, [
    [
      'types',
      { type: 'Odd' },
      [`${item}.type: Invalid value: "Odd": must be a standard limit type or fully qualified`],
    ],
    [
      'amounts that contradict each other',
      { type: 'Container', max: { cpu: '1' }, min: { cpu: '2' }, default: { cpu: '3' } },
      [
        `${item}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1`,
        `${item}.defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 1`,
        `${item}.default[cpu]: Invalid value: "1": default value 3 is greater than max value 1`,
      ],
    ],
    [
      'defaults of pods',
      { type: 'Pod', default: { cpu: '1' } },
      [`${item}.default: Forbidden: may not be specified when \`type\` is 'Pod'`],
    ],
    [
      'claims without an amount',
      { type: CLAIM },
      [
        `${item}.limits: Required value: either minimum or maximum storage value is required, but neither was provided`,
      ],
    ],
    [
      'ratios',
      { type: 'Pod', max: { cpu: '3' }, min: { cpu: '2' }, maxLimitRequestRatio: { cpu: '2' } },
      [`${item}.maxLimitRequestRatio[cpu]: Invalid value: "2": ratio 2 is greater than max/min = 1.500000`],
    ],
    [
      'what cannot be promised twice',
      { type: 'Container', default: { 'a.com/gpu': '2' }, defaultRequest: { 'a.com/gpu': '1' } },
      [
        `${item}.defaultRequest[a.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in a.com/gpu`,
      ],
    ],
  ])
})

describe('priorities are refused in the words of the real server', () => {
  const priority = (more: JsonObject, name = 'a'): JsonObject => ({ metadata: { name }, value: 1, ...more })
  refuses('PriorityClass', priority, [
    [
      'what is too high, and policies',
      { value: 2_000_000_000, preemptionPolicy: 'Odd' },
      [
        'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
        'preemptionPolicy: Unsupported value: "Odd": supported values: "PreemptLowerPriority", "Never"',
      ],
    ],
  ])
  it('names of the system', () => {
    const text =
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error:"
    assert.deepEqual(refused('PriorityClass', priority({}, 'system-a')), [
      `${text} system-a is not a known system priority class`,
    ])
    assert.deepEqual(refused('PriorityClass', priority({}, 'system-node-critical')), [
      `${text} value of system-node-critical PriorityClass must be 2000001000`,
    ])
  })
  it('changes', () =>
    assert.deepEqual(
      refused(
        'PriorityClass',
        priority({ value: 2, preemptionPolicy: 'Never' }),
        made('PriorityClass', priority({})),
      ),
      [
        'value: Forbidden: may not be changed in an update.',
        'preemptionPolicy: Invalid value: "Never": field is immutable',
      ],
    ))
})

it('a quota warns of requests that are more than their limits', () =>
  assert.deepEqual(warned('ResourceQuota', quota({ hard: { cpu: '2', 'limits.cpu': '1' } })), [
    'ResourceQuota cpu (2) should be less than limits.cpu (1)',
  ]))
