/**
 * `meta.k8s.io/v1` Tables: what `kubectl get` prints. Columns come with the kind; a row carries the object's metadata, the
 * object, or nothing.
 */
import { jsonPath } from './jsonpath.ts'
import { humanDuration } from './kinds/columns.ts'
import { objectOf } from './encode.ts'
import { metadataText } from './metadata.ts'
import { type Page, listMetadata } from './list.ts'
import type { Include } from './negotiate.ts'
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
export function rowOf(type: ResourceType, object: JsonObject, include: Include, now: number): JsonObject {
  const cells = type.columns.map((column) => cellOf(column, object, now))
  if (include === 'None') return { cells, object: null }
  return { cells, object: include === 'Object' ? object : partialOf(object) }
}

function cellOf(column: Column, object: JsonObject, now: number): Json {
  if (typeof column.value === 'function') return column.value(object, now)
  const found = jsonPath(object, column.value)[0]
  if (found === undefined) return null
  // What Go's template engine prints for a null.
  if (found === null) return column.type === 'string' ? '<no value>' : null
  switch (column.type) {
    case 'string':
      return typeof found === 'string' ? found : JSON.stringify(found)
    case 'integer':
      return typeof found === 'number' ? Math.trunc(found) : null
    case 'number':
      return typeof found === 'number' ? found : null
    case 'boolean':
      return typeof found === 'boolean' ? found : null
    case 'date':
      return typeof found === 'string' ? ageOf(found, now) : null
    default:
      return null
  }
}

/** How long ago a time was, as kubectl prints it. */
function ageOf(time: string, now: number): string {
  const at = Date.parse(time)
  return Number.isNaN(at) ? '<invalid>' : humanDuration(Math.trunc((now - at) / 1000))
}

/** A Table of a page. */
export function tableOfPage(type: ResourceType, page: Page, include: Include, now: number): JsonObject {
  const rows = page.entries.map((entry) => rowOf(type, objectOf(type, entry), include, now))
  return tableOf(type, listMetadata(page, false) as JsonObject, rows)
}

/** A Table of one object. */
export const tableOfObject = (type: ResourceType, object: JsonObject, include: Include, now: number) =>
  tableOf(type, { resourceVersion: metadataText(object, 'resourceVersion') }, [
    rowOf(type, object, include, now),
  ])

export const tableOfEntry = (type: ResourceType, entry: Entry, include: Include, now: number): JsonObject =>
  tableOfObject(type, objectOf(type, entry), include, now)

const tableOf = (type: ResourceType, metadata: JsonObject, rows: JsonObject[]): JsonObject => ({
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
  columnDefinitions: columnDefinitions(type),
  rows,
})
