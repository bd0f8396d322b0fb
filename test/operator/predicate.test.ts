import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Facets } from '../../lib/operator.ts'
import {
  and,
  annotationsChanged,
  deletionStarted,
  generationChanged,
  labelsChanged,
  not,
  or,
  primaryChanged,
  resourceVersionChanged,
} from '../../lib/operator/predicate.ts'

const before: Facets = {
  uid: 'u',
  generation: 1,
  resourceVersion: '10',
  labels: 'l',
  annotations: 'a',
  isDeleting: false,
}
const after = (changed: Partial<Facets>): Facets => ({ ...before, resourceVersion: '11', ...changed })

describe('predicates', () => {
  it('the default wakes on generation, labels, annotations and the start of deletion', () => {
    for (const changed of [{ generation: 2 }, { labels: 'm' }, { annotations: 'b' }, { isDeleting: true }])
      assert.equal(primaryChanged(before, after(changed)), true, JSON.stringify(changed))
  })

  it('the default sleeps through a status write (C6)', () =>
    assert.equal(primaryChanged(before, after({})), false))

  it('the default wakes on any write of a kind without a generation (C11)', () => {
    const none = { generation: undefined }
    assert.equal(primaryChanged({ ...before, ...none }, after(none)), true)
    assert.equal(primaryChanged({ ...before, ...none }, { ...before, ...none }), false)
  })

  it('each looks at its own facet', () => {
    const table = [
      [generationChanged, { generation: 2 }],
      [labelsChanged, { labels: 'm' }],
      [annotationsChanged, { annotations: 'b' }],
      [deletionStarted, { isDeleting: true }],
    ] as const
    for (const [predicate, changed] of table) {
      assert.equal(predicate(before, after(changed)), true)
      assert.equal(predicate(before, after({})), false)
    }
    assert.equal(resourceVersionChanged(before, after({})), true)
    assert.equal(resourceVersionChanged(before, before), false)
  })

  it('deletion starts once', () =>
    assert.equal(deletionStarted(after({ isDeleting: true }), after({ isDeleting: true })), false))

  it('combine', () => {
    const relabelled = after({ labels: 'm' })
    assert.equal(and(labelsChanged, generationChanged)(before, relabelled), false)
    assert.equal(or(labelsChanged, generationChanged)(before, relabelled), true)
    assert.equal(not(labelsChanged)(before, relabelled), false)
  })
})
