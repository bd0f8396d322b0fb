import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json, Problem, Schema } from '../../lib/apiserver/resource.ts'
import { validateSchema, validateStatus } from '../../lib/apiserver/schema/validate.ts'

const texts = (problems: Problem[]): string[] =>
  problems.map(({ reason, field, message }) => `${reason} ${field}: ${message}`).sort()

const specOf = (properties: Record<string, Schema>): Schema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties } },
})

const check = (name: string, schema: Schema, value: Json): string[] =>
  texts(validateSchema({ spec: { [name]: value } }, undefined, specOf({ [name]: schema })))

const typeOf = (field: string, wanted: string, given: string): string =>
  `FieldValueTypeInvalid spec.${field}: Invalid value: "${given}": spec.${field} in body must be of type ${wanted}: "${given}"`

/** What the real server (v1.36) says, one value at a time. */
const table: [title: string, field: string, schema: Schema, value: Json, expected: string[]][] = [
  [
    'a number below the minimum',
    'n',
    { type: 'integer', minimum: 1 },
    0,
    ['FieldValueInvalid spec.n: Invalid value: 0: spec.n in body should be greater than or equal to 1'],
  ],
  [
    'a number above the maximum',
    'n',
    { type: 'integer', maximum: 10 },
    11,
    ['FieldValueInvalid spec.n: Invalid value: 11: spec.n in body should be less than or equal to 10'],
  ],
  [
    'a number at an exclusive minimum',
    'x',
    { type: 'number', minimum: 0, exclusiveMinimum: true },
    0,
    ['FieldValueInvalid spec.x: Invalid value: 0: spec.x in body should be greater than 0'],
  ],
  [
    'a number at an exclusive maximum',
    'x',
    { type: 'number', maximum: 1, exclusiveMaximum: true },
    1,
    ['FieldValueInvalid spec.x: Invalid value: 1: spec.x in body should be less than 1'],
  ],
  [
    'no multiple',
    'm',
    { type: 'integer', multipleOf: 5 },
    7,
    ['FieldValueInvalid spec.m: Invalid value: 7: spec.m in body should be a multiple of 5'],
  ],
  [
    'a fraction for an integer',
    'n',
    { type: 'integer' },
    1.5,
    [
      'FieldValueInvalid <nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.n',
      typeOf('n', 'integer', 'number'),
    ],
  ],
  [
    'a number too large for int32',
    'i',
    { type: 'integer', format: 'int32' },
    2147483648,
    [
      'FieldValueInvalid <nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.i',
    ],
  ],
  [
    'too few characters',
    's',
    { type: 'string', minLength: 2 },
    'a',
    ['FieldValueInvalid spec.s: Invalid value: "a": spec.s in body should be at least 2 chars long'],
  ],
  [
    'too many characters',
    's',
    { type: 'string', maxLength: 4 },
    'abcde',
    ['FieldValueTooLong spec.s: Too long: may not be more than 4 bytes'],
  ],
  ['characters, not bytes, are counted', 's', { type: 'string', maxLength: 4 }, 'ééé', []],
  [
    'no match for the pattern',
    'p',
    { type: 'string', pattern: '^[a-z]+$' },
    'ABC',
    [`FieldValueInvalid spec.p: Invalid value: "ABC": spec.p in body should match '^[a-z]+$'`],
  ],
  [
    'a value outside of the enum',
    'e',
    { type: 'string', enum: ['one', 'two'] },
    'three',
    ['FieldValueNotSupported spec.e: Unsupported value: "three": supported values: "one", "two"'],
  ],
  [
    'a value of another type than the enum',
    'e',
    { type: 'string', enum: ['one', 'two'] },
    1,
    [
      'FieldValueNotSupported spec.e: Unsupported value: 1: supported values: "one", "two"',
      typeOf('e', 'string', 'integer'),
    ],
  ],
  ['a percentage for int-or-string', 'ios', { 'x-kubernetes-int-or-string': true }, '50%', []],
  [
    'a fraction for int-or-string',
    'ios',
    { 'x-kubernetes-int-or-string': true },
    1.5,
    [typeOf('ios', 'integer,string', 'number')],
  ],
  ['a list for an object', 'o', { type: 'object' }, [], [typeOf('o', 'object', 'array')]],
  [
    'too few items',
    'l',
    { type: 'array', items: { type: 'integer' }, minItems: 1 },
    [],
    ['FieldValueInvalid spec.l: Invalid value: 0: spec.l in body should have at least 1 items'],
  ],
  [
    'too many items',
    'l',
    { type: 'array', items: { type: 'integer' }, maxItems: 3 },
    [1, 2, 3, 4],
    ['FieldValueTooMany spec.l: Too many: 4: must have at most 3 items'],
  ],
  [
    'a value twice in a set',
    'set',
    { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    ['a', 'a'],
    ['FieldValueDuplicate spec.set[1]: Duplicate value: "a"'],
  ],
  [
    'a key twice in a map list',
    'keyed',
    {
      type: 'array',
      items: {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'integer' } },
        required: ['a'],
      },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a', 'b'],
    },
    [
      { a: 'x', b: 1 },
      { b: 1, a: 'x' },
    ],
    ['FieldValueDuplicate spec.keyed[1]: Duplicate value: {"a":"x","b":1}'],
  ],
  [
    'too few properties',
    'mp',
    { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 1 },
    {},
    ['FieldValueInvalid spec.mp: Invalid value: 0: spec.mp in body should have at least 1 properties'],
  ],
  [
    'too many properties',
    'mp',
    { type: 'object', additionalProperties: { type: 'integer' }, maxProperties: 2 },
    { a: 1, b: 2, c: 3 },
    ['FieldValueTooMany spec.mp: Too many: 3: must have at most 2 items'],
  ],
  [
    'required fields that are absent',
    'req',
    { type: 'object', properties: { x: { type: 'string' } }, required: ['x', 'y'] },
    {},
    ['FieldValueRequired spec.req.x: Required value', 'FieldValueRequired spec.req.y: Required value'],
  ],
  [
    'none of oneOf',
    'one',
    { type: 'object', oneOf: [{ required: ['p'] }, { required: ['q'] }] },
    {},
    [
      'FieldValueInvalid <nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found none valid',
      'FieldValueRequired spec.one.p: Required value',
    ],
  ],
  [
    'both of oneOf',
    'one',
    { type: 'object', oneOf: [{ required: ['p'] }, { required: ['q'] }] },
    { p: '', q: '' },
    [
      'FieldValueInvalid <nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  ],
  [
    'none of anyOf',
    'any',
    { type: 'object', anyOf: [{ required: ['p'] }, { required: ['q'] }] },
    {},
    [
      'FieldValueInvalid <nil>: Invalid value: "": "spec.any" must validate at least one schema (anyOf)',
      'FieldValueRequired spec.any.p: Required value',
    ],
  ],
  [
    'what must not be',
    'not',
    { type: 'string', not: { enum: ['never'] } },
    'never',
    ['FieldValueInvalid <nil>: Invalid value: "": "spec.not" must not validate the schema (not)'],
  ],
  ['null where it is allowed', 'nul', { type: 'string', nullable: true }, null, []],
]

describe('validateSchema', () => {
  for (const [title, field, schema, value, expected] of table)
    it(`says what the real server says: ${title}`, () => {
      assert.deepEqual(check(field, schema, value), [...expected].sort())
    })

  const refused: Record<string, string> = {
    date: '2024-02-30',
    'date-time': '2024-02-29 12:00',
    duration: '1 fortnight',
    email: 'nobody',
    ipv4: '300.1.1.1',
    ipv6: '10.0.0.1',
    cidr: '10.0.0.0',
    mac: 'zz',
    uuid: '123',
    uri: 'not a uri',
    hostname: '-bad-',
    byte: '***',
  }
  for (const [format, value] of Object.entries(refused))
    it(`refuses what has not the format: ${format}`, () => {
      assert.deepEqual(check('f', { type: 'string', format }, value), [
        `FieldValueTypeInvalid spec.f: Invalid value: "${value}": spec.f in body must be of type ${format}: "${value}"`,
      ])
    })

  const accepted: Record<string, string> = {
    date: '2024-02-29',
    'date-time': '2024-02-29T12:00:00Z',
    duration: '1h30m',
    email: 'a@example.com',
    cidr: '10.0.0.0/8',
    mac: '01:23:45:67:89:ab',
    uri: 'https://example.com/x',
    hostname: 'a.example.com',
    byte: 'YWJj',
    password: 'x',
    unheardof: 'y',
  }
  for (const [format, value] of Object.entries(accepted))
    it(`accepts what has the format: ${format}`, () => {
      assert.deepEqual(check('f', { type: 'string', format }, value), [])
    })
})

describe('patterns', () => {
  const matching: [pattern: string, good: string, bad: string][] = [
    ['(?i)^abc$', 'ABC', 'abd'],
    ['^[[:alpha:]]+$', 'abc', 'ab1'],
    ['^a\\_b$', 'a_b', 'ab'],
    ['\\Aab\\z', 'ab', 'abc'],
    ['^(?P<name>x)+$', 'xx', 'y'],
  ]
  for (const [pattern, good, bad] of matching)
    it(`mean what they mean in Go: ${pattern}`, () => {
      assert.equal(check('p', { type: 'string', pattern }, good).length, 0)
      assert.equal(check('p', { type: 'string', pattern }, bad).length, 1)
    })
})

describe('validateSchema on updates', () => {
  const tight = specOf({
    old: { type: 'string', maxLength: 3 },
    other: { type: 'string' },
    list: {
      type: 'array',
      items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'string', maxLength: 3 } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    },
  })
  const before = { spec: { old: 'way-too-long', other: '1', list: [{ k: 'a', v: 'loooong' }] } }

  it('keeps a value that the schema would refuse while it does not change', () => {
    const after = { spec: { ...before.spec, other: '2', list: [{ k: 'b', v: 'ok' }, ...before.spec.list] } }
    assert.deepEqual(validateSchema(after, before, tight), [])
  })

  it('refuses a changed value, also in an item that is told by its key', () => {
    const after = { spec: { ...before.spec, old: 'also-too-long', list: [{ k: 'a', v: 'different' }] } }
    assert.deepEqual(texts(validateSchema(after, before, tight)), [
      'FieldValueTooLong spec.list[0].v: Too long: may not be more than 3 bytes',
      'FieldValueTooLong spec.old: Too long: may not be more than 3 bytes',
    ])
  })

  it('leaves the name of the status out of texts but not of fields when only the status is written', () => {
    const schema: Schema = {
      type: 'object',
      properties: { status: { type: 'object', properties: { ready: { type: 'integer' } } } },
    }
    assert.deepEqual(texts(validateStatus({ status: { ready: 'x' } }, undefined, schema)), [
      'FieldValueTypeInvalid status.ready: Invalid value: "string": ready in body must be of type integer: "string"',
    ])
  })
})

describe('validateSchema on embedded resources', () => {
  const schema = specOf({
    tpl: {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    },
  })
  const cases: [title: string, tpl: Json, expected: string[]][] = [
    [
      'a type is demanded',
      {},
      [
        'FieldValueRequired spec.tpl.apiVersion: Required value',
        'FieldValueRequired spec.tpl.kind: Required value',
      ],
    ],
    [
      'apiVersion is a group and a version',
      { apiVersion: 'a/b/c', kind: 'X' },
      [
        'FieldValueInvalid spec.tpl.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      ],
    ],
    ['names are not looked at', { apiVersion: 'v1', kind: 'X', metadata: { name: 'Bad_Name' } }, []],
  ]
  for (const [title, tpl, expected] of cases)
    it(`checks what an object needs: ${title}`, () => {
      assert.deepEqual(texts(validateSchema({ spec: { tpl } }, undefined, schema)), expected)
    })
})
