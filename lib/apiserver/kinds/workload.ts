/**
 * Rules that Deployments, ReplicaSets, StatefulSets, DaemonSets and Jobs share.
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { labelsProblems } from '../schema/metadata.ts'
import { labelValueProblems, qualifiedProblems } from '../schema/names.ts'
import { forbidden, immutable, invalid, invalidPrinted, required } from '../schema/problem.ts'
import { selectorMatches } from '../selector/object.ts'
import { defaultPodSpec } from './poddefaults.ts'

/** Fills what templates default from their other fields. */
export const defaultTemplate = (object: JsonObject): void =>
  defaultPodSpec(objectAt(object, 'spec', 'template', 'spec'))

/** A selector that must be there, select something, and match the template; it never changes. */
export const selectorProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const spec = objectAt(object, 'spec')
  const selector = spec.selector
  const field = 'spec.selector'
  const changed =
    before && !isEqual(selector ?? null, objectAt(before, 'spec').selector ?? null)
      ? [immutable(field, selector ?? null)]
      : []
  if (!isObject(selector)) return [...changed, required(field)]
  const wrong = labelSelectorProblems(selector, field)
  if (Object.keys(selector).length === 0)
    return [...changed, ...wrong, invalid(field, {}, `empty selector is invalid for ${kindWord(object)}`)]
  return [...changed, ...wrong, ...(wrong.length > 0 ? [] : mismatch(spec, selector))]
}

const kindWord = (object: JsonObject): string => stringAt(object, 'kind').toLowerCase()

const mismatch = (spec: JsonObject, selector: JsonObject): Problem[] => {
  const labels = objectAt(spec, 'template', 'metadata', 'labels')
  if (selectorMatches(selector, labels)) return []
  const shown: Json = Object.keys(labels).length === 0 ? null : labels
  return [invalid('spec.template.metadata.labels', shown, '`selector` does not match template `labels`')]
}

/** What is wrong with a label selector itself. */
export const labelSelectorProblems = (selector: JsonObject, field: string): Problem[] => [
  ...labelsProblems(objectAt(selector, 'matchLabels'), `${field}.matchLabels`),
  ...listAt(selector, 'matchExpressions')
    .filter(isObject)
    .flatMap((one, index) => expressionProblems(one, `${field}.matchExpressions[${index}]`)),
]

const expressionProblems = (expression: JsonObject, field: string): Problem[] => {
  const operator = stringAt(expression, 'operator')
  const key = stringAt(expression, 'key')
  const many = listAt(expression, 'values').length
  const problems = qualifiedProblems(key).map((text) => invalid(`${field}.key`, key, text))
  if (operator === 'In' || operator === 'NotIn') {
    if (many === 0)
      problems.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (many > 0)
      problems.push(
        forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      )
  } else problems.push(invalid(`${field}.operator`, operator, 'not a valid selector operator'))
  for (const [index, value] of listAt(expression, 'values').entries())
    for (const text of labelValueProblems(String(value)))
      problems.push(invalid(`${field}.values[${index}]`, value, text))
  return problems
}

/** Numbers below spec that may not be negative. */
export const negativeProblems = (spec: JsonObject, ...names: string[]): Problem[] =>
  names.flatMap((name) => {
    const value = numberAt(spec, name)
    return value === undefined || value >= 0
      ? []
      : [invalid(`spec.${name}`, value, 'must be greater than or equal to 0')]
  })

/** An absolute number or a percentage, as in `maxSurge`. */
export const intOrPercentProblems = (value: Json | undefined, field: string): Problem[] => {
  if (typeof value === 'number')
    return value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : []
  if (typeof value !== 'string' || /^[0-9]+%$/.test(value)) return []
  const text =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
  return [invalidPrinted(field, JSON.stringify(value), text)]
}
