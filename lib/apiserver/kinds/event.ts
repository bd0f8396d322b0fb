/**
 * Events: one storage behind two groups. What is stored is the form of core/v1; events.k8s.io/v1 names the same fields
 * otherwise and is stricter about new objects.
 */

import type { Json, JsonObject, ResourceType } from '../resource.ts'
import { isEqual, numberAt, stringAt } from '../schema/equal.ts'
import { ageOf, column, nameColumn, wide } from './columns.ts'
import { always, optional, struct } from './dsl.ts'
import { changeProblems, commonProblems, renamed, seriesProblems, strictProblems } from './eventrules.ts'
import { defineKind, selectable } from './kind.ts'
import { objectReference } from './reference.ts'

const series = struct('EventSeries', { count: 'int32', lastObservedTime: 'microtime!' })
const source = always(struct('EventSource', { component: 'string', host: 'string' }))
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

/** When and how often: from the series, else from the old counters, else from the time of the first. */
const lastSeen = (event: JsonObject, now: number): string => {
  const time =
    stringAt(event, 'series', 'lastObservedTime') || stringAt(event, 'lastTimestamp') || firstTime(event)
  return ageOf(time, now)
}
const firstTime = (event: JsonObject): string =>
  stringAt(event, 'firstTimestamp') || stringAt(event, 'eventTime')
const countOf = (event: JsonObject): number =>
  numberAt(event, 'series', 'count') ?? (numberAt(event, 'count') || 1)

const sourceText = (event: JsonObject): string => {
  const component = stringAt(event, 'source', 'component') || stringAt(event, 'reportingComponent')
  const host = stringAt(event, 'source', 'host') || stringAt(event, 'reportingInstance')
  return host === '' ? component : `${component}, ${host}`
}

const objectText = (event: JsonObject): string => {
  const kind = stringAt(event, 'involvedObject', 'kind').toLowerCase()
  const name = stringAt(event, 'involvedObject', 'name')
  return name === '' ? kind : `${kind}/${name}`
}

type Cell = (event: JsonObject, now: number) => Json

/** Columns read the core form. */
const columnsFor = (read: (object: JsonObject) => JsonObject) => {
  const cell =
    (value: Cell): Cell =>
    (object, now) =>
      value(read(object), now)
  const text = (name: string, description: string, value: Cell) =>
    column(name, 'string', cell(value), { description })
  return [
    text('Last Seen', 'The time at which the most recent occurrence of this event was recorded.', lastSeen),
    text('Type', 'Type of this event (Normal, Warning), new types could be added in the future', (event) =>
      stringAt(event, 'type'),
    ),
    text(
      'Reason',
      "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
      (event) => stringAt(event, 'reason'),
    ),
    text('Object', 'The object that this event is about.', objectText),
    wide(text('Subobject', subobject, (event) => stringAt(event, 'involvedObject', 'fieldPath'))),
    wide(
      text(
        'Source',
        'The component reporting this event. Should be a short machine understandable string.',
        sourceText,
      ),
    ),
    text('Message', 'A human-readable description of the status of this operation.', (event) =>
      stringAt(event, 'message').trim(),
    ),
    wide(
      text(
        'First Seen',
        'The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)',
        (event, now) => ageOf(firstTime(event), now),
      ),
    ),
    wide(text('Count', 'The number of times this event has occurred.', countOf)),
    wide(nameColumn),
  ]
}

const subobject =
  'If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: "spec.containers{name}" (where "name" refers to the name of the container that triggered the event) or if no container name is specified "spec.containers[2]" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object.'

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
  shortNames: ['ev'],
  // Their names have always been made of those of other objects, whatever these are like.
  nameFormat: 'path',
  ignoresDependents: true,
  fields: {
    involvedObject: reference,
    reason: 'string',
    message: 'string',
    source,
    firstTimestamp: 'time!',
    lastTimestamp: 'time!',
    count: 'int32',
    type: 'string',
    eventTime: 'microtime!',
    series,
    action: 'string',
    related: objectReference,
    reportingComponent: 'string!',
    reportingInstance: 'string!',
  },
  allColumns: columnsFor((event) => event),
  selectableFields: { ...selectable(...labels), source: selectSource },
  validate: (event) => commonProblems(event, 'reportingComponent'),
})

const newEvent: ResourceType = defineKind({
  group: 'events.k8s.io',
  kind: 'Event',
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
    deprecatedFirstTimestamp: 'time!',
    deprecatedLastTimestamp: 'time!',
    deprecatedCount: 'int32',
  },
  allColumns: columnsFor(toCore),
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
