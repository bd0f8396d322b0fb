/** Lists in a strategic merge patch: merged by the value or by a key, with the directives that stand among the items. */
import type { Json, JsonObject, Schema } from '../resource.ts'
import { DIRECTIVE, internal, keyOf, type MergeMaps, mergeKeyOf, unknownDirective } from './directive.ts'
import { goText, goType } from './gosyntax.ts'
import { isObject, member } from './json.ts'
import { arrange } from './order.ts'
import { notApplicable } from './patch.ts'

/** How two lists are merged. */
export interface ListMerge {
  /** The schema of the list. */
  readonly field: Schema
  /** The patch names what goes. */
  readonly isDeletion: boolean
  readonly mergeMaps: MergeMaps
}

const MAP = 'map[string]interface {}'

/** The merged list, what the patch names first. Throws PatchError. */
export function mergeLists(original: Json[], patch: Json[], how: ListMerge): Json[] {
  if (original.length === 0 && patch.length === 0) return original
  const mergeKey = mergeKeyOf(how.field)
  if (elementType(original, patch) !== MAP) {
    if (how.isDeletion) return original.filter((item) => !patch.includes(item))
    return arrange([...new Set([...original, ...patch])], patch, original, identify(mergeKey))
  }
  if (mergeKey === undefined) throw internal('cannot merge lists without merge key for struct')
  const { kept, items } = applyDirectives(original, patch, mergeKey)
  const merged = mergeItems(kept, items, mergeKey, how)
  return arrange(merged, items, kept, identify(mergeKey))
}

/** What tells items apart: themselves, or their merge key, which they must have. */
export const identify =
  (mergeKey: string | undefined) =>
  (item: Json): Json =>
    mergeKey === undefined ? item : keyOf(item, mergeKey)

function mergeItems(kept: readonly Json[], items: readonly Json[], mergeKey: string, how: ListMerge): Json[] {
  const merged = [...kept]
  for (const item of items) {
    const key = keyOf(item, mergeKey)
    const at = merged.findIndex((other) => isObject(other) && member(other, mergeKey) === key)
    const present = merged[at]
    if (isObject(present) && isObject(item)) merged[at] = how.mergeMaps(present, item, how.field.items ?? {})
    // Nulls and directives of a new item stay: nobody looks at them any more.
    else merged.push(item)
  }
  return merged
}

/** Carries out `$patch` items: what is left of the list, and of the patch. */
export function applyDirectives(
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
    else if (directive === 'delete') kept = without(kept, keyOf(item, mergeKey), mergeKey)
    else if (directive === 'replace') isReplaced = true
    else if (directive === 'merge') throw internal('merging lists cannot yet be specified in the patch')
    else throw unknownDirective(directive, item as JsonObject)
  }
  return isReplaced ? { kept: items, items: [] } : { kept, items }
}

const without = (list: readonly Json[], key: Json, mergeKey: string): Json[] =>
  list.filter((item) => !isObject(item) || member(item, mergeKey) !== key)

/** The one type that all items have, and that is no list. Throws 422 and 500. */
export function elementType(...lists: readonly (readonly Json[])[]): string {
  const types = lists.flat().map(goType)
  const [first] = types
  if (first === undefined) throw internal('no elements in any of the given slices')
  if (first.startsWith('[]')) throw notApplicable()
  if (types.some((type) => type !== first))
    throw internal(`list element types are not identical: ${goText(lists.map((list) => [...list]))}`)
  return first
}
