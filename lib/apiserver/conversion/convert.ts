/**
 * Objects of custom resources in other versions than they are stored in. Everything that reads stored objects is
 * synchronous and finds them converted: whoever is about to read awaits {@link converted} first.
 */
import { apiVersionOf } from '../encode.ts'
import { metadataOf, withMetadata } from '../metadata.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import { applyDefaults } from '../schema/default.ts'
import { isEqual, stringAt } from '../schema/equal.ts'
import { prune } from '../schema/prune.ts'
import type { Server } from '../server.ts'
import type { Entry } from '../store.ts'
import { askForConversion } from './ask.ts'
import type { Conversion } from './conversion.ts'

/** Calls of one webhook at a time on behalf of one reader. */
const PARALLEL = 16

/** Undefined, at once, when all of them can be read. Rejects with 500 when one cannot be converted. */
export function converted(
  server: Server,
  type: ResourceType,
  entries: readonly Entry[],
): Promise<void> | undefined {
  const { conversion } = type
  if (conversion === undefined) return undefined
  const missing = entries.filter(({ object }) => !isReadable(conversion, object))
  return missing.length === 0 ? undefined : convertAll(server, conversion, missing)
}

const isReadable = ({ own, known }: Conversion, object: JsonObject): boolean =>
  object.apiVersion === own || known.has(object)

async function convertAll(server: Server, conversion: Conversion, entries: readonly Entry[]): Promise<void> {
  let next = 0
  const work = async () => {
    for (let entry = entries[next++]; entry !== undefined; entry = entries[next++])
      await convertStored(server, conversion, entry.object)
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL, entries.length) }, work))
}

/** The stored object in this version. Two readers of one object share one call. Rejects with 500. */
export function convertStored(
  server: Server,
  conversion: Conversion,
  stored: JsonObject,
): Promise<JsonObject> {
  const { known, pending } = conversion
  const running = pending.get(stored)
  if (running !== undefined) return running
  const call = read(server, conversion, stored).then((object) => {
    known.set(stored, object)
    return object
  })
  pending.set(stored, call)
  return call.finally(() => pending.delete(stored))
}

/** Defaulted as what it is, converted, and pruned as what it becomes: the order in which the real server decodes. */
async function read(server: Server, conversion: Conversion, stored: JsonObject): Promise<JsonObject> {
  const { own, schemas } = conversion
  const object = structuredClone(stored)
  const schema = schemas.get(stringAt(stored, 'apiVersion'))
  if (schema !== undefined) applyDefaults(object, schema)
  const result = object.apiVersion === own ? object : await ask(server, conversion, object, own)
  const ownSchema = schemas.get(own)
  if (ownSchema !== undefined) prune(result, ownSchema)
  return result
}

/** What is stored knows no resourceVersion; that comes with it from outside. */
async function ask(
  server: Server,
  conversion: Conversion,
  object: JsonObject,
  desired: string,
): Promise<JsonObject> {
  const { resourceVersion } = metadataOf(object)
  const sent = withMetadata(object, { resourceVersion: undefined })
  const result = await askForConversion(server, conversion, sent, desired)
  return resourceVersion === undefined ? result : withMetadata(result, { resourceVersion })
}

/**
 * The form in which an object of this version is stored. Rejects with 500. Compare with what is stored by
 * {@link isStoredAs}.
 */
export async function toStorage(
  server: Server,
  conversion: Conversion,
  object: JsonObject,
): Promise<JsonObject> {
  const { own, storage, schemas } = conversion
  const stored = own === storage ? structuredClone(object) : await ask(server, conversion, object, storage)
  const schema = schemas.get(storage)
  if (schema !== undefined) prune(stored, schema)
  return stored
}

/** Would storing this change nothing? */
export const isStoredAs = (stored: JsonObject, entry: Entry): boolean =>
  isEqual(unversioned(stored), unversioned(entry.object))

const unversioned = (object: JsonObject): JsonObject => withMetadata(object, { resourceVersion: undefined })

/** A request's object in another version, for a webhook: nothing is defaulted or pruned. Rejects with 500. */
export async function convertTo(
  server: Server,
  from: ResourceType,
  to: ResourceType,
  object: JsonObject,
): Promise<JsonObject> {
  const apiVersion = apiVersionOf(to)
  if (from.conversion !== undefined) return askForConversion(server, from.conversion, object, apiVersion)
  if (from.custom) return { ...object, apiVersion }
  const stored = from.toStored?.(object) ?? object
  return to.fromStored?.(stored) ?? { ...stored, apiVersion }
}
