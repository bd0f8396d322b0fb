import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { conditions } from '../lib/kind/condition.ts'
import { listMap, rule, withRules } from '../lib/kind/field.ts'
import { defineKind, isCustom } from '../lib/kind.ts'
import { ConfigMap, Deployment, EndpointSlice, Event, HorizontalPodAutoscaler } from '../lib/kind/builtin.ts'

const spec = z.object({ replicas: z.int().default(1), image: z.string() })
const status = z.object({ replicas: z.int(), selector: z.string().optional() })
const base = { group: 'apps.example.com', kind: 'Site', scope: 'Namespaced' } as const

/** Definitions that the compiler would refuse, as JavaScript would pass them. */
const define = (definition: object): unknown => defineKind(definition as Parameters<typeof defineKind>[0])
const problemsOf = (definition: object): string[] => {
  try {
    define(definition)
  } catch (error) {
    assert.ok(error instanceof Error)
    return error.message.split('\n')
  }
  return []
}

describe('defineKind', () => {
  it('gives a handle with names filled in (R16)', () => {
    const { group, version, kind, plural, singular, shortNames, namespaced, ownStatus } = defineKind({
      ...base,
      versions: { v1: { spec } },
    })
    assert.deepEqual(
      { group, version, kind, plural, singular, shortNames, namespaced, ownStatus },
      {
        group: 'apps.example.com',
        version: 'v1',
        kind: 'Site',
        plural: 'sites',
        singular: 'site',
        shortNames: [],
        namespaced: true,
        ownStatus: false,
      },
    )
  })

  for (const [kind, plural] of [
    ['Redis', 'redises'],
    ['Proxy', 'proxies'],
    ['Gateway', 'gateways'],
    ['Switch', 'switches'],
    ['MyApp', 'myapps'],
  ] as const)
    it(`makes the plural of ${kind}: ${plural}`, () =>
      assert.equal(defineKind({ ...base, kind, versions: { v1: { spec } } }).plural, plural))

  it('takes another plural', () =>
    assert.equal(defineKind({ ...base, plural: 'sitii', versions: { v1: { spec } } }).plural, 'sitii'))

  it('is the handle of its storage version and has one for each (R18)', () => {
    const Site = defineKind({
      ...base,
      versions: {
        v1beta1: { spec: z.object({ size: z.int() }), deprecated: true },
        v1: { storage: true, spec, status },
      },
    })
    assert.equal(Site.version, 'v1')
    assert.equal(Site.ownStatus, true)
    assert.equal(Site.versions.v1beta1.version, 'v1beta1')
    assert.equal(Site.versions.v1beta1.ownStatus, false)
    assert.equal(Site.versions.v1.declaration, Site.declaration)
  })

  it('keeps the zod schemas for admission', () => {
    const Site = defineKind({ ...base, versions: { v1: { spec } } })
    assert.equal(Site.declaration.versions[0]?.spec, spec)
    assert.ok(isCustom(Site))
    assert.ok(!isCustom(Deployment))
  })

  it('adds observedGeneration and conditions to a status and requires none of its fields', () => {
    const Site = defineKind({ ...base, versions: { v1: { spec, status } } })
    const schema = Site.declaration.versions[0]?.schema.properties?.status
    assert.deepEqual(Object.keys(schema?.properties ?? {}), [
      'replicas',
      'selector',
      'observedGeneration',
      'conditions',
    ])
    assert.equal(schema?.required, undefined)
    assert.equal(schema?.properties?.conditions?.['x-kubernetes-list-type'], 'map')
    assert.deepEqual(schema?.properties?.conditions?.['x-kubernetes-list-map-keys'], ['type'])
  })

  it('takes conditions spread by the author as the same', () => {
    const plain = defineKind({ ...base, versions: { v1: { spec, status: z.object({}) } } })
    const spread = defineKind({ ...base, versions: { v1: { spec, status: z.object({ ...conditions }) } } })
    assert.deepEqual(spread.declaration.versions[0]?.schema, plain.declaration.versions[0]?.schema)
  })

  it('requires the spec unless all of it has defaults', () => {
    const required = (of: z.ZodType<object>) =>
      defineKind({ ...base, versions: { v1: { spec: of } } }).declaration.versions[0]?.schema.required
    assert.deepEqual(required(spec), ['spec'])
    assert.equal(required(z.object({ a: z.int().default(1) }).prefault({})), undefined)
  })
})

describe('defineKind refuses at once, with the field, the rule and the value', () => {
  const versions = { v1: { spec } }
  const cases: readonly (readonly [object, string])[] = [
    [{ group: 'apps' }, 'group must be a domain with a dot (apps.example.com), got "apps"'],
    [
      { group: 'Apps.example.com' },
      'group must be a domain with a dot (apps.example.com), got "Apps.example.com"',
    ],
    [
      { group: 'apps.k8s.io' },
      'group must not be under k8s.io or kubernetes.io, which need an approval, got "apps.k8s.io"',
    ],
    [{ scope: 'namespaced' }, 'scope must be "Namespaced" or "Cluster", got "namespaced"'],
    [{ plural: 'Sites' }, 'plural must be RFC 1035 labels, lower case, got "Sites"'],
    [{ shortNames: ['st', '1s'] }, 'shortNames must be RFC 1035 labels, lower case, got "1s"'],
    [{ categories: ['All'] }, 'categories must be RFC 1035 labels, lower case, got "All"'],
    [
      { shortnames: ['st'] },
      'shortnames is no field of a kind: use group, kind, plural, singular, scope, shortNames, categories, versions',
    ],
    [{ versions: {} }, 'versions must name at least one version'],
    [{ versions: { V1: { spec } } }, 'version names must be RFC 1035 labels (v1, v1beta1), got "V1"'],
    [{ versions: { v1: { spec }, v2: { spec } } }, 'exactly one version must have storage: true, got []'],
    [
      { versions: { v1: { spec, storage: true }, v2: { spec, storage: true } } },
      'exactly one version must have storage: true, got ["v1","v2"]',
    ],
    [{ versions: { v1: { spec, storage: false } } }, 'exactly one version must have storage: true, got []'],
    [{ versions: { v1: { spec, served: false } } }, 'at least one version must be served'],
    [
      { versions: { v1: { spec, data: z.object({}) } } },
      'v1 data is no field of a version: use storage, served, deprecated, spec, status, columns, scale, selectableFields, rules',
    ],
    [
      { versions: { v1: { spec, deprecated: '' } } },
      'v1 deprecated must be true or a warning of 1 to 256 characters, got ""',
    ],
    [
      { versions: { v1: { spec: { image: 'string' } } } },
      'v1 spec must be a zod 4 schema, got {"image":"string"}',
    ],
    [{ versions: { v1: { spec: z.string() } } }, 'v1 spec: must be an object'],
    [
      { versions: { v1: { spec: z.object({ when: z.date() }) } } },
      'v1 spec.when: z.date() is not JSON: use z.iso.datetime()',
    ],
    [
      { versions: { v1: { spec, status: z.object({ conditions: z.string() }) } } },
      'v1 status.conditions: is kept by the framework: leave it out, or spread `...conditions`',
    ],
    [
      { versions: { v1: { spec, columns: [{ name: 'X', path: '.spec.image', type: 'text' }] } } },
      'v1 columns[0] type must be one of string, integer, number, boolean, date, got "text"',
    ],
    [
      { versions: { v1: { spec, columns: [{ name: 'X', path: '{.spec.image}', type: 'string' }] } } },
      'v1 columns[0] path must be a JSON path that starts with a dot, got "{.spec.image}"',
    ],
    [
      { versions: { v1: { spec, columns: [{ name: 'X', path: '.spec.imge', type: 'string' }] } } },
      'v1 columns[0] path must lead to a field of the object, got ".spec.imge"',
    ],
    [
      {
        versions: {
          v1: { spec, columns: [{ name: '', path: '.spec.image', type: 'string', priority: -1 }] },
        },
      },
      'v1 columns[0] name must not be empty, got ""',
    ],
    [
      { versions: { v1: { spec, status, scale: { spec: '.spec.image', status: '.status.replicas' } } } },
      'v1 scale.spec must lead to an integer under .spec, got ".spec.image"',
    ],
    [
      { versions: { v1: { spec, selectableFields: ['.metadata.name'] } } },
      'v1 selectableFields must lead to a string, boolean or integer of spec or status, got ".metadata.name"',
    ],
    [{ versions: { v1: { spec, rules: [rule(' ')] } } }, 'v1 rule " ": must be a CEL expression'],
    [
      {
        versions: {
          v1: {
            spec: z.object({ ports: z.array(z.object({ n: withRules(z.int(), rule('self == oldSelf')) })) }),
          },
        },
      },
      'v1 spec.ports[].n: rule "self == oldSelf": oldSelf is unknown inside a list or a map that is replaced as a whole: use a list of type "map" (listMap)',
    ],
    [
      { versions: { v1: { spec: z.object({ ports: listMap('n', z.object({ n: z.int().optional() })) }) } } },
      'v1 spec.ports: list key "n" must be required or have a default',
    ],
    [
      { versions: { v1: { spec: z.object({ a: z.string().meta({ 'x-kubernetes-list-type': 'set' }) }) } } },
      'v1 spec.a: x-kubernetes-list-type and its keys belong to an array, this is of type string',
    ],
    [
      { versions: { v1: { spec: withRules(spec, rule('true', 'no', { fieldPath: '.imge' })) } } },
      'v1 spec: rule "true": fieldPath must lead to a field from here (".name"), got ".imge"',
    ],
  ]
  for (const [part, problem] of cases)
    it(problem, () => assert.equal(problemsOf({ ...base, versions, ...part })[0], `Kind "Site": ${problem}`))

  it('the kind itself', () =>
    assert.deepEqual(problemsOf({ ...base, kind: 'site', versions }), [
      'Kind "site": kind must be UpperCamelCase, 63 at most, got "site"',
    ]))

  it('and reports every problem of every version together', () => {
    const problems = problemsOf({
      ...base,
      group: 'apps',
      versions: {
        v1: { spec: z.object({ a: z.date(), b: z.tuple([]) }) },
        v2: { storage: true, spec, columns: [{ name: '', path: 'x', type: 'text' }] },
      },
    })
    assert.deepEqual(
      problems.map((problem) => problem.split(':')[1]?.split(' must')[0]),
      [
        ' group',
        ' v1 spec.a',
        ' v1 spec.b',
        ' v2 columns[0] name',
        ' v2 columns[0] type',
        ' v2 columns[0] path',
      ],
    )
  })
})

describe('handles of built-in kinds (R19)', () => {
  it('know where objects live', () => {
    const where = [Deployment, ConfigMap, EndpointSlice, Event, HorizontalPodAutoscaler].map(
      ({ group, version, plural, namespaced, ownStatus }) => ({
        group,
        version,
        plural,
        namespaced,
        ownStatus,
      }),
    )
    const rest = { namespaced: true, ownStatus: false }
    assert.deepEqual(where, [
      { group: 'apps', version: 'v1', plural: 'deployments', ...rest },
      { group: '', version: 'v1', plural: 'configmaps', ...rest },
      { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices', ...rest },
      { group: 'events.k8s.io', version: 'v1', plural: 'events', ...rest },
      { group: 'autoscaling', version: 'v2', plural: 'horizontalpodautoscalers', ...rest },
    ])
  })
})
