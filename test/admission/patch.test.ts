import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { patchBetween } from '../../lib/admission/patch.ts'
import { jsonPatch } from '../../lib/apiserver/fields/patch.ts'
import { isSame } from '../../lib/json.ts'

const json = fc.jsonValue({ maxDepth: 4 })
/** Two values that have much in common, as an object and its draft do. */
const pair = fc.tuple(json, json, json).chain(([shared, one, other]) =>
  fc.constantFrom<[unknown, unknown]>(
    [
      { shared, one },
      { shared, one: other },
    ],
    [
      [shared, one, shared],
      [shared, shared],
    ],
    [
      [shared, one],
      [other, shared, one],
    ],
    [{ list: [one, shared] }, { list: [one, other, shared, shared] }],
    [one, other],
  ),
)

describe('patchBetween', () => {
  it('makes the second of the first, applied by somebody else’s implementation (G1)', () => {
    const property = fc.property(pair, ([before, after]) => {
      const wrap = (value: unknown) => JSON.parse(JSON.stringify({ value }))
      const patched = jsonPatch(wrap(before), patchBetween(wrap(before), wrap(after)) as never)
      assert.ok(isSame(patched, wrap(after)))
    })
    void fc.assert(property, { numRuns: 2000 })
  })

  it('is empty where nothing differs, whatever the order of keys', () => {
    assert.deepEqual(patchBetween({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }), [])
  })

  it('is one step for one element put into or taken out of a long list, in no time', () => {
    const list = Array.from({ length: 20_000 }, (_, index) => ({ name: `n${index}` }))
    assert.deepEqual(patchBetween(list, list.slice(1)), [{ op: 'remove', path: '/0' }])
    const more = [...list.slice(0, 7), { name: 'new' }, ...list.slice(7)]
    assert.deepEqual(patchBetween(list, more), [{ op: 'add', path: '/7', value: { name: 'new' } }])
  })

  it('escapes names, and is safe with those that mean something to JavaScript', () => {
    const before = JSON.parse('{"a/b~c": 1, "__proto__": {"x": 1}}')
    const after = JSON.parse('{"a/b~c": 2, "__proto__": {"x": 2}}')
    assert.deepEqual(patchBetween(before, after), [
      { op: 'replace', path: '/a~1b~0c', value: 2 },
      { op: 'replace', path: '/__proto__/x', value: 2 },
    ])
    assert.equal(({} as { x?: number }).x, undefined)
  })
})
