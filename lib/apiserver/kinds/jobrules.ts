/**
 * What a Job must ask for, of its own or as the template of a CronJob.
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { qualifiedProblems, subdomainProblems } from '../schema/names.ts'
import { duplicate, invalid, invalidPrinted, required, tooLong, tooMany } from '../schema/problem.ts'
import { countIndexes } from './indexes.ts'
import { goText } from './pod/go.ts'
import { templateProblems } from './pod/template.ts'
import { each, formed, noneNegative, oneOf, textAt, whenGiven } from './rules.ts'

/** What is wrong with the spec of a Job. */
export const jobProblems = (spec: JsonObject, field: string): Problem[] => [
  ...noneNegative(
    spec,
    field,
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ),
  ...(spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined
    ? [required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')]
    : []),
  ...managerProblems(textAt(spec, 'managedBy'), `${field}.managedBy`),
  ...oneOf(textAt(spec, 'completionMode'), `${field}.completionMode`, ['NonIndexed', 'Indexed']),
  ...(isIndexed(spec) ? indexedProblems(spec, field) : plainProblems(spec, field)),
  ...whenGiven(spec.podFailurePolicy, (policy) =>
    failureProblems(policy, spec, `${field}.podFailurePolicy.rules`),
  ),
  ...whenGiven(spec.successPolicy, (policy) => successProblems(policy, spec, `${field}.successPolicy`)),
  ...oneOf(
    textAt(spec, 'podReplacementPolicy'),
    `${field}.podReplacementPolicy`,
    spec.podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed'],
  ),
  ...templateProblems(objectAt(spec, 'template'), `${field}.template`),
  ...restartProblems(spec, `${field}.template.spec.restartPolicy`),
]

/** Does each of the Job's pods have an index? */
export const isIndexed = (spec: JsonObject): boolean => stringAt(spec, 'completionMode') === 'Indexed'

const MAX_MANAGER = 63

const managerProblems = (manager: string | undefined, field: string): Problem[] => {
  if (manager === undefined) return []
  return [
    ...(manager === '' ? [required(field)] : pathProblems(manager, field)),
    ...(manager.length > MAX_MANAGER ? [tooLong(field, MAX_MANAGER)] : []),
  ]
}

const pathForm = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const path = new RegExp(`^${pathForm}$`)

/** A domain, a slash, and a path. */
const pathProblems = (value: string, field: string): Problem[] => {
  const [, host, rest] = /^([^/]+)\/(.+)$/s.exec(value) ?? []
  if (host === undefined || rest === undefined)
    return [invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  return [
    ...formed(host, field, subdomainProblems),
    ...(path.test(rest)
      ? []
      : [invalid(field, rest, `Invalid path (regex used for validation is '${pathForm}')`)]),
  ]
}

const policies = ['OnFailure', 'Never']

const restartProblems = (spec: JsonObject, field: string): Problem[] => {
  const policy = stringAt(spec, 'template', 'spec', 'restartPolicy')
  if (policy === 'Always' || policy === '') return [required(field, 'valid values: "OnFailure", "Never"')]
  if (!policies.includes(policy)) return oneOf(policy, field, policies)
  if (spec.podFailurePolicy === undefined || policy === 'Never') return []
  return [invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')]
}

const plainProblems = (spec: JsonObject, field: string): Problem[] => {
  if (!['', 'NonIndexed'].includes(stringAt(spec, 'completionMode'))) return []
  return ['backoffLimitPerIndex', 'maxFailedIndexes']
    .filter((name) => spec[name] !== undefined)
    .map((name) => invalid(`${field}.${name}`, spec[name] ?? null, 'requires indexed completion mode'))
}

/** Limits of Jobs with indexes (batch validation). */
const MOST = 100_000
const MOST_OF_MANY = 10_000

const indexedProblems = (spec: JsonObject, field: string): Problem[] => {
  const completions = numberAt(spec, 'completions')
  const parallelism = numberAt(spec, 'parallelism') ?? 0
  const failed = numberAt(spec, 'maxFailedIndexes')
  const say = (holds: boolean, name: string, value: number, text: string): Problem[] =>
    holds ? [invalid(`${field}.${name}`, value, `must be less than or equal to ${text}`)] : []
  const mode = 'when completion mode is Indexed'
  const isMany = completions !== undefined && completions > MOST && spec.backoffLimitPerIndex !== undefined
  const many = `${MOST_OF_MANY} when completions are above ${MOST} and used with backoff limit per index`
  const above = `must be specified when completions is above ${MOST}`
  return [
    ...(completions === undefined ? [required(`${field}.completions`, mode)] : []),
    ...say(parallelism > MOST, 'parallelism', parallelism, `${MOST} ${mode}`),
    ...(failed === undefined
      ? []
      : [
          ...say(failed > (completions ?? failed), 'maxFailedIndexes', failed, 'completions'),
          ...say(failed > MOST, 'maxFailedIndexes', failed, String(MOST)),
          ...say(isMany && failed > MOST_OF_MANY, 'maxFailedIndexes', failed, many),
        ]),
    ...(isMany && failed === undefined ? [required(`${field}.maxFailedIndexes`, above)] : []),
    ...say(isMany && parallelism > MOST_OF_MANY, 'parallelism', parallelism, many),
  ]
}

const MAX_RULES = 20
const MAX_CODES = 255
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']

const fewProblems = (list: Json[], field: string, most: number): Problem[] =>
  list.length > most ? [tooMany(field, list.length, most)] : []

/** `[%q]` of a list. */
const quoted = (words: readonly string[]): string =>
  `[${words.map((word) => JSON.stringify(word)).join(' ')}]`

const neededWord = (value: string, field: string, words: readonly string[]): Problem[] =>
  value === '' ? [required(field, `valid values: ${quoted(words)}`)] : oneOf(value, field, words)

const failureProblems = (policy: JsonObject, spec: JsonObject, field: string): Problem[] => {
  const rules = listAt(policy, 'rules')
  const pod = objectAt(spec, 'template', 'spec')
  const names = ['containers', 'initContainers'].flatMap((list) =>
    listAt(pod, list).map((one) => stringAt(one, 'name')),
  )
  return [
    ...fewProblems(rules, field, MAX_RULES),
    ...each(rules, field, (rule, at) => {
      const conditions = listAt(rule, 'onPodConditions')
      const given = (rule.onExitCodes === undefined ? 0 : 1) + (conditions.length > 0 ? 1 : 0)
      return [
        ...actionProblems(stringAt(rule, 'action'), `${at}.action`, spec),
        ...whenGiven(rule.onExitCodes, (codes) => codesProblems(codes, `${at}.onExitCodes`, names)),
        ...fewProblems(conditions, `${at}.onPodConditions`, MAX_RULES),
        ...each(conditions, `${at}.onPodConditions`, conditionProblems),
        ...(given === 1 ? [] : [invalid(at, undefined, given === 0 ? NEITHER : BOTH)]),
      ]
    }),
  ]
}

const NEITHER = 'specifying one of OnExitCodes and OnPodConditions is required'
const BOTH = 'specifying both OnExitCodes and OnPodConditions is not supported'

const actionProblems = (action: string, field: string, spec: JsonObject): Problem[] => {
  if (action !== 'FailIndex') return neededWord(action, field, actions)
  if (spec.backoffLimitPerIndex !== undefined) return []
  return [invalid(field, action, 'requires the backoffLimitPerIndex to be set')]
}

const conditionProblems = (pattern: JsonObject, field: string): Problem[] => [
  ...formed(stringAt(pattern, 'type'), `${field}.type`, qualifiedProblems),
  ...neededWord(stringAt(pattern, 'status'), `${field}.status`, ['False', 'True', 'Unknown']),
]

const codesProblems = (codes: JsonObject, field: string, names: readonly string[]): Problem[] => {
  const name = textAt(codes, 'containerName')
  const values = listAt(codes, 'values').map(Number)
  const at = `${field}.values`
  const unknown = 'must be one of the container or initContainer names in the pod template'
  const isOrdered = values.every((value, index) => index === 0 || (values[index - 1] ?? 0) <= value)
  return [
    ...neededWord(stringAt(codes, 'operator'), `${field}.operator`, ['In', 'NotIn']),
    ...(name === undefined || names.includes(name) ? [] : [invalid(`${field}.containerName`, name, unknown)]),
    ...(values.length === 0
      ? [invalidPrinted(at, codes.values === null ? 'null' : '[]', 'at least one value is required')]
      : fewProblems(values, at, MAX_CODES)),
    ...values.flatMap((value, index) => [
      ...(codes.operator === 'In' && value === 0
        ? [invalid(`${at}[${index}]`, value, 'must not be 0 for the In operator')]
        : []),
      ...(values.indexOf(value) < index ? [duplicate(`${at}[${index}]`, value)] : []),
    ]),
    ...(isOrdered ? [] : [invalid(at, values, 'must be ordered')]),
  ]
}

const successProblems = (policy: JsonObject, spec: JsonObject, field: string): Problem[] => {
  if (!isIndexed(spec))
    return [invalidPrinted(field, goText('SuccessPolicy', policy), 'requires indexed completion mode')]
  const rules = listAt(policy, 'rules')
  const completions = numberAt(spec, 'completions') ?? 0
  const none = 'at least one rules must be specified when the successPolicy is specified'
  return [
    ...(rules.length === 0 ? [required(`${field}.rules`, none)] : []),
    ...fewProblems(rules, `${field}.rules`, MAX_RULES),
    ...each(rules, `${field}.rules`, (rule, at) => successRuleProblems(rule, at, completions)),
  ]
}

const MAX_INDEXES = 65536

const successRuleProblems = (rule: JsonObject, field: string, completions: number): Problem[] => {
  const indexes = textAt(rule, 'succeededIndexes')
  const count = numberAt(rule, 'succeededCount')
  const at = `${field}.succeededCount`
  const neither = 'at least one of succeededCount or succeededIndexes must be specified'
  const total = indexes === undefined ? undefined : countIndexes(indexes, completions)
  const most = typeof total === 'number' ? total : total === undefined ? Number.POSITIVE_INFINITY : 0
  const say = (limit: number, what: string): Problem[] =>
    count !== undefined && count > limit
      ? [invalid(at, count, `must be less than or equal to ${limit} (the number of ${what})`)]
      : []
  return [
    ...(indexes === undefined && count === undefined ? [required(field, neither)] : []),
    ...(indexes !== undefined && indexes.length > MAX_INDEXES
      ? [tooLong(`${field}.succeededIndexes`, MAX_INDEXES)]
      : []),
    ...(typeof total === 'string'
      ? [invalid(`${field}.succeededIndexes`, indexes ?? '', `error parsing succeededIndexes: ${total}`)]
      : []),
    ...noneNegative(rule, field, 'succeededCount'),
    ...say(completions, 'specified completions'),
    ...say(most, 'indexes in the specified succeededIndexes field'),
  ]
}
