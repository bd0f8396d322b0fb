/**
 * What Events must be like. All rules look at the form of core/v1, and so do the fields in their texts.
 */

import type { JsonObject, Problem } from '../resource.ts'
import { isEqual, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { qualifiedProblems } from '../schema/names.ts'
import { immutable, invalid, invalidPrinted, required } from '../schema/problem.ts'

/** events.k8s.io field -> core field; everything else has one name in both. */
export const renamed: Readonly<Record<string, string>> = {
  note: 'message',
  regarding: 'involvedObject',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
}

const longest: Readonly<Record<string, number>> = {
  reportingInstance: 128,
  action: 128,
  reason: 128,
  message: 1024,
}

/** What every Event must be like; `reporter` is what the request's version calls the reporting controller. */
export const commonProblems = (
  event: JsonObject,
  reporter: 'reportingComponent' | 'reportingController',
): Problem[] => [
  ...namespaceProblems(event),
  ...(isNewStyle(event) ? completenessProblems(event, reporter) : []),
]

/** Objects without a namespace have their Events in `default`; new Events of objects elsewhere may be anywhere. */
const namespaceProblems = (event: JsonObject): Problem[] => {
  const involved = stringAt(event, 'involvedObject', 'namespace')
  const own = stringAt(event, 'metadata', 'namespace')
  const homes = isNewStyle(event) ? ['default', 'kube-system'] : ['default', '']
  const matches = involved === '' ? homes.includes(own) : isNewStyle(event) || involved === own
  return matches ? [] : [invalid('involvedObject.namespace', involved, 'does not match event.namespace')]
}

/** New Events say who reports what. */
const completenessProblems = (event: JsonObject, reporter: string): Problem[] => {
  const controller = stringAt(event, 'reportingComponent')
  const problems = controller === '' ? [required(reporter)] : []
  problems.push(...qualifiedProblems(controller).map((text) => invalid(reporter, controller, text)))
  for (const name of ['reportingInstance', 'action', 'reason'])
    if (stringAt(event, name) === '') problems.push(required(name))
  for (const [name, max] of Object.entries(longest))
    if (Buffer.byteLength(stringAt(event, name)) > max)
      problems.push(invalid(name, '', `can have at most ${max} characters`))
  return problems
}

/** events.k8s.io/v1 wants Events new and complete when they are created. */
export const strictProblems = (event: JsonObject): Problem[] => {
  const type = stringAt(event, 'type')
  return [
    ...(isNewStyle(event) ? [] : [required('eventTime')]),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalid('type', '', `has invalid value: ${type}`)]),
    ...seriesProblems(event),
    ...unsetProblems(event),
  ]
}

/** A series has begun with the second occurrence. */
export const seriesProblems = (event: JsonObject): Problem[] => {
  if (event.series === undefined) return []
  const problems =
    (numberAt(event, 'series', 'count') ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []
  if (stringAt(event, 'series', 'lastObservedTime') === '') problems.push(required('series.lastObservedTime'))
  return problems
}

const unsetProblems = (event: JsonObject): Problem[] =>
  ['firstTimestamp', 'lastTimestamp', 'count', 'source']
    .filter((name) => {
      const value = event[name]
      return value !== undefined && value !== null && value !== 0 && !isEqual(value, {})
    })
    .map((name) => invalid(name, '', 'needs to be unset'))

const referenceFields = ['Kind', 'Namespace', 'Name', 'UID', 'APIVersion', 'ResourceVersion', 'FieldPath']

/** An object reference as Go prints the internal type, whose fields have no JSON names. */
const printReference = (reference: JsonObject): string => {
  const byName = Object.fromEntries(
    Object.entries(reference).map(([name, value]) => [name.toLowerCase(), value]),
  )
  return JSON.stringify(
    Object.fromEntries(referenceFields.map((name) => [name, byName[name.toLowerCase()] ?? ''])),
  )
}

const fixed = [
  'reason',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingController',
  'reportingInstance',
]

/** What an update through events.k8s.io may not change: everything but the series and metadata. */
export const changeProblems = (event: JsonObject, before: JsonObject): Problem[] => {
  const old = printReference(objectAt(before, 'involvedObject'))
  const involved = printReference(objectAt(event, 'involvedObject'))
  const problems = old === involved ? [] : [invalidPrinted('involvedObject', involved, 'field is immutable')]
  for (const name of fixed) {
    const core = renamed[name] ?? name
    if (!isEqual(event[core] ?? null, before[core] ?? null))
      problems.push(immutable(name, event[core] ?? null))
  }
  return problems
}

/** Is this a new Event, which must be complete? Old ones have counters instead. */
export const isNewStyle = (event: JsonObject): boolean => stringAt(event, 'eventTime') !== ''
