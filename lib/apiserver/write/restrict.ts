/**
 * Which part of an object a request may change: the main resource leaves status alone, the status subresource leaves
 * everything else alone.
 */
import { copyOf } from '../fields/json.ts'
import { metadataOf, withMetadata } from '../metadata.ts'
import type { Json, JsonObject, ResourceType } from '../resource.ts'

/** `given` with everything that this request may not change taken from `before`. */
export function restrict(
  type: ResourceType,
  subresource: string,
  before: JsonObject,
  given: JsonObject,
): JsonObject {
  if (subresource === 'status')
    return type.custom ? customStatus(before, given) : builtinStatus(type, before, given)
  if (type.group === '' && type.kind === 'Namespace') {
    const isFinalize = subresource === 'finalize'
    return keep(given, before, isFinalize ? ['status'] : ['status', 'spec'])
  }
  const own = type.outOfReach?.[subresource] ?? (type.hasStatus ? ['status'] : [])
  return keep(given, before, own)
}

function keep(given: JsonObject, before: JsonObject, fields: readonly string[]): JsonObject {
  const result = { ...given }
  for (const field of fields) {
    if (before[field] === undefined) delete result[field]
    else result[field] = copyOf(before[field] as Json)
  }
  return result
}

/** Of a custom resource only the status itself changes; who wrote it is kept in managedFields. */
function customStatus(before: JsonObject, given: JsonObject): JsonObject {
  const result = copyOf(before)
  if (given.status === undefined) delete result.status
  else result.status = given.status
  return withMetadata(result, { managedFields: metadataOf(given).managedFields })
}

/** Built-in kinds let a status write change most of the metadata. */
function builtinStatus(type: ResourceType, before: JsonObject, given: JsonObject): JsonObject {
  const kept = type.statusKeeps.map((field) => [field, metadataOf(before)[field]])
  const result = withMetadata(given, Object.fromEntries(kept))
  if (before.spec === undefined) delete result.spec
  else result.spec = copyOf(before.spec)
  return result
}
