import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../lib/kube.ts'
import { type Conclusion, statusPatch } from '../../lib/reconcile/status.ts'

const NOW = Date.parse('2026-01-02T03:04:05.678Z')
const TIME = '2026-01-02T03:04:05Z'
const EARLIER = '2025-01-01T00:00:00Z'

const object = (status?: object, generation: number | undefined = 3): KubeObject & { status?: object } => ({
  apiVersion: 'x.example.com/v1',
  kind: 'X',
  metadata: {
    name: 'x',
    uid: 'u',
    resourceVersion: '7',
    creationTimestamp: EARLIER,
    ...(generation === undefined ? {} : { generation }),
  },
  ...(status === undefined ? {} : { status }),
})

const done: Conclusion = { type: 'done' }
const failed = (isStalled: boolean): Conclusion => ({
  type: 'failed',
  reason: 'ReconcileFailed',
  message: 'no',
  isStalled,
})
const reconciled = {
  type: 'Reconciled',
  status: 'True',
  reason: 'Reconciled',
  message: '',
  observedGeneration: 3,
}
const settled = {
  readyReplicas: 2,
  observedGeneration: 3,
  conditions: [{ ...reconciled, lastTransitionTime: EARLIER }],
}

const patch = (
  from: KubeObject,
  fields: Record<string, unknown>,
  conclusion: Conclusion | undefined = done,
) => statusPatch(from, fields, { conclusion, now: NOW })

describe('statusPatch (R11, C7)', () => {
  it('writes fields, observedGeneration and the condition the first time', () => {
    assert.deepEqual(patch(object(), { readyReplicas: 2 }), {
      readyReplicas: 2,
      observedGeneration: 3,
      conditions: [{ ...reconciled, lastTransitionTime: TIME }],
    })
  })

  it('is undefined when nothing would change (C7)', () => {
    assert.equal(patch(object(settled), { readyReplicas: 2 }), undefined)
  })

  it('names only what differs', () => {
    assert.deepEqual(patch(object(settled), { readyReplicas: 1 }), { readyReplicas: 1 })
  })

  it('keeps fields that this run did not set, and removes those set to undefined', () => {
    assert.equal(patch(object(settled), {}), undefined)
    assert.deepEqual(patch(object(settled), { readyReplicas: undefined }), { readyReplicas: null })
  })

  it('replaces maps exactly: keys that went away are removed', () => {
    const from = object({ ...settled, zones: { a: 1, b: 2 } })
    assert.deepEqual(patch(from, { zones: { b: 2, c: 3 } }), { zones: { a: null, c: 3 } })
  })

  it('moves the transition time only when the condition changes its status', () => {
    const from = object({ ...settled, observedGeneration: 2 }, 3)
    assert.deepEqual(patch(from, {}), { observedGeneration: 3 })
    const after = patch(object(settled), {}, failed(false)) as {
      conditions: { lastTransitionTime: string }[]
    }
    assert.equal(after.conditions[0]?.lastTransitionTime, TIME)
  })

  it('marks a stalled object, and takes the mark away when it recovers', () => {
    const stalled = patch(object(settled), {}, failed(true)) as {
      conditions: { type: string; status: string }[]
    }
    assert.deepEqual(
      stalled.conditions.map(({ type, status }) => `${type}=${status}`),
      ['Reconciled=False', 'Stalled=True'],
    )
    const recovered = patch(object({ ...settled, ...stalled }), {}) as { conditions: { type: string }[] }
    assert.deepEqual(
      recovered.conditions.map(({ type }) => type),
      ['Reconciled'],
    )
  })

  it('leaves conditions of other writers alone and merges the author’s by type', () => {
    const other = { type: 'Audited', status: 'True', reason: 'Ok', message: '', lastTransitionTime: EARLIER }
    const from = object({ ...settled, conditions: [other, ...settled.conditions] })
    assert.equal(patch(from, {}), undefined)
    const mine = { type: 'Available', status: 'True', reason: 'Up', message: '' }
    const after = patch(from, { conditions: [mine] }) as { conditions: { type: string }[] }
    assert.deepEqual(
      after.conditions.map(({ type }) => type),
      ['Audited', 'Reconciled', 'Available'],
    )
  })

  it('writes nothing of its own into a status that is not ours', () => {
    assert.equal(statusPatch(object(), {}, { conclusion: undefined, now: NOW }), undefined)
    assert.deepEqual(statusPatch(object(), { phase: 'x' }, { conclusion: undefined, now: NOW }), {
      phase: 'x',
    })
  })

  it('bounds a message', () => {
    const long = { ...failed(false), message: 'x'.repeat(5000) } as Conclusion
    const after = patch(object(), {}, long) as { conditions: { message: string }[] }
    assert.equal(after.conditions[0]?.message.length, 1024)
  })
})
