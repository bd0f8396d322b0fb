/**
 * What a write does to the fields of everybody else: who loses what, and which fields are outside of the writer's reach.
 * Used by updates, which always take, and by applies, which ask first.
 */
import type { Managers } from './managers.ts'
import type { FieldSet } from './set.ts'
import { difference, EMPTY, intersection, setOf, union } from './set.ts'
import type { MergedType } from './shape.ts'
import type { ChangesIn } from './versions.ts'

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
 * subresource of its own, and on that subresource the spec and the metadata (in built-in kinds what the kind keeps of it).
 */
export function outOfReach(
  type: Pick<MergedType, 'hasStatus' | 'custom' | 'statusKeeps' | 'outOfReach'>,
  subresource: string,
): FieldSet {
  const own = type.outOfReach?.[subresource]
  if (own !== undefined) return setOf(...own)
  if (subresource === '') return type.hasStatus ? setOf('status') : EMPTY
  if (subresource !== 'status') return EMPTY
  if (type.custom) return setOf('spec', 'metadata')
  return setOf('spec', ...(type.statusKeeps ?? []).map((name) => `metadata.${name}`))
}

/** What each other manager owns of the fields that change. Managers of versions that are gone leave, in place. */
export function contested(managers: Managers, changes: ChangesIn, self: string): Map<string, FieldSet> {
  const taken = new Map<string, FieldSet>()
  for (const [identity, { set, apiVersion }] of [...managers]) {
    if (identity === self) continue
    const own = changes(apiVersion)
    if (own === undefined) {
      managers.delete(identity)
      continue
    }
    const lost = intersection(set, union(own.modified, own.added))
    if (lost.size > 0) taken.set(identity, lost)
  }
  return taken
}

/** Takes the contested fields, and those that are gone, from all but `self`; who is left with nothing leaves. */
export function takeOver(
  managers: Managers,
  taken: ReadonlyMap<string, FieldSet>,
  changes: ChangesIn,
  self: string,
): void {
  for (const [identity, manager] of [...managers]) {
    const left =
      identity === self
        ? manager.set
        : difference(
            difference(manager.set, taken.get(identity) ?? EMPTY),
            changes(manager.apiVersion)?.removed ?? EMPTY,
          )
    if (left.size === 0) managers.delete(identity)
    else if (left !== manager.set) managers.set(identity, { ...manager, set: left })
  }
}
