/**
 * The kinds about the room that pods may take: ResourceQuotas, LimitRanges, PriorityClasses.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { isObject, listAt, objectAt } from '../schema/equal.ts'
import { always, alwaysListOf, atomic, byDefault, choice, listOf, needed, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { limitProblems } from './limitrules.ts'
import { priorityChanges, priorityProblems } from './priorityrules.ts'
import { quotaProblems, quotaStatusProblems, quotaWarnings } from './quotarules.ts'

const scope = choice(
  'string!',
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
)

const scopeSelector = atomic(
  struct('ScopeSelector', {
    matchExpressions: listOf(
      struct('ScopedResourceSelectorRequirement', {
        scopeName: scope,
        operator: choice('string!', 'DoesNotExist', 'Exists', 'In', 'NotIn'),
        values: 'string[]',
      }),
    ),
  }),
)

const resourceQuota: ResourceType = defineKind({
  kind: 'ResourceQuota',
  returnsDeleted: true,
  shortNames: ['quota'],
  hasStatus: true,
  fields: {
    spec: always(struct('ResourceQuotaSpec', { hard: 'quantity{}', scopes: listOf(scope), scopeSelector })),
    status: always(struct('ResourceQuotaStatus', { hard: 'quantity{}', used: 'quantity{}' })),
  },
  validate: (object, before, subresource) =>
    subresource === 'status' ? quotaStatusProblems(object) : quotaProblems(object, before),
  warnings: (object, before) => (before ? [] : quotaWarnings(object)),
})

const limit = struct('LimitRangeItem', {
  type: 'string!',
  max: 'quantity{}',
  min: 'quantity{}',
  default: 'quantity{}',
  defaultRequest: 'quantity{}',
  maxLimitRequestRatio: 'quantity{}',
})

/** The most is the default, the default is what is requested, and so is the least where there is no default. */
const defaultLimit = (one: JsonObject): void => {
  const usual = { ...objectAt(one, 'max'), ...objectAt(one, 'default') }
  const requested = { ...objectAt(one, 'min'), ...usual, ...objectAt(one, 'defaultRequest') }
  if (Object.keys(usual).length > 0) one.default = usual
  if (Object.keys(requested).length > 0) one.defaultRequest = requested
}

const limitRange: ResourceType = defineKind({
  kind: 'LimitRange',
  shortNames: ['limits'],
  fields: {
    spec: always(struct('LimitRangeSpec', { limits: alwaysListOf(limit) })),
  },
  defaults: (object) => {
    for (const one of listAt(object, 'spec', 'limits').filter(isObject))
      if (one.type === 'Container') defaultLimit(one)
  },
  validate: limitProblems,
})

const priorityClass: ResourceType = defineKind({
  group: 'scheduling.k8s.io',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  namespaced: false,
  shortNames: ['pc'],
  bumpsGeneration: (before, after) =>
    before.value !== after.value || before.preemptionPolicy !== after.preemptionPolicy,
  fields: {
    value: needed('int32!', false),
    globalDefault: 'bool',
    description: 'string',
    preemptionPolicy: byDefault(choice('string?', 'Never', 'PreemptLowerPriority'), 'PreemptLowerPriority'),
  },
  validate: (object, before) => (before ? priorityChanges(object, before) : priorityProblems(object)),
})

/** Quotas, limits and priorities. */
export const quotaTypes: readonly ResourceType[] = [resourceQuota, limitRange, priorityClass]
