/**
 * What `kubectl get` shows of Events, in whichever of their two groups.
 */
import { ageOf, nameColumn, wide } from '../kinds/columns.ts'
import type { Column, JsonObject } from '../resource.ts'
import { at, numberAt, stringAt } from '../schema/equal.ts'
import { type Cell, text, textAt, wideText } from './column.ts'

const firstTime = (event: JsonObject): string =>
  stringAt(event, 'firstTimestamp') || stringAt(event, 'eventTime')

/** When and how often: from the series, else from the old counters, else from the time of the first. */
const lastSeen: Cell = (event, now) =>
  at(event, 'series') === undefined
    ? ageOf(stringAt(event, 'lastTimestamp') || firstTime(event), now)
    : ageOf(stringAt(event, 'series', 'lastObservedTime'), now)

const countOf: Cell = (event) =>
  at(event, 'series') === undefined
    ? numberAt(event, 'count') || 1
    : (numberAt(event, 'series', 'count') ?? 0)

const sourceText: Cell = (event) => {
  const component = stringAt(event, 'source', 'component') || stringAt(event, 'reportingComponent')
  const host = stringAt(event, 'source', 'host') || stringAt(event, 'reportingInstance')
  return host === '' ? component : `${component}, ${host}`
}

const objectText: Cell = (event) => {
  const kind = stringAt(event, 'involvedObject', 'kind').toLowerCase()
  const name = stringAt(event, 'involvedObject', 'name')
  return name === '' ? kind : `${kind}/${name}`
}

const columns: readonly Column[] = [
  text('Last Seen', 'The time at which the most recent occurrence of this event was recorded.', lastSeen),
  text(
    'Type',
    'Type of this event (Normal, Warning), new types could be added in the future',
    textAt('type'),
  ),
  text(
    'Reason',
    "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
    textAt('reason'),
  ),
  text('Object', 'The object that this event is about.', objectText),
  wideText(
    'Subobject',
    'If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: "spec.containers{name}" (where "name" refers to the name of the container that triggered the event) or if no container name is specified "spec.containers[2]" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object.',
    textAt('involvedObject.fieldPath'),
  ),
  wideText(
    'Source',
    'The component reporting this event. Should be a short machine understandable string.',
    sourceText,
  ),
  text('Message', 'A human-readable description of the status of this operation.', (event) =>
    stringAt(event, 'message').trim(),
  ),
  wideText(
    'First Seen',
    'The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)',
    (event, now) => ageOf(firstTime(event), now),
  ),
  wideText('Count', 'The number of times this event has occurred.', countOf),
  wide(nameColumn),
]

/** Of Event; `read` gives the object in the form of core/v1. */
export const eventColumns = (read: (object: JsonObject) => JsonObject): Column[] =>
  columns.map((column) => {
    const { value } = column
    return typeof value === 'string'
      ? column
      : { ...column, value: (object, now) => value(read(object), now) }
  })
