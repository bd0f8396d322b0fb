/**
 * Leases of coordination.k8s.io/v1.
 */

import type { Problem, ResourceType } from '../resource.ts'
import { numberAt, objectAt } from '../schema/equal.ts'
import { invalid } from '../schema/problem.ts'
import { always, struct } from './dsl.ts'
import { defineKind } from './kind.ts'

const spec = struct('LeaseSpec', {
  holderIdentity: 'string?',
  leaseDurationSeconds: 'int32?',
  acquireTime: 'microtime?',
  renewTime: 'microtime?',
  leaseTransitions: 'int32?',
  strategy: 'string?',
  preferredHolder: 'string?',
})

/** coordination.k8s.io/v1 Lease. */
export const leaseType: ResourceType = defineKind({
  group: 'coordination.k8s.io',
  kind: 'Lease',
  fields: { spec: always(spec) },
  prepare: (object) => {
    // Fields of coordinated leader election, which is an alpha feature and off.
    const spec = objectAt(object, 'spec')
    delete spec.strategy
    delete spec.preferredHolder
  },
  validate: (object): Problem[] => {
    const duration = numberAt(object, 'spec', 'leaseDurationSeconds')
    const transitions = numberAt(object, 'spec', 'leaseTransitions')
    return [
      ...(duration !== undefined && duration <= 0
        ? [invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0')]
        : []),
      ...(transitions !== undefined && transitions < 0
        ? [invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
        : []),
    ]
  },
})
