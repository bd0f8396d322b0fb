/**
 * What is wrong with roles and bindings (kubernetes/pkg/apis/rbac/validation).
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { isEqual, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { pathProblems, subdomainProblems } from '../schema/names.ts'
import { goJson, invalid, invalidPrinted, notSupported, required } from '../schema/problem.ts'
import { labelSelectorProblems } from './labelrules.ts'

/** The API group of all four kinds. */
export const RBAC_GROUP = 'rbac.authorization.k8s.io'

const rulesProblems = (object: JsonObject, isNamespaced: boolean): Problem[] =>
  listAt(object, 'rules').flatMap((rule, index) => ruleProblems(rule, `rules[${index}]`, isNamespaced))

const ruleProblems = (rule: Json, field: string, isNamespaced: boolean): Problem[] => {
  const has = (name: string): boolean => listAt(rule, name).length > 0
  const verbs = has('verbs') ? [] : [required(`${field}.verbs`, 'verbs must contain at least one value')]
  if (has('nonResourceURLs')) {
    const refuse = (text: string) =>
      invalid(`${field}.nonResourceURLs`, listAt(rule, 'nonResourceURLs'), text)
    const isMixed = has('apiGroups') || has('resources') || has('resourceNames')
    return [
      ...verbs,
      ...(isNamespaced ? [refuse('namespaced rules cannot apply to non-resource URLs')] : []),
      ...(isMixed ? [refuse('rules cannot apply to both regular resources and non-resource URLs')] : []),
    ]
  }
  return [
    ...verbs,
    ...(has('apiGroups')
      ? []
      : [required(`${field}.apiGroups`, 'resource rules must supply at least one api group')]),
    ...(has('resources')
      ? []
      : [required(`${field}.resources`, 'resource rules must supply at least one resource')]),
  ]
}

/** Of a Role. */
export const roleProblems = (object: JsonObject): Problem[] => rulesProblems(object, true)

/** Of a ClusterRole. */
export const clusterRoleProblems = (object: JsonObject): Problem[] => [
  ...rulesProblems(object, false),
  ...aggregationProblems(object),
]

const aggregationProblems = ({ aggregationRule }: JsonObject): Problem[] => {
  if (!isObject(aggregationRule)) return []
  const field = 'aggregationRule.clusterRoleSelectors'
  const selectors = listAt(aggregationRule, 'clusterRoleSelectors')
  if (selectors.length === 0)
    return [required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
  return selectors.flatMap((selector, index) => {
    const problems = labelSelectorProblems(objectAt(selector), `${field}[${index}]`)
    return problems.length === 0
      ? []
      : [...problems, invalid(`${field}[${index}]`, null, 'invalid label selector.')]
  })
}

/** Of a binding to roles of these kinds; one of a ClusterRoleBinding has to say where its service accounts are. */
export const bindingProblems = (
  object: JsonObject,
  before: JsonObject | undefined,
  kinds: readonly string[],
): Problem[] => {
  const role = objectAt(object, 'roleRef')
  return [
    ...referenceProblems(role, kinds),
    ...listAt(object, 'subjects').flatMap((subject, index) =>
      subjectProblems(subject, `subjects[${index}]`, kinds.includes('Role')),
    ),
    ...(before === undefined || isEqual(role, objectAt(before, 'roleRef'))
      ? []
      : [invalidPrinted('roleRef', printedRole(role), 'cannot change roleRef')]),
  ]
}

/** As Go's encoder writes it within the real server. */
const printedRole = (role: JsonObject): string =>
  goJson({ APIGroup: stringAt(role, 'apiGroup'), Kind: stringAt(role, 'kind'), Name: stringAt(role, 'name') })

const referenceProblems = (role: JsonObject, kinds: readonly string[]): Problem[] => {
  const kind = stringAt(role, 'kind')
  const given = stringAt(role, 'apiGroup')
  const name = stringAt(role, 'name')
  return [
    ...(given === RBAC_GROUP ? [] : [notSupported('roleRef.apiGroup', given, [RBAC_GROUP])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name === ''
      ? [required('roleRef.name')]
      : pathProblems(name).map((text) => invalid('roleRef.name', name, text))),
  ]
}

const SUBJECTS = ['ServiceAccount', 'User', 'Group']

const subjectProblems = (subject: Json, field: string, isNamespaced: boolean): Problem[] => {
  const [kind, apiGroup, name] = ['kind', 'apiGroup', 'name'].map((key) => stringAt(subject, key))
  const unnamed = name === '' ? [required(`${field}.name`)] : []
  if (kind === 'ServiceAccount') {
    const isLost = !isNamespaced && stringAt(subject, 'namespace') === ''
    return [
      ...unnamed,
      ...(name ? subdomainProblems(name).map((text) => invalid(`${field}.name`, name, text)) : []),
      ...(apiGroup === '' ? [] : [notSupported(`${field}.apiGroup`, apiGroup ?? '', [''])]),
      ...(isLost ? [required(`${field}.namespace`)] : []),
    ]
  }
  if (kind === 'User' || kind === 'Group')
    return apiGroup === RBAC_GROUP
      ? unnamed
      : [...unnamed, notSupported(`${field}.apiGroup`, apiGroup ?? '', [RBAC_GROUP])]
  return [...unnamed, notSupported(`${field}.kind`, kind ?? '', SUBJECTS)]
}
