/**
 * Server-side apply (KEP-555): a live object and what one manager wants to own go in, the merged object with its new
 * managedFields comes out. The patch's fields are set, those that the manager applied before and has dropped are removed, and
 * a field of another manager is changed by force only. Defaulting, pruning and validation of the result happen elsewhere.
 */
import { apiVersionOf } from '../../kube.ts'
import type { JsonObject, Schema } from '../resource.ts'
import { problemOf } from './check.ts'
import { fieldsOf } from './collect.ts'
import { compare, excluding } from './compare.ts'
import { ApplyError, conflictOf } from './conflict.ts'
import { fitManagers } from './fit.ts'
import { isEqual, member, objectAt } from './json.ts'
import { withoutAppliedConflicts, withLastApplied } from './lastapplied.ts'
import { keepOutOfReach, keepSystemMetadata } from './keep.ts'
import { recordUpdate } from './managed.ts'
import type { Manager, Managers } from './managers.ts'
import { identityOf, readManagers, withManagers, withoutManagers } from './managers.ts'
import { merge } from './merge.ts'
import { prune } from './prune.ts'
import type { FieldSet } from './set.ts'
import { deepDifference, difference, EMPTY, setOf, union } from './set.ts'
import type { MergedType } from './shape.ts'
import { objectSchema } from './shape.ts'
import { contested, outOfReach, takeOver, UNOWNED } from './takeover.ts'
import { changesIn, type Versions } from './versions.ts'

export { ApplyConflict, ApplyError } from './conflict.ts'

/** An apply request. */
export interface Apply {
  /** The stored object in this version; undefined when the patch creates it. */
  readonly live: JsonObject | undefined
  readonly patch: JsonObject
  readonly type: MergedType
  readonly manager: string
  /** Takes contested fields instead of throwing. */
  readonly force: boolean
  readonly subresource?: string | undefined
  /** RFC 3339 in whole seconds. */
  readonly now: string
  /** Where versions differ in more than their name. */
  readonly versions?: Versions | undefined
}

/** Owners of objects from before they were tracked. */
const BEFORE_FIRST_APPLY = 'before-first-apply'

/**
 * The object after the patch. When its content does not change, the manager's `time` stays as it was (absent if it had none),
 * so a repeated apply gives an equal object. Changes nothing in its arguments. Throws {@link ApplyConflict} when other
 * managers own what it would change, and {@link ApplyError} when the patch is not one for this type or the live object's
 * managedFields cannot be read.
 */
export function applyPatch(request: Apply): { object: JsonObject } {
  const { live, patch, type, now } = request
  const schema = objectSchema(type)
  refuseForeign(patch, type)
  refuseMisfit(patch, schema, type)
  const managers = liveManagers(request)
  fitManagers(managers, type, request.versions)
  const base = live === undefined ? {} : withoutManagers(live)
  const self = selfOf(request)
  const identity = identityOf(self)
  const before = managers.get(identity)

  const hidden = outOfReach(type, self.subresource)
  managers.set(identity, { ...self, time: before?.time, set: appliedFields(patch, schema, hidden) })
  const merged = keepSystemMetadata(merge(base, patch, schema) as JsonObject, base)
  const pruned = dropLost(merged, managers, before?.set ?? EMPTY, schema)
  claim(managers, { base, pruned, hidden, identity }, schema, request)

  const isSame = live !== undefined && isEqual(base, pruned)
  // The real server moves scale's entries between two objects and loses their time on the way.
  settle(managers, identity, isSame || self.subresource === 'scale' ? undefined : now)
  const content = isSame ? base : keepOutOfReach(pruned, request)
  return { object: withManagers(withLastApplied(content, request), managers) }
}

function selfOf({ type, manager, subresource }: Apply): Omit<Manager, 'time' | 'set'> {
  return {
    manager: manager === '' ? 'unknown' : manager,
    operation: 'Apply',
    apiVersion: apiVersionOf(type),
    subresource: subresource ?? '',
  }
}

function refuseForeign(patch: JsonObject, type: MergedType): void {
  const apiVersion = member(patch, 'apiVersion')
  const kind = member(patch, 'kind')
  if (apiVersion !== apiVersionOf(type) || kind !== type.kind)
    throw new ApplyError(
      400,
      'BadRequest',
      `invalid object type: ${printType(typeof apiVersion === 'string' ? apiVersion : '', typeof kind === 'string' ? kind : '')}`,
    )
  const entries = member(objectAt(patch, 'metadata') ?? {}, 'managedFields')
  if (entries !== undefined && entries !== null)
    throw new ApplyError(400, 'BadRequest', 'metadata.managedFields must be nil')
}

/** `/v1, Kind=ConfigMap`, `apps/v1, Kind=Deployment`. */
const printType = (apiVersion: string, kind: string): string =>
  `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`

function refuseMisfit(patch: JsonObject, schema: Schema, type: MergedType): void {
  const problem = problemOf(patch, schema)
  if (problem === undefined) return
  const metadata = objectAt(patch, 'metadata') ?? {}
  const text = (field: string) => {
    const value = member(metadata, field)
    return typeof value === 'string' ? value : ''
  }
  const name = `${text('namespace')}/${text('name')}`
  throw new ApplyError(
    500,
    undefined,
    `failed to create typed patch object (${name}; ${printType(apiVersionOf(type), type.kind)}): ${problem}`,
  )
}

/** Those of the live object; all that an untracked object holds belongs to `before-first-apply`. */
function liveManagers({ live, type, subresource, now }: Apply): Managers {
  let managers: Managers
  try {
    managers = readManagers(live)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new ApplyError(500, undefined, `failed to decode managed fields: ${text}`)
  }
  if (managers.size === 0 && live !== undefined)
    recordUpdate(managers, {
      before: undefined,
      after: live,
      type,
      manager: BEFORE_FIRST_APPLY,
      subresource,
      now,
    })
  return managers
}

/** The patch's fields. The name is always among them, so that dropping labels never drops the metadata around them. */
const appliedFields = (patch: JsonObject, schema: Schema, hidden: FieldSet): FieldSet =>
  union(deepDifference(fieldsOf(patch, schema), hidden), setOf('metadata.name'))

function dropLost(merged: JsonObject, managers: Managers, last: FieldSet, schema: Schema): JsonObject {
  let managed: FieldSet = EMPTY
  for (const { set } of managers.values()) managed = union(managed, set)
  // What somebody owns is never removed: the usual apply, which drops nothing, ends here.
  if (difference(last, managed).size === 0) return merged
  return prune(merged, { last, managed }, schema)
}

interface Claim {
  readonly base: JsonObject
  readonly pruned: JsonObject
  readonly hidden: FieldSet
  readonly identity: string
}

function claim(
  managers: Managers,
  { base, pruned, hidden, identity }: Claim,
  schema: Schema,
  request: Apply,
): void {
  const changes = excluding(compare(base, pruned, schema), hidden)
  const compared = { type: request.type, old: base, next: pruned, changes, hidden }
  const inVersion = changesIn(compared, request.versions)
  const taken = contested(managers, inVersion, identity)
  if (!request.force) {
    const unresolved = withoutAppliedConflicts(taken, request, schema)
    const conflict = conflictOf(managers, unresolved)
    if (conflict !== undefined) throw conflict
  }
  takeOver(managers, taken, inVersion, identity)
}

/** Leaves to the manager what can be owned, and the time of its last change. */
function settle(managers: Managers, identity: string, now: string | undefined): void {
  const self = managers.get(identity)
  if (self === undefined) return
  const set = difference(self.set, UNOWNED)
  if (set.size === 0) managers.delete(identity)
  else managers.set(identity, { ...self, time: now ?? self.time, set })
}
