import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { APPLIED, appliedBy } from '../lib/applied.ts'
import type { ManagedFields } from '../lib/kube.ts'

const owns = (annotation: string) => ({ 'f:metadata': { 'f:annotations': { [`f:${annotation}`]: {} } } })
const ask = (...managedFields: readonly ManagedFields[]) => appliedBy({ managedFields })

describe('appliedBy (C8)', () => {
  it('is the manager whose apply owns the mark, among whatever other entries', () => {
    assert.equal(
      ask(
        { manager: 'kubectl', operation: 'Apply', fieldsV1: owns('other') },
        { manager: 'app', operation: 'Apply', fieldsV1: owns(APPLIED) },
      ),
      'app',
    )
  })

  it('is nobody for a PUT that owns the mark, an apply without it, and without managedFields', () => {
    assert.equal(ask({ manager: 'app', operation: 'Update', fieldsV1: owns(APPLIED) }), undefined)
    assert.equal(ask({ manager: 'app', operation: 'Apply', fieldsV1: owns('other') }), undefined)
    assert.equal(ask({ manager: 'app', operation: 'Apply' }), undefined)
    assert.equal(appliedBy({}), undefined)
  })
})
