/**
 * `meta.k8s.io` Tables: what `kubectl get` prints. Columns come with the kind; a row carries the object's metadata, the
 * object, or nothing.
 */
import { objectOf } from './encode.ts'
import { goNumber } from './fields/gosyntax.ts'
import { goJson } from './schema/problem.ts'
import { jsonPath } from './jsonpath.ts'
import { ageOf } from './kinds/columns.ts'
import { type Page, listMetadata } from './list.ts'
import { metadataText } from './metadata.ts'
import type { Form } from './negotiate.ts'
import { partialOf } from './partial.ts'
import type { Column, Json, JsonObject, ResourceType } from './resource.ts'
import type { Entry } from './store.ts'

export const columnDefinitions = (type: ResourceType): JsonObject[] =>
  type.columns.map((column) => ({
    name: column.name,
    type: column.type,
    format: column.format ?? '',
    description: column.description ?? '',
    priority: column.priority,
  }))

/** One row; `now` in milliseconds. */
export function rowOf(type: ResourceType, object: JsonObject, form: Form, now: number): JsonObject {
  const cells = type.columns.map((column) => cellOf(column, object, now))
  const conditions = type.rowConditions?.(object) ?? []
  return {
    cells,
    ...(conditions.length === 0 ? {} : { conditions }),
    object: carried(type, object, form),
  }
}

/** A whole object names its kind here, which items of a list do not. */
function carried(type: ResourceType, object: JsonObject, form: Form): Json {
  if (form.include === 'None') return null
  if (form.include !== 'Object') return partialOf(type, object, form.version)
  return type.custom ? object : headed(type, object)
}

const headed = (type: ResourceType, { kind: _, apiVersion: __, ...rest }: JsonObject): JsonObject => ({
  kind: type.kind,
  apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`,
  ...rest,
})

function cellOf(column: Column, object: JsonObject, now: number): Json {
  if (typeof column.value === 'function') return column.value(object, now)
  const found = jsonPath(object, column.value)[0]
  return found === undefined ? null : customCell(column.type, found, now)
}

function customCell(type: string, found: Json, now: number): Json {
  switch (type) {
    case 'string':
      return textOf(found)
    case 'integer':
      return typeof found === 'number' ? Math.trunc(found) : null
    case 'number':
      return typeof found === 'number' ? found : null
    case 'boolean':
      return typeof found === 'boolean' ? found : null
    case 'date':
      return typeof found === 'string' ? dateText(found, now) : null
    default:
      return null
  }
}

/** As Go's template engine prints a value. */
function textOf(value: Json): string {
  if (value === null) return '<no value>'
  if (typeof value === 'number') return goNumber(value)
  return typeof value === 'object' ? goJson(value) : String(value)
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

function dateText(given: string, now: number): string {
  // Nothing, and the beginning of Go's time, which is nothing as well.
  if (given === '' || given === 'null' || given === '0001-01-01T00:00:00Z') return '<unknown>'
  if (!RFC3339.test(given) || Number.isNaN(Date.parse(given))) return '<invalid>'
  return ageOf(given, now)
}

/** A Table of a page. */
export function tableOfPage(type: ResourceType, page: Page, form: Form, now: number): JsonObject {
  const rows = page.entries.map((entry) => rowOf(type, objectOf(type, entry), form, now))
  return tableOf(type, listMetadata(page, false) as JsonObject, rows, form)
}

/** A Table of one object. */
export const tableOfObject = (type: ResourceType, object: JsonObject, form: Form, now: number): JsonObject =>
  tableOf(
    type,
    { resourceVersion: metadataText(object, 'resourceVersion') },
    [rowOf(type, object, form, now)],
    form,
  )

export const tableOfEntry = (type: ResourceType, entry: Entry, form: Form, now: number): JsonObject =>
  tableOfObject(type, objectOf(type, entry), form, now)

const tableOf = (type: ResourceType, metadata: JsonObject, rows: JsonObject[], form: Form): JsonObject => ({
  kind: 'Table',
  apiVersion: `meta.k8s.io/${form.version ?? 'v1'}`,
  metadata,
  columnDefinitions: columnDefinitions(type),
  rows,
})
