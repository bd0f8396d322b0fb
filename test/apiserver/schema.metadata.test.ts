import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { builtinTypes } from '../../lib/apiserver/kinds/builtin.ts'
import type { JsonObject, Problem, ResourceType } from '../../lib/apiserver/resource.ts'
import { validateMetadata } from '../../lib/apiserver/schema/metadata.ts'

const typeOf = (kind: string): ResourceType => {
  const found = builtinTypes().find((type) => type.kind === kind)
  assert.ok(found)
  return found
}
const configMap = typeOf('ConfigMap')

const texts = (problems: Problem[]): string[] =>
  problems.map(({ reason, field, message }) => `${reason} ${field}: ${message}`)

const check = (metadata: JsonObject, type = configMap): string[] =>
  texts(validateMetadata({ metadata }, undefined, type))

/** What changed is looked at for every kind, and again by most. */
const twice = (text: string): string[] => [text, text]

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

describe('validateMetadata of a new object', () => {
  for (const name of ['Upper', '-dash', 'dash-', 'a..b', 'under_score', 'with space'])
    it(`refuses the name ${name}`, () => {
      assert.deepEqual(check({ name }), [
        `FieldValueInvalid metadata.name: Invalid value: "${name}": ${subdomain}`,
      ])
    })

  it('accepts names with dots, except where the kind wants a label', () => {
    assert.deepEqual(check({ name: 'ok.with.dots' }), [])
    assert.deepEqual(check({ name: 'Web' }, typeOf('Service')), [
      `FieldValueInvalid metadata.name: Invalid value: "Web": ${label}`,
    ])
    assert.deepEqual(check({ name: 'system:node' }, typeOf('ClusterRole')), [])
  })

  it('demands a name or a prefix, which may end in a dash', () => {
    assert.deepEqual(check({}), [
      'FieldValueRequired metadata.name: Required value: name or generateName is required',
    ])
    assert.deepEqual(check({ generateName: 'job-', name: 'job-abcde' }), [])
  })

  const long = 'n'.repeat(64)
  const cases: [title: string, metadata: JsonObject, expected: string][] = [
    [
      'a long name',
      { name: 'a'.repeat(254) },
      `metadata.name: Invalid value: "${'a'.repeat(254)}": must be no more than 253 characters`,
    ],
    [
      'a label key',
      { labels: { 'bad key!': 'x' } },
      `metadata.labels: Invalid value: "bad key!": ${qualified}`,
    ],
    [
      'a long label value',
      { labels: { key: long } },
      `metadata.labels: Invalid value: "${long}": must be no more than 63 bytes`,
    ],
    [
      'a long label key',
      { labels: { [long]: 'v' } },
      `metadata.labels: Invalid value: "${long}": name part must be no more than 63 bytes`,
    ],
    [
      'an annotation key',
      { annotations: { 'bad key!': 'x' } },
      `metadata.annotations: Invalid value: "bad key!": ${qualified}`,
    ],
    [
      'a finalizer without a domain',
      { finalizers: ['no-domain'] },
      'metadata.finalizers[0]: Invalid value: "no-domain": name is neither a standard finalizer name nor is it fully qualified',
    ],
    [
      'a finalizer of a bad domain',
      { finalizers: ['example.com/ok', 'bad domain/x'] },
      `metadata.finalizers: Invalid value: "bad domain/x": prefix part ${subdomain}`,
    ],
    [
      'a negative generation',
      { generation: -1 },
      'metadata.generation: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'an owner without uid',
      { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '' }] },
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ],
    [
      'an Event as owner',
      { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'e', uid: 'u' }] },
      'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"e","uid":"u"}: /v1, Kind=Event is disallowed from being an owner',
    ],
    [
      'two controllers',
      {
        ownerReferences: [
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'u', controller: true },
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'other', uid: 'v', controller: true },
        ],
      },
      'metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"u","controller":true},{"apiVersion":"v1","kind":"ConfigMap","name":"other","uid":"v","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for ConfigMap/owner and ConfigMap/other',
    ],
  ]
  for (const [title, metadata, expected] of cases)
    it(`says what the real server says: ${title}`, () => {
      assert.deepEqual(check({ name: 'ok', ...metadata }), [`FieldValueInvalid ${expected}`])
    })

  it('limits annotations to 256 KiB altogether', () => {
    const half = 'x'.repeat(128 * 1024 - 1)
    assert.deepEqual(check({ name: 'ok', annotations: { a: half, b: half } }), [])
    assert.deepEqual(check({ name: 'ok', annotations: { a: half, b: `${half}y` } }), [
      'FieldValueTooLong metadata.annotations: Too long: may not be more than 262144 bytes',
    ])
  })
})

describe('validateMetadata of an update', () => {
  const change = (metadata: JsonObject, before: JsonObject): string[] =>
    texts(validateMetadata({ metadata }, { metadata: before }, configMap))

  it('refuses another uid', () => {
    assert.deepEqual(change({ name: 'a', uid: '2' }, { name: 'a', uid: '1' }), [
      ...twice('FieldValueInvalid metadata.uid: Invalid value: "2": field is immutable'),
    ])
  })

  it('does not look at the name again', () => {
    assert.deepEqual(change({ name: 'Bad_Name' }, { name: 'Bad_Name' }), [])
  })

  it('refuses new finalizers on an object that is going away', () => {
    const before = { name: 'a', deletionTimestamp: '2024-01-01T00:00:00Z', finalizers: ['example.com/a'] }
    assert.deepEqual(change({ ...before, finalizers: ['example.com/a', 'example.com/b'] }, before), [
      ...twice(
        'FieldValueForbidden metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/b"}',
      ),
    ])
    assert.deepEqual(change({ ...before, finalizers: [] }, before), [])
  })

  // Counted on a kube-apiserver v1.36: causes of a PATCH that adds one of each.
  const counted: [kind: string, labels: number, finalizers: number, unknown: number][] = [
    ['ConfigMap', 4, 4, 2],
    ['Service', 3, 2, 1],
    ['LimitRange', 3, 3, 1],
    ['Lease', 3, 1, 0],
    ['ValidatingWebhookConfiguration', 3, 2, 0],
  ]
  for (const [kind, labels, finalizers, unknown] of counted)
    it(`looks at the metadata of a ${kind} as often as its registry does`, () => {
      const count = (more: JsonObject) =>
        validateMetadata({ metadata: { name: 'a', ...more } }, { metadata: { name: 'a' } }, typeOf(kind))
          .length
      assert.equal(count({ labels: { 'a b': 'c' } }), labels)
      assert.equal(count({ annotations: { 'a b': 'c' } }), labels)
      assert.equal(count({ finalizers: ['a b'] }), finalizers)
      assert.equal(count({ finalizers: ['ab'] }), unknown)
    })
})
