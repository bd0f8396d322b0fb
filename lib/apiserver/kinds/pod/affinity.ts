/**
 * Where pods want to be: affinity to nodes and to other pods, and how pods spread.
 */

import type { Json, JsonObject, Problem } from '../../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../../schema/equal.ts'
import {
  labelProblems,
  labelValueProblems,
  qualifiedProblems,
  subdomainProblems,
} from '../../schema/names.ts'
import { duplicate, forbidden, invalid, required } from '../../schema/problem.ts'
import { each, formed, oneOf, positive, textAt, whenGiven } from '../rules.ts'
import { labelSelectorProblems } from '../labelrules.ts'

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

/** What is wrong with `affinity`. */
export const affinityProblems = (affinity: JsonObject, field: string): Problem[] => [
  ...whenGiven(affinity.nodeAffinity, (one) => nodeAffinityProblems(one, `${field}.nodeAffinity`)),
  ...['podAffinity', 'podAntiAffinity'].flatMap((name) =>
    whenGiven(affinity[name], (one) => [
      ...each(listAt(one, REQUIRED), `${field}.${name}.${REQUIRED}`, podTermProblems),
      ...each(listAt(one, PREFERRED), `${field}.${name}.${PREFERRED}`, (term, at) => [
        ...weightProblems(term, at),
        ...podTermProblems(objectAt(term, 'podAffinityTerm'), `${at}.podAffinityTerm`),
      ]),
    ]),
  ),
]

const MAX_WEIGHT = 100

const weightProblems = (term: JsonObject, field: string): Problem[] => {
  const weight = numberAt(term, 'weight') ?? 0
  if (weight > 0 && weight <= MAX_WEIGHT) return []
  return [invalid(`${field}.weight`, weight, `must be in the range 1-${MAX_WEIGHT}`)]
}

const nodeAffinityProblems = (affinity: JsonObject, field: string): Problem[] => [
  ...whenGiven(affinity[REQUIRED], (selector) => nodeSelectorProblems(selector, `${field}.${REQUIRED}`)),
  ...each(listAt(affinity, PREFERRED), `${field}.${PREFERRED}`, (term, at) => [
    ...weightProblems(term, at),
    // Values that are no labels are only warned of here.
    ...nodeTermProblems(objectAt(term, 'preference'), `${at}.preference`, false),
  ]),
]

/** What is wrong with a selector of nodes. */
export const nodeSelectorProblems = (selector: JsonObject, field: string): Problem[] => {
  const terms = listAt(selector, 'nodeSelectorTerms')
  const at = `${field}.nodeSelectorTerms`
  if (terms.length === 0) return [required(at, 'must have at least one node selector term')]
  return each(terms, at, (term, item) => nodeTermProblems(term, item, true))
}

const nodeTermProblems = (term: JsonObject, field: string, checksValues: boolean): Problem[] => [
  ...each(listAt(term, 'matchExpressions'), `${field}.matchExpressions`, (one, at) => [
    ...operatorProblems(one, at),
    ...formed(stringAt(one, 'key'), `${at}.key`, qualifiedProblems),
    ...(checksValues ? valuesProblems(one, at, labelValueProblems) : []),
  ]),
  ...each(listAt(term, 'matchFields'), `${field}.matchFields`, nodeFieldProblems),
]

const valuesProblems = (one: JsonObject, field: string, form: (value: string) => string[]): Problem[] =>
  listAt(one, 'values').flatMap((value, index) => formed(String(value), `${field}.values[${index}]`, form))

const operatorProblems = (one: JsonObject, field: string): Problem[] => {
  const operator = stringAt(one, 'operator')
  const many = listAt(one, 'values').length
  const at = `${field}.values`
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (many > 0) return []
      return [required(at, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      if (many === 0) return []
      return [forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    case 'Gt':
    case 'Lt':
      if (many === 1) return []
      return [required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
    default:
      return [invalid(`${field}.operator`, operator, 'not a valid selector operator')]
  }
}

const nodeFieldProblems = (one: JsonObject, field: string): Problem[] => {
  const operator = stringAt(one, 'operator')
  const key = stringAt(one, 'key')
  const isKnown = operator === 'In' || operator === 'NotIn'
  const single = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
  return [
    ...(isKnown ? [] : [invalid(`${field}.operator`, operator, 'not a valid selector operator')]),
    ...(isKnown && listAt(one, 'values').length !== 1 ? [required(`${field}.values`, single)] : []),
    ...(key === 'metadata.name'
      ? valuesProblems(one, field, subdomainProblems)
      : [invalid(`${field}.key`, key, 'not a valid field selector key')]),
  ]
}

const podTermProblems = (term: JsonObject, field: string): Problem[] => {
  const topology = stringAt(term, 'topologyKey')
  return [
    ...selectorsProblems(term, field, 'labelSelector', 'namespaceSelector'),
    ...listAt(term, 'namespaces').flatMap((name) =>
      formed(String(name), `${field}.namespace`, labelProblems),
    ),
    ...matchKeysProblems(term, field),
    ...(topology === '' ? [required(`${field}.topologyKey`, 'can not be empty')] : []),
    ...formed(topology, `${field}.topologyKey`, qualifiedProblems),
  ]
}

const selectorsProblems = (of: JsonObject, field: string, ...names: string[]): Problem[] =>
  names.flatMap((name) =>
    whenGiven(of[name], (selector) => labelSelectorProblems(selector, `${field}.${name}`)),
  )

const matchKeysProblems = (term: JsonObject, field: string): Problem[] => {
  const wanted = listAt(term, 'matchLabelKeys')
  const unwanted = listAt(term, 'mismatchLabelKeys')
  const both = 'exists in both matchLabelKeys and mismatchLabelKeys'
  return [
    ...keysProblems(wanted, `${field}.matchLabelKeys`, term.labelSelector),
    ...keysProblems(unwanted, `${field}.mismatchLabelKeys`, term.labelSelector),
    ...mergedProblems(wanted, field, term.labelSelector),
    ...wanted.flatMap((key, index) =>
      unwanted.includes(key) ? [invalid(`${field}.matchLabelKeys[${index}]`, key, both)] : [],
    ),
  ]
}

const keysProblems = (keys: Json[], field: string, selector: Json | undefined): Problem[] => {
  if (keys.length === 0) return []
  if (!isObject(selector)) return [forbidden(field, 'must not be specified when labelSelector is not set')]
  return keys.flatMap((key, index) => formed(String(key), `${field}[${index}]`, qualifiedProblems))
}

/** The server itself adds what the keys stand for to the selector, once; more is the client's. */
const mergedProblems = (keys: Json[], field: string, selector: Json | undefined): Problem[] => {
  const seen = new Set(Object.keys(objectAt(selector, 'matchLabels')))
  return each(listAt(selector, 'matchExpressions'), field, (one) => {
    const key = stringAt(one, 'key')
    const index = keys.lastIndexOf(key)
    const isTwice = seen.has(key)
    seen.add(key)
    if (!isTwice || index < 0) return []
    return [invalid(`${field}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector')]
  })
}

const policies = ['Honor', 'Ignore']

/** What is wrong with `topologySpreadConstraints`. */
export const spreadProblems = (constraints: Json[], field: string): Problem[] =>
  each(constraints, field, (one, at, index) => {
    const action = stringAt(one, 'whenUnsatisfiable')
    const pair = `{${stringAt(one, 'topologyKey')}, ${action}}`
    const isRepeated = constraints
      .slice(index + 1)
      .some(
        (other) => pair === `{${stringAt(other, 'topologyKey')}, ${stringAt(other, 'whenUnsatisfiable')}}`,
      )
    return [
      ...positive(numberAt(one, 'maxSkew') ?? 0, `${at}.maxSkew`),
      ...(stringAt(one, 'topologyKey') === '' ? [required(`${at}.topologyKey`, 'can not be empty')] : []),
      ...oneOf(action, `${at}.whenUnsatisfiable`, ['DoNotSchedule', 'ScheduleAnyway']),
      ...(isRepeated ? [duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair)] : []),
      ...domainsProblems(one, `${at}.minDomains`, action),
      ...['nodeAffinityPolicy', 'nodeTaintsPolicy'].flatMap((name) =>
        oneOf(textAt(one, name), `${at}.${name}`, policies),
      ),
      ...matchKeysProblems(one, at),
      ...selectorsProblems(one, at, 'labelSelector'),
    ]
  })

const domainsProblems = (constraint: JsonObject, field: string, action: string): Problem[] => {
  const domains = numberAt(constraint, 'minDomains')
  if (domains === undefined) return []
  const text = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
  return [...positive(domains, field), ...(action === 'DoNotSchedule' ? [] : [invalid(field, domains, text)])]
}
