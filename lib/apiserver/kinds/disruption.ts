/**
 * PodDisruptionBudgets of policy/v1, and the Eviction that asks them.
 */

import type { Json, JsonObject, Problem, ResourceType } from '../resource.ts'
import { isObject, numberAt, objectAt } from '../schema/equal.ts'
import { invalid, invalidPrinted, notSupported } from '../schema/problem.ts'
import { always, choice, mapOf, needed, ofPackage, struct } from './dsl.ts'
import { defineKind, specChanged } from './kind.ts'
import { conditions, labelSelector } from './reference.ts'
import { labelSelectorProblems } from './labelrules.ts'
import { intOrPercentProblems } from './rollout.ts'

const spec = struct('PodDisruptionBudgetSpec', {
  minAvailable: 'intOrString?',
  selector: { ...labelSelector, 'x-kubernetes-patch-strategy': 'replace' },
  maxUnavailable: 'intOrString?',
  unhealthyPodEvictionPolicy: choice('string?', 'AlwaysAllow', 'IfHealthyBudget'),
})

const status = struct('PodDisruptionBudgetStatus', {
  observedGeneration: 'int64',
  disruptedPods: mapOf('time!'),
  disruptionsAllowed: needed('int32!', false),
  currentHealthy: needed('int32!', false),
  desiredHealthy: needed('int32!', false),
  expectedPods: needed('int32!', false),
  conditions,
})

const amountProblems = (value: Json | undefined, field: string): Problem[] => {
  const problems = intOrPercentProblems(value, field)
  if (problems.length > 0 || typeof value !== 'string' || Number.parseInt(value, 10) <= 100) return problems
  return [invalid(field, value, 'must not be greater than 100%')]
}

const policies = ['AlwaysAllow', 'IfHealthyBudget']

const validate = (object: JsonObject, _: JsonObject | undefined, subresource = ''): Problem[] =>
  subresource === 'status' ? statusProblems(objectAt(object, 'status')) : specProblems(object)

const counters = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods']

const statusProblems = (status: JsonObject): Problem[] =>
  counters.flatMap((name) => {
    const count = numberAt(status, name) ?? 0
    return count < 0 ? [invalid(`status.${name}`, count, 'must be greater than or equal to 0')] : []
  })

const specProblems = (object: JsonObject): Problem[] => {
  const spec = objectAt(object, 'spec')
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec
  // In the order of the struct.
  const printed = JSON.stringify({
    MinAvailable: minAvailable ?? null,
    Selector: selector ?? null,
    MaxUnavailable: maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: policy ?? null,
  })
  return [
    ...(minAvailable !== undefined && maxUnavailable !== undefined
      ? [invalidPrinted('spec', printed, 'minAvailable and maxUnavailable cannot be both set')]
      : []),
    ...amountProblems(minAvailable, 'spec.minAvailable'),
    ...amountProblems(maxUnavailable, 'spec.maxUnavailable'),
    ...(isObject(selector) ? labelSelectorProblems(selector, 'spec.selector') : []),
    ...(policy === undefined || policies.includes(String(policy))
      ? []
      : [notSupported('spec.unhealthyPodEvictionPolicy', policy, policies)]),
  ]
}

/** policy/v1 PodDisruptionBudget. */
export const disruptionBudgetType: ResourceType = defineKind({
  group: 'policy',
  kind: 'PodDisruptionBudget',
  shortNames: ['pdb'],
  hasStatus: true,
  bumpsGeneration: specChanged,
  fields: { spec: always(spec), status: always(status) },
  validate,
})

/** policy/v1 Eviction, as it is sent to a pod; it is no resource of its own. */
export const evictionType: ResourceType = defineKind({
  group: 'policy',
  kind: 'Eviction',
  isVirtual: true,
  formerVersions: ['policy/v1beta1'],
  verbs: ['create'],
  fields: {
    deleteOptions: ofPackage(
      'meta.v1',
      struct('DeleteOptions', {
        kind: 'string',
        apiVersion: 'string',
        gracePeriodSeconds: 'int64?',
        preconditions: struct('Preconditions', { uid: 'string?', resourceVersion: 'string?' }),
        orphanDependents: 'bool?',
        propagationPolicy: 'string?',
        dryRun: 'string[]',
        ignoreStoreReadErrorWithClusterBreakingPotential: 'bool?',
      }),
    ),
  },
})
