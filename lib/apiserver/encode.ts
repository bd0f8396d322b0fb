/**
 * Stored entries as the JSON of one served version. The text of an entry is made once and shared by reads, lists and all
 * watchers; lists of built-in kinds leave `kind` and `apiVersion` out of their items, as the real server does.
 */
import { emptyObject } from './empty.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { objectAt } from './schema/equal.ts'
import type { Entry } from './store.ts'

/** `apps/v1`, core: `v1`. */
export const apiVersionOf = (type: Pick<ResourceType, 'group' | 'version'>): string =>
  type.group === '' ? type.version : `${type.group}/${type.version}`

/** The object in the version of `type`. It may be the stored (frozen) object itself. */
export function objectOf(type: ResourceType, entry: Entry): JsonObject {
  if (type.fromStored !== undefined) return type.fromStored(entry.object)
  const apiVersion = apiVersionOf(type)
  // Versions of a CRD differ in nothing else.
  return entry.object.apiVersion === apiVersion ? entry.object : { ...entry.object, apiVersion }
}

const headOf = (type: ResourceType): string =>
  `{"kind":${JSON.stringify(type.kind)},"apiVersion":"${apiVersionOf(type)}",`

/** The object as JSON, beginning with `kind` and `apiVersion`. */
export function textOf(type: ResourceType, entry: Entry): string {
  if (entry.textFor === type && entry.text !== undefined) return entry.text
  const text = textOfObject(type, objectOf(type, entry))
  if (entry.textFor === undefined || entry.textFor === type) {
    entry.text = text
    entry.textFor = type
  }
  return text
}

/** The same for an object that is not stored. */
export const textOfObject = (type: ResourceType, object: JsonObject): string =>
  JSON.stringify({ kind: type.kind, apiVersion: apiVersionOf(type), ...object })

/** A bookmark of a watch: an object of its kind that nobody has written to. */
export function bookmarkOf(type: ResourceType, metadata: JsonObject): JsonObject {
  const { metadata: always, ...empty } = emptyObject(type)
  const annotations = { ...objectAt(always, 'annotations'), ...objectAt(metadata, 'annotations') }
  return {
    kind: type.kind,
    apiVersion: apiVersionOf(type),
    metadata: Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations },
    ...empty,
  }
}

/** The object as an item of a list. */
export function itemTextOf(type: ResourceType, entry: Entry): string {
  const text = textOf(type, entry)
  return type.custom ? text : `{${text.slice(headOf(type).length)}`
}
