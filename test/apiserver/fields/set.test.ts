import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { FieldSet, MutableSet } from '../../../lib/apiserver/fields/set.ts'
import {
  deepDifference,
  difference,
  fromFields,
  has,
  insert,
  intersection,
  paths,
  setOf,
  toFields,
  union,
} from '../../../lib/apiserver/fields/set.ts'
import { keyStep, printPath } from '../../../lib/apiserver/fields/step.ts'

const step = fc.oneof(
  fc.constantFrom('f:a', 'f:b', 'f:__proto__', 'f:constructor', 'i:0', 'v:"x"', 'v:1', 'v:true'),
  fc.record({ name: fc.string(), port: fc.integer() }).map(({ name, port }) =>
    keyStep([
      ['port', port],
      ['name', name],
    ]),
  ),
)

const someSet: fc.Arbitrary<FieldSet> = fc
  .array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 12 })
  .map((some) => {
    const set: MutableSet = new Map()
    for (const path of some) insert(set, path)
    return set
  })

const same = (a: FieldSet, b: FieldSet) => assert.deepEqual(toFields(a), toFields(b))

describe('field set', () => {
  it('reads back what it writes', () => {
    fc.assert(fc.property(someSet, (set) => same(fromFields(toFields(set)), set)))
  })

  it('unites alike in either order, and with itself to itself', () => {
    fc.assert(
      fc.property(someSet, someSet, (a, b) => {
        same(union(a, b), union(b, a))
        same(union(a, a), a)
      }),
    )
  })

  it('falls apart into what is shared and what is not, and back together', () => {
    fc.assert(
      fc.property(someSet, someSet, (a, b) => {
        same(union(difference(a, b), intersection(a, b)), a)
        assert.equal(intersection(difference(a, b), b).size, 0)
        assert.equal(difference(a, a).size, 0)
      }),
    )
  })

  it('has exactly its paths', () => {
    fc.assert(
      fc.property(someSet, someSet, (a, b) => {
        for (const path of paths(a)) {
          assert.ok(has(a, path))
          assert.equal(has(difference(a, b), path), !has(b, path))
          assert.equal(has(intersection(a, b), path), has(b, path))
          assert.ok(has(union(a, b), path))
        }
      }),
    )
  })

  it('changes neither argument', () => {
    fc.assert(
      fc.property(someSet, someSet, (a, b) => {
        const before = JSON.stringify([toFields(a), toFields(b)])
        union(a, b)
        intersection(a, b)
        difference(a, b)
        deepDifference(a, b)
        assert.equal(JSON.stringify([toFields(a), toFields(b)]), before)
      }),
    )
  })

  it('takes what is below along only in a deep difference', () => {
    const a = fromFields({ 'f:spec': { 'f:x': {}, 'f:y': { 'f:z': {} } } })
    same(difference(a, setOf('spec')), a)
    assert.equal(deepDifference(a, setOf('spec')).size, 0)
    assert.deepEqual(toFields(deepDifference(a, setOf('spec.y'))), { 'f:spec': { 'f:x': {} } })
  })

  it('writes fields, keyed items, values and indices in the order of the real server', () => {
    const written = toFields(
      fromFields({
        'i:1': {},
        'v:"b"': {},
        'v:2': {},
        'k:{"port":443}': {},
        'f:b': {},
        'v:true': {},
        'k:{"port":80,"protocol":"UDP"}': {},
        'k:{"port":80,"protocol":"TCP"}': {},
        'f:a': { 'f:x': {}, '.': {} },
        'i:0': {},
      }),
    )
    assert.deepEqual(Object.keys(written), [
      'f:a',
      'f:b',
      'k:{"port":80,"protocol":"TCP"}',
      'k:{"port":80,"protocol":"UDP"}',
      'k:{"port":443}',
      'v:2',
      'v:"b"',
      'v:true',
      'i:0',
      'i:1',
    ])
    assert.deepEqual(Object.keys(written['f:a'] ?? {}), ['.', 'f:x'])
  })

  it('takes other spellings of a key for the same key', () => {
    const set = fromFields({ 'k:{ "protocol": "TCP", "port": 80.0 }': { 'f:name': {} } })
    assert.deepEqual(toFields(set), { 'k:{"port":80,"protocol":"TCP"}': { 'f:name': {} } })
  })

  it('leaves out steps of unknown kinds and refuses malformed ones', () => {
    assert.deepEqual(toFields(fromFields({ 'z:later': {}, 'f:a': {} })), { 'f:a': {} })
    for (const bad of ['fa', 'v:{', 'k:[]', 'i:x'])
      assert.throws(() => fromFields({ [bad]: {} }), SyntaxError)
  })

  it('prints paths as the real server does in conflicts', () => {
    const path = ['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}', 'f:name']
    assert.equal(printPath(path), '.spec.ports[port=80,protocol="TCP"].name')
    assert.equal(printPath(['f:metadata', 'f:finalizers', 'v:"a"']), '.metadata.finalizers[="a"]')
    assert.equal(printPath(['f:list', 'i:3']), '.list[3]')
  })
})
