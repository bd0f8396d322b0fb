import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { builtinTypes } from '../../lib/apiserver/kinds/builtin.ts'
import { humanDuration } from '../../lib/apiserver/kinds/columns.ts'
import { amountOf, canonical } from '../../lib/apiserver/kinds/quantity.ts'
import type { Json, JsonObject, Problem, ResourceType, Schema } from '../../lib/apiserver/resource.ts'
import { applyDefaults, emptyOf } from '../../lib/apiserver/schema/default.ts'
import { prune } from '../../lib/apiserver/schema/prune.ts'

const types = builtinTypes()

const typeOf = (kind: string, group?: string): ResourceType => {
  const found = types.find((type) => type.kind === kind && (group === undefined || type.group === group))
  assert.ok(found, kind)
  return found
}

const texts = (problems: Problem[] = []): string[] =>
  problems.map(({ reason, field, message }) => `${reason} ${field}: ${message}`)

/** What the server makes of an object before it validates it. */
const written = (type: ResourceType, given: JsonObject, before?: JsonObject): JsonObject => {
  const object = structuredClone(given)
  prune(object, type.schema)
  applyDefaults(object, type.schema)
  type.defaults?.(object)
  let addresses = 0
  type.prepare?.(object, before, {
    clusterIP: () => `10.0.0.${++addresses}`,
    nodePort: () => 30000 + ++addresses,
    refuseAddress: () => undefined,
    refusePort: () => undefined,
    now: () => '2026-01-01T00:00:00Z',
  })
  return object
}

const refused = (kind: string, given: JsonObject, before?: JsonObject): string[] => {
  const type = typeOf(kind)
  return texts(type.validate?.(written(type, given, before), before))
}

const partOf = (value: Json | undefined, ...path: (string | number)[]): Json | undefined => {
  let found = value
  for (const step of path) {
    if (Array.isArray(found)) found = typeof step === 'number' ? found[step] : undefined
    else found = typeof found === 'object' && found !== null ? found[step] : undefined
  }
  return found
}

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] },
}
const deployment = (spec: JsonObject = {}): JsonObject => ({
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, template, ...spec },
})
const podOf = (container: JsonObject): JsonObject => ({
  template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } },
})

describe('Deployment', () => {
  it('gets the defaults of the real server', () => {
    const { spec, status } = written(typeOf('Deployment'), deployment({ replicas: 2 }))
    assert.deepEqual(status, {})
    assert.deepEqual(spec, {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            {
              name: 'main',
              image: 'nginx:1.27',
              resources: {},
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
              imagePullPolicy: 'IfNotPresent',
            },
          ],
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 30,
          dnsPolicy: 'ClusterFirst',
          securityContext: {},
          schedulerName: 'default-scheduler',
        },
      },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    })
  })

  for (const [image, policy] of Object.entries({
    i: 'Always',
    'i:latest': 'Always',
    'i:1': 'IfNotPresent',
    'host:5000/i': 'Always',
    'i@sha256:0000': 'IfNotPresent',
  }))
    it(`pulls by the tag of the image: ${image}`, () => {
      const object = written(typeOf('Deployment'), deployment(podOf({ name: 'c', image })))
      assert.equal(partOf(object, 'spec', 'template', 'spec', 'containers', 0, 'imagePullPolicy'), policy)
    })

  it('fills probes, ports and volumes', () => {
    const object = written(
      typeOf('Deployment'),
      deployment({
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [
              {
                name: 'c',
                image: 'i',
                ports: [{ containerPort: 80 }],
                livenessProbe: { httpGet: { port: 80 } },
              },
            ],
            volumes: [{ name: 'v', secret: { secretName: 's' } }, { name: 'w' }],
          },
        },
      }),
    )
    const spec = partOf(object, 'spec', 'template', 'spec')
    assert.deepEqual(partOf(spec, 'containers', 0, 'ports'), [{ containerPort: 80, protocol: 'TCP' }])
    assert.deepEqual(partOf(spec, 'containers', 0, 'livenessProbe'), {
      httpGet: { path: '/', port: 80, scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    })
    assert.deepEqual(partOf(spec, 'volumes'), [
      { name: 'v', secret: { secretName: 's', defaultMode: 420 } },
      { name: 'w', emptyDir: {} },
    ])
  })

  const old = written(typeOf('Deployment'), deployment())
  const cases: [title: string, spec: JsonObject, before: JsonObject | undefined, expected: string[]][] = [
    [
      'a selector that does not match the template',
      { selector: { matchLabels: { app: 'bad' } } },
      undefined,
      [
        'FieldValueInvalid spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      ],
    ],
    [
      'another selector',
      { selector: { matchLabels: { app: 'other' } } },
      old,
      [
        'FieldValueInvalid spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
        'FieldValueInvalid spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
      ],
    ],
    [
      'negative replicas',
      { replicas: -1 },
      undefined,
      ['FieldValueInvalid spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'no containers',
      { template: { metadata: { labels: { app: 'web' } }, spec: { containers: [] } } },
      undefined,
      ['FieldValueRequired spec.template.spec.containers: Required value'],
    ],
    [
      'a container without image and with an impossible port',
      podOf({ name: 'c', image: '', ports: [{ containerPort: 99999 }] }),
      undefined,
      [
        'FieldValueRequired spec.template.spec.containers[0].image: Required value',
        'FieldValueInvalid spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive',
      ],
    ],
  ]
  for (const [title, spec, before, expected] of cases)
    it(`says what the real server says: ${title}`, () => {
      assert.deepEqual(refused('Deployment', deployment(spec), before), expected)
    })

  it('counts changes of spec and of annotations as generations', () => {
    const bumps = typeOf('Deployment').bumpsGeneration
    assert.equal(bumps?.(old, { ...old, status: { replicas: 1 } }), false)
    assert.equal(bumps?.(old, { ...old, metadata: { name: 'web', labels: { a: 'b' } } }), false)
    assert.equal(bumps?.(old, { ...old, metadata: { name: 'web', annotations: { a: 'b' } } }), true)
    assert.equal(bumps?.(old, written(typeOf('Deployment'), deployment({ replicas: 3 }))), true)
  })

  it('reads only what its Go type always writes when nobody set anything', () => {
    assert.deepEqual(emptyOf(typeOf('Deployment').schema), {
      metadata: {},
      spec: { selector: null, template: { metadata: {}, spec: { containers: null } }, strategy: {} },
      status: {},
    })
  })

  it('prints the cells of kubectl', () => {
    const object = {
      ...old,
      metadata: { name: 'web', creationTimestamp: '2024-01-01T00:00:00Z' },
      status: { updatedReplicas: 2, readyReplicas: 1, availableReplicas: 1 },
    }
    const now = Date.parse('2024-01-01T00:05:00Z')
    const cells = typeOf('Deployment').columns.map(({ value }) =>
      typeof value === 'string' ? value : value(object, now),
    )
    assert.deepEqual(cells, ['web', '1/1', 2, 1, '5m', 'main', 'nginx:1.27', 'app=web'])
  })
})

describe('StatefulSet', () => {
  const set = (spec: JsonObject = {}): JsonObject => ({
    metadata: { name: 'db' },
    spec: { serviceName: 'db', selector: { matchLabels: { app: 'web' } }, template, ...spec },
  })

  it('gets the defaults of the real server, its claims included', () => {
    const object = written(
      typeOf('StatefulSet'),
      set({
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }],
      }),
    )
    assert.deepEqual(partOf(object, 'spec', 'updateStrategy'), {
      type: 'RollingUpdate',
      rollingUpdate: { partition: 0 },
    })
    assert.deepEqual(partOf(object, 'spec', 'persistentVolumeClaimRetentionPolicy'), {
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    })
    assert.deepEqual(partOf(object, 'spec', 'volumeClaimTemplates', 0), {
      kind: 'PersistentVolumeClaim',
      apiVersion: 'v1',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: {}, volumeMode: 'Filesystem' },
      status: { phase: 'Pending' },
    })
    assert.deepEqual(object.status, { replicas: 0, availableReplicas: 0 })
  })

  it('lets only some fields of spec change', () => {
    const before = written(typeOf('StatefulSet'), set())
    assert.deepEqual(refused('StatefulSet', set({ replicas: 3 }), before), [])
    assert.deepEqual(refused('StatefulSet', set({ serviceName: 'other' }), before), [
      "FieldValueForbidden spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ])
  })
})

describe('Service', () => {
  const service = (spec: JsonObject): JsonObject => ({ metadata: { name: 'web' }, spec })

  it('gets an address, and keeps it when an update leaves it out', () => {
    const first = written(typeOf('Service'), service({ ports: [{ port: 80, targetPort: 'http' }] }))
    assert.deepEqual(first.spec, {
      ports: [{ protocol: 'TCP', port: 80, targetPort: 'http' }],
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1'],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
    })
    const next = written(typeOf('Service'), service({ ports: [{ port: 8080 }], clusterIP: '' }), first)
    assert.equal(partOf(next, 'spec', 'clusterIP'), '10.0.0.1')
    assert.deepEqual(partOf(next, 'spec', 'ports'), [{ protocol: 'TCP', port: 8080, targetPort: 8080 }])
  })

  it('gets none when it is headless or a name elsewhere', () => {
    const headless = written(typeOf('Service'), service({ clusterIP: 'None', ports: [{ port: 1 }] }))
    assert.deepEqual(partOf(headless, 'spec', 'clusterIPs'), ['None'])
    const external = written(
      typeOf('Service'),
      service({ type: 'ExternalName', externalName: 'example.com' }),
    )
    assert.deepEqual(external.spec, {
      type: 'ExternalName',
      sessionAffinity: 'None',
      externalName: 'example.com',
    })
  })

  it('gets a port on the nodes when it wants one', () => {
    const object = written(typeOf('Service'), service({ type: 'NodePort', ports: [{ port: 80 }] }))
    assert.equal(partOf(object, 'spec', 'ports', 0, 'nodePort'), 30002)
    assert.equal(partOf(object, 'spec', 'externalTrafficPolicy'), 'Cluster')
  })

  const cases: [title: string, spec: JsonObject, expected: string[]][] = [
    ['no ports', { ports: [] }, ['FieldValueRequired spec.ports: Required value']],
    [
      'several ports without names',
      { ports: [{ port: 80 }, { port: 81 }] },
      [
        'FieldValueRequired spec.ports[0].name: Required value',
        'FieldValueRequired spec.ports[1].name: Required value',
      ],
    ],
    [
      'impossible ports and protocols',
      {
        ports: [
          { name: 'a', port: 0 },
          { name: 'b', port: 80, protocol: 'XYZ' },
        ],
      },
      [
        'FieldValueInvalid spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'FieldValueInvalid spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
        'FieldValueNotSupported spec.ports[1].protocol: Unsupported value: "XYZ": supported values: "SCTP", "TCP", "UDP"',
      ],
    ],
  ]
  for (const [title, spec, expected] of cases)
    it(`says what the real server says: ${title}`, () =>
      assert.deepEqual(refused('Service', service(spec)), expected))

  it('cannot give up its address', () => {
    const before = written(typeOf('Service'), service({ ports: [{ port: 80 }] }))
    assert.deepEqual(
      refused('Service', service({ ports: [{ port: 80 }], clusterIP: 'None', clusterIPs: ['None'] }), before),
      ['FieldValueInvalid spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set'],
    )
  })
})

describe('ConfigMap and Secret', () => {
  it('refuses changes of what is immutable, and the end of immutability', () => {
    const before = { data: { a: '1' }, immutable: true }
    const text = 'Forbidden: field is immutable when `immutable` is set'
    assert.deepEqual(refused('ConfigMap', { data: { a: '2' }, immutable: true }, before), [
      `FieldValueForbidden data: ${text}`,
    ])
    assert.deepEqual(refused('ConfigMap', { data: { a: '1' }, immutable: false }, before), [
      `FieldValueForbidden immutable: ${text}`,
    ])
  })

  it('checks keys', () => {
    assert.deepEqual(
      refused('ConfigMap', { data: { 'no spaces': 'x', k: 'x' }, binaryData: { k: 'AAE=' } }),
      [
        "FieldValueInvalid data[no spaces]: Invalid value: \"no spaces\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        'FieldValueInvalid data[k]: Invalid value: "k": duplicate of key present in binaryData',
      ],
    )
  })

  it('folds stringData into data', () => {
    const object = written(typeOf('Secret'), { data: { a: 'b25l' }, stringData: { b: 'two', a: 'override' } })
    assert.deepEqual(object, {
      metadata: {},
      data: { a: 'b3ZlcnJpZGU=', b: 'dHdv' },
      type: 'Opaque',
    })
  })

  it('demands the keys of its type, and keeps the type', () => {
    const tls = { type: 'kubernetes.io/tls', data: { 'tls.crt': 'eA==' } }
    assert.deepEqual(refused('Secret', tls), ['FieldValueRequired data[tls.key]: Required value'])
    const broken = { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'bm90anNvbg==' } }
    assert.deepEqual(refused('Secret', broken), [
      `FieldValueInvalid data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character 'o' in literal null (expecting 'u')`,
    ])
    assert.deepEqual(refused('Secret', { type: 'example.com/other' }, { type: 'Opaque' }), [
      'FieldValueInvalid type: Invalid value: "example.com/other": field is immutable',
    ])
  })

  it('warns of a certificate that is none', () => {
    assert.deepEqual(
      typeOf('Secret').warnings?.({ type: 'kubernetes.io/tls', data: { 'tls.crt': 'eA==' } }, undefined),
      ['tls: failed to find any PEM data in certificate input'],
    )
  })
})

describe('Event', () => {
  const core = typeOf('Event', '')
  const modern = typeOf('Event', 'events.k8s.io')
  const event = (more: JsonObject = {}): JsonObject => ({
    metadata: { name: 'one', namespace: 'ns' },
    eventTime: '2024-03-01T10:00:00.000001Z',
    reportingController: 'example.com/tester',
    reportingInstance: 'tester-1',
    action: 'Testing',
    reason: 'Tested',
    type: 'Normal',
    note: 'It was tested.',
    regarding: { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'ns' },
    ...more,
  })

  it('is one object under two groups', () => {
    assert.equal(core.storage, modern.storage)
    const stored = modern.toStored?.(written(modern, event())) ?? {}
    assert.deepEqual(stored, {
      metadata: { name: 'one', namespace: 'ns' },
      involvedObject: { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'ns' },
      reason: 'Tested',
      message: 'It was tested.',
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      type: 'Normal',
      eventTime: '2024-03-01T10:00:00.000001Z',
      action: 'Testing',
      reportingComponent: 'example.com/tester',
      reportingInstance: 'tester-1',
    })
    assert.deepEqual(modern.fromStored?.(stored), written(modern, event()))
  })

  const cases: [title: string, more: JsonObject, expected: string[]][] = [
    ['a complete one', {}, []],
    [
      'a series that has not begun',
      { series: { count: 1, lastObservedTime: '2024-03-01T10:05:00.000002Z' } },
      ['FieldValueInvalid series.count: Invalid value: "": should be at least 2'],
    ],
    [
      'a series without a time',
      { series: { count: 2 } },
      ['FieldValueRequired series.lastObservedTime: Required value'],
    ],
    [
      'another type',
      { type: 'Strange' },
      ['FieldValueInvalid type: Invalid value: "": has invalid value: Strange'],
    ],
    ['no time', { eventTime: null }, ['FieldValueRequired eventTime: Required value']],
    [
      'a long note',
      { note: 'n'.repeat(1025) },
      ['FieldValueInvalid message: Invalid value: "": can have at most 1024 characters'],
    ],
    [
      'a counter of old',
      { deprecatedCount: 3 },
      ['FieldValueInvalid count: Invalid value: "": needs to be unset'],
    ],
    [
      'an object without a namespace',
      { regarding: { kind: 'Node', name: 'b' } },
      ['FieldValueInvalid involvedObject.namespace: Invalid value: "": does not match event.namespace'],
    ],
  ]
  for (const [title, more, expected] of cases)
    it(`is checked as the real server does: ${title}`, () => {
      assert.deepEqual(texts(modern.validate?.(written(modern, event(more)), undefined)), expected)
    })

  it('changes only in its series and its metadata', () => {
    const before = written(modern, event())
    const series = { count: 2, lastObservedTime: '2024-03-01T10:05:00.000002Z' }
    assert.deepEqual(texts(modern.validate?.(written(modern, event({ series })), before)), [])
    assert.deepEqual(texts(modern.validate?.(written(modern, event({ note: 'changed' })), before)), [
      'FieldValueInvalid message: Invalid value: "changed": field is immutable',
    ])
    const regarding = { apiVersion: 'v1', kind: 'ConfigMap', name: 'b', namespace: 'ns' }
    assert.deepEqual(texts(modern.validate?.(written(modern, event({ regarding })), before)), [
      'FieldValueInvalid involvedObject: Invalid value: {"Kind":"ConfigMap","Namespace":"ns","Name":"b","UID":"","APIVersion":"v1","ResourceVersion":"","FieldPath":""}: field is immutable',
    ])
  })
})

describe('builtinTypes', () => {
  it('gives every kind a schema in which keyed lists have their keys', () => {
    const wrong: string[] = []
    const visit = (schema: Schema, path: string): void => {
      for (const key of schema['x-kubernetes-list-map-keys'] ?? [])
        if (!schema.items?.properties?.[key]) wrong.push(`${path}: ${key}`)
      for (const [name, below] of Object.entries(schema.properties ?? {})) visit(below, `${path}.${name}`)
      if (schema.items) visit(schema.items, `${path}[]`)
      if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties, `${path}{}`)
    }
    for (const type of types) visit(type.schema, type.kind)
    assert.deepEqual(wrong, [])
  })

  it('merges and owns the lists of pods as the OpenAPI of the real server says', () => {
    const spec = typeOf('Pod').schema.properties?.spec?.properties
    const list = (schema: Schema | undefined) => [
      schema?.['x-kubernetes-list-map-keys'],
      schema?.['x-kubernetes-patch-merge-key'],
      schema?.['x-kubernetes-patch-strategy'],
    ]
    assert.deepEqual(list(spec?.containers), [['name'], 'name', 'merge'])
    assert.deepEqual(list(spec?.volumes), [['name'], 'name', 'merge,retainKeys'])
    assert.deepEqual(list(spec?.containers?.items?.properties?.ports), [
      ['containerPort', 'protocol'],
      'containerPort',
      'merge',
    ])
    assert.equal(spec?.tolerations?.['x-kubernetes-list-type'], 'atomic')
    assert.equal(spec?.nodeSelector?.['x-kubernetes-map-type'], 'atomic')
  })

  it('gives a namespace its label and finalizer', () => {
    assert.deepEqual(
      written(typeOf('Namespace'), {
        metadata: { name: 'a', labels: { 'kubernetes.io/metadata.name': 'lie' } },
      }),
      {
        metadata: { name: 'a', labels: { 'kubernetes.io/metadata.name': 'a' } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      },
    )
  })

  it('refuses a Lease that lasts no time', () => {
    assert.deepEqual(refused('Lease', { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } }), [
      'FieldValueInvalid spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'FieldValueInvalid spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ])
  })

  it('checks a Deployment in less than 0.3 ms, once it is warm', () => {
    const type = typeOf('Deployment')
    const rounds = 300
    const run = () => {
      const started = process.cpuUsage()
      for (let round = 0; round < rounds; round++) type.validate?.(written(type, deployment()), undefined)
      const { user, system } = process.cpuUsage(started)
      return (user + system) / 1000 / rounds
    }
    assert.ok(Math.min(...Array.from({ length: 6 }, run)) < 0.3)
  })
})

describe('quantities', () => {
  const forms: Record<string, string> = {
    '1000m': '1',
    '0.5': '500m',
    '1024Mi': '1Gi',
    '1500Mi': '1500Mi',
    '100m': '100m',
    '0': '0',
    '2000': '2k',
    '1.5Gi': '1536Mi',
    '1e3': '1e3',
  }
  for (const [given, expected] of Object.entries(forms))
    it(`are written in their shortest form: ${given}`, () => assert.equal(canonical(given), expected))

  it('are no other texts', () => {
    assert.equal(amountOf('1Zi'), undefined)
    assert.equal(amountOf(''), undefined)
    assert.equal(canonical('much'), 'much')
  })
})

describe('humanDuration', () => {
  const forms: [seconds: number, text: string][] = [
    [-5, '<invalid>'],
    [119, '119s'],
    [120, '2m'],
    [599, '9m59s'],
    [3600, '60m'],
    [4 * 3600 + 60, '4h1m'],
    [30 * 3600, '30h'],
    [50 * 3600, '2d2h'],
    [100 * 86400, '100d'],
    [800 * 86400, '2y70d'],
  ]
  for (const [seconds, text] of forms)
    it(`prints what kubectl prints: ${text}`, () => assert.equal(humanDuration(seconds), text))
})
