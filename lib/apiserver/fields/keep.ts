/**
 * What an apply leaves as the live object has it, whatever the patch says: the part that belongs to another endpoint, and
 * metadata that the server sets.
 */
import type { Json, JsonObject } from '../resource.ts'
import { isEmpty, member, objectAt, put } from './json.ts'
import type { MergedType } from './shape.ts'

/** Go clients send `creationTimestamp: null`: a null that stands for "not set" must not unset it. */
export function keepSystemMetadata(merged: JsonObject, base: JsonObject): JsonObject {
  const metadata = objectAt(merged, 'metadata')
  if (metadata === undefined || !Object.values(metadata).includes(null)) return merged
  const kept = { ...metadata }
  const live = objectAt(base, 'metadata') ?? {}
  for (const name of Object.keys(kept)) {
    if (kept[name] !== null) continue
    const value = member(live, name)
    if (value === undefined) delete kept[name]
    else put(kept, name, value)
  }
  return { ...merged, metadata: kept }
}

/** Where an apply goes to, and what is there. */
interface Target {
  readonly live: JsonObject | undefined
  readonly type: Pick<MergedType, 'hasStatus' | 'outOfReach'>
  readonly subresource?: string | undefined
}

/**
 * Puts back what this endpoint does not change (the status, or on the status subresource all else but metadata), and drops
 * the empty lists and maps that metadata never shows.
 */
export function keepOutOfReach(object: JsonObject, { live = {}, type, subresource }: Target): JsonObject {
  const own = type.outOfReach?.[subresource ?? '']
  const isKept = (name: string): boolean => {
    if (own !== undefined) return own.includes(name)
    return subresource === 'status' ? !STATUS_ENDPOINT.has(name) : type.hasStatus && name === 'status'
  }
  const result: JsonObject = {}
  for (const name of Object.keys(object)) if (!isKept(name)) put(result, name, member(object, name) as Json)
  for (const name of Object.keys(live)) if (isKept(name)) put(result, name, member(live, name) as Json)
  result.metadata = tidy(objectAt(result, 'metadata') ?? {})
  return result
}

const STATUS_ENDPOINT: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status'])

function tidy(metadata: JsonObject): JsonObject {
  const result = { ...metadata }
  for (const name of ['labels', 'annotations', 'finalizers', 'ownerReferences'])
    if (Object.hasOwn(result, name) && isEmpty(result[name])) delete result[name]
  return result
}
