/** What a strategic merge patch made, converted to its Go type: the words of a real server's converter, and its patience. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { struct } from '../../lib/apiserver/kinds/dsl.ts'
import type { Json, JsonObject } from '../../lib/apiserver/resource.ts'
import { restore } from '../../lib/apiserver/restore.ts'

const schema = struct('Container', {
  name: 'string',
  imagePullPolicy: 'string',
  whole: 'int32',
  long: 'int64?',
  part: 'float',
  flag: 'bool?',
  at: 'time?',
  amount: 'quantity',
  either: 'intOrString',
  bytes: 'bytes',
  raw: 'any',
  map: 'string{}',
  list: 'string[]',
  inner: struct('Inner', { a: 'int32' }),
})

const problems: [given: JsonObject, problem: string][] = [
  [{ name: 5 }, 'cannot convert int64 to string'],
  [{ name: 5.5 }, 'unrecognized type: string'],
  [{ name: 1e30 }, 'unrecognized type: string'],
  [{ name: true }, 'unrecognized type: string'],
  [{ name: {} }, 'unrecognized type: string'],
  [{ imagePullPolicy: 5 }, 'cannot convert int64 to v1.PullPolicy'],
  [{ whole: '5' }, 'unrecognized type: int32'],
  [{ whole: 1.5 }, 'cannot convert float64 to int32'],
  [{ long: [] }, 'unrecognized type: int64'],
  [{ part: 'x' }, 'unrecognized type: float64'],
  [{ flag: 1 }, 'unrecognized type: bool'],
  [{ at: 5 }, 'json: cannot unmarshal number into Go value of type string'],
  [{ at: 'x' }, 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
  [
    { amount: {} },
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  [{ either: 1.5 }, 'json: cannot unmarshal number 1.5 into Go value of type int32'],
  [{ either: [] }, 'json: cannot unmarshal array into Go value of type int32'],
  [{ bytes: 5 }, 'cannot restore slice from int64'],
  [{ bytes: '!' }, 'error decoding from json: illegal base64 data at input byte 0'],
  [{ bytes: ['x'] }, 'unrecognized type: uint8'],
  [{ map: 'x' }, 'cannot restore map from string'],
  [{ map: [] }, 'cannot restore map from slice'],
  [{ map: { a: 1 } }, 'cannot convert int64 to string'],
  [{ list: 'x' }, 'cannot restore slice from string'],
  [{ list: {} }, 'cannot restore slice from map'],
  [{ list: ['a', 1.5] }, 'unrecognized type: string'],
  [{ inner: 'x' }, 'cannot restore struct from: string'],
  [{ inner: true }, 'cannot restore struct from: bool'],
  [{ inner: { a: {} } }, 'unrecognized type: int32'],
  // The first in the order of the Go type is told, whatever the order of the object.
  [{ list: 'x', name: 5 }, 'cannot convert int64 to string'],
]

const conversions: [title: string, given: Json, converted: Json][] = [
  ['cuts whole numbers to the size of their type', { whole: 4294967297 }, { whole: 1 }],
  ['cuts them with their sign', { whole: 2147483648 }, { whole: -2147483648 }],
  ['takes numbers beyond 64 bits for none', { whole: 1e30 }, { whole: 0 }],
  ['takes bytes that are written as numbers', { bytes: [1, 258, null] }, { bytes: 'AQIA' }],
  ['leaves nulls to who writes the object', { name: null, list: [null] }, { name: null, list: [null] }],
  ['leaves what has no type', { raw: [1, { a: 'x' }] }, { raw: [1, { a: 'x' }] }],
  ['leaves what it does not know', { other: 5, inner: { b: 'x' } }, { other: 5, inner: { b: 'x' } }],
  ['takes numbers and texts where both may be', { either: 5, amount: 1.5 }, { either: 5, amount: 1.5 }],
]

describe('what a strategic merge patch made', () => {
  for (const [given, problem] of problems)
    it(`is refused: ${JSON.stringify(given)}`, () => assert.deepEqual(restore(given, schema), { problem }))

  for (const [title, given, converted] of conversions)
    it(title, () => assert.deepEqual(restore(given as JsonObject, schema), { object: converted }))

  it('is not changed itself', () => {
    const given = { whole: 4294967297, inner: { a: 4294967297 } }
    restore(given, schema)
    assert.deepEqual(given, { whole: 4294967297, inner: { a: 4294967297 } })
  })
})
