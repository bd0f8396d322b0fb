/**
 * Roles and bindings of rbac.authorization.k8s.io/v1. Stored and validated here; who may do what is decided elsewhere.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { invalid, notSupported, required } from '../schema/problem.ts'
import { column, createdColumns, wide } from './columns.ts'
import { always, atomic, listOf, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { labelSelector } from './reference.ts'

const group = 'rbac.authorization.k8s.io'

const policyRule = struct('PolicyRule', {
  verbs: { ...listOf('string'), 'x-go-omit': 'null', 'x-go-zero': null },
  apiGroups: 'string[]',
  resources: 'string[]',
  resourceNames: 'string[]',
  nonResourceURLs: 'string[]',
})

const rules = { ...listOf(policyRule), 'x-go-omit': 'null' as const, 'x-go-zero': null }

const subject = atomic(
  struct('Subject', { kind: 'string!', apiGroup: 'string', name: 'string!', namespace: 'string' }),
)
const roleRef = atomic(struct('RoleRef', { apiGroup: 'string!', kind: 'string!', name: 'string!' }))

/** What all four kinds have in common. */
const common = { group, nameFormat: 'path' as const }

const rulesProblems = (object: JsonObject): Problem[] =>
  listAt(object, 'rules').flatMap((rule, index) => {
    const field = `rules[${index}]`
    const has = (name: string): boolean => listAt(rule, name).length > 0
    if (!has('verbs')) return [required(`${field}.verbs`, 'verbs must contain at least one value')]
    if (has('nonResourceURLs')) return []
    return [
      ...(has('apiGroups')
        ? []
        : [required(`${field}.apiGroups`, 'resource rules must supply at least one api group')]),
      ...(has('resources')
        ? []
        : [required(`${field}.resources`, 'resource rules must supply at least one resource')]),
    ]
  })

const defaultBinding = (object: JsonObject): void => {
  const role = objectAt(object, 'roleRef')
  if (stringAt(role, 'apiGroup') === '') role.apiGroup = group
  for (const one of listAt(object, 'subjects').filter(isObject)) {
    const isPerson = one.kind === 'User' || one.kind === 'Group'
    if (isPerson) one.apiGroup ??= group
  }
}

const bindingProblems = (
  object: JsonObject,
  before: JsonObject | undefined,
  kinds: readonly string[],
): Problem[] => {
  const role = objectAt(object, 'roleRef')
  const changed =
    before && !isEqual(role, objectAt(before, 'roleRef'))
      ? [invalid('roleRef', role, 'cannot change roleRef')]
      : []
  return [...changed, ...roleProblems(role, kinds), ...subjectsProblems(object)]
}

const roleProblems = (role: JsonObject, kinds: readonly string[]): Problem[] => {
  const kind = stringAt(role, 'kind')
  const given = stringAt(role, 'apiGroup')
  return [
    ...(given === group ? [] : [notSupported('roleRef.apiGroup', given, [group])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(stringAt(role, 'name') === '' ? [required('roleRef.name')] : []),
  ]
}

const subjectKinds = ['ServiceAccount', 'User', 'Group']

const subjectsProblems = (object: JsonObject): Problem[] =>
  listAt(object, 'subjects').flatMap((one, index) => {
    const field = `subjects[${index}]`
    const kind = stringAt(one, 'kind')
    const problems = stringAt(one, 'name') === '' ? [required(`${field}.name`)] : []
    if (!subjectKinds.includes(kind)) problems.push(notSupported(`${field}.kind`, kind, subjectKinds))
    if (kind === 'ServiceAccount' && stringAt(one, 'namespace') === '')
      problems.push(required(`${field}.namespace`))
    return problems
  })

const subjectsOf =
  (kind: string) =>
  (object: JsonObject): string =>
    listAt(object, 'subjects')
      .filter(isObject)
      .filter((one) => one.kind === kind)
      .map(
        (one) => (kind === 'ServiceAccount' ? `${stringAt(one, 'namespace')}/` : '') + stringAt(one, 'name'),
      )
      .join(', ')

const bindingColumns = [
  column(
    'Role',
    'string',
    (object) => `${stringAt(object, 'roleRef', 'kind')}/${stringAt(object, 'roleRef', 'name')}`,
  ),
  wide(column('Users', 'string', subjectsOf('User'))),
  wide(column('Groups', 'string', subjectsOf('Group'))),
  wide(column('ServiceAccounts', 'string', subjectsOf('ServiceAccount'))),
]

const role = defineKind({
  ...common,
  kind: 'Role',
  fields: { rules },
  allColumns: createdColumns,
  validate: rulesProblems,
})

const clusterRole = defineKind({
  ...common,
  kind: 'ClusterRole',
  namespaced: false,
  fields: {
    rules,
    aggregationRule: struct('AggregationRule', { clusterRoleSelectors: listOf(labelSelector) }),
  },
  allColumns: createdColumns,
  validate: rulesProblems,
})

const roleBinding = defineKind({
  ...common,
  kind: 'RoleBinding',
  fields: { subjects: listOf(subject), roleRef: always(roleRef) },
  columns: bindingColumns,
  defaults: defaultBinding,
  validate: (object, before) => bindingProblems(object, before, ['ClusterRole', 'Role']),
})

const clusterRoleBinding = defineKind({
  ...common,
  kind: 'ClusterRoleBinding',
  namespaced: false,
  fields: { subjects: listOf(subject), roleRef: always(roleRef) },
  columns: bindingColumns,
  defaults: defaultBinding,
  validate: (object, before) => bindingProblems(object, before, ['ClusterRole']),
})

/** The kinds of rbac.authorization.k8s.io/v1. */
export const rbacTypes: readonly ResourceType[] = [role, clusterRole, roleBinding, clusterRoleBinding]
