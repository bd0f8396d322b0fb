import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { jsonPatch, mergePatch, PatchError } from '../../../lib/apiserver/fields/patch.ts'
import type { Json, JsonObject } from '../../../lib/apiserver/resource.ts'

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>

/** Without null members, as a patched object is. */
const withoutNulls = (value: Json): Json => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  )
}

describe('merge patch', () => {
  // The examples of RFC 7396, appendix A.
  const examples: [Json, Json, Json][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ]
  for (const [target, patch, result] of examples)
    it(`RFC 7396: ${JSON.stringify(target)} with ${JSON.stringify(patch)}`, () =>
      assert.deepEqual(mergePatch(target, patch), result))

  it('sets a member called __proto__ like any other', () => {
    const result = mergePatch({}, JSON.parse('{"__proto__":{"x":"1"}}') as Json) as JsonObject
    assert.equal(JSON.stringify(result), '{"__proto__":{"x":"1"}}')
    assert.equal(Object.getPrototypeOf(result), Object.prototype)
  })

  it('applied twice is the same as once, and changes nothing it is given', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const before = JSON.stringify([target, patch])
        const once = mergePatch(target, patch)
        assert.equal(JSON.stringify(mergePatch(once, patch)), JSON.stringify(once))
        assert.equal(JSON.stringify([target, patch]), before)
      }),
    )
  })

  it('of nothing is the patch without its nulls', () => {
    fc.assert(
      fc.property(json, (patch) => {
        assert.deepEqual(JSON.stringify(mergePatch({}, patch)), JSON.stringify(withoutNulls(patch)))
      }),
    )
  })
})

describe('JSON Patch', () => {
  const target: JsonObject = {
    data: { one: '1', two: '2' },
    list: ['a', 'b'],
    'a/b': { 'c~d': 1 },
    none: null,
  }
  const run = (...operations: JsonObject[]) => jsonPatch(target, operations) as JsonObject

  const works: [string, JsonObject, JsonObject][] = [
    ['add', { op: 'add', path: '/data/three', value: '3' }, { data: { one: '1', two: '2', three: '3' } }],
    ['add to a list', { op: 'add', path: '/list/0', value: 'z' }, { list: ['z', 'a', 'b'] }],
    ['add at the end', { op: 'add', path: '/list/-', value: 'z' }, { list: ['a', 'b', 'z'] }],
    ['add counted from the end', { op: 'add', path: '/list/-1', value: 'z' }, { list: ['a', 'b', 'z'] }],
    ['add without a value, which is null', { op: 'add', path: '/list' }, { list: null }],
    ['remove', { op: 'remove', path: '/data/two' }, { data: { one: '1' } }],
    ['remove from a list', { op: 'remove', path: '/list/0' }, { list: ['b'] }],
    ['replace', { op: 'replace', path: '/data/one', value: 'uno' }, { data: { one: 'uno', two: '2' } }],
    ['replace of an absent member', { op: 'replace', path: '/new', value: 1 }, { new: 1 }],
    ['move', { op: 'move', from: '/data/two', path: '/data/x' }, { data: { one: '1', x: '2' } }],
    ['copy', { op: 'copy', from: '/list', path: '/copy' }, { copy: ['a', 'b'] }],
    ['copy of an absent member', { op: 'copy', from: '/absent', path: '/copy' }, { copy: null }],
    ['test', { op: 'test', path: '/data', value: { two: '2', one: '1' } }, {}],
    ['test of an absent member against null', { op: 'test', path: '/absent', value: null }, {}],
    ['escapes', { op: 'replace', path: '/a~1b/c~0d', value: 2 }, { 'a/b': { 'c~d': 2 } }],
    ['a path without its first slash', { op: 'add', path: 'data/new', value: 1 }, { new: 1 }],
  ]
  for (const [what, operation, change] of works)
    it(`does ${what}`, () => assert.deepEqual(run(operation), { ...target, ...change }))

  it('replaces the whole document', () => {
    assert.deepEqual(run({ op: 'replace', path: '', value: { all: 'new' } }), { all: 'new' })
    assert.deepEqual(jsonPatch(target, []), target)
  })

  const fails: [string, JsonObject][] = [
    ['remove of an absent member', { op: 'remove', path: '/absent' }],
    ['move of an absent member', { op: 'move', from: '/absent', path: '/x' }],
    ['a failed test', { op: 'test', path: '/data/one', value: 'nope' }],
    ['an absent parent', { op: 'add', path: '/no/such/place', value: 1 }],
    ['an index behind the end', { op: 'add', path: '/list/9', value: 1 }],
    ['removal behind the end', { op: 'remove', path: '/list/2' }],
    ['an index that is none', { op: 'add', path: '/list/x', value: 1 }],
    ['a step into a text', { op: 'add', path: '/data/one/x', value: 1 }],
    ['an unknown operation', { op: 'frob', path: '/data' }],
    ['no operation', { path: '/data', value: 1 }],
    ['no path', { op: 'add', value: 1 }],
    ['no source', { op: 'copy', path: '/x' }],
    ['the document as a target', { op: 'add', path: '', value: {} }],
    ['what only a prototype has', { op: 'test', path: '/constructor/name', value: 'Object' }],
  ]
  for (const [what, operation] of fails)
    it(`refuses ${what}, naming nothing`, () =>
      assert.throws(
        () => run(operation),
        (error) =>
          error instanceof PatchError &&
          error.code === 422 &&
          error.reason === 'Invalid' &&
          error.message === 'the server rejected our request due to an error in our request',
      ))

  it('does all or nothing', () => {
    const before = JSON.stringify(target)
    assert.throws(() =>
      run(
        { op: 'replace', path: '/data/one', value: 'never' },
        { op: 'test', path: '/data/one', value: 'other' },
      ),
    )
    assert.equal(JSON.stringify(target), before)
  })

  it('refuses what is not a list of operations', () => {
    assert.throws(() => jsonPatch(target, { op: 'add' }), {
      code: 400,
      reason: 'BadRequest',
      message:
        'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    })
    const many = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/none', value: null }))
    assert.throws(() => jsonPatch(target, many), { code: 413, reason: 'RequestEntityTooLarge' })
  })

  it('sets a member called __proto__ like any other', () => {
    const result = run({ op: 'add', path: '/data/__proto__', value: { polluted: true } })
    assert.deepEqual(Object.keys(result.data as JsonObject), ['one', 'two', '__proto__'])
    assert.equal('polluted' in (result.data as JsonObject), false)
  })
})
