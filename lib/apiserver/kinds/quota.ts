/**
 * The kinds about the room that pods may take: ResourceQuotas, LimitRanges, PriorityClasses.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { forbidden } from '../schema/problem.ts'
import { column, createdColumns, wide } from './columns.ts'
import { always, byDefault, listOf, struct } from './dsl.ts'
import { defineKind } from './kind.ts'

const amounts = (object: JsonObject, which: 'limits' | 'requests'): string => {
  const used = objectAt(object, 'status', 'used')
  return Object.entries(objectAt(object, 'status', 'hard'))
    .filter(([name]) => name.startsWith('limits') === (which === 'limits'))
    .map(([name, hard]) => `${name}: ${String(used[name] ?? '0')}/${String(hard)}`)
    .sort()
    .join(', ')
}

const scopeSelector = struct('ScopeSelector', {
  matchExpressions: listOf(
    struct('ScopedResourceSelectorRequirement', {
      scopeName: 'string!',
      operator: 'string!',
      values: 'string[]',
    }),
  ),
})

const resourceQuota: ResourceType = defineKind({
  kind: 'ResourceQuota',
  shortNames: ['quota'],
  hasStatus: true,
  fields: {
    spec: always(struct('ResourceQuotaSpec', { hard: 'quantity{}', scopes: 'string[]', scopeSelector })),
    status: always(struct('ResourceQuotaStatus', { hard: 'quantity{}', used: 'quantity{}' })),
  },
  columns: [
    column('Request', 'string', (object) => amounts(object, 'requests')),
    column('Limit', 'string', (object) => amounts(object, 'limits')),
  ],
})

const limit = struct('LimitRangeItem', {
  type: 'string!',
  max: 'quantity{}',
  min: 'quantity{}',
  default: 'quantity{}',
  defaultRequest: 'quantity{}',
  maxLimitRequestRatio: 'quantity{}',
})

const limitRange: ResourceType = defineKind({
  kind: 'LimitRange',
  shortNames: ['limits'],
  fields: {
    spec: always(
      struct('LimitRangeSpec', { limits: { ...listOf(limit), 'x-go-omit': 'null', 'x-go-zero': null } }),
    ),
  },
  allColumns: createdColumns,
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
    value: 'int32!',
    globalDefault: 'bool',
    description: 'string',
    preemptionPolicy: byDefault('string?', 'PreemptLowerPriority'),
  },
  columns: [
    column('Value', 'integer', (object) => numberAt(object, 'value') ?? 0),
    column('Global-Default', 'boolean', (object) => object.globalDefault === true),
    wide(column('PreemptionPolicy', 'string', (object) => stringAt(object, 'preemptionPolicy'))),
  ],
  validate: (object, before) =>
    before && before.value !== object.value
      ? [forbidden('value', 'may not be changed in an update.')]
      : (numberAt(object, 'value') ?? 0) > 1e9 && !stringAt(object, 'metadata', 'name').startsWith('system-')
        ? [forbidden('value', 'maximum allowed value of a user defined priority is 1000000000')]
        : [],
})

/** Quotas, limits and priorities. */
export const quotaTypes: readonly ResourceType[] = [resourceQuota, limitRange, priorityClass]
