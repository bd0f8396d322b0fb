/**
 * What a ResourceQuota may limit, and for which objects.
 */

import type { JsonObject, Problem } from '../resource.ts'
import { isEqual, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { immutable, invalid, invalidPrinted, required } from '../schema/problem.ts'
import { goText } from './pod/go.ts'
import { isQuotable, nameProblems, valueProblems } from './pod/resources.ts'
import { amountOf, canonical } from './quantity.ts'
import { whenGiven } from './rules.ts'

/** What is wrong with a quota that is made, or that replaces another. */
export const quotaProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const spec = objectAt(object, 'spec')
  const scopes = listAt(spec, 'scopes').map(String)
  return [
    ...amountsProblems(objectAt(spec, 'hard'), 'spec.hard'),
    ...scopesProblems(spec, scopes),
    ...whenGiven(spec.scopeSelector, (selector) => selectorProblems(spec, selector)),
    ...(before && !isEqual(setOf(scopes), setOf(listAt(before, 'spec', 'scopes').map(String)))
      ? [immutable('spec.scopes', spec.scopes ?? null)]
      : []),
  ]
}

const setOf = (words: string[]): string[] => [...new Set(words)].sort()

/** What is wrong with the status of a quota. */
export const quotaStatusProblems = (object: JsonObject): Problem[] =>
  ['hard', 'used'].flatMap((name) => amountsProblems(objectAt(object, 'status', name), `status.${name}`))

const amountsProblems = (amounts: JsonObject, field: string): Problem[] =>
  Object.entries(amounts).flatMap(([name, amount]) => {
    const at = `${field}[${name}]`
    return [
      ...nameProblems(name, at),
      ...(name.includes('/') || isQuotable(name)
        ? []
        : [invalid(at, name, 'must be a standard resource for quota')]),
      ...valueProblems(name, amount, at),
    ]
  })

const compute = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
const ofPods = ['pods', ...compute]

/** Each scope, and what can be limited for the objects in it. */
const scopeResources: Readonly<Record<string, readonly string[]>> = {
  Terminating: ofPods,
  NotTerminating: ofPods,
  BestEffort: ['pods'],
  NotBestEffort: ofPods,
  PriorityClass: ofPods,
  CrossNamespacePodAffinity: ofPods,
  VolumeAttributesClass: ['persistentvolumeclaims', 'requests.storage'],
}

const resourcesOf = (scope: string): readonly string[] | undefined =>
  Object.hasOwn(scopeResources, scope) ? scopeResources[scope] : undefined

/** The limits of a quota that a scope has no objects for. */
const misfits = (spec: JsonObject, scope: string): string[] => {
  const fitting = resourcesOf(scope)
  const limited = Object.keys(objectAt(spec, 'hard')).filter(isQuotable)
  return fitting ? limited.filter((name) => !fitting.includes(name)) : []
}

/** Does a list name scopes that no object is in at once? Says so once for each pair. */
const conflicts = (scopes: readonly string[]): string[] =>
  ['BestEffort', 'Terminating'].filter((scope) => scopes.includes(scope) && scopes.includes(`Not${scope}`))

const MISFIT = 'unsupported scope applied to resource'
const CONFLICT = 'conflicting scopes'

const scopesProblems = (spec: JsonObject, scopes: string[]): Problem[] => {
  const say = (text: string): Problem => invalid('spec.scopes', scopes, text)
  return [
    ...scopes.flatMap((scope) => [
      ...(resourcesOf(scope) ? [] : [say('unsupported scope')]),
      ...misfits(spec, scope).map(() => say(MISFIT)),
    ]),
    ...conflicts(scopes).map(() => say(CONFLICT)),
  ]
}

const selectorProblems = (spec: JsonObject, selector: JsonObject): Problem[] => {
  const field = 'spec.scopeSelector.matchExpressions'
  const expressions = listAt(selector, 'matchExpressions').filter(isObject)
  const scopes = expressions.map((one) => stringAt(one, 'scopeName'))
  return [
    ...expressions.flatMap((one) => {
      const scope = stringAt(one, 'scopeName')
      return [
        ...(resourcesOf(scope) ? [] : [invalid(`${field}.scopeName`, scope, 'unsupported scope')]),
        ...misfits(spec, scope).map(() => invalidPrinted(field, goText('ScopeSelector', selector), MISFIT)),
        ...operatorProblems(one, field),
      ]
    }),
    // The real server shows the other list of scopes here.
    ...conflicts(scopes).map(() => invalid(field, spec.scopes ?? null, CONFLICT)),
  ]
}

/** Scopes that an object is in or not: there is nothing to compare. */
const plain = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']

const EXISTS =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

const operatorProblems = (one: JsonObject, field: string): Problem[] => {
  const operator = stringAt(one, 'operator')
  const isPlain = plain.includes(stringAt(one, 'scopeName'))
  return [
    ...(isPlain && operator !== 'Exists' ? [invalid(`${field}.operator`, operator, EXISTS)] : []),
    ...valuesProblems(operator, listAt(one, 'values').map(String), field),
  ]
}

const valuesProblems = (operator: string, values: string[], field: string): Problem[] => {
  const some = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
  const none = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? [] : [required(`${field}.values`, some)]
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0 ? [] : [invalid(`${field}.values`, values, none)]
    default:
      return [invalid(`${field}.operator`, operator, 'not a valid selector operator')]
  }
}

/** What to warn of in a new quota: requests that may be more than the limits that they stay below. */
export const quotaWarnings = (object: JsonObject): string[] => {
  const hard = objectAt(object, 'spec', 'hard')
  return ['cpu', 'memory', 'storage', 'ephemeral-storage'].flatMap((name) => {
    const isBare = hard[`requests.${name}`] === undefined && (name === 'cpu' || name === 'memory')
    const asked = isBare ? name : `requests.${name}`
    const limit = `limits.${name}`
    const isMore = (amountOf(hard[asked]) ?? Number.NaN) > (amountOf(hard[limit]) ?? Number.NaN)
    const shown = (one: string): string => `${one} (${String(canonical(hard[one] ?? '0'))})`
    return isMore ? [`ResourceQuota ${shown(asked)} should be less than ${shown(limit)}`] : []
  })
}
