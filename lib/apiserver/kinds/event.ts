/**
 * Events: one storage behind two groups. What is stored is the form of core/v1; events.k8s.io/v1 names the same fields
 * otherwise and is stricter about new objects.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { isEqual, stringAt } from '../schema/equal.ts'
import { eventColumns } from '../printers/event.ts'
import { always, needed, ofPackage, optional, struct } from './dsl.ts'
import { metadata } from '../schema/objectmeta.ts'
import { changeProblems, commonProblems, renamed, seriesProblems, strictProblems } from './eventrules.ts'
import { defineKind, selectable } from './kind.ts'
import { objectReference } from './reference.ts'

const series = struct('EventSeries', {
  count: 'int32',
  lastObservedTime: needed('microtime!', false),
})
const source = always(ofPackage('core.v1', struct('EventSource', { component: 'string', host: 'string' })))
const reference = { ...optional(objectReference), 'x-go-zero': {} }

const restored = Object.fromEntries(Object.entries(renamed).map(([one, other]) => [other, one]))

const rename = (
  object: JsonObject,
  names: Readonly<Record<string, string>>,
  apiVersion: string,
): JsonObject => {
  const entries = Object.entries(object).map(([name, value]) => [names[name] ?? name, value])
  return { ...Object.fromEntries(entries), ...('apiVersion' in object ? { apiVersion } : {}) }
}

const newGroup = 'events.k8s.io/v1'

/** core/v1 writes the reporter always, events.k8s.io/v1 only where there is one. */
const reporter = ['reportingComponent', 'reportingInstance']

const toCore = (object: JsonObject): JsonObject => {
  const core = rename(object, renamed, 'v1')
  for (const name of reporter) core[name] ??= ''
  return core
}

const fromCore = (object: JsonObject): JsonObject => {
  const event = rename(object, restored, newGroup)
  for (const name of ['reportingController', 'reportingInstance']) if (event[name] === '') delete event[name]
  return event
}

const labels = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.resourceVersion',
  'involvedObject.fieldPath',
  'reason',
  'reportingComponent',
  'type',
]

const selectSource = (event: JsonObject): string =>
  stringAt(event, 'source', 'component') || stringAt(event, 'reportingComponent')

const coreEvent: ResourceType = defineKind({
  kind: 'Event',
  isUncached: true,
  shortNames: ['ev'],
  // Their names have always been made of those of other objects, whatever these are like.
  nameFormat: 'path',
  ignoresDependents: true,
  fields: {
    metadata: needed(metadata),
    involvedObject: needed(reference),
    reason: 'string',
    message: 'string',
    source,
    firstTimestamp: needed('time!', false),
    lastTimestamp: needed('time!', false),
    count: 'int32',
    type: 'string',
    eventTime: needed('microtime!', false),
    series,
    action: 'string',
    related: objectReference,
    reportingComponent: needed('string!', false),
    reportingInstance: needed('string!', false),
  },
  columns: eventColumns((event) => event),
  selectableFields: { ...selectable(...labels), source: selectSource },
  validate: (event) => commonProblems(event, 'reportingComponent'),
})

const newEvent: ResourceType = defineKind({
  group: 'events.k8s.io',
  kind: 'Event',
  isUncached: true,
  storage: 'events',
  metadataRules: { standardFinalizers: true, again: 'changes', status: 'changes' },
  storageVersion: '/v1',
  shortNames: ['ev'],
  ignoresDependents: true,
  fields: {
    eventTime: 'microtime!',
    series: struct('EventSeries', { count: 'int32!', lastObservedTime: 'microtime!' }),
    reportingController: 'string',
    reportingInstance: 'string',
    action: 'string',
    reason: 'string',
    regarding: reference,
    related: objectReference,
    note: 'string',
    type: 'string',
    deprecatedSource: source,
    deprecatedFirstTimestamp: needed('time!', false),
    deprecatedLastTimestamp: needed('time!', false),
    deprecatedCount: 'int32',
  },
  columns: eventColumns(toCore),
  selectableFields: {
    ...Object.fromEntries(
      Object.entries(selectable(...labels)).map(([label, value]) => [
        label.replace('involvedObject', 'regarding').replace('reportingComponent', 'reportingController'),
        (event: JsonObject) => value(toCore(event)),
      ]),
    ),
    source: (event) => selectSource(toCore(event)),
  },
  fromStored: fromCore,
  toStored: toCore,
  validate: (object, before) => {
    const event = toCore(object)
    const problems = commonProblems(event, 'reportingController')
    if (!before) return [...problems, ...strictProblems(event)]
    const old = toCore(before)
    const series = isEqual(event.series ?? null, old.series ?? null) ? [] : seriesProblems(event)
    return [...problems, ...series, ...changeProblems(event, old)]
  },
})

/** Both served forms of Event. */
export const eventTypes: readonly ResourceType[] = [coreEvent, newEvent]
