/**
 * The fields of a value: what a patch that holds it applies. Leaves, items of lists and members of maps are in the set;
 * structs that have content are not, only what is in them (sigs.k8s.io/structured-merge-diff, typed/tofieldset.go).
 */
import type { Json, Schema } from '../resource.ts'
import { isObject, member } from './json.ts'
import type { FieldNode, FieldSet, MutableSet } from './set.ts'
import { EMPTY } from './set.ts'
import { isAtomicMap, isDeclared, itemSchema, itemStep, kindOf, listKind, memberSchema } from './shape.ts'
import { fieldStep } from './step.ts'

/** Every leaf and every item that `value` mentions. Items of a list that have no key are left out. */
export function fieldsOf(value: Json, schema: Schema): FieldSet {
  const set: MutableSet = new Map()
  collect(value, schema, set)
  return set
}

/** Adds what is below `value`; true when the value itself is one field. */
function collect(value: Json, schema: Schema, set: MutableSet): boolean {
  switch (kindOf(schema, value)) {
    case 'scalar':
      return true
    case 'list':
      return collectList(value, schema, set)
    default:
      return collectMap(value, schema, set)
  }
}

function collectList(value: Json, schema: Schema, set: MutableSet): boolean {
  const kind = listKind(schema)
  if (kind === 'atomic') return true
  if (!Array.isArray(value)) return false
  for (const item of value) {
    const found = itemStep(schema, kind, item)
    if ('problem' in found) continue
    const { step } = found
    const below: MutableSet = new Map()
    // Of items that share a key only the fact that they exist can be owned.
    if (!set.has(step)) collect(item, itemSchema(schema), below)
    set.set(step, { member: true, below })
  }
  return false
}

function collectMap(value: Json, schema: Schema, set: MutableSet): boolean {
  if (isAtomicMap(schema)) return true
  if (!isObject(value)) return false
  for (const name of Object.keys(value)) {
    const inner = member(value, name) as Json
    const below: MutableSet = new Map()
    const isLeaf =
      collect(inner, memberSchema(schema, name) ?? {}, below) ||
      inner === null ||
      (isObject(inner) && Object.keys(inner).length === 0) ||
      !isDeclared(schema, name)
    if (isLeaf || below.size > 0) set.set(fieldStep(name), { member: isLeaf, below })
  }
  return false
}

/**
 * The set with every struct field on the way to a member made a member too. Removal works on such sets, so that a struct
 * goes together with the last of its fields.
 */
export function withNamedFields(set: FieldSet, schema: Schema): FieldSet {
  if (set.size === 0) return EMPTY
  const result = new Map<string, FieldNode>()
  for (const [step, node] of set) {
    const isField = step.startsWith('f:')
    const name = step.slice(2)
    const isNamed = isField && node.below.size > 0 && isDeclared(schema, name)
    const inner = isField ? memberSchema(schema, name) : step.startsWith('k:') ? schema.items : undefined
    result.set(step, {
      member: node.member || isNamed,
      below: withNamedFields(node.below, inner ?? {}),
    })
  }
  return result
}
