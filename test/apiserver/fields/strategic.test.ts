import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PatchError } from '../../../lib/apiserver/fields/patch.ts'
import { strategicPatch } from '../../../lib/apiserver/fields/strategic.ts'
import type { Json, JsonObject } from '../../../lib/apiserver/resource.ts'
import { deployment } from './sample.ts'

const { schema } = deployment()

const object = (podSpec: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  metadata: { name: 'd', ...metadata },
  spec: { template: { spec: podSpec } },
})

/** What a patch of the pod's spec makes of it. */
function podSpec(target: JsonObject, patch: JsonObject): JsonObject {
  const { merged } = strategicPatch(object(target), { spec: { template: { spec: patch } } }, schema)
  const { spec } = merged as { spec: { template: { spec: JsonObject } } }
  return spec.template.spec
}

const metadata = (target: JsonObject, patch: JsonObject): JsonObject => {
  const { merged } = strategicPatch(object({}, target), { metadata: patch }, schema)
  return merged.metadata as JsonObject
}

const containers = (...names: string[]): Json[] => names.map((name) => ({ name, image: `${name}:1` }))

const namesOf = (spec: JsonObject): Json[] =>
  (spec.containers as JsonObject[]).map(({ name }) => name ?? null)

describe('strategic merge patch', () => {
  const two = { containers: containers('one', 'two') }

  it('puts what it adds into the places of what it deletes, so that what others added comes before it', () => {
    const env = (...names: string[]) => names.map((name) => ({ name, value: name }))
    const patched = podSpec(
      { containers: [{ name: 'c', env: env('A', 'B', 'EXTRA') }] },
      {
        containers: [
          {
            name: 'c',
            '$setElementOrder/env': [{ name: 'B' }, { name: 'C' }],
            env: [
              { name: 'C', value: 'C' },
              { $patch: 'delete', name: 'A' },
            ],
          },
        ],
      },
    )
    assert.deepEqual(patched.containers, [{ name: 'c', env: env('B', 'EXTRA', 'C') }])
  })

  it('merges list items by their key', () => {
    const patched = podSpec(two, { containers: [{ name: 'one', image: 'one:2' }] })
    assert.deepEqual(patched.containers, [
      { name: 'one', image: 'one:2' },
      { name: 'two', image: 'two:1' },
    ])
  })

  it('puts new items before those that only the object has', () => {
    assert.deepEqual(namesOf(podSpec(two, { containers: containers('three') })), ['three', 'one', 'two'])
  })

  it('deletes an item by its key, and does not mind an absent one', () => {
    assert.deepEqual(namesOf(podSpec(two, { containers: [{ name: 'two', $patch: 'delete' }] })), ['one'])
    assert.deepEqual(namesOf(podSpec(two, { containers: [{ name: 'no', $patch: 'delete' }] })), [
      'one',
      'two',
    ])
  })

  it('replaces a list that would be merged', () => {
    const patched = podSpec(two, { containers: [{ $patch: 'replace' }, ...containers('only')] })
    assert.deepEqual(namesOf(patched), ['only'])
  })

  it('orders a list as asked, what is not named in its old place', () => {
    const three = { containers: containers('one', 'two', 'three') }
    const patched = podSpec(three, {
      '$setElementOrder/containers': [{ name: 'three' }, { name: 'one' }],
      containers: [{ name: 'one', image: 'x' }],
    })
    assert.deepEqual(namesOf(patched), ['two', 'three', 'one'])
    const only = podSpec(three, { '$setElementOrder/containers': [{ name: 'two' }, { name: 'one' }] })
    assert.deepEqual(namesOf(only), ['two', 'one', 'three'])
  })

  it('replaces atomic lists', () => {
    const patched = podSpec({ tolerations: [{ key: 'x' }] }, { tolerations: [{ key: 'y' }] })
    assert.deepEqual(patched.tolerations, [{ key: 'y' }])
  })

  it('merges maps, and removes members that are null', () => {
    assert.deepEqual(podSpec({ nodeSelector: { a: '1', b: '2' } }, { nodeSelector: { b: null, c: '3' } }), {
      nodeSelector: { a: '1', c: '3' },
    })
    assert.deepEqual(podSpec({ nodeSelector: { a: '1' } }, { nodeSelector: null }), {})
  })

  it('replaces and empties a map by directive', () => {
    assert.deepEqual(
      podSpec({ nodeSelector: { a: '1' } }, { nodeSelector: { $patch: 'replace', only: 'this' } }),
      {
        nodeSelector: { only: 'this' },
      },
    )
    assert.deepEqual(podSpec({ nodeSelector: { a: '1' } }, { nodeSelector: { $patch: 'delete' } }), {
      nodeSelector: {},
    })
  })

  it('keeps only the retained keys', () => {
    const volumes = [{ name: 'v', emptyDir: {} }]
    const change = { name: 'v', $retainKeys: ['name', 'configMap'], configMap: { name: 'c' } }
    assert.deepEqual(podSpec({ volumes }, { volumes: [change] }).volumes, [
      { name: 'v', configMap: { name: 'c' } },
    ])
  })

  it('merges a list of values, deletes from it and orders it', () => {
    const finalizers = ['e/1', 'e/2']
    assert.deepEqual(metadata({ finalizers }, { finalizers: ['e/3'] }).finalizers, ['e/3', 'e/1', 'e/2'])
    assert.deepEqual(
      metadata({ finalizers }, { '$deleteFromPrimitiveList/finalizers': ['e/1'] }).finalizers,
      ['e/2'],
    )
    assert.deepEqual(
      metadata({ finalizers }, { '$setElementOrder/finalizers': ['e/3', 'e/2'], finalizers: ['e/3'] })
        .finalizers,
      ['e/3', 'e/1', 'e/2'],
    )
  })

  it('knows owner references by uid', () => {
    const ownerReferences = [{ uid: '1', name: 'a' }]
    assert.deepEqual(
      metadata({ ownerReferences }, { ownerReferences: [{ uid: '2', name: 'b' }] }).ownerReferences,
      [
        { uid: '2', name: 'b' },
        { uid: '1', name: 'a' },
      ],
    )
    const change = { ownerReferences: [{ uid: '1', $patch: 'delete' }] }
    assert.deepEqual(metadata({ ownerReferences }, change).ownerReferences, [])
  })

  it('drops nulls and directives of what meets nothing to merge with', () => {
    assert.deepEqual(
      podSpec({}, { nodeSelector: { a: null, b: '1' }, containers: [{ name: 'x', $patch: 'delete' }] }),
      {
        nodeSelector: { b: '1' },
        containers: [],
      },
    )
  })

  it('changes neither the object nor the patch', () => {
    const target = object(two)
    const patch = { spec: { template: { spec: { containers: [{ name: 'one', $patch: 'delete' }] } } } }
    const before = JSON.stringify([target, patch])
    strategicPatch(target, patch, schema)
    assert.equal(JSON.stringify([target, patch]), before)
  })

  const refused: [string, JsonObject, number, string][] = [
    [
      'an item without its key',
      { containers: [{ image: 'nameless' }] },
      500,
      'map: map[image:nameless] does not contain declared merge key: name',
    ],
    [
      'an unknown directive',
      { containers: [{ name: 'only', $patch: 'frobnicate' }] },
      500,
      'unknown patch type: frobnicate in map: map[$patch:frobnicate name:only]',
    ],
    [
      'a member that is not retained',
      { $retainKeys: ['a'], nodeSelector: { b: '1' } },
      400,
      'invalid patch format of retainKeys',
    ],
    [
      'an order that is no list',
      { '$setElementOrder/containers': 'x' },
      500,
      'expected a []interface {}, but received a string',
    ],
    [
      'an order of nothing',
      { '$setElementOrder/containers': null },
      500,
      'expected a []interface {}, but received a %!s(<nil>)',
    ],
    [
      'an order without a list',
      { $setElementOrder: [] },
      400,
      'invalid patch format of setElementOrder list',
    ],
    [
      'an order of what is no list',
      { '$setElementOrder/securityContexts': [] },
      500,
      'unable to find api field in struct PodSpec for the json field "securityContexts"',
    ],
    [
      'an order of a map',
      { '$setElementOrder/overhead': ['x'] },
      500,
      'expected slice or array type, but got: struct',
    ],
    [
      'an order that names no objects',
      { '$setElementOrder/containers': ['x'] },
      500,
      'value for key 0 is not a map',
    ],
    [
      'an order with something else behind',
      { '$setElementOrder/containers': [{ name: 'one' }, { name: 'two' }, 'x'] },
      500,
      'expected a map[string]interface {}, but received a string',
    ],
    [
      'a deletion without a list',
      { $deleteFromPrimitiveList: ['x'] },
      400,
      'invalid patch format of primitive list',
    ],
    [
      'items of a list that has no key, by deletion',
      { '$deleteFromPrimitiveList/tolerations': [{ key: 'x' }] },
      500,
      'cannot merge lists without merge key for struct',
    ],
    [
      'a directive that is no text',
      { $patch: 5 },
      500,
      'unknown patch type: %!s(int64=5) in map: map[$patch:5]',
    ],
    [
      'a directive that is nothing',
      { containers: [{ name: 'one', $patch: null }] },
      500,
      'unknown patch type: %!s(<nil>) in map: map[$patch:<nil> name:one]',
    ],
    [
      'items of two types',
      { containers: ['x'] },
      500,
      'list element types are not identical: [[map[image:one:1 name:one] map[image:two:1 name:two]] [x]]',
    ],
    [
      'an order that leaves out what is patched',
      { '$setElementOrder/containers': [{ name: 'two' }], containers: [{ name: 'one' }] },
      500,
      "The order in patch list:\n[map[name:one]]\n doesn't match $setElementOrder list:\n[map[name:two]]\n",
    ],
  ]
  for (const [what, patch, code, message] of refused)
    it(`refuses ${what}`, () =>
      assert.throws(
        () => podSpec({ ...two, tolerations: [{ key: 'x' }] }, patch),
        (error) => error instanceof PatchError && error.code === code && error.message === message,
      ))

  it('keeps the nulls and directives of new items, and drops those of other values', () => {
    const env = [{ name: 'X', value: null }]
    const patched = podSpec(two, {
      containers: [{ name: 'new', env, args: [null], $retainKeys: ['name'] }],
      affinity: { nodeAffinity: null, podAffinity: { $patch: 'delete' } },
    })
    assert.deepEqual((patched.containers as Json[])[0], {
      name: 'new',
      env,
      args: [null],
      $retainKeys: ['name'],
    })
    assert.deepEqual(patched.affinity, {})
  })

  it('tells what is left of the patch, as refusals quote it', () => {
    const patch = { metadata: { '$setElementOrder/finalizers': ['a'], labels: { x: null, y: {} } } }
    const { rest } = strategicPatch(object(two, { finalizers: ['a'] }), patch, schema)
    assert.deepEqual(rest, { metadata: { labels: { y: {} } } })
    assert.deepEqual(Object.keys(patch.metadata), ['$setElementOrder/finalizers', 'labels'])
  })

  it('takes a null for a key as good as another', () => {
    const patched = podSpec(two, { containers: [{ name: null, image: 'x' }] })
    assert.deepEqual(namesOf(patched), [null, 'one', 'two'])
  })
})
