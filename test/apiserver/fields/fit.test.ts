import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { applyPatch } from '../../../lib/apiserver/fields/apply.ts'
import { at, conflictOf, story, widget } from './sample.ts'

describe('a schema that has changed', () => {
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
