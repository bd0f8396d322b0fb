/** `$setElementOrder/<list>` of a strategic merge patch: the list is merged and put in that order. */
import type { Json, JsonObject, Schema } from '../resource.ts'
import {
  DIRECTIVE,
  internal,
  keyOf,
  listFieldOf,
  listName,
  type MergeMaps,
  mergeKeyOf,
  ORDER,
  strategyOf,
  unexpected,
  withoutDirectives,
} from './directive.ts'
import { goText } from './gosyntax.ts'
import { isObject, member, put } from './json.ts'
import { arrange } from './order.ts'
import { applyDirectives, elementType, identify, mergeLists } from './strategicList.ts'

/** Merges the lists that have the directive, and takes both out of the patch. Throws PatchError. */
export function mergeOrdered(
  original: JsonObject,
  patch: JsonObject,
  schema: Schema,
  mergeMaps: MergeMaps,
): void {
  for (const name of Object.keys(patch)) {
    if (!name.startsWith(ORDER)) continue
    const order = listAt(patch, name) ?? []
    delete patch[name]
    const key = listName(name, ORDER)
    const had = listAt(original, key)
    const change = listAt(patch, key)
    const field = listFieldOf(schema, key)
    refuseDisorder(change ?? [], order, mergeKeyOf(field))
    if (had === undefined && change === undefined) continue
    const merged = mergedList(had, change, field, mergeMaps)
    const places = placesOf(had ?? [], change ?? [], mergeKeyOf(field))
    put(original, key, inOrder({ merged, order, had: places, change: change ?? [] }, field))
    delete patch[key]
  }
}

function listAt(object: JsonObject, key: string): Json[] | undefined {
  const value = member(object, key)
  if (value === undefined || Array.isArray(value)) return value
  throw unexpected('[]interface {}', value)
}

function mergedList(
  had: Json[] | undefined,
  change: Json[] | undefined,
  field: Schema,
  mergeMaps: MergeMaps,
): Json[] {
  if (change === undefined) return had ?? []
  if (had === undefined) return withoutDirectives(change) as Json[]
  return strategyOf(field) === 'merge'
    ? mergeLists(had, change, { field, isDeletion: false, mergeMaps })
    : change
}

/**
 * The order that a list had, as the real one sees it: it merges in place, so what it adds takes the places of what it has
 * deleted, and counts as having been there.
 */
function placesOf(had: readonly Json[], change: readonly Json[], mergeKey: string | undefined): Json[] {
  const isReplaced = change.some((item) => isObject(item) && member(item, DIRECTIVE) === 'replace')
  if (mergeKey === undefined || isReplaced || !change.every(isObject)) return [...had]
  const { kept, items } = applyDirectives(had, change, mergeKey)
  const known = new Set(kept.map(identify(mergeKey)))
  const added = items.filter((item) => !known.has(identify(mergeKey)(item)))
  return [...kept, ...added].slice(0, had.length)
}

interface Lists {
  readonly merged: Json[]
  readonly order: Json[]
  readonly had: Json[]
  readonly change: Json[]
}

function inOrder({ merged, order, had, change }: Lists, field: Schema): Json[] {
  const mergeKey = mergeKeyOf(field)
  if (mergeKey !== undefined)
    for (const item of merged) refuseStranger(keyOf(item, mergeKey), order, mergeKey)
  const isOfMaps = elementType(had, change).startsWith('map')
  return arrange(merged, order, had, identify(isOfMaps ? mergeKey : undefined))
}

/** The items of an order must be objects, as far as one is looked for among them. */
function refuseStranger(key: Json, order: readonly Json[], mergeKey: string): void {
  for (const [index, item] of order.entries()) {
    if (!isObject(item)) throw internal(`value for key ${index} is not a map`)
    if (member(item, mergeKey) === key) return
  }
}

/** The patch's items must come in the order of the directive's, all of which it must name. */
function refuseDisorder(change: readonly Json[], order: readonly Json[], mergeKey: string | undefined): void {
  if (order.length === 0 || change.length === 0) return
  const items = mergeKey === undefined ? change : change.filter(isKept)
  const identity = identify(mergeKey)
  let at = 0
  for (const item of items) {
    if (isObject(item) && Object.hasOwn(item, DIRECTIVE)) continue
    while (at < order.length && identity(item) !== identity(order[at] as Json)) at++
    if (at === order.length)
      throw internal(
        `The order in patch list:\n${goText([...change])}\n doesn't match ${ORDER} list:\n${goText([...order])}\n`,
      )
    at++
  }
}

function isKept(item: Json): boolean {
  if (!isObject(item)) throw unexpected('map[string]interface {}', item)
  return member(item, DIRECTIVE) !== 'delete'
}
