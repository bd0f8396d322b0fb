/**
 * What a storage driver is able to do: CSIDrivers of storage.k8s.io/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { duplicate, immutable, invalid, notSupported } from '../schema/problem.ts'
import { always, byDefault, listOf, needed, struct } from './dsl.ts'
import { defineKind, specChanged } from './kind.ts'

const driverSpec = struct('CSIDriverSpec', {
  attachRequired: byDefault('bool?', true),
  podInfoOnMount: byDefault('bool?', false),
  volumeLifecycleModes: { ...listOf('string'), 'x-kubernetes-list-type': 'set' },
  storageCapacity: byDefault('bool?', false),
  fsGroupPolicy: byDefault('string?', 'ReadWriteOnceWithFSType'),
  tokenRequests: listOf(struct('TokenRequest', { audience: 'string!', expirationSeconds: 'int64?' })),
  requiresRepublish: byDefault('bool?', false),
  seLinuxMount: byDefault('bool?', false),
  nodeAllocatableUpdatePeriodSeconds: 'int64?',
  serviceAccountTokenInSecrets: 'bool?',
  preventPodSchedulingIfMissing: 'bool?',
})

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType']
const lifecycleModes = ['Persistent', 'Ephemeral']

/** How often the room of a node is asked for at most (storage validation). */
const minUpdateSeconds = 10

const minTokenSeconds = 600
const maxTokenSeconds = 2 ** 32

const tokenProblems = (spec: JsonObject): Problem[] => {
  const audiences = new Set<string>()
  return listAt(spec, 'tokenRequests').flatMap((one, index) => {
    const field = `spec.tokenRequests[${index}]`
    const audience = stringAt(one, 'audience')
    const seconds = numberAt(one, 'expirationSeconds')
    const isTwice = audiences.has(audience)
    audiences.add(audience)
    // A second one of the same audience is not looked at any further.
    if (isTwice) return [duplicate(`${field}.audience`, audience)]
    if (seconds === undefined) return []
    if (seconds < minTokenSeconds)
      return [
        invalid(`${field}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'),
      ]
    return seconds > maxTokenSeconds
      ? [
          invalid(
            `${field}.expirationSeconds`,
            seconds,
            'may not specify a duration larger than 2^32 seconds',
          ),
        ]
      : []
  })
}

const driverChoices = (spec: JsonObject): Problem[] => {
  const policy = stringAt(spec, 'fsGroupPolicy')
  const seconds = numberAt(spec, 'nodeAllocatableUpdatePeriodSeconds')
  return [
    ...listAt(spec, 'volumeLifecycleModes').flatMap((mode) =>
      lifecycleModes.includes(String(mode))
        ? []
        : [notSupported('spec.volumeLifecycleModes', mode, lifecycleModes)],
    ),
    ...(groupPolicies.includes(policy) ? [] : [notSupported('spec.fsGroupPolicy', policy, groupPolicies)]),
    ...(seconds === undefined || seconds >= minUpdateSeconds
      ? []
      : [
          invalid(
            'spec.nodeAllocatableUpdatePeriodSeconds',
            seconds,
            `must be greater than or equal to ${minUpdateSeconds} seconds`,
          ),
        ]),
  ]
}

/** What does not change, as refusals call it. */
const fixed: Readonly<Record<string, string>> = {
  attachRequired: 'spec.attachedRequired',
  volumeLifecycleModes: 'spec.volumeLifecycleModes',
}

/** storage.k8s.io/v1 CSIDriver. */
export const driverType: ResourceType = defineKind({
  group: 'storage.k8s.io',
  kind: 'CSIDriver',
  namespaced: false,
  returnsDeleted: true,
  bumpsGeneration: specChanged,
  firstGeneration: 0,
  fields: { spec: needed(always(driverSpec)) },
  defaults: (object) => {
    const spec = objectAt(object, 'spec')
    if (listAt(spec, 'volumeLifecycleModes').length === 0) spec.volumeLifecycleModes = ['Persistent']
  },
  prepare: (object) => {
    // An alpha feature, and off.
    delete objectAt(object, 'spec').preventPodSchedulingIfMissing
  },
  validate: (object, before) => {
    const spec = objectAt(object, 'spec')
    const old = objectAt(before, 'spec')
    return [
      ...tokenProblems(spec),
      ...driverChoices(spec),
      ...(before
        ? Object.keys(fixed).flatMap((name) =>
            isEqual(spec[name] ?? null, old[name] ?? null)
              ? []
              : [immutable(fixed[name] ?? '', spec[name] ?? null)],
          )
        : []),
    ]
  },
})
