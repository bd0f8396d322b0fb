/**
 * Strategic merge patch: a merge patch that merges lists whose schema says so, by the value or by a key, and takes directives
 * (`$patch`, `$retainKeys`, `$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>`). Built-in kinds only; the schema's
 * tags are those of the Go types (k8s.io/apimachinery/pkg/util/strategicpatch).
 */
import type { Json, JsonObject, Schema } from '../resource.ts'
import { goText } from './gosyntax.ts'
import { isObject, member, put } from './json.ts'
import { arrange } from './order.ts'
import { notApplicable, PatchError } from './patch.ts'
import { memberSchema, objectSchema } from './shape.ts'

const DIRECTIVE = '$patch'
const RETAIN_KEYS = '$retainKeys'
const ORDER = '$setElementOrder/'
const DELETE_FROM = '$deleteFromPrimitiveList/'

/**
 * The target with the patch merged in; the target is not changed. Throws PatchError when the patch is malformed: 400 for a
 * directive of the wrong form, 422 for lists of lists, else 500, as the real server.
 */
export function strategicPatch(target: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  return mergeMaps(target, patch, objectSchema({ schema }))
}

function mergeMaps(original: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  const directive = member(patch, DIRECTIVE)
  if (directive === 'delete') return {}
  if (directive !== undefined && directive !== 'replace') throw unknownDirective(directive, patch)
  if (directive === 'replace') {
    const { [DIRECTIVE]: _, ...replacement } = patch
    return replacement
  }
  const rest = { ...patch }
  const result = retainKeys(original, rest)
  mergeOrdered(result, rest, schema)
  for (const key of Object.keys(rest)) mergeMember(result, key, member(rest, key) as Json, schema)
  return result
}

function mergeMember(result: JsonObject, name: string, patch: Json, schema: Schema): void {
  const isDeletion = name.startsWith(DELETE_FROM)
  const key = isDeletion ? name.slice(DELETE_FROM.length) : name
  if (patch === null) {
    delete result[key]
    return
  }
  const present = member(result, key)
  const inner = memberSchema(schema, key) ?? {}
  if (isObject(present) && isObject(patch))
    put(result, key, strategyOf(inner) === 'replace' ? patch : mergeMaps(present, patch, inner))
  else if (Array.isArray(present) && Array.isArray(patch))
    put(result, key, isDeletion ? deleteFrom(present, patch) : mergeLists(present, patch, inner))
  else if (!isDeletion) {
    const value = plain(patch)
    if (value === undefined) delete result[key]
    else put(result, key, value)
  }
}

/** `merge`, `replace` or nothing; `retainKeys` beside it only tells clients how to make patches. */
const strategyOf = (schema: Schema): string | undefined =>
  schema['x-kubernetes-patch-strategy']?.split(',').find((name) => name !== 'retainKeys')

/** A value of the patch that meets nothing to merge with: without nulls and directives; undefined when it is one. */
function plain(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.map(plain).filter((item) => item !== undefined)
  if (!isObject(value)) return value
  if (Object.hasOwn(value, DIRECTIVE)) return undefined
  const result: JsonObject = {}
  for (const key of Object.keys(value)) {
    const inner = member(value, key) as Json
    const kept = inner === null ? undefined : plain(inner)
    if (kept !== undefined) put(result, key, kept)
  }
  return result
}

/** Takes `$retainKeys` out of the patch; the original with only those keys. */
function retainKeys(original: JsonObject, patch: JsonObject): JsonObject {
  const directive = member(patch, RETAIN_KEYS)
  if (directive === undefined) return { ...original }
  delete patch[RETAIN_KEYS]
  const keys = new Set(Array.isArray(directive) ? directive : [])
  const isListed = (key: string) =>
    keys.has(key) || patch[key] === null || key.startsWith(DELETE_FROM) || key.startsWith(ORDER)
  if (!Array.isArray(directive) || !Object.keys(patch).every(isListed))
    throw badRequest('invalid patch format of retainKeys')
  const kept: JsonObject = {}
  for (const key of Object.keys(original)) if (keys.has(key)) put(kept, key, member(original, key) as Json)
  return kept
}

/** Merges the lists that have a `$setElementOrder/`, in that order, and takes both out of the patch. */
function mergeOrdered(result: JsonObject, patch: JsonObject, schema: Schema): void {
  for (const name of Object.keys(patch)) {
    if (!name.startsWith(ORDER)) continue
    const key = name.slice(ORDER.length)
    const order = listOf(member(patch, name)) ?? []
    const original = listOf(member(result, key))
    const change = listOf(member(patch, key))
    delete patch[name]
    const inner = memberSchema(schema, key) ?? {}
    const mergeKey = inner['x-kubernetes-patch-merge-key']
    refuseDisorder(change ?? [], order, mergeKey)
    if (original === undefined && change === undefined) continue
    const merged =
      original === undefined
        ? (plain(change ?? []) as Json[])
        : change === undefined
          ? original
          : mergeLists(original, change, inner)
    put(result, key, arrange(merged, order, original ?? [], identify(mergeKey)))
    delete patch[key]
  }
}

function listOf(value: Json | undefined): Json[] | undefined {
  if (value === undefined || Array.isArray(value)) return value
  throw badRequest('invalid patch format of setElementOrder list')
}

/** The patch's items must come in the order of the directive's, all of which it must name. */
function refuseDisorder(change: readonly Json[], order: readonly Json[], mergeKey: string | undefined): void {
  if (order.length === 0) return
  const identity = identify(mergeKey)
  let at = 0
  for (const item of change) {
    if (isObject(item) && Object.hasOwn(item, DIRECTIVE)) continue
    while (at < order.length && identity(order[at] as Json) !== identity(item)) at++
    if (at === order.length)
      throw internal(
        `The order in patch list:\n${goText([...change])}\n doesn't match $setElementOrder list:\n${goText([...order])}\n`,
      )
    at++
  }
}

function mergeLists(original: Json[], patch: Json[], schema: Schema): Json[] {
  if (strategyOf(schema) !== 'merge') return patch
  if (original.length === 0 && patch.length === 0) return original
  refuseMixed(original, patch)
  const first = original[0] ?? patch[0]
  const mergeKey = schema['x-kubernetes-patch-merge-key']
  if (!isObject(first)) {
    const merged = [...new Set([...original, ...patch])]
    return arrange(merged, patch, original, identify(undefined))
  }
  if (mergeKey === undefined) throw internal('cannot merge lists without merge key')
  const identity = identify(mergeKey)
  const { kept, items } = applyDirectives(original, patch, mergeKey)
  const merged = [...kept]
  for (const item of items) {
    const key = identity(item)
    const at = merged.findIndex((other) => isObject(other) && member(other, mergeKey) === key)
    const present = merged[at]
    if (isObject(present) && isObject(item)) merged[at] = mergeMaps(present, item, schema.items ?? {})
    else merged.push(plain(item) ?? item)
  }
  return arrange(merged, items, kept, identity)
}

/** Carries out `$patch` items: what is left of the list, and of the patch. */
function applyDirectives(
  original: readonly Json[],
  patch: readonly Json[],
  mergeKey: string,
): { kept: Json[]; items: Json[] } {
  let kept = [...original]
  const items: Json[] = []
  let isReplaced = false
  for (const item of patch) {
    const directive = isObject(item) ? member(item, DIRECTIVE) : undefined
    if (directive === undefined) items.push(item)
    else if (directive === 'delete') {
      const key = identify(mergeKey)(item)
      kept = kept.filter((other) => !isObject(other) || member(other, mergeKey) !== key)
    } else if (directive === 'replace') isReplaced = true
    else if (directive === 'merge') throw internal('merging lists cannot yet be specified in the patch')
    else throw unknownDirective(directive, item)
  }
  return isReplaced ? { kept: items, items: [] } : { kept, items }
}

function deleteFrom(original: Json[], patch: Json[]): Json[] {
  if (original.length > 0 || patch.length > 0) refuseMixed(original, patch)
  return original.filter((item) => !patch.includes(item))
}

/** All items must be of one type, and not lists. */
function refuseMixed(original: readonly Json[], patch: readonly Json[]): void {
  const types = new Set([...original, ...patch].map((item) => (Array.isArray(item) ? 'list' : typeof item)))
  if (types.has('list')) throw notApplicable()
  if (types.size > 1)
    throw internal(`list element types are not identical: ${goText([[...original], [...patch]])}`)
}

/** What tells items apart: themselves, or their merge key, which they must have. */
const identify =
  (mergeKey: string | undefined) =>
  (item: Json): Json => {
    if (mergeKey === undefined) return item
    const key = isObject(item) ? member(item, mergeKey) : undefined
    if (key === undefined)
      throw internal(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`)
    return key
  }

const unknownDirective = (directive: Json, patch: Json): PatchError =>
  internal(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`)

const badRequest = (message: string): PatchError => new PatchError(400, 'BadRequest', message)

const internal = (message: string): PatchError => new PatchError(500, undefined, message)
