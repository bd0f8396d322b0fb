/**
 * An object of a request as it is stored, and back. Only where a webhook converts does that take time.
 */
import { convertStored, toStorage } from '../conversion/convert.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import { prune } from '../schema/prune.ts'
import type { Server } from '../server.ts'

/** The form that is stored. A custom resource loses here what its schema does not know. Rejects with 500. */
export function storedForm(
  server: Server,
  type: ResourceType,
  object: JsonObject,
): JsonObject | Promise<JsonObject> {
  if (type.conversion !== undefined) return toStorage(server, type.conversion, object)
  // Webhooks may have put it there; decoding has taken it out of everything else.
  if (type.custom) prune(object, type.schema)
  return type.toStored?.(object) ?? object
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
