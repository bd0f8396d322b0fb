/**
 * What a write does to the fields of everybody else: who loses what, and which fields are outside of the writer's reach.
 * Used by updates, which always take, and by applies, which ask first.
 */
import type { Comparison } from './compare.ts'
import type { Managers } from './managers.ts'
import type { FieldSet } from './set.ts'
import { difference, EMPTY, intersection, setOf, union } from './set.ts'
import type { MergedType } from './shape.ts'

/** Fields that nobody owns: the server sets them, or they name the object. */
export const UNOWNED: FieldSet = setOf(
  'apiVersion',
  'kind',
  'metadata',
  'metadata.name',
  'metadata.namespace',
  'metadata.creationTimestamp',
  'metadata.selfLink',
  'metadata.uid',
  'metadata.clusterName',
  'metadata.generation',
  'metadata.managedFields',
  'metadata.resourceVersion',
)

/**
 * The fields that a write through this endpoint cannot change, so it does not own them either: the status where it has a
 * subresource of its own, and on that subresource the spec and (all of it in custom kinds, labels in others) the metadata.
 */
export function outOfReach(type: Pick<MergedType, 'hasStatus' | 'custom'>, subresource: string): FieldSet {
  if (subresource === '') return type.hasStatus ? setOf('status') : EMPTY
  if (subresource !== 'status') return EMPTY
  return type.custom ? setOf('spec', 'metadata') : setOf('spec', 'metadata.labels')
}

/** What each other manager owns of the fields that change. */
export function contested(managers: Managers, changes: Comparison, self: string): Map<string, FieldSet> {
  const written = union(changes.modified, changes.added)
  const taken = new Map<string, FieldSet>()
  for (const [identity, { set }] of managers) {
    if (identity === self) continue
    const lost = intersection(set, written)
    if (lost.size > 0) taken.set(identity, lost)
  }
  return taken
}

/** Takes the contested fields, and those that are gone, from all but `self`; who is left with nothing leaves. */
export function takeOver(
  managers: Managers,
  taken: ReadonlyMap<string, FieldSet>,
  removed: FieldSet,
  self: string,
): void {
  for (const [identity, manager] of [...managers]) {
    const left =
      identity === self
        ? manager.set
        : difference(difference(manager.set, taken.get(identity) ?? EMPTY), removed)
    if (left.size === 0) managers.delete(identity)
    else if (left !== manager.set) managers.set(identity, { ...manager, set: left })
  }
}
