/**
 * Webhook configurations of admissionregistration.k8s.io/v1, and where webhooks are called.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { conditionTypeOf } from '../schema/condition.ts'
import { isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { qualifiedProblems, subdomainProblems } from '../schema/names.ts'
import { duplicate, invalid, notSupported, required, tooMany } from '../schema/problem.ts'
import { clientProblems, webhookClientConfig } from './client.ts'
import { always, alwaysListOf, byDefault, choice, keyed, listOf, needed, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { labelSelector } from './reference.ts'

const timeoutSeconds = 10

const fields = {
  name: 'string!',
  clientConfig: needed(always(webhookClientConfig)),
  rules: listOf(
    struct('RuleWithOperations', {
      operations: listOf(choice('string', '*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE')),
      apiGroups: 'string[]',
      apiVersions: 'string[]',
      resources: 'string[]',
      scope: byDefault(choice('string?', '*', 'Cluster', 'Namespaced'), '*'),
    }),
  ),
  failurePolicy: byDefault(choice('string?', 'Fail', 'Ignore'), 'Fail'),
  matchPolicy: byDefault(choice('string?', 'Equivalent', 'Exact'), 'Equivalent'),
  namespaceSelector: byDefault(labelSelector, {}),
  objectSelector: byDefault(labelSelector, {}),
  sideEffects: needed(choice('string?', 'None', 'NoneOnDryRun', 'Some', 'Unknown')),
  timeoutSeconds: byDefault('int32?', timeoutSeconds),
  admissionReviewVersions: alwaysListOf('string'),
  matchConditions: keyed(struct('MatchCondition', { name: 'string!', expression: 'string!' }), ['name']),
}

const validate = (object: JsonObject): Problem[] => {
  const names = new Set<string>()
  return listAt(object, 'webhooks')
    .filter(isObject)
    .flatMap((webhook, index) => {
      const field = `webhooks[${index}]`
      const name = stringAt(webhook, 'name')
      const taken = names.has(name) ? [duplicate(`${field}.name`, name)] : []
      names.add(name)
      return [...nameProblems(name, `${field}.name`), ...taken, ...webhookProblems(webhook, field)]
    })
}

const nameProblems = (name: string, field: string): Problem[] => {
  if (name === '') return [required(field)]
  if (name.split('.').length < 3)
    return [invalid(field, name, 'should be a domain with at least three segments separated by dots')]
  return subdomainProblems(name).map((text) => invalid(field, name, text))
}

const webhookProblems = (webhook: JsonObject, field: string): Problem[] => [
  ...versionsProblems(webhook, `${field}.admissionReviewVersions`),
  ...clientProblems(objectAt(webhook, 'clientConfig'), `${field}.clientConfig`),
  ...listAt(webhook, 'rules')
    .filter(isObject)
    .flatMap((rule, index) => ruleProblems(rule, `${field}.rules[${index}]`)),
  ...choiceProblems(webhook, field),
  ...timeoutProblems(webhook, `${field}.timeoutSeconds`),
  ...conditionsProblems(webhook, `${field}.matchConditions`),
]

const understood = ['v1', 'v1beta1']

const versionsProblems = (webhook: JsonObject, field: string): Problem[] => {
  const versions = listAt(webhook, 'admissionReviewVersions').map(String)
  if (versions.length === 0) return [required(field, `must specify one of ${understood.join(', ')}`)]
  if (versions.some((version) => understood.includes(version))) return []
  return [invalid(field, versions, `must include at least one of ${understood.join(', ')}`)]
}

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']

const ruleProblems = (rule: JsonObject, field: string): Problem[] => {
  const given = listAt(rule, 'operations').map(String)
  return [
    ...wildcardProblems(rule, field, 'operations', 'other operations'),
    ...given.flatMap((one, index) =>
      operations.includes(one) ? [] : [notSupported(`${field}.operations[${index}]`, one, operations)],
    ),
    ...wildcardProblems(rule, field, 'apiGroups', 'other API groups'),
    ...wildcardProblems(rule, field, 'apiVersions', 'other API versions'),
    ...wildcardProblems(rule, field, 'resources', 'other resources without subresources'),
  ]
}

const wildcardProblems = (rule: JsonObject, field: string, name: string, others: string): Problem[] => {
  const given = listAt(rule, name).map(String)
  if (given.length === 0) return [required(`${field}.${name}`)]
  const beside = name === 'resources' ? given.filter((one) => !one.includes('/')) : given
  if (!given.includes('*') || beside.length < 2) return []
  return [invalid(`${field}.${name}`, given, `if '*' is present, must not specify ${others}`)]
}

const choices: Readonly<Record<string, readonly string[]>> = {
  failurePolicy: ['Fail', 'Ignore'],
  matchPolicy: ['Equivalent', 'Exact'],
  sideEffects: ['None', 'NoneOnDryRun'],
  reinvocationPolicy: ['IfNeeded', 'Never'],
}

const choiceProblems = (webhook: JsonObject, field: string): Problem[] =>
  Object.entries(choices).flatMap(([name, supported]) => {
    const value = webhook[name]
    if (value === undefined && name === 'sideEffects')
      return [required(`${field}.${name}`, `must specify one of ${supported.join(', ')}`)]
    return typeof value !== 'string' || supported.includes(value)
      ? []
      : [notSupported(`${field}.${name}`, value, supported)]
  })

const timeoutProblems = (webhook: JsonObject, field: string): Problem[] => {
  const seconds = numberAt(webhook, 'timeoutSeconds') ?? timeoutSeconds
  if (seconds >= 1 && seconds <= 30) return []
  return [invalid(field, seconds, 'the timeout value must be between 1 and 30 seconds')]
}

const maxConditions = 64

const conditionsProblems = (webhook: JsonObject, field: string): Problem[] => {
  const names = new Set<string>()
  const conditions = listAt(webhook, 'matchConditions')
  if (conditions.length > maxConditions) return [tooMany(field, conditions.length, maxConditions)]
  return conditions.flatMap((condition, index) => {
    const own = `${field}[${index}]`
    const name = stringAt(condition, 'name')
    const expression = stringAt(condition, 'expression')
    const problems =
      name === ''
        ? [required(`${own}.name`)]
        : qualifiedProblems(name).map((text) => invalid(`${own}.name`, name, text))
    if (names.has(name)) problems.push(duplicate(`${own}.name`, name))
    names.add(name)
    if (expression.trim() === '') return [...problems, required(`${own}.expression`)]
    const type = conditionTypeOf(expression)
    if (type.error !== undefined)
      problems.push(invalid(`${own}.expression`, expression, `compilation failed: ${type.error}`))
    else if (type.name !== 'bool' && type.name !== 'dyn')
      problems.push(invalid(`${own}.expression`, expression, `must evaluate to bool but got ${type.name}`))
    return problems
  })
}

const common = {
  group: 'admissionregistration.k8s.io',
  namespaced: false,
  categories: ['api-extensions'],
  bumpsGeneration: (before: JsonObject, after: JsonObject) =>
    !isEqual(before.webhooks ?? null, after.webhooks ?? null),
  validate,
}

const validating: ResourceType = defineKind({
  ...common,
  kind: 'ValidatingWebhookConfiguration',
  fields: { webhooks: keyed(struct('ValidatingWebhook', fields), ['name']) },
})

const mutating: ResourceType = defineKind({
  ...common,
  kind: 'MutatingWebhookConfiguration',
  fields: {
    webhooks: keyed(
      struct('MutatingWebhook', {
        ...fields,
        reinvocationPolicy: byDefault(choice('string?', 'IfNeeded', 'Never'), 'Never'),
      }),
      ['name'],
    ),
  },
})

/** The webhook configurations. */
export const webhookTypes: readonly ResourceType[] = [validating, mutating]
