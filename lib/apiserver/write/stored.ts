/**
 * An object of a request as it is stored, and back. Only where a webhook converts does that take time.
 */
import { convertStored, toStorage } from '../conversion/convert.ts'
import { withMetadata } from '../metadata.ts'
import type { JsonObject, ResourceType, Schema } from '../resource.ts'
import { isObject } from '../schema/equal.ts'
import { prune } from '../schema/prune.ts'
import { type Server, tableFor } from '../server.ts'
import { commit, type Entry, TooLarge } from '../store.ts'

/** The form that is stored. A custom resource loses here what its schema does not know. Rejects with 500. */
export function storedForm(
  server: Server,
  type: ResourceType,
  object: JsonObject,
): JsonObject | Promise<JsonObject> {
  if (type.conversion !== undefined) return toStorage(server, type.conversion, object)
  // Webhooks may have put it there; decoding has taken it out of everything else.
  if (type.custom) prune(object, type.schema)
  else if (type.group !== 'apiextensions.k8s.io') forgetEmptyLists(object, type.schema)
  return type.toStored?.(object) ?? object
}

/**
 * Built-in kinds are stored as protobuf, which does not tell an empty list from none: one that is always written reads as
 * null from then on. Lists of that sort stand at the top or in the spec.
 */
function forgetEmptyLists(object: JsonObject, schema: Schema): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const value = object[name]
    if (Array.isArray(value) && value.length === 0 && property['x-go-zero'] === null) object[name] = null
    if (name === 'spec' && isObject(value)) forgetEmptyLists(value, property)
  }
}

/**
 * Commits what a request made. Who changed what may be forgotten where the object would else be too large, unless the
 * request is about just that (an apply), as the real server does. Throws 500.
 */
export function commitForm(
  server: Server,
  type: ResourceType,
  identity: { namespace: string; name: string },
  stored: JsonObject,
  isApply: boolean,
): Entry {
  const attempt = (changes: Record<string, undefined>) =>
    commit(server.store, tableFor(server, type), identity, (resourceVersion) =>
      withMetadata(stored, { ...changes, resourceVersion }),
    )
  try {
    return attempt({})
  } catch (error) {
    if (!(error instanceof TooLarge) || isApply) throw error
    return attempt({ managedFields: undefined })
  }
}

/** What a dry run answers: the object as it would be read after it was stored. Rejects with 500. */
export function readBack(
  server: Server,
  { conversion }: ResourceType,
  stored: JsonObject,
  object: JsonObject,
): JsonObject | Promise<JsonObject> {
  return conversion === undefined ? object : convertStored(server, conversion, stored)
}
