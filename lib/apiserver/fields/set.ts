/**
 * Sets of fields of one object, as trees: what a manager owns, what a change added. Read from and written to FieldsV1 in the
 * real server's canonical order. Sets are values: no function here changes its arguments but `insert`, and results may share
 * parts with them.
 */
import type { JsonObject } from '../resource.ts'
import { isObject, member } from './json.ts'
import { compareSteps, parseStep } from './step.ts'

/** Step (see `step.ts`) to what is known below it. Every node is a member or has members below it. */
export type FieldSet = ReadonlyMap<string, FieldNode>

export interface FieldNode {
  /** The field itself is in the set, not only something below it. */
  readonly member: boolean
  readonly below: FieldSet
}

/** A set while it is being built. */
export type MutableSet = Map<string, { member: boolean; below: MutableSet }>

export const EMPTY: FieldSet = new Map()

const LEAF: FieldNode = { member: true, below: EMPTY }

/** Adds the field at `path`; the empty path names the whole object, which nobody owns. */
export function insert(set: MutableSet, path: readonly string[]): void {
  let at = set
  for (const [depth, step] of path.entries()) {
    let node = at.get(step)
    if (node === undefined) {
      node = { member: false, below: new Map() }
      at.set(step, node)
    }
    if (depth === path.length - 1) node.member = true
    at = node.below
  }
}

/** A set of the given paths, of plain field names each: `setOf('metadata.name')`. */
export function setOf(...paths: string[]): FieldSet {
  const set: MutableSet = new Map()
  for (const path of paths)
    insert(
      set,
      path.split('.').map((name) => `f:${name}`),
    )
  return set
}

export function has(set: FieldSet, path: readonly string[]): boolean {
  let at = set
  for (const [depth, step] of path.entries()) {
    const node = at.get(step)
    if (node === undefined) return false
    if (depth === path.length - 1) return node.member
    at = node.below
  }
  return false
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0 || a === b) return b
  if (b.size === 0) return a
  const result = new Map(a)
  for (const [step, node] of b) {
    const mine = a.get(step)
    result.set(
      step,
      mine === undefined
        ? node
        : { member: mine.member || node.member, below: union(mine.below, node.below) },
    )
  }
  return result
}

/** The union of many, in halves: one after the other would copy what was united before each time. */
export function unionOf(sets: readonly FieldSet[]): FieldSet {
  if (sets.length <= 1) return sets[0] ?? EMPTY
  const half = sets.length >> 1
  return union(unionOf(sets.slice(0, half)), unionOf(sets.slice(half)))
}

/** The fields that are in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0 || b.size === 0) return EMPTY
  const result = new Map<string, FieldNode>()
  for (const [step, node] of a) {
    const other = b.get(step)
    if (other === undefined) continue
    const both = { member: node.member && other.member, below: intersection(node.below, other.below) }
    if (both.member || both.below.size > 0) result.set(step, both)
  }
  return result
}

/** The fields of `a` that are not in `b`. A field stays when only its parent is in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return without(a, b, (node, other) => ({
    member: node.member && !other.member,
    below: difference(node.below, other.below),
  }))
}

/** Like `difference`, but a field in `b` takes everything below it along. */
export function deepDifference(a: FieldSet, b: FieldSet): FieldSet {
  return without(a, b, (node, other) =>
    other.member
      ? { member: false, below: EMPTY }
      : { member: node.member, below: deepDifference(node.below, other.below) },
  )
}

function without(a: FieldSet, b: FieldSet, rest: (node: FieldNode, other: FieldNode) => FieldNode): FieldSet {
  if (a.size === 0 || b.size === 0) return a
  const result = new Map<string, FieldNode>()
  for (const [step, node] of a) {
    const other = b.get(step)
    const left = other === undefined ? node : rest(node, other)
    if (left.member || left.below.size > 0) result.set(step, left)
  }
  return result
}

/** Every member's path, in canonical order: the members of a level before what is below them. */
export function* paths(set: FieldSet, prefix: readonly string[] = []): Generator<readonly string[]> {
  const sorted = [...set].sort(([a], [b]) => compareSteps(a, b))
  for (const [step, node] of sorted) if (node.member) yield [...prefix, step]
  for (const [step, node] of sorted) yield* paths(node.below, [...prefix, step])
}

/** Writes FieldsV1. */
export function toFields(set: FieldSet): JsonObject {
  const fields: JsonObject = {}
  const steps = [...set.keys()]
  if (steps.length > 1) steps.sort(compareSteps)
  for (const step of steps) {
    const { member: isMember, below } = set.get(step) as FieldNode
    const inner = toFields(below)
    fields[step] = isMember && below.size > 0 ? { '.': {}, ...inner } : inner
  }
  return fields
}

/** Reads FieldsV1. Steps of unknown kinds are left out; throws SyntaxError when a step is malformed. */
export function fromFields(fields: JsonObject): FieldSet {
  const set = new Map<string, FieldNode>()
  for (const text of Object.keys(fields)) {
    if (text === '.') continue
    const parsed = parseStep(text)
    if (parsed === 'unknown') continue
    const inner = member(fields, text)
    set.set(parsed.step, isObject(inner) ? nodeOf(inner) : LEAF)
  }
  return set
}

function nodeOf(fields: JsonObject): FieldNode {
  const below = fromFields(fields)
  // A node with nothing below it is a member, whether it says so by "." or not.
  return below.size === 0 ? LEAF : { member: Object.hasOwn(fields, '.'), below }
}
