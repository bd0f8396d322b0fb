/**
 * Takes away what a manager applied the last time and does not apply any more, unless somebody else owns it or the manager
 * never owned it (sigs.k8s.io/structured-merge-diff, merge/update.go and typed/remove.go).
 */
import type { Json, JsonObject, Schema } from '../resource.ts'
import { fieldsOf, withNamedFields } from './collect.ts'
import { isObject, member, put } from './json.ts'
import type { FieldSet } from './set.ts'
import { difference, EMPTY, intersection, union } from './set.ts'
import { isAtomicMap, itemSchema, itemStep, kindOf, listKind, memberSchema } from './shape.ts'
import { fieldStep } from './step.ts'

/** What each side of an apply owns. */
export interface Ownership {
  /** The manager's fields before this apply. */
  readonly last: FieldSet
  /** Everybody's fields after it. */
  readonly managed: FieldSet
}

/** The merged object without what is in `last` and neither in `managed` nor needed by what is. */
export function prune(merged: JsonObject, { last, managed }: Ownership, schema: Schema): JsonObject {
  const lost = withNamedFields(last, schema)
  const all = withNamedFields(fieldsOf(merged, schema), schema)
  const kept = withNamedFields(fieldsOf(remove(merged, lost, schema), schema), schema)
  const owned = withNamedFields(managed, schema)
  // First what others hold on to comes back, then what nobody owns but this manager did not own either.
  const restored = remove(merged, difference(all, union(kept, owned)), schema)
  const left = withNamedFields(fieldsOf(restored, schema), schema)
  const result = remove(merged, intersection(difference(all, left), lost), schema)
  return isObject(result) ? result : {}
}

/** The value without the fields of `set`. A list or map that loses all its items stays, empty. */
export function remove(value: Json, set: FieldSet, schema: Schema): Json {
  if (set.size === 0) return value
  switch (kindOf(schema, value)) {
    case 'list':
      return Array.isArray(value) ? removeItems(value, set, schema) : value
    case 'map':
      return isObject(value) ? removeMembers(value, set, schema) : value
    default:
      return value
  }
}

function removeItems(list: Json[], set: FieldSet, schema: Schema): Json[] {
  const kind = listKind(schema)
  if (kind === 'atomic') return []
  const rest: Json[] = []
  for (const item of list) {
    const found = itemStep(schema, kind, item)
    const node = 'step' in found ? set.get(found.step) : undefined
    if (node?.member === true) continue
    rest.push(remove(item, node?.below ?? EMPTY, itemSchema(schema)))
  }
  return rest
}

function removeMembers(map: JsonObject, set: FieldSet, schema: Schema): JsonObject {
  if (isAtomicMap(schema)) return {}
  const rest: JsonObject = {}
  for (const name of Object.keys(map)) {
    const node = set.get(fieldStep(name))
    if (node?.member === true) continue
    const value = member(map, name) as Json
    put(rest, name, node === undefined ? value : remove(value, node.below, memberSchema(schema, name) ?? {}))
  }
  return rest
}
