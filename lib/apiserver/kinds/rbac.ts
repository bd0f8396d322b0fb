/**
 * Roles and bindings of rbac.authorization.k8s.io/v1. Stored and validated here; who may do what is decided elsewhere.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { always, alwaysListOf, atomic, listOf, needed, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { bindingProblems, clusterRoleProblems, RBAC_GROUP as group, roleProblems } from './rbacrules.ts'
import { labelSelector } from './reference.ts'

const policyRule = struct('PolicyRule', {
  verbs: alwaysListOf('string'),
  apiGroups: 'string[]',
  resources: 'string[]',
  resourceNames: 'string[]',
  nonResourceURLs: 'string[]',
})

const rules = needed(alwaysListOf(policyRule), false)

const subject = atomic(
  struct('Subject', { kind: 'string!', apiGroup: 'string', name: 'string!', namespace: 'string' }),
)
const roleRef = atomic(
  struct('RoleRef', { apiGroup: needed('string!', false), kind: 'string!', name: 'string!' }),
)

/** What all four kinds have in common. */
const common = { group, nameFormat: 'path' as const }

const defaultBinding = (object: JsonObject): void => {
  const role = objectAt(object, 'roleRef')
  if (stringAt(role, 'apiGroup') === '') role.apiGroup = group
  for (const one of listAt(object, 'subjects').filter(isObject)) {
    const isPerson = one.kind === 'User' || one.kind === 'Group'
    if (isPerson) one.apiGroup ??= group
  }
}

/** No rules are stored as null, however they were sent. */
const prepareRole = (object: JsonObject): void => {
  if (listAt(object, 'rules').length === 0) object.rules = null
}

const role = defineKind({
  ...common,
  kind: 'Role',
  fields: { rules },
  prepare: prepareRole,
  validate: roleProblems,
})

const clusterRole = defineKind({
  ...common,
  kind: 'ClusterRole',
  namespaced: false,
  fields: {
    rules,
    aggregationRule: struct('AggregationRule', { clusterRoleSelectors: listOf(labelSelector) }),
  },
  prepare: prepareRole,
  validate: clusterRoleProblems,
})

const roleBinding = defineKind({
  ...common,
  kind: 'RoleBinding',
  fields: { subjects: listOf(subject), roleRef: needed(always(roleRef)) },
  defaults: defaultBinding,
  validate: (object, before) => bindingProblems(object, before, ['Role', 'ClusterRole']),
})

const clusterRoleBinding = defineKind({
  ...common,
  kind: 'ClusterRoleBinding',
  namespaced: false,
  fields: { subjects: listOf(subject), roleRef: needed(always(roleRef)) },
  defaults: defaultBinding,
  validate: (object, before) => bindingProblems(object, before, ['ClusterRole']),
})

/** The kinds of rbac.authorization.k8s.io/v1. */
export const rbacTypes: readonly ResourceType[] = [role, clusterRole, roleBinding, clusterRoleBinding]
