import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ApplyConflict, ApplyError, applyPatch } from '../../../lib/apiserver/fields/apply.ts'
import type { JsonObject } from '../../../lib/apiserver/resource.ts'
import { at, configMap, deployment, entriesOf, fields, story, widget } from './sample.ts'

/** The conflict that `act` runs into. */
function conflictOf(act: () => unknown): ApplyConflict {
  try {
    act()
  } catch (error) {
    if (error instanceof ApplyConflict) return error
    throw error
  }
  throw new assert.AssertionError({ message: 'expected a conflict' })
}

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

describe('apply to a custom kind', () => {
  const first: JsonObject = {
    spec: {
      scalar: 's',
      granular: { a: '1', deep: { c: '1' } },
      atomic: { a: '1' },
      labels: { k: '1' },
      nested: { n: { v: '1' } },
      list: ['a', 'b'],
      set: ['a', 'b'],
      items: [{ name: 'x', value: '1' }],
      ports: [{ port: 80 }],
    },
  }

  it('divides an object into fields as its schema says', () => {
    const one = story(widget)
    one.apply('one', first)
    assert.deepEqual(one.owners()['one/Apply'], {
      'f:spec': {
        ...fields('atomic list scalar'),
        'f:granular': { 'f:a': {}, 'f:deep': { 'f:c': {} } },
        'f:items': { 'k:{"name":"x"}': { '.': {}, ...fields('name value') } },
        'f:labels': { 'f:k': {} },
        'f:nested': { 'f:n': { '.': {}, 'f:v': {} } },
        'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
        'f:set': { 'v:"a"': {}, 'v:"b"': {} },
      },
    })
  })

  it('merges lists in the order of the patch, with the rest in their places', () => {
    const one = story(widget)
    one.apply('one', first)
    const { spec } = one.apply('two', {
      spec: { set: ['c'], items: [{ name: 'y' }, { name: 'x', more: { x: 'q' } }] },
    }) as { spec: JsonObject }
    assert.deepEqual(spec.set, ['a', 'b', 'c'])
    assert.deepEqual(spec.items, [{ name: 'y' }, { name: 'x', value: '1', more: { x: 'q' } }])
  })

  it('conflicts over an atomic list or map as a whole', () => {
    const one = story(widget)
    one.apply('one', first)
    const paths = conflictOf(() =>
      one.apply('two', { spec: { atomic: { b: '2' }, list: ['c'], items: [{ name: 'x', value: '2' }] } }),
    ).causes.map(({ field }) => field)
    assert.deepEqual(paths, ['.spec.atomic', '.spec.list', '.spec.items[name="x"].value'])
  })

  it('owns an empty map but not an empty list', () => {
    const one = story(widget)
    one.apply('one', { spec: { granular: {}, labels: {}, items: [], set: [] } })
    assert.deepEqual(one.owners()['one/Apply'], { 'f:spec': fields('granular labels') })
  })

  it('leaves an emptied map that somebody owns as such empty', () => {
    const one = story(widget)
    one.apply('one', { spec: { granular: { a: '1' } } })
    one.apply('two', { spec: { granular: {} } })
    assert.deepEqual(one.apply('one', { spec: {} }).spec, { granular: {} })
  })

  it('divides what a schema leaves open by its values', () => {
    const one = story(widget)
    one.apply('one', { spec: { free: { a: { b: 1 }, l: [{ c: 1 }] }, port: 'http' } })
    assert.deepEqual(one.owners()['one/Apply'], {
      'f:spec': { 'f:free': { 'f:a': { '.': {}, 'f:b': {} }, 'f:l': {} }, 'f:port': {} },
    })
  })

  it('owns the parts of an embedded object', () => {
    const one = story(widget)
    one.apply('one', { spec: { template: { kind: 'Pod', metadata: { finalizers: ['e/a'] } } } })
    assert.deepEqual(one.owners()['one/Apply'], {
      'f:spec': { 'f:template': { 'f:kind': {}, 'f:metadata': { 'f:finalizers': { 'v:"e/a"': {} } } } },
    })
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

  it('takes a list that has become atomic for owned as a whole', () => {
    const one = story(widget)
    one.apply('one', { spec: { set: ['a'] } })
    const spec = widget.schema.properties?.spec
    const set = { ...spec?.properties?.set, 'x-kubernetes-list-type': 'atomic' as const }
    const type = {
      ...widget,
      schema: {
        ...widget.schema,
        properties: { spec: { ...spec, properties: { ...spec?.properties, set } } },
      },
    }
    const patch = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'a' },
      spec: { set: ['b'] },
    }
    const request = { live: one.object(), patch, type, manager: 'two', force: false, now: at(9) }
    assert.equal(conflictOf(() => applyPatch(request)).causes[0]?.field, '.spec.set')
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
  const misfit = (spec: JsonObject): string => {
    const error = refused({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec })
    assert.deepEqual([error.code, error.reason], [500, undefined])
    const prefix = 'failed to create typed patch object (/w; example.com/v1, Kind=Widget): '
    assert.ok(error.message.startsWith(prefix), error.message)
    return error.message.slice(prefix.length)
  }

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
  for (const [what, spec, message] of cases) it(what, () => assert.equal(misfit(spec), message))

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

describe('apply by kubectl', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
  const clientSide = (x: string): JsonObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { annotations: {}, name: 'a' },
    data: { x },
  })

  it('takes over what client-side apply set, and keeps its annotation up to date', () => {
    const one = story(configMap)
    one.update('kubectl-client-side-apply', (object) => {
      object.metadata = { name: 'a', annotations: { [annotation]: JSON.stringify(clientSide('1')) } }
      object.data = { x: '1' }
    })
    assert.throws(() => one.apply('other', data({ x: '2' })), ApplyConflict)
    const object = one.apply('kubectl', data({ x: '2' }))
    assert.deepEqual(object.data, { x: '2' })
    const written = ((object.metadata as JsonObject).annotations as JsonObject)[annotation]
    assert.deepEqual((JSON.parse(String(written)) as JsonObject).data, { x: '2' })
  })

  it('conflicts over what somebody has changed since', () => {
    const one = story(configMap)
    one.update('kubectl-client-side-apply', (object) => {
      object.metadata = { name: 'a', annotations: { [annotation]: JSON.stringify(clientSide('1')) } }
      object.data = { x: '1' }
    })
    one.update('editor', (object) => {
      object.data = { x: '7' }
    })
    assert.match(
      conflictOf(() => one.apply('kubectl', data({ x: '2' }))).message,
      /"editor" using v1: \.data\.x$/,
    )
  })
})

describe('apply to a Deployment', () => {
  const patch = (containers: JsonObject[]): JsonObject => ({ spec: { template: { spec: { containers } } } })

  it('knows containers, their environment and their ports by key', () => {
    const one = story(deployment())
    one.apply(
      'one',
      patch([
        { name: 'main', image: 'i:1', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] },
      ]),
    )
    one.apply('injector', patch([{ name: 'side', image: 's:1' }]))
    assert.deepEqual(one.owners(), {
      'injector/Apply': {
        'f:spec': {
          'f:template': {
            'f:spec': { 'f:containers': { 'k:{"name":"side"}': { '.': {}, ...fields('image name') } } },
          },
        },
      },
      'one/Apply': {
        'f:spec': {
          'f:template': {
            'f:spec': {
              'f:containers': {
                'k:{"name":"main"}': {
                  '.': {},
                  ...fields('image name'),
                  'f:env': { 'k:{"name":"A"}': { '.': {}, ...fields('name value') } },
                  'f:ports': {
                    'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
                  },
                },
              },
            },
          },
        },
      },
    })
  })

  it('takes a missing key of a built-in list for the zero value', () => {
    const one = story(deployment())
    one.apply('one', patch([{ image: 'i' }]))
    assert.match(JSON.stringify(one.owners()), /k:\{\\"name\\":\\"\\"\}/)
  })
})

describe('apply, whatever is applied', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd')
  const value = fc.constantFrom('1', '2', '3')
  const spec = fc.record(
    {
      scalar: value,
      granular: fc.record({ a: value, b: value }, { requiredKeys: [] }),
      labels: fc.dictionary(key, value),
      list: fc.array(value, { maxLength: 3 }),
      set: fc.uniqueArray(key, { maxLength: 4 }),
      items: fc
        .uniqueArray(fc.record({ name: key, value }, { requiredKeys: ['name'] }), {
          selector: ({ name }) => name,
          maxLength: 4,
        })
        .map((items) => items as JsonObject[]),
    },
    { requiredKeys: [] },
  )
  const writes = fc.array(fc.tuple(fc.constantFrom('one', 'two', 'three'), spec), {
    minLength: 1,
    maxLength: 6,
  })

  const told = (some: [string, object][]) => {
    const tale = story(widget)
    // An object that nobody owns anything of counts as untracked: the next apply finds "before-first-apply" in it.
    tale.apply('base', { spec: { replicas: 1 } })
    for (const [manager, one] of some) tale.apply(manager, { spec: one as JsonObject }, { force: true })
    return tale
  }

  it('a second time changes nothing', () => {
    fc.assert(
      fc.property(writes, (some) => {
        const tale = told(some)
        const before = tale.object()
        const [manager, last] = some.at(-1) as [string, object]
        assert.deepEqual(tale.apply(manager, { spec: last as JsonObject }), before)
      }),
    )
  })

  it('by force, then again without, does not conflict', () => {
    fc.assert(
      fc.property(writes, spec, (some, next) => {
        const tale = told(some)
        tale.apply('four', { spec: next as JsonObject }, { force: true })
        tale.apply('four', { spec: next as JsonObject })
      }),
    )
  })

  it('leaves all that the last manager asked for in the object', () => {
    fc.assert(
      fc.property(writes, (some) => {
        const { spec: result = {} } = told(some).object() as { spec?: JsonObject }
        const [, last] = some.at(-1) as [string, Record<string, unknown>]
        if ('scalar' in last) assert.equal(result.scalar, last.scalar)
        if ('list' in last) assert.deepEqual(result.list, last.list)
        for (const item of (last.set as string[] | undefined) ?? [])
          assert.ok((result.set as string[]).includes(item))
        for (const [name, text] of Object.entries((last.labels as object | undefined) ?? {}))
          assert.equal((result.labels as JsonObject)[name], text)
      }),
    )
  })

  it('by managers of different fields never conflicts', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.dictionary(key, value), (a, b) => {
        const tale = story(configMap)
        const prefixed = (prefix: string, some: Record<string, string>) =>
          Object.fromEntries(Object.entries(some).map(([name, text]) => [`${prefix}-${name}`, text]))
        tale.apply('one', { data: prefixed('one', a) })
        const { data: both } = tale.apply('two', { data: prefixed('two', b) })
        assert.deepEqual({ ...(both as JsonObject) }, { ...prefixed('one', a), ...prefixed('two', b) })
        tale.apply('one', {})
        tale.apply('two', {})
        assert.deepEqual(tale.owners(), {})
      }),
    )
  })

  it('changes nothing in the object and the patch that it is given', () => {
    fc.assert(
      fc.property(writes, spec, (some, next) => {
        const live = told(some).object()
        const patch = {
          apiVersion: 'example.com/v1',
          kind: 'Widget',
          metadata: { name: 'a' },
          spec: next as JsonObject,
        }
        const before = JSON.stringify([live, patch])
        applyPatch({ live, patch, type: widget, manager: 'four', force: true, now: at(99) })
        assert.equal(JSON.stringify([live, patch]), before)
      }),
    )
  })
})
