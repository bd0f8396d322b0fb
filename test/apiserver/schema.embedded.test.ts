/** Objects inside of custom resources: what they are must be texts, and their metadata is metadata like any other. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeProblem } from '../../lib/apiserver/decodeProblem.ts'
import type { Json, JsonObject, Schema } from '../../lib/apiserver/resource.ts'
import { embeddedProblems } from '../../lib/apiserver/schema/embedded.ts'
import { prune } from '../../lib/apiserver/schema/prune.ts'

const embedded: Schema = {
  type: 'object',
  'x-kubernetes-embedded-resource': true,
  'x-kubernetes-preserve-unknown-fields': true,
}
const schema: Schema = {
  type: 'object',
  properties: {
    tpl: embedded,
    list: { type: 'array', items: embedded },
    map: { type: 'object', additionalProperties: embedded },
    plain: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
}

const holding = (metadata: Json, more: object = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata,
  ...more,
})
const decoded = (object: JsonObject) => decodeProblem(object, { kind: 'Holder', custom: true, schema })
const problems = (object: JsonObject) =>
  embeddedProblems(object, schema, '').map(({ field, message }) => `${field}: ${message}`)

const misfits: [object: JsonObject, problem: string][] = [
  [
    { tpl: holding(5) },
    'tpl.metadata: Invalid value: 5: json: cannot unmarshal number into Go value of type v1.ObjectMeta',
  ],
  [
    { tpl: holding({ labels: { l: 1 } }) },
    'tpl.metadata: Invalid value: {"labels":{"l":1}}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
  ],
  [
    { list: [holding({}), holding({ finalizers: 'x' })] },
    'list[1].metadata: Invalid value: {"finalizers":"x"}: json: cannot unmarshal string into Go struct field ObjectMeta.finalizers of type []string',
  ],
  [
    { map: { 'x.y/z': holding({ name: 5 }) } },
    'map[x.y/z].metadata: Invalid value: {"name":5}: json: cannot unmarshal number into Go struct field ObjectMeta.name of type string',
  ],
  // Their fields are decoded in the order of their names.
  [
    { tpl: holding({ name: 5, finalizers: 'x' }) },
    'tpl.metadata: Invalid value: {"finalizers":"x","name":5}: json: cannot unmarshal string into Go struct field ObjectMeta.finalizers of type []string',
  ],
  [{ tpl: holding({}, { apiVersion: 5 }) }, 'tpl.apiVersion: Invalid value: 5: must be a string'],
  [{ tpl: holding({}, { kind: null }) }, 'tpl.kind: Invalid value: null: must be a string'],
]

describe('an object inside of a custom resource', () => {
  for (const [object, problem] of misfits)
    it(`is not decoded: ${problem.slice(0, 60)}`, () => assert.equal(decoded(object), problem))

  it('is none where the schema does not say so', () => {
    assert.equal(decoded({ plain: holding(5) }), undefined)
  })

  it('needs a type, told by where it stands', () => {
    assert.deepEqual(problems({ tpl: {}, map: { a: holding({}, { apiVersion: '', kind: '' }) } }), [
      'tpl.apiVersion: Required value',
      'tpl.kind: Required value',
      'map[a].apiVersion: Invalid value: "": must not be empty',
      'map[a].kind: Invalid value: "": must not be empty',
    ])
    assert.deepEqual(problems({ tpl: holding({}, { apiVersion: 'a/b/c' }) }), [
      'tpl.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    ])
  })

  it('may have no name; one that it has may be no path', () => {
    assert.deepEqual(problems({ tpl: holding({}) }), [])
    assert.deepEqual(problems({ tpl: holding({ name: 'Any_Thing' }) }), [])
    assert.deepEqual(problems({ tpl: holding({ name: 'a/b', generateName: '..' }) }), [
      `tpl.metadata.generateName: Invalid value: "..": may not be '..'`,
      `tpl.metadata.name: Invalid value: "a/b": may not contain '/'`,
    ])
  })

  it('has its namespace and its managers looked at', () => {
    const managedFields = [{ operation: 'Apply' }, { fieldsType: 'X', manager: 'm'.repeat(129) }]
    const [namespace, ...rest] = problems({ tpl: holding({ namespace: 'Bad_', managedFields }) })
    assert.match(
      namespace ?? '',
      /^tpl\.metadata\.namespace: Invalid value: "Bad_": a lowercase RFC 1123 label/,
    )
    assert.deepEqual(rest, [
      'tpl.metadata.managedFields[1].operation: Invalid value: "": must be `Apply` or `Update`',
      'tpl.metadata.managedFields[1].fieldsType: Invalid value: "X": must be `FieldsV1`',
      'tpl.metadata.managedFields[1].manager: Too long: may not be more than 128 bytes',
    ])
  })

  it('has empty metadata where it is null, and none where there is none', () => {
    const object: JsonObject = { tpl: holding(null), list: [{ apiVersion: 'v1', kind: 'X' }] }
    assert.deepEqual(prune(object, schema).unknown, [])
    assert.deepEqual(object, { tpl: holding({}), list: [{ apiVersion: 'v1', kind: 'X' }] })
  })
})
