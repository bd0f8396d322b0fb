/**
 * Columns of Tables and how their cells are printed.
 */

import type { Column, Json, JsonObject } from '../resource.ts'
import { at, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'

/** A column of a built-in kind. */
export const column = (
  name: string,
  type: string,
  value: (object: JsonObject, now: number) => Json,
  more: Partial<Pick<Column, 'description' | 'priority' | 'format'>> = {},
): Column => ({ name, type, format: '', description: '', priority: 0, value, ...more })

/** A column that kubectl shows with `-o wide` only. */
export const wide = (given: Column): Column => ({ ...given, priority: 1 })

export const nameColumn: Column = column('Name', 'string', (object) => stringAt(object, 'metadata', 'name'), {
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
})

export const ageColumn: Column = column(
  'Age',
  'string',
  (object, now) => ageOf(stringAt(object, 'metadata', 'creationTimestamp'), now),
  {
    description:
      'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  },
)

/** All columns of kinds that print nothing of their own. */
export const createdColumns: Column[] = [
  nameColumn,
  {
    ...ageColumn,
    name: 'Created At',
    type: 'date',
    // A bookmark has none, and Go prints its zero time.
    value: (object) => stringAt(object, 'metadata', 'creationTimestamp') || '0001-01-01T00:00:00Z',
  },
]

/** How long ago a time was, as kubectl prints it; `<unknown>` without a time. */
export const ageOf = (time: string, now: number): string =>
  time === '' ? '<unknown>' : humanDuration((now - Date.parse(time)) / 1000)

const minute = 60
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** What a Go duration can hold, in seconds: 292 years. */
const longest = 9223372036

/** The two largest units that matter (apimachinery, HumanDuration). */
export const humanDuration = (exactly: number): string => {
  const seconds = Math.trunc(Math.min(exactly, longest))
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 2 * minute) return `${seconds}s`
  if (seconds < 10 * minute) return two(seconds, minute, 'm', 1, 's')
  if (seconds < 3 * hour) return `${Math.floor(seconds / minute)}m`
  if (seconds < 8 * hour) return two(seconds, hour, 'h', minute, 'm')
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)}h`
  if (seconds < 8 * day) return two(seconds, day, 'd', hour, 'h')
  if (seconds < 2 * year) return `${Math.floor(seconds / day)}d`
  if (seconds < 8 * year) return two(seconds, year, 'y', day, 'd')
  return `${Math.floor(seconds / year)}y`
}

const two = (seconds: number, large: number, largeUnit: string, small: number, smallUnit: string): string => {
  const rest = Math.floor((seconds % large) / small)
  return `${Math.floor(seconds / large)}${largeUnit}${rest === 0 ? '' : `${rest}${smallUnit}`}`
}

/** Containers and their images, as wide tables of workloads show them. */
export const containerNames = (spec: JsonObject): string =>
  listAt(spec, 'containers')
    .map((one) => stringAt(one, 'name'))
    .join(',')

export const containerImages = (spec: JsonObject): string =>
  listAt(spec, 'containers')
    .map((one) => stringAt(one, 'image'))
    .join(',')

/** A label selector in the notation of `kubectl -l`; `<none>` when there is none, or it selects everything. */
export const selectorText = (selector: Json | undefined): string => {
  const labels = objectAt(selector, 'matchLabels')
  const parts = [
    ...Object.keys(labels).map((key) => ({ key, shown: `${key}=${String(labels[key])}` })),
    ...listAt(selector, 'matchExpressions')
      .filter(isObject)
      .map((one) => ({ key: stringAt(one, 'key'), shown: expressionText(one) })),
  ]
  if (parts.length === 0) return '<none>'
  return parts
    .sort((one, other) => compareText(one.key, other.key))
    .map(({ shown }) => shown)
    .join(',')
}

const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const expressionText = (expression: JsonObject): string => {
  const key = stringAt(expression, 'key')
  const values = [...listAt(expression, 'values')].map(String).sort().join(',')
  switch (at(expression, 'operator')) {
    case 'In':
      return `${key} in (${values})`
    case 'NotIn':
      return `${key} notin (${values})`
    case 'Exists':
      return key
    default:
      return `!${key}`
  }
}

/** A map of labels as text; `<none>` when empty. */
export const labelsText = (labels: JsonObject): string =>
  Object.keys(labels).length === 0
    ? '<none>'
    : Object.keys(labels)
        .sort()
        .map((key) => `${key}=${String(labels[key])}`)
        .join(',')
