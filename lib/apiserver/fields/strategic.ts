/**
 * Strategic merge patch: a merge patch that merges lists whose schema says so, by the value or by a key, and takes directives
 * (`$patch`, `$retainKeys`, `$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>`). Built-in kinds only; the schema's
 * tags are those of the Go types (k8s.io/apimachinery/pkg/util/strategicpatch). Lists are merged in `strategicList.ts`, and
 * put in order in `strategicOrder.ts`.
 */
import type { Json, JsonObject, Schema } from '../resource.ts'
import {
  badFormat,
  DELETE_FROM,
  DIRECTIVE,
  fieldOf,
  listFieldOf,
  listName,
  ORDER,
  RETAIN_KEYS,
  strategyOf,
  unknownDirective,
  withoutDirectives,
} from './directive.ts'
import { goType } from './gosyntax.ts'
import { isObject, member, put } from './json.ts'
import { mergeLists } from './strategicList.ts'
import { mergeOrdered } from './strategicOrder.ts'

/** What a patch makes of a target, and what is left of the patch then: its directives are used up, and its nulls are gone. */
export interface Patched {
  merged: JsonObject
  rest: JsonObject
}

/**
 * Merges the patch into the target; neither is changed. Throws PatchError when the patch is malformed: 400 for a directive of
 * the wrong form, 422 for lists of lists, else 500, as the real server.
 */
export function strategicPatch(target: JsonObject, patch: JsonObject, schema: Schema): Patched {
  const rest = structuredClone(patch)
  return { merged: mergeMaps(structuredClone(target), rest, schema), rest }
}

/** Merges in place, in both: what the real one leaves of a patch is quoted in refusals. */
function mergeMaps(original: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  const directive = member(patch, DIRECTIVE)
  if (directive !== undefined) return directed(directive, patch)
  retainKeys(original, patch)
  mergeOrdered(original, patch, schema, mergeMaps)
  for (const name of Object.keys(patch)) mergeMember(original, name, member(patch, name) as Json, schema)
  return original
}

function directed(directive: Json, patch: JsonObject): JsonObject {
  if (directive === 'delete') return {}
  if (directive !== 'replace') throw unknownDirective(directive, patch)
  delete patch[DIRECTIVE]
  return patch
}

function mergeMember(original: JsonObject, name: string, patch: Json, schema: Schema): void {
  const isDeletion = name.startsWith(DELETE_FROM)
  const key = isDeletion ? listName(name, DELETE_FROM) || name : name
  const present = member(original, key)
  if (patch === null) delete original[key]
  else if (present === undefined || goType(present) !== goType(patch)) {
    if (!isDeletion) take(original, key, patch)
  } else if (isObject(present) && isObject(patch)) {
    const field = fieldOf(schema, key)
    put(original, key, strategyOf(field) === 'replace' ? patch : mergeMaps(present, patch, field))
  } else if (Array.isArray(present) && Array.isArray(patch)) {
    const field = listFieldOf(schema, key)
    const isMerged = isDeletion || strategyOf(field) === 'merge'
    put(original, key, isMerged ? mergeLists(present, patch, { field, isDeletion, mergeMaps }) : patch)
  } else put(original, key, patch)
}

/** A value that meets nothing to merge with stands as it is, without nulls and directives. */
function take(original: JsonObject, key: string, patch: Json): void {
  discardNulls(patch)
  const value = withoutDirectives(patch)
  if (value === undefined) delete original[key]
  else put(original, key, value)
}

function discardNulls(value: Json): void {
  if (Array.isArray(value)) for (const item of value) discardNulls(item)
  if (!isObject(value)) return
  for (const key of Object.keys(value)) {
    const inner = member(value, key) as Json
    if (inner === null) delete value[key]
    else discardNulls(inner)
  }
}

/** Takes `$retainKeys` out of the patch, and out of the original all that it does not name. */
function retainKeys(original: JsonObject, patch: JsonObject): void {
  const directive = member(patch, RETAIN_KEYS)
  if (directive === undefined) return
  delete patch[RETAIN_KEYS]
  if (!Array.isArray(directive)) throw badFormat('retainKeys')
  const keys = new Set(directive)
  const isListed = (key: string) =>
    keys.has(key) || patch[key] === null || key.startsWith(DELETE_FROM) || key.startsWith(ORDER)
  if (!Object.keys(patch).every(isListed)) throw badFormat('retainKeys')
  for (const key of Object.keys(original)) if (!keys.has(key)) delete original[key]
}
