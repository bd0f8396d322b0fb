/**
 * Fits what managers own to a schema that has changed since: a list or map that has become atomic is owned as a whole by who
 * owned parts of it. The other way round nothing is known of the parts, so the whole stays as it is
 * (sigs.k8s.io/structured-merge-diff, typed/reconcile_schema.go).
 */
import type { Schema } from '../resource.ts'
import type { Managers } from './managers.ts'
import type { FieldNode, FieldSet } from './set.ts'
import { EMPTY } from './set.ts'
import { isAtomicMap, listKind, type MergedType, memberSchema, objectSchema } from './shape.ts'
import type { Versions } from './versions.ts'

/** Fits every manager's set to the type in its version, in place. */
export function fitManagers(managers: Managers, type: MergedType, versions: Versions | undefined): void {
  for (const [identity, manager] of managers) {
    const set = fitSet(manager.set, objectSchema(versions?.typeOf(manager.apiVersion) ?? type))
    if (set !== manager.set) managers.set(identity, { ...manager, set })
  }
}

/** The same set where nothing has to change. */
function fitSet(set: FieldSet, schema: Schema): FieldSet {
  let fitted: Map<string, FieldNode> | undefined
  for (const [step, node] of set) {
    if (node.below.size === 0) continue
    const inner = step.startsWith('f:') ? memberSchema(schema, step.slice(2)) : schema.items
    const next = fitNode(node, inner ?? {})
    if (next === node) continue
    fitted ??= new Map(set)
    fitted.set(step, next)
  }
  return fitted ?? set
}

function fitNode(node: FieldNode, schema: Schema): FieldNode {
  if (isAtomic(schema)) return { member: true, below: EMPTY }
  const below = fitSet(node.below, schema)
  return below === node.below ? node : { member: node.member, below }
}

/** A type that is left open may be anything: it is never taken for atomic. */
const isAtomic = (schema: Schema): boolean =>
  schema.type === 'array' ? listKind(schema) === 'atomic' : schema.type === 'object' && isAtomicMap(schema)
