/**
 * What differs between two versions of an object, as sets of fields. A field is in one of the three sets at most; what is
 * not owned field by field (atomic lists and maps) is modified as a whole (sigs.k8s.io/structured-merge-diff, typed/compare.go).
 */
import type { Json, Schema } from '../resource.ts'
import { isEmpty, isEqual, isObject, member } from './json.ts'
import type { FieldSet, MutableSet } from './set.ts'
import { deepDifference, insert } from './set.ts'
import type { ListKind } from './shape.ts'
import { isAtomicMap, itemSchema, itemStep, kindOf, listKind, memberSchema } from './shape.ts'
import { fieldStep } from './step.ts'

export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

interface Walk {
  readonly path: string[]
  readonly added: MutableSet
  readonly modified: MutableSet
  readonly removed: MutableSet
}

/** A value of either side; undefined where that side has none. */
interface Pair {
  readonly before: Json | undefined
  readonly after: Json | undefined
}

/** Compares field by field as `schema` divides them. */
export function compare(before: Json | undefined, after: Json | undefined, schema: Schema): Comparison {
  const walk: Walk = { path: [], added: new Map(), modified: new Map(), removed: new Map() }
  visit({ before, after }, schema, walk)
  return walk
}

/** The comparison without the fields of `hidden` and everything below them. */
export const excluding = (comparison: Comparison, hidden: FieldSet): Comparison => ({
  added: deepDifference(comparison.added, hidden),
  modified: deepDifference(comparison.modified, hidden),
  removed: deepDifference(comparison.removed, hidden),
})

function visit(pair: Pair, schema: Schema, walk: Walk): void {
  const { before, after } = pair
  if (before === after) return
  const was = kindOf(schema, before ?? after)
  const is = kindOf(schema, after ?? before)
  if (was !== is) visitAs(was, pair, schema, walk)
  const isLeaf = visitAs(is, pair, schema, walk)
  if (isLeaf) return
  if (before === undefined) insert(walk.added, walk.path)
  else if (after === undefined) insert(walk.removed, walk.path)
}

/** True when the value was one field and has been dealt with as such. */
function visitAs(kind: 'scalar' | 'list' | 'map', pair: Pair, schema: Schema, walk: Walk): boolean {
  if (kind === 'scalar') return leaf(pair, walk)
  const isOne = kind === 'list' ? listKind(schema) === 'atomic' : isAtomicMap(schema)
  const { before, after } = kind === 'list' ? onlyLists(pair) : onlyMaps(pair)
  if (isOne || (isEmpty(before) && isEmpty(after))) return leaf(pair, walk)
  if (kind === 'list') visitList(pair, schema, walk)
  else visitMap(pair, schema, walk)
  return false
}

const onlyLists = ({ before, after }: Pair): Pair => ({
  before: Array.isArray(before) ? before : undefined,
  after: Array.isArray(after) ? after : undefined,
})

const onlyMaps = ({ before, after }: Pair): Pair => ({
  before: isObject(before) ? before : undefined,
  after: isObject(after) ? after : undefined,
})

function leaf({ before, after }: Pair, walk: Walk): true {
  if (before === undefined) insert(walk.added, walk.path)
  else if (after === undefined) insert(walk.removed, walk.path)
  else if (!isEqual(before, after)) insert(walk.modified, walk.path)
  return true
}

function visitBelow(step: string, pair: Pair, schema: Schema, walk: Walk): void {
  walk.path.push(step)
  visit(pair, schema, walk)
  walk.path.pop()
}

function visitMap(pair: Pair, schema: Schema, walk: Walk): void {
  const before = isObject(pair.before) ? pair.before : {}
  const after = isObject(pair.after) ? pair.after : {}
  for (const name of Object.keys(after)) {
    const values = { before: member(before, name), after: member(after, name) }
    visitBelow(fieldStep(name), values, memberSchema(schema, name) ?? {}, walk)
  }
  for (const name of Object.keys(before)) {
    if (Object.hasOwn(after, name)) continue
    const values = { before: member(before, name), after: undefined }
    visitBelow(fieldStep(name), values, memberSchema(schema, name) ?? {}, walk)
  }
}

function visitList(pair: Pair, schema: Schema, walk: Walk): void {
  const kind = listKind(schema)
  const before = itemsByStep(pair.before, schema, kind)
  const after = itemsByStep(pair.after, schema, kind)
  for (const [step, items] of before) visitItems(step, items, after.get(step) ?? [], schema, walk)
  for (const [step, items] of after) if (!before.has(step)) visitItems(step, [], items, schema, walk)
}

function itemsByStep(value: Json | undefined, schema: Schema, kind: ListKind): Map<string, Json[]> {
  const items = new Map<string, Json[]>()
  if (!Array.isArray(value)) return items
  for (const item of value) {
    const found = itemStep(schema, kind, item)
    if ('problem' in found) continue
    const same = items.get(found.step)
    if (same === undefined) items.set(found.step, [item])
    else same.push(item)
  }
  return items
}

/** Items that share a key are compared as one field; that there are several of them is itself a change. */
function visitItems(
  step: string,
  before: readonly Json[],
  after: readonly Json[],
  schema: Schema,
  walk: Walk,
): void {
  const here = [...walk.path, step]
  if (before.length <= 1 && after.length <= 1)
    visitBelow(step, { before: before[0], after: after[0] }, itemSchema(schema), walk)
  else if (before.length > 1 && after.length > 1) {
    if (!isEqual([...before], [...after])) insert(walk.modified, here)
  } else if (before.length > 1) {
    if (after.length > 0) visitBelow(step, { before: undefined, after: after[0] }, itemSchema(schema), walk)
    insert(walk.removed, here)
  } else {
    if (before.length > 0) visitBelow(step, { before: before[0], after: undefined }, itemSchema(schema), walk)
    insert(walk.added, here)
  }
}
