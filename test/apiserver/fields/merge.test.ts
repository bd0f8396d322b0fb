import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { merge } from '../../../lib/apiserver/fields/merge.ts'
import { objectSchema } from '../../../lib/apiserver/fields/shape.ts'
import type { Json } from '../../../lib/apiserver/resource.ts'
import type { JsonObject } from '../../../lib/apiserver/resource.ts'
import { conflictOf, configMap, full, story, widget } from './sample.ts'

describe('merging', () => {
  it('merges lists in the order of the patch, with the rest in their places', () => {
    const one = story(widget)
    one.apply('one', full)
    const { spec } = one.apply('two', {
      spec: { set: ['c'], items: [{ name: 'y' }, { name: 'x', more: { x: 'q' } }] },
    }) as { spec: JsonObject }
    assert.deepEqual(spec.set, ['a', 'b', 'c'])
    assert.deepEqual(spec.items, [{ name: 'y' }, { name: 'x', value: '1', more: { x: 'q' } }])
  })

  const set = (live: Json, patch: Json): Json => {
    const { spec } = merge({ spec: { set: live } }, { spec: { set: patch } }, objectSchema(widget)) as {
      spec: JsonObject
    }
    return spec.set ?? null
  }
  const orders: [string[], string[], string[]][] = [
    [
      ['a', 'b', 'c'],
      ['c', 'a'],
      ['b', 'c', 'a'],
    ],
    [
      ['a', 'b', 'c'],
      ['x', 'b'],
      ['a', 'x', 'b', 'c'],
    ],
    [
      ['a', 'b'],
      ['x', 'y'],
      ['a', 'b', 'x', 'y'],
    ],
    [
      ['a', 'b', 'c', 'd'],
      ['d', 'x', 'a'],
      ['b', 'c', 'd', 'x', 'a'],
    ],
    [['a'], [], ['a']],
    [[], ['a'], ['a']],
  ]
  for (const [live, patch, result] of orders)
    it(`puts [${patch}] into [${live}]`, () => assert.deepEqual(set(live, patch), result))

  it('keeps what is there when the patch has null or nothing, and takes it where nothing is', () => {
    assert.deepEqual(set(['a'], null), ['a'])
    assert.deepEqual(set(null, []), [])
  })

  it('shares what the patch does not touch', () => {
    const live = { spec: { granular: { a: '1' }, scalar: 's' } }
    const result = merge(live, { spec: { scalar: 't' } }, objectSchema(widget)) as typeof live
    assert.equal(result.spec.granular, live.spec.granular)
  })
})

describe('apply to finalizers and owners', () => {
  it('adds to the set and the list of owners, and removes only its own', () => {
    const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid })
    const one = story(configMap)
    one.apply('one', { metadata: { finalizers: ['e/a'], ownerReferences: [owner('1')] } })
    one.apply('two', { metadata: { finalizers: ['e/b'], ownerReferences: [owner('2')] } })
    assert.deepEqual(one.owners()['two/Apply'], {
      'f:metadata': { 'f:finalizers': { 'v:"e/b"': {} }, 'f:ownerReferences': { 'k:{"uid":"2"}': {} } },
    })
    const both = one.object().metadata as JsonObject
    assert.deepEqual(both.finalizers, ['e/a', 'e/b'])
    assert.deepEqual(both.ownerReferences, [owner('1'), owner('2')])
    const conflict = conflictOf(() =>
      one.apply('three', { metadata: { ownerReferences: [{ ...owner('1'), controller: true }] } }),
    )
    assert.equal(conflict.causes[0]?.field, '.metadata.ownerReferences[uid="1"]')
    const left = one.apply('one', {}).metadata as JsonObject
    assert.deepEqual([left.finalizers, left.ownerReferences], [['e/b'], [owner('2')]])
    const none = one.apply('two', {}).metadata as JsonObject
    assert.ok(!('finalizers' in none) && !('ownerReferences' in none))
  })
})
