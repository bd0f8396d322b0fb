import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { acceptNames } from '../../lib/apiserver/crd/status.ts'
import { typesOfCrd } from '../../lib/apiserver/crd/types.ts'
import { definitionProblems } from '../../lib/apiserver/crd/validate.ts'
import { definitionWarnings } from '../../lib/apiserver/crd/warnings.ts'
import { definitionType } from '../../lib/apiserver/kinds/definition.ts'
import type { Json, JsonObject, Problem } from '../../lib/apiserver/resource.ts'
import { applyDefaults } from '../../lib/apiserver/schema/default.ts'
import { prune } from '../../lib/apiserver/schema/prune.ts'

const texts = (problems: Problem[]): string[] =>
  problems.map(({ reason, field, message }) => `${reason} ${field}: ${message}`)

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
const version = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  served: true,
  storage: true,
  schema: { openAPIV3Schema: open },
  ...more,
})

/** A CRD as the server has it when it validates it. */
const crdOf = (spec: JsonObject = {}, name = 'widgets.example.com'): JsonObject => {
  const crd: JsonObject = structuredClone({
    metadata: { name },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets' },
      versions: [version('v1')],
      ...spec,
    },
  })
  prune(crd, definitionType.schema)
  applyDefaults(crd, definitionType.schema)
  definitionType.defaults?.(crd)
  definitionType.prepare?.(crd, undefined, {
    clusterIP: () => '',
    nodePort: () => 0,
    refuseAddress: () => undefined,
    refusePort: () => undefined,
    now: () => '',
  })
  return crd
}

const refused = (spec: JsonObject, name?: string): string[] =>
  texts(definitionProblems(crdOf(spec, name), undefined))
const ofSchema = (schema: JsonObject, more: JsonObject = {}): JsonObject => ({
  versions: [version('v1', { schema: { openAPIV3Schema: schema }, ...more })],
})
const ofSpec = (spec: JsonObject): JsonObject => ofSchema({ type: 'object', properties: { spec } })

describe('CustomResourceDefinition', () => {
  it('gets the defaults and the status of the real server', () => {
    assert.deepEqual(crdOf(), {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
        versions: [version('v1')],
        conversion: { strategy: 'None' },
      },
      status: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1'] },
    })
  })

  it('leaves out of schemas what says nothing', () => {
    const crd = crdOf(
      ofSpec({ type: 'string', nullable: true, enum: ['a', null], default: null, description: '' }),
    )
    assert.deepEqual((crd.spec as JsonObject).versions, [
      version('v1', {
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'string', nullable: true, enum: ['a', null] } },
          },
        },
      }),
    ])
  })

  it('warns of formats that nobody checks', () => {
    const crd = crdOf(ofSpec({ type: 'object', properties: { a: { type: 'string', format: 'unheardof' } } }))
    assert.deepEqual(definitionWarnings(crd), ['unrecognized format "unheardof"'])
  })
})

const dns1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const noSchema =
  '"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null'

describe('definitionProblems', () => {
  const cases: [title: string, spec: JsonObject, expected: string[]][] = [
    ['nothing wrong', {}, []],
    ['no scope', { scope: '' }, ['FieldValueRequired spec.scope: Required value']],
    [
      'an unknown scope',
      { scope: 'Global' },
      [
        'FieldValueNotSupported spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"',
      ],
    ],
    [
      'no versions',
      { versions: [] },
      [
        'FieldValueInvalid spec.versions: Invalid value: []: must have exactly one version marked as storage version',
        'FieldValueInvalid status.storedVersions: Invalid value: null: must have at least one stored version',
      ],
    ],
    [
      'two storage versions',
      { versions: [version('v1'), version('v2')] },
      [
        `FieldValueInvalid spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":true,${noSchema}},{"Name":"v2","Served":true,"Storage":true,${noSchema}}]: must have exactly one version marked as storage version`,
        'FieldValueInvalid status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
      ],
    ],
    [
      'a version name that is none',
      { versions: [version('V_1')] },
      [
        `FieldValueInvalid spec.versions[0].name: Invalid value: "V_1": ${dns1035}`,
        `FieldValueInvalid spec.version: Invalid value: "V_1": ${dns1035}`,
      ],
    ],
    [
      'kind and list kind the same',
      { names: { kind: 'Widget', plural: 'widgets', listKind: 'Widget' } },
      [
        'FieldValueInvalid spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same',
      ],
    ],
    [
      'a kind that is no name',
      { names: { kind: 'bad kind', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' } },
      [
        `FieldValueInvalid spec.names.kind: Invalid value: "bad kind": may have mixed case, but should otherwise match: ${dns1035}`,
      ],
    ],
    [
      'a column without a path and one of no type',
      ofSchema(open, {
        additionalPrinterColumns: [
          { name: 'A', type: 'string' },
          { name: 'B', type: 'color', jsonPath: 'spec.a[' },
        ],
      }),
      [
        'FieldValueRequired spec.additionalPrinterColumns[0].JSONPath: Required value',
        'FieldValueInvalid spec.additionalPrinterColumns[1].type: Invalid value: "color": must be one of boolean,date,integer,number,string',
        'FieldValueInvalid spec.additionalPrinterColumns[1].JSONPath: Invalid value: "spec.a[": must be a simple json path starting with .',
      ],
    ],
    [
      'scale with paths that lead elsewhere',
      ofSchema(open, { subresources: { scale: { specReplicasPath: '.status.n', statusReplicasPath: '' } } }),
      [
        'FieldValueInvalid spec.subresources.scale.specReplicasPath: Invalid value: ".status.n": should be a json path under .spec',
        'FieldValueRequired spec.subresources.scale.statusReplicasPath: Required value',
      ],
    ],
    [
      'conversion by a webhook without a client',
      { conversion: { strategy: 'Webhook' } },
      [
        'FieldValueRequired spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
        'FieldValueRequired spec.conversion.conversionReviewVersions: Required value',
      ],
    ],
    [
      'selectable fields that do not exist',
      ofSchema(
        { type: 'object', properties: { spec: { type: 'object' } } },
        { selectableFields: [{ jsonPath: '.spec.none' }] },
      ),
      [
        'FieldValueInvalid spec.selectableFields[0].jsonPath: Invalid value: ".spec.none": is an invalid path: does not refer to a valid field',
      ],
    ],
  ]
  for (const [title, spec, expected] of cases)
    it(`says what the real server says: ${title}`, () => assert.deepEqual(refused(spec), expected))

  it('wants the name to be made of plural and group', () => {
    assert.deepEqual(refused({}, 'other.example.com'), [
      'FieldValueInvalid metadata.name: Invalid value: "other.example.com": must be spec.names.plural+"."+spec.group',
    ])
  })

  it('fixes scope and kind once the CRD is established', () => {
    const fresh = crdOf()
    const changed = crdOf({ scope: 'Cluster' })
    assert.deepEqual(texts(definitionProblems(changed, fresh)), [])
    assert.deepEqual(texts(definitionProblems(changed, acceptNames(fresh, [], 0))), [
      'FieldValueInvalid spec.scope: Invalid value: "Cluster": field is immutable',
    ])
  })
})

describe('definitionProblems of schemas', () => {
  const path = 'spec.validation.openAPIV3Schema'
  const spec = `${path}.properties[spec]`
  const cases: [title: string, given: JsonObject, expected: string[]][] = [
    [
      'no type at the root',
      ofSchema({}),
      [`FieldValueRequired ${path}.type: Required value: must not be empty at the root`],
    ],
    [
      'the root is not an object',
      ofSchema({ type: 'string' }),
      [`FieldValueInvalid ${path}.type: Invalid value: "string": must be object at the root`],
    ],
    [
      'a nested type is missing',
      ofSpec({ properties: { a: { type: 'string' } } }),
      [`FieldValueRequired ${spec}.type: Required value: must not be empty for specified object fields`],
    ],
    [
      'an array without items',
      ofSpec({ type: 'array' }),
      [`FieldValueRequired ${spec}.items: Required value: must be specified`],
    ],
    [
      'items without a type',
      ofSpec({ type: 'array', items: {} }),
      [`FieldValueRequired ${spec}.items.type: Required value: must not be empty for specified array items`],
    ],
    [
      'properties and additionalProperties together',
      ofSpec({
        type: 'object',
        properties: { a: { type: 'string' } },
        additionalProperties: { type: 'string' },
      }),
      [
        `FieldValueForbidden ${spec}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
      ],
    ],
    ['additionalProperties false', ofSpec({ type: 'object', additionalProperties: false }), []],
    [
      'types only in a junctor',
      ofSpec({ anyOf: [{ type: 'string' }, { type: 'integer' }] }),
      [
        `FieldValueForbidden ${spec}.anyOf[0].type: Forbidden: must be empty to be structural`,
        `FieldValueForbidden ${spec}.anyOf[1].type: Forbidden: must be empty to be structural`,
        `FieldValueRequired ${spec}.type: Required value: must not be empty for specified object fields`,
      ],
    ],
    [
      'uniqueItems',
      ofSpec({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
      [
        `FieldValueForbidden ${spec}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      'metadata restricts more than names',
      ofSchema({
        type: 'object',
        properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
      }),
      [
        `FieldValueForbidden ${path}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
      ],
    ],
    [
      'an embedded resource without fields',
      ofSpec({ type: 'object', 'x-kubernetes-embedded-resource': true }),
      [
        `FieldValueRequired ${spec}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
      ],
    ],
    [
      'a set of granular objects',
      ofSpec({ type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'set' }),
      [
        `FieldValueInvalid ${spec}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
      ],
    ],
    [
      'a map list whose key is neither required nor defaulted',
      ofSpec({
        type: 'array',
        items: { type: 'object', properties: { n: { type: 'string' } } },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['n'],
      }),
      [
        `FieldValueRequired ${spec}.items.properties[n].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    ],
    [
      'a default of the wrong type',
      ofSpec({ type: 'object', properties: { a: { type: 'string', default: 5 } } }),
      [
        `FieldValueTypeInvalid ${spec}.properties[a].default: Invalid value: "integer":  in body must be of type string: "integer"`,
      ],
    ],
    [
      'a broken pattern',
      ofSpec({ type: 'string', pattern: '(' }),
      [
        `FieldValueInvalid ${spec}.pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
      ],
    ],
    [
      'a reference',
      ofSpec({ $ref: '#/definitions/x' }),
      [`FieldValueForbidden ${spec}.$ref: Forbidden: $ref is not supported`],
    ],
    [
      'no schema',
      { versions: [{ name: 'v1', served: true, storage: true }] },
      ['FieldValueRequired spec.versions[0].schema.openAPIV3Schema: Required value'],
    ],
    [
      'schemas that differ by version',
      {
        versions: [
          version('v1'),
          version('v2', { storage: false, schema: { openAPIV3Schema: { type: 'string' } } }),
        ],
      },
      [
        'FieldValueInvalid spec.versions[1].schema.openAPIV3Schema.type: Invalid value: "string": must be object at the root',
      ],
    ],
  ]
  for (const [title, given, expected] of cases)
    it(`says what the real server says: ${title}`, () => assert.deepEqual(refused(given), expected))
})

describe('definitionProblems of CEL rules', () => {
  const at = 'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]'
  const shown = (rule: string, message = ''): string =>
    `{"Rule":${JSON.stringify(rule)},"Message":"","MessageExpression":${JSON.stringify(message)},"Reason":null,"FieldPath":"","OptionalOldSelf":null}`
  const withRule = (rule: JsonObject): JsonObject =>
    ofSpec({ type: 'object', properties: { a: { type: 'string' } }, 'x-kubernetes-validations': [rule] })

  const compile: [rule: string, words: string][] = [
    ['self.b == 1', "compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b == 1\n | ....^"],
    ['has(self.b)', "compilation failed: ERROR: <input>:1:4: undefined field 'b'\n | has(self.b)\n | ...^"],
    [
      'self.a == 1',
      "compilation failed: ERROR: <input>:1:8: found no matching overload for '_==_' applied to '(string, int)'\n | self.a == 1\n | .......^",
    ],
    [
      'nofunc(self.a)',
      "compilation failed: ERROR: <input>:1:7: undeclared reference to 'nofunc' (in container '')\n | nofunc(self.a)\n | ......^",
    ],
    ['self.a', 'cel expression must evaluate to a bool'],
  ]
  for (const [rule, words] of compile)
    it(`points at what does not compile: ${rule}`, () => {
      assert.deepEqual(refused(withRule({ rule })), [
        `FieldValueInvalid ${at}.rule: Invalid value: ${shown(rule)}: ${words}`,
      ])
    })

  const cases: [title: string, rule: JsonObject, expected: string][] = [
    ['an empty rule', { rule: '' }, `FieldValueRequired ${at}.rule: Required value: rule is not specified`],
    [
      'a message of two lines',
      { rule: 'has(self.a)', message: 'two\nlines' },
      `FieldValueInvalid ${at}.message: Invalid value: "two\\nlines": must not contain line breaks`,
    ],
    [
      'a message that is not a string',
      { rule: 'has(self.a)', messageExpression: '1 + 1' },
      `FieldValueInvalid ${at}.messageExpression: Invalid value: ${shown('has(self.a)', '1 + 1')}: messageExpression must evaluate to a string`,
    ],
    [
      'an unknown reason',
      { rule: 'has(self.a)', reason: 'Whatever' },
      `FieldValueNotSupported ${at}.reason: Unsupported value: "Whatever": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
    ],
    [
      'a field path that does not exist',
      { rule: 'has(self.a)', fieldPath: '.none' },
      `FieldValueInvalid ${at}.fieldPath: Invalid value: ".none": must be a valid path`,
    ],
    [
      'optionalOldSelf without oldSelf',
      { rule: 'has(self.a)', optionalOldSelf: true },
      `FieldValueInvalid ${at}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`,
    ],
  ]
  for (const [title, rule, expected] of cases)
    it(`says what the real server says: ${title}`, () =>
      assert.deepEqual(refused(withRule(rule)), [expected]))

  it('refuses to compare items of lists that have no keys', () => {
    const v = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] }
    const list = { type: 'array', items: { type: 'object', properties: { v } } }
    const path = 'spec.validation.openAPIV3Schema.properties[spec].properties[l]'
    assert.deepEqual(refused(ofSpec({ type: 'object', properties: { l: list } })), [
      `FieldValueInvalid ${path}.items.properties[v].x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${path}`,
    ])
  })
})

describe('definitionProblems of rules that cost too much', () => {
  const all = 'self.all(x, self.all(y, x == y || x != y))'
  const listOf = (items: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'array', items, ...more })
  const nested = (more: JsonObject): string[] =>
    refused(ofSpec(listOf({ type: 'string' }, { 'x-kubernetes-validations': [{ rule: all }], ...more })))
  const advice =
    'by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'
  const contributed =
    'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
  const expected = (place: string): string[] => {
    const rule = `spec.validation.openAPIV3Schema.properties[spec]${place}.x-kubernetes-validations[0].rule`
    return [
      `FieldValueForbidden ${rule}: Forbidden: estimated rule cost exceeds budget ${advice}`,
      `FieldValueForbidden ${rule}: Forbidden: ${contributed}`,
      `FieldValueForbidden spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget ${advice}`,
    ]
  }

  it('refuses nested loops over lists without bounds', () => {
    assert.deepEqual(nested({}), expected(''))
    assert.deepEqual(nested({ maxItems: 100 }), [])
  })

  it('refuses rules in nested lists without bounds', () => {
    const item = { type: 'string', 'x-kubernetes-validations': [{ rule: "self.contains('b')" }] }
    assert.deepEqual(refused(ofSpec(listOf(listOf(item)))), expected('.items.items'))
    assert.deepEqual(refused(ofSpec(listOf(listOf(item, { maxItems: 10 }), { maxItems: 10 }))), [])
  })

  it('takes one loop after another for what it is', () => {
    const rule = "self.all(x, x != 'a') && self.all(x, x != 'b')"
    assert.deepEqual(
      refused(ofSpec(listOf({ type: 'string' }, { 'x-kubernetes-validations': [{ rule }] }))),
      [],
    )
  })
})

describe('acceptNames', () => {
  const statusOf = (crd: JsonObject): Json => crd.status ?? null
  const time = '2024-01-01T00:00:00Z'
  const now = Date.parse(time)
  const first = acceptNames(
    crdOf({ names: { kind: 'Widget', plural: 'widgets', shortNames: ['wx'] } }),
    [],
    now,
  )
  const second = crdOf(
    { names: { kind: 'Widget', plural: 'gadgets', singular: 'gadget', shortNames: ['wx'] } },
    'gadgets.example.com',
  )

  it('accepts free names and establishes the CRD', () => {
    assert.deepEqual(statusOf(first), {
      conditions: [
        {
          type: 'NamesAccepted',
          status: 'True',
          lastTransitionTime: time,
          reason: 'NoConflicts',
          message: 'no conflicts found',
        },
        {
          type: 'Established',
          status: 'True',
          lastTransitionTime: time,
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ],
      acceptedNames: {
        plural: 'widgets',
        kind: 'Widget',
        singular: 'widget',
        listKind: 'WidgetList',
        shortNames: ['wx'],
      },
      storedVersions: ['v1'],
    })
  })

  it('accepts what is free of names that are partly taken', () => {
    assert.deepEqual(statusOf(acceptNames(second, [first], now)), {
      conditions: [
        {
          type: 'NamesAccepted',
          status: 'False',
          lastTransitionTime: time,
          reason: 'ListKindConflict',
          message: '"WidgetList" is already in use',
        },
        {
          type: 'Established',
          status: 'False',
          lastTransitionTime: time,
          reason: 'NotAccepted',
          message: 'not all names are accepted',
        },
      ],
      acceptedNames: { plural: 'gadgets', singular: 'gadget', kind: '' },
      storedVersions: ['v1'],
    })
  })

  it('accepts them later, when the other CRD has gone, and keeps the time of what did not change', () => {
    const later = acceptNames(acceptNames(second, [first], now), [], now + 60_000)
    const conditions = (later.status as JsonObject).conditions as JsonObject[]
    assert.deepEqual(
      conditions.map(({ type, status, lastTransitionTime }) => [type, status, lastTransitionTime]),
      [
        ['NamesAccepted', 'True', '2024-01-01T00:01:00Z'],
        ['Established', 'True', '2024-01-01T00:01:00Z'],
      ],
    )
    assert.deepEqual(acceptNames(later, [], now + 120_000), later)
  })

  it('does not mind the names of other groups', () => {
    const other = { ...first, spec: { ...(first.spec as JsonObject), group: 'other.example.com' } }
    assert.deepEqual(acceptNames(second, [other], now), acceptNames(second, [], now))
  })
})

describe('typesOfCrd', () => {
  const schema = (properties: JsonObject): JsonObject => ({
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } },
  })
  const crd = acceptNames(
    crdOf({
      versions: [
        version('v1beta1', {
          storage: false,
          deprecated: true,
          ...schema({ a: { type: 'string' }, old: { type: 'string' } }),
        }),
        version('v1', {
          ...schema({ a: { type: 'string' }, fresh: { type: 'string', default: 'new' } }),
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' },
          },
          additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.spec.a' }],
          selectableFields: [{ jsonPath: '.spec.a' }],
        }),
        version('v2', { storage: false, served: false }),
      ],
    }),
    [],
    0,
  )
  const [beta, v1] = typesOfCrd(crd)

  it('gives one type per served version, of one storage', () => {
    assert.deepEqual(
      typesOfCrd(crd).map((type) => type.version),
      ['v1beta1', 'v1'],
    )
    assert.equal(beta?.storage, v1?.storage)
  })

  it('carries over subresources, columns and selectable fields', () => {
    assert.deepEqual([v1?.hasStatus, beta?.hasStatus], [true, false])
    assert.deepEqual(v1?.scale, { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' })
    assert.deepEqual(
      [v1, beta].map((type) => type?.columns.map(({ name }) => name)),
      [
        ['Name', 'A'],
        ['Name', 'Age'],
      ],
    )
    assert.equal(v1?.selectableFields['spec.a']?.({ spec: { a: 'x' } }), 'x')
  })

  it('warns of deprecated versions, and names a better one', () => {
    assert.equal(beta?.deprecation, 'example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget')
    assert.equal(v1?.deprecation, undefined)
  })

  it('changes only the apiVersion between versions, and prunes and defaults by each schema', () => {
    const stored =
      beta?.toStored?.({ apiVersion: 'example.com/v1beta1', kind: 'Widget', spec: { a: '1', old: 'x' } }) ??
      {}
    assert.deepEqual(stored, {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: {},
      spec: { a: '1', fresh: 'new' },
    })
    assert.deepEqual(beta?.fromStored?.(stored), {
      apiVersion: 'example.com/v1beta1',
      kind: 'Widget',
      metadata: {},
      spec: { a: '1' },
    })
    assert.equal(v1?.fromStored?.(stored), stored)
  })

  it('counts a generation for spec, and for status only where it is no subresource', () => {
    const one = { spec: { a: '1' }, status: { n: 1 } }
    assert.equal(v1?.bumpsGeneration?.(one, { ...one, status: { n: 2 } }), false)
    assert.equal(beta?.bumpsGeneration?.(one, { ...one, status: { n: 2 } }), true)
    assert.equal(v1?.bumpsGeneration?.(one, { ...one, spec: { a: '2' } }), true)
    assert.equal(v1?.bumpsGeneration?.(one, { ...one, metadata: { labels: { a: 'b' } } }), false)
  })
})
