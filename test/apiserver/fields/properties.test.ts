import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { applyPatch } from '../../../lib/apiserver/fields/apply.ts'
import type { JsonObject } from '../../../lib/apiserver/resource.ts'
import { at, configMap, story, widget } from './sample.ts'

describe('apply, whatever is applied', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd')
  const value = fc.constantFrom('1', '2', '3')
  const spec = fc.record(
    {
      scalar: value,
      granular: fc.record({ a: value, b: value }, { requiredKeys: [] }),
      labels: fc.dictionary(key, value),
      list: fc.array(value, { maxLength: 3 }),
      // Not empty: nobody owns an empty list, so it goes with its last item and comes with the next apply.
      set: fc.uniqueArray(key, { minLength: 1, maxLength: 4 }),
      items: fc
        .uniqueArray(fc.record({ name: key, value }, { requiredKeys: ['name'] }), {
          selector: ({ name }) => name,
          minLength: 1,
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
