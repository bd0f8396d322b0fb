/**
 * `metadata` as the server writes it: the fields that it sets itself, in the order and without the empties of the Go struct.
 */
import type { Json, JsonObject } from './resource.ts'

/** The fields of `ObjectMeta` that are no lists, in its order. */
export const PLAIN_FIELDS = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
]

const ORDER = [...PLAIN_FIELDS, 'ownerReferences', 'finalizers', 'managedFields']

/** The metadata of an object; an empty one where it has none. For reading. */
export function metadataOf(object: JsonObject): JsonObject {
  const { metadata } = object
  return typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) ? metadata : {}
}

/** A text of the metadata, or ''. */
export function metadataText(object: JsonObject, field: string): string {
  const value = metadataOf(object)[field]
  return typeof value === 'string' ? value : ''
}

/** A list of the metadata, or an empty one. */
export function metadataList(object: JsonObject, field: string): Json[] {
  const value = metadataOf(object)[field]
  return Array.isArray(value) ? value : []
}

/** Labels of an object, for selectors. */
export const labelsOf = (object: JsonObject): Record<string, string> =>
  (metadataOf(object).labels ?? {}) as Record<string, string>

const isEmpty = (value: Json | undefined): boolean => {
  if (value === undefined || value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** Metadata with its fields in order, known ones only, and nothing empty. */
export function tidyMetadata(metadata: JsonObject): JsonObject {
  const tidy: JsonObject = {}
  for (const field of ORDER) {
    const value = metadata[field]
    // An empty list of managers is a request to forget them; who tracks managers takes it away.
    const isKept = field === 'managedFields' ? Array.isArray(value) : !isEmpty(value)
    if (isKept && !(field === 'generation' && value === 0)) tidy[field] = value as Json
  }
  return tidy
}

/** The object with other metadata; `undefined` removes a field. Nothing is changed in place. */
export function withMetadata(object: JsonObject, changes: Record<string, Json | undefined>): JsonObject {
  const metadata: JsonObject = { ...metadataOf(object) }
  for (const [field, value] of Object.entries(changes)) {
    if (value === undefined) delete metadata[field]
    else metadata[field] = value
  }
  return { ...object, metadata: tidyMetadata(metadata) }
}

/** Letters that make no words, as k8s.io/apimachinery/pkg/util/rand has them. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'
const MAX_BASE = 58

/** A generateName with its five characters; `random` gives [0, 1). */
export function generateName(base: string, random: () => number): string {
  let name = base.slice(0, MAX_BASE)
  for (let count = 0; count < 5; count++) name += LETTERS[Math.floor(random() * LETTERS.length)]
  return name
}
