import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { APPLIED, isOwnApply } from '../lib/applied.ts'
import type { ManagedFields } from '../lib/kube.ts'

const owns = (annotation: string) => ({ 'f:metadata': { 'f:annotations': { [`f:${annotation}`]: {} } } })
const ask = (...managedFields: readonly ManagedFields[]) => isOwnApply({ managedFields })

describe('isOwnApply (C8)', () => {
  it('is true where an apply owns the mark, among whatever other entries', () => {
    assert.equal(
      ask({ operation: 'Update', fieldsV1: {} }, { operation: 'Apply', fieldsV1: owns(APPLIED) }),
      true,
    )
  })

  it('is false for a PUT that owns the mark, an apply without it, and without managedFields', () => {
    assert.equal(ask({ operation: 'Update', fieldsV1: owns(APPLIED) }), false)
    assert.equal(ask({ operation: 'Apply', fieldsV1: owns('other') }), false)
    assert.equal(ask({ operation: 'Apply' }), false)
    assert.equal(isOwnApply({}), false)
  })
})
