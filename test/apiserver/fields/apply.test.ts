import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApplyError, applyPatch } from '../../../lib/apiserver/fields/apply.ts'
import type { JsonObject } from '../../../lib/apiserver/resource.ts'
import { at, configMap, conflictOf, entriesOf, fields, full, story, widget } from './sample.ts'

const data = (values: JsonObject): JsonObject => ({ data: values })

describe('apply', () => {
  it('owns leaves, not the maps that hold them', () => {
    const one = story(configMap)
    one.apply('one', { metadata: { labels: { l: '1' } }, ...data({ x: '1' }) })
    assert.deepEqual(one.owners(), {
      'one/Apply': { 'f:data': { 'f:x': {} }, 'f:metadata': { 'f:labels': { 'f:l': {} } } },
    })
  })

  it('gives an equal object when it is repeated, its time included', () => {
    const one = story(configMap)
    const first = one.apply('one', data({ x: '1' }))
    assert.deepEqual(one.apply('one', data({ x: '1' })), first)
    assert.deepEqual(one.times(), { 'one/Apply': at(1) })
  })

  it('removes what is not applied any more, with the map that it was the last of', () => {
    const one = story(configMap)
    one.apply('one', data({ x: '1', y: '2' }))
    assert.deepEqual(one.apply('one', data({ x: '1', z: '3' })).data, { x: '1', z: '3' })
    const nothing = one.apply('one', {})
    assert.ok(!('data' in nothing))
    assert.deepEqual(entriesOf(nothing), [])
  })

  it('keeps a field until its last owner has dropped it', () => {
    const shared = story(configMap)
    shared.apply('one', data({ shared: '1', mine: '1' }))
    shared.apply('two', data({ shared: '1', theirs: '1' }))
    assert.deepEqual(shared.apply('one', data({ mine: '1' })).data, { shared: '1', mine: '1', theirs: '1' })
    assert.deepEqual(shared.apply('two', data({ theirs: '1' })).data, { mine: '1', theirs: '1' })
  })

  it('keeps a field that an update has taken over', () => {
    const taken = story(configMap)
    taken.apply('one', data({ x: '1' }))
    taken.update('editor', (object) => {
      object.data = { x: '2' }
    })
    assert.deepEqual(taken.apply('one', data({})).data, { x: '2' })
    assert.deepEqual(taken.owners()['one/Apply'], { 'f:data': {} })
  })

  it('shares a field applied with the same value, without a time for who changed nothing', () => {
    const shared = story(configMap)
    shared.apply('one', data({ x: '1', y: '1' }))
    shared.apply('two', data({ x: '1' }))
    assert.deepEqual(shared.owners(), {
      'two/Apply': { 'f:data': fields('x') },
      'one/Apply': { 'f:data': fields('x y') },
    })
    assert.deepEqual(shared.times(), { 'two/Apply': null, 'one/Apply': at(1) })
  })

  it('names one conflict in one line', () => {
    const one = story(configMap)
    one.apply('one', data({ x: '1' }))
    const conflict = conflictOf(() => one.apply('two', data({ x: '2' })))
    assert.equal(conflict.message, 'Apply failed with 1 conflict: conflict with "one": .data.x')
    assert.deepEqual(conflict.causes, [
      { reason: 'FieldManagerConflict', field: '.data.x', message: 'conflict with "one"' },
    ])
  })

  it('names several conflicts by manager, updates with their version', () => {
    const one = story(configMap)
    one.apply('one', data({ x: '1', y: '1' }))
    one.update('editor', (object) => {
      object.data = { x: '4', y: '1', u: '1' }
    })
    const conflict = conflictOf(() => one.apply('three', data({ x: '5', y: '5', u: '5' })))
    assert.equal(
      conflict.message,
      'Apply failed with 3 conflicts: conflicts with "editor" using v1:\n- .data.u\n- .data.x\nconflicts with "one":\n- .data.y',
    )
    assert.equal(conflict.causes.length, 3)
  })

  it('takes contested fields by force, and their owners lose them', () => {
    const one = story(configMap)
    one.apply('one', data({ x: '1', y: '1' }))
    one.apply('two', data({ x: '2' }), { force: true })
    assert.deepEqual(one.owners(), {
      'one/Apply': { 'f:data': fields('y') },
      'two/Apply': { 'f:data': fields('x') },
    })
    assert.match(conflictOf(() => one.apply('one', data({ x: '1', y: '1' }))).message, /"two": \.data\.x$/)
    assert.deepEqual(one.apply('one', data({ x: '1', y: '1' }), { force: true }).data, { x: '1', y: '1' })
    assert.deepEqual(Object.keys(one.owners()), ['one/Apply'])
  })

  it('gives what an untracked object holds to before-first-apply', () => {
    const live: JsonObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', uid: 'u' },
      data: { x: '3' },
    }
    const patch = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '9', z: '1' } }
    const request = { live, patch, type: configMap, manager: 'one', now: at(1) }
    const conflict = conflictOf(() => applyPatch({ ...request, force: false }))
    assert.equal(
      conflict.message,
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.x',
    )
    const { object } = applyPatch({ ...request, force: true })
    assert.deepEqual(
      entriesOf(object).map(({ manager, operation, fieldsV1 }) => [manager, operation, fieldsV1]),
      [
        ['one', 'Apply', { 'f:data': fields('x z') }],
        ['before-first-apply', 'Update', { 'f:data': {} }],
      ],
    )
  })

  it('does not count another manager of its own name that updates as itself', () => {
    const one = story(configMap)
    one.apply('one', data({ x: '2' }))
    one.update('one', (object) => {
      object.data = { x: '3' }
    })
    const conflict = conflictOf(() => one.apply('one', data({ x: '4' })))
    assert.match(conflict.message, /conflict with "one" using v1: \.data\.x$/)
  })

  it('leaves a null creationTimestamp in the patch without effect', () => {
    const one = story(configMap)
    one.update('creator', (object) => {
      object.metadata = { name: 'a', creationTimestamp: at(0) }
    })
    const object = one.apply('one', { metadata: { creationTimestamp: null }, ...data({ x: '1' }) })
    assert.equal((object.metadata as JsonObject).creationTimestamp, at(0))
  })

  it('keeps a map and its members apart by key, even one called __proto__', () => {
    const one = story(configMap)
    one.apply('one', data(JSON.parse('{"__proto__":"p","constructor":"c"}') as JsonObject))
    const object = one.apply('two', data({ x: '1' }))
    assert.deepEqual(Object.keys(object.data as JsonObject).sort(), ['__proto__', 'constructor', 'x'])
    assert.equal(Object.getPrototypeOf(object.data), Object.prototype)
    assert.deepEqual(one.apply('one', {}).data, { x: '1' })
  })
})

describe('apply to a custom kind', () => {
  it('conflicts over an atomic list or map as a whole', () => {
    const one = story(widget)
    one.apply('one', full)
    const paths = conflictOf(() =>
      one.apply('two', { spec: { atomic: { b: '2' }, list: ['c'], items: [{ name: 'x', value: '2' }] } }),
    ).causes.map(({ field }) => field)
    assert.deepEqual(paths, ['.spec.atomic', '.spec.list', '.spec.items[name="x"].value'])
  })

  it('leaves an emptied map that somebody owns as such empty', () => {
    const one = story(widget)
    one.apply('one', { spec: { granular: { a: '1' } } })
    one.apply('two', { spec: { granular: {} } })
    assert.deepEqual(one.apply('one', { spec: {} }).spec, { granular: {} })
  })

  it('ignores the status on the main endpoint and the spec on that of the status', () => {
    const one = story(widget)
    const created = one.apply('one', { spec: { scalar: 's' }, status: { phase: 'ignored' } })
    assert.ok(!('status' in created))
    const object = one.apply(
      'one',
      {
        spec: { scalar: 'ignored' },
        status: { phase: 'Ready', conditions: [{ type: 'A', status: 'True' }] },
      },
      { subresource: 'status' },
    )
    assert.deepEqual(object.spec, { scalar: 's' })
    assert.deepEqual(one.owners(), {
      'one/Apply': { 'f:spec': fields('scalar') },
      'one/Apply/status': {
        'f:status': {
          'f:conditions': { 'k:{"type":"A"}': { '.': {}, ...fields('status type') } },
          'f:phase': {},
        },
      },
    })
    const conflict = conflictOf(() =>
      one.apply('two', { status: { phase: 'Other' } }, { subresource: 'status' }),
    )
    assert.equal(
      conflict.message,
      'Apply failed with 1 conflict: conflict with "one" with subresource "status": .status.phase',
    )
  })

  it('names the subresource through which an autoscaler took the replicas', () => {
    const one = story(widget)
    one.apply('one', { spec: { replicas: 1 } })
    one.update(
      'hpa',
      (object) => {
        object.spec = { replicas: 4 }
      },
      'scale',
    )
    assert.deepEqual(one.times()['hpa/Update/scale'], null)
    const conflict = conflictOf(() => one.apply('one', { spec: { replicas: 1 } }))
    assert.match(conflict.message, /"hpa" with subresource "scale" using example\.com\/v1: \.spec\.replicas$/)
  })
})

describe('apply refuses', () => {
  const refused = (patch: JsonObject, type = widget): ApplyError => {
    try {
      applyPatch({ live: undefined, patch, type, manager: 'one', force: false, now: at(1) })
    } catch (error) {
      if (error instanceof ApplyError) return error
      throw error
    }
    throw new assert.AssertionError({ message: 'expected a refusal' })
  }

  it('a patch that does not fit the schema with 500 and no reason', () => {
    const patch = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, bogus: 1 }
    const error = refused(patch)
    assert.deepEqual([error.code, error.reason], [500, undefined])
    assert.equal(
      error.message,
      'failed to create typed patch object (/w; example.com/v1, Kind=Widget): .bogus: field not declared in schema',
    )
  })

  it('another kind or version, and managedFields', () => {
    const error = refused({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }, configMap)
    assert.deepEqual(
      [error.code, error.reason, error.message],
      [400, 'BadRequest', 'invalid object type: /v1, Kind=Secret'],
    )
    assert.equal(refused({ metadata: {} }).message, 'invalid object type: /, Kind=')
    const metadata = { name: 'a', managedFields: [] }
    assert.equal(
      refused({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, configMap).message,
      'metadata.managedFields must be nil',
    )
  })
})
