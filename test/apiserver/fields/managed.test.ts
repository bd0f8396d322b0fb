import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ignoreTimes, trackUpdate } from '../../../lib/apiserver/fields/managed.ts'
import type { JsonObject } from '../../../lib/apiserver/resource.ts'
import { at, configMap, deployment, entriesOf, fields, story, widget } from './sample.ts'

const setData = (data: JsonObject) => (object: JsonObject) => {
  object.data = data
}

const setEntries = (managedFields: JsonObject[]) => (object: JsonObject) => {
  object.metadata = { ...(object.metadata as JsonObject), managedFields }
}

describe('tracking of updates', () => {
  it('owns what a create brings, the existence of maps included', () => {
    const one = story(configMap)
    one.update('creator', setData({ x: '1', y: '1' }))
    assert.deepEqual(one.owners(), { 'creator/Update': { 'f:data': { '.': {}, ...fields('x y') } } })
  })

  it('never owns what the server sets or what names the object', () => {
    const one = story(configMap)
    one.update('creator', (object) => {
      object.metadata = { name: 'a', namespace: 'n', uid: 'u', creationTimestamp: at(0), labels: { l: '1' } }
    })
    assert.deepEqual(one.owners()['creator/Update'], { 'f:metadata': { 'f:labels': { '.': {}, 'f:l': {} } } })
  })

  it('moves changed fields to the updater, and removes an owner who has lost everything', () => {
    const one = story(configMap)
    one.update('alice', setData({ x: '1' }))
    one.update('bob', setData({ x: '1', y: '2' }))
    assert.deepEqual(one.owners()['bob/Update'], { 'f:data': fields('y') })
    one.update('alice', setData({ x: '1', y: '3' }))
    assert.deepEqual(one.owners(), { 'alice/Update': { 'f:data': { '.': {}, ...fields('x y') } } })
    assert.deepEqual(one.times(), { 'alice/Update': at(3) })
  })

  it('takes removed fields from everybody and gives them to nobody', () => {
    const one = story(configMap)
    one.update('alice', setData({ x: '1', y: '2' }))
    one.update('carol', setData({ y: '2' }))
    assert.deepEqual(one.owners(), { 'alice/Update': { 'f:data': { '.': {}, ...fields('y') } } })
    assert.deepEqual(one.times(), { 'alice/Update': at(1) })
  })

  it('leaves managedFields as they are when nothing changes', () => {
    const one = story(configMap)
    const before = one.update('alice', setData({ x: '1' }))
    assert.deepEqual(
      one.update('bob', () => undefined),
      before,
    )
  })

  it('keeps appliers apart from updaters of one name, and sorts appliers first', () => {
    const one = story(configMap)
    one.apply('one', { data: { x: '1', y: '1' } })
    one.update('one', setData({ x: '1', y: '2' }))
    assert.deepEqual(Object.keys(one.owners()), ['one/Apply', 'one/Update'])
  })

  it('sorts by second, then by name', () => {
    const entry = (manager: string, time: string, name: string): JsonObject => ({
      manager,
      operation: 'Update',
      apiVersion: 'v1',
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': fields(name) },
    })
    const one = story(configMap)
    one.update('x', setData({ a: '1', b: '1', c: '1' }))
    one.update('x', setEntries([entry('z', at(5), 'a'), entry('b', at(9), 'b'), entry('a', at(9), 'c')]))
    assert.deepEqual(Object.keys(one.owners()), ['z/Update', 'a/Update', 'b/Update'])
  })

  it('knows the parts of a new built-in object that are always there', () => {
    const one = story(deployment())
    one.update('creator', (object) => {
      object.spec = {
        selector: { matchLabels: { app: 'd' } },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
        template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      }
      object.status = {}
    })
    assert.deepEqual(one.owners()['creator/Update'], {
      'f:spec': {
        'f:selector': {},
        'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {} }, 'f:type': {} },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, ...fields('image name') } } },
        },
      },
    })
  })

  it('does not own the status on the main endpoint, nor the spec on that of the status', () => {
    const one = story(widget)
    one.update('user', (object) => {
      object.spec = { scalar: 's' }
      object.status = { phase: 'x' }
    })
    const change = (object: JsonObject) => {
      object.spec = { scalar: 'other' }
      object.status = { phase: 'Ready' }
    }
    one.update('controller', change, 'status')
    assert.deepEqual(one.owners(), {
      'user/Update': { 'f:spec': { '.': {}, 'f:scalar': {} } },
      'controller/Update/status': { 'f:status': fields('phase') },
    })
  })
})

describe('managedFields of the client', () => {
  const tracked = () => {
    const one = story(configMap)
    one.update('alice', setData({ x: '1' }))
    return one
  }

  for (const [what, entries] of [
    ['an empty list', []],
    ['an empty entry', [{}]],
  ] as const)
    it(`${what} ends tracking until the next apply`, () => {
      const one = tracked()
      assert.ok(!('managedFields' in (one.update('bob', setEntries([...entries])).metadata as JsonObject)))
      one.update('bob', setData({ x: '2' }))
      assert.deepEqual(one.owners(), {})
    })

  for (const [what, change] of [
    ['an unknown operation', { operation: 'Bogus' }],
    ['an unknown form', { fieldsType: 'FieldsV9' }],
    ['no version', { apiVersion: '' }],
    ['a malformed path', { fieldsV1: { 'v:{': {} } }],
  ] as const)
    it(`${what} is ignored`, () => {
      const one = tracked()
      const before = one.object()
      const entry = { ...(entriesOf(before)[0] as JsonObject), ...change }
      assert.deepEqual(one.update('bob', setEntries([entry])), before)
    })

  it('are taken when they are valid, but not through a subresource', () => {
    const one = tracked()
    const entry = { ...(entriesOf(one.object())[0] as JsonObject), manager: 'mallory' }
    one.update('bob', setEntries([entry]), 'status')
    assert.deepEqual(Object.keys(one.owners()), ['alice/Update'])
    one.update('bob', setEntries([entry]))
    assert.deepEqual(Object.keys(one.owners()), ['mallory/Update'])
  })

  it('of another version are kept, and lose what changes', () => {
    const one = tracked()
    const entry = { ...(entriesOf(one.object())[0] as JsonObject), apiVersion: 'v1beta1' }
    one.update('bob', setEntries([entry]))
    one.update('bob', setData({ x: '2' }))
    assert.deepEqual(
      entriesOf(one.object()).map(({ manager, apiVersion }) => [manager, apiVersion]),
      [
        ['alice', 'v1beta1'],
        ['bob', 'v1'],
      ],
    )
  })
})

describe('many updaters', () => {
  it('are merged into ancient-changes from the eleventh on, the oldest first', () => {
    const one = story(configMap)
    const data: JsonObject = {}
    for (let number = 1; number <= 12; number++) {
      data[`k${number}`] = '1'
      one.update(`m${number}`, setData({ ...data }))
    }
    const names = Object.keys(one.owners())
    assert.equal(names.length, 10)
    assert.deepEqual(one.owners()['ancient-changes/Update'], { 'f:data': { '.': {}, ...fields('k1 k2 k3') } })
    assert.equal(one.times()['ancient-changes/Update'], at(3))
    assert.deepEqual(names.slice(0, 2), ['ancient-changes/Update', 'm4/Update'])
  })

  it('leave no field without exactly one owner, whoever writes', () => {
    const write = fc.tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.dictionary(fc.constantFrom('x', 'y', '__proto__'), fc.constantFrom('1', '2')),
    )
    fc.assert(
      fc.property(fc.array(write, { minLength: 1, maxLength: 8 }), (writes) => {
        const one = story(configMap)
        one.update('first', setData({ keep: '1' }))
        for (const [manager, data] of writes) one.update(manager, setData({ keep: '1', ...data }))
        const owned = Object.values(one.owners())
          .flatMap((entry) => Object.keys(((entry as JsonObject)['f:data'] as JsonObject | undefined) ?? {}))
          .filter((step) => step !== '.')
        const present = Object.keys(one.object().data as JsonObject).map((name) => `f:${name}`)
        assert.deepEqual(owned.sort(), present.sort())
      }),
    )
  })
})

describe('a write that changes nothing but times', () => {
  it('counts as none', () => {
    const update = { type: configMap, manager: 'm' }
    const after: JsonObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { x: '1' },
    }
    const first = trackUpdate({ before: undefined, after, ...update, now: at(1) })
    const second = trackUpdate({ before: undefined, after, ...update, now: at(2) })
    assert.notDeepEqual(first, second)
    assert.equal(ignoreTimes(first, second), first)
    const other = { ...second, data: { x: '2' } }
    assert.equal(ignoreTimes(first, other), other)
  })
})
