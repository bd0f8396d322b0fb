import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { problemOf } from '../../../lib/apiserver/fields/check.ts'
import { objectSchema } from '../../../lib/apiserver/fields/shape.ts'
import type { JsonObject } from '../../../lib/apiserver/resource.ts'
import { widget } from './sample.ts'

describe('a patch that does not fit', () => {
  const schema = objectSchema(widget)

  const cases: [string, JsonObject, string][] = [
    ['unknown fields', { unknown: 1 }, '.spec.unknown: field not declared in schema'],
    ['a text for a number', { replicas: 'x' }, '.spec.replicas: expected numeric (int or float), got string'],
    [
      'a number for a text',
      { scalar: 1 },
      '.spec.scalar: expected string, got &value.valueUnstructured{Value:1}',
    ],
    ['a map for a list', { set: { a: 1 } }, '.spec.set: expected list, got &{map[a:1]}'],
    ['a value twice in a set', { set: ['a', 'a'] }, '.spec.set: duplicate entries for key [="a"]'],
    [
      'a key twice in a list',
      { items: [{ name: 'x' }, { name: 'x' }] },
      '.spec.items: duplicate entries for key [name="x"]',
    ],
    [
      'a key twice by its default',
      { ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] },
      '.spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
    ],
    [
      'an item without its key',
      { items: [{ value: 'nameless' }] },
      '.spec.items: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
    ],
  ]
  for (const [what, spec, message] of cases)
    it(`is refused for ${what}`, () => assert.equal(problemOf({ spec }, schema), message))

  it('is refused for all that is wrong', () => {
    assert.equal(
      problemOf({ spec: { replicas: 'x', set: ['a', 'a'] } }, schema),
      'errors:\n  .spec.replicas: expected numeric (int or float), got string\n  .spec.set: duplicate entries for key [="a"]',
    )
  })

  it('is fine with nulls, and with numbers and texts where both may be', () => {
    assert.equal(problemOf({ spec: { scalar: null, set: null, port: 80 } }, schema), undefined)
    assert.equal(problemOf({ spec: { port: 'http', free: { any: [{ thing: 1 }] } } }, schema), undefined)
  })
})
