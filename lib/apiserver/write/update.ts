/**
 * An existing object becomes another: the common end of PUT, PATCH and apply. What clients may not change is put back, the
 * generation follows the kind's rule, and a write that changes nothing leaves no trace.
 */
import { objectOf } from '../encode.ts'
import { trackUpdate } from '../fields/managed.ts'
import { metadataList, metadataOf, metadataText, withMetadata } from '../metadata.ts'
import { uintProblem } from '../options.ts'
import type { Json, JsonObject, ResourceType } from '../resource.ts'
import type { Route } from '../route.ts'
import { applyDefaults } from '../schema/default.ts'
import { isEqual } from '../schema/equal.ts'
import { type Server, tableFor } from '../server.ts'
import { conflict, internal, invalid } from '../status.ts'
import { commit, type Entry, remove } from '../store.ts'
import { checkValid } from './check.ts'
import type { Outcome, Writing } from './outcome.ts'
import { restrict } from './restrict.ts'

/** What is replaced, and where the new state comes from. */
export interface Replacement {
  route: Route
  entry: Entry
  /** Its managedFields are made already (by apply). */
  isTracked?: boolean
  /** A PUT checks the uid as a precondition; a patch that changes it is invalid. */
  isPut?: boolean
}

/** Stores `given`, which is taken over and changed. Throws 409, 422 and 500. */
export function updateObject(
  server: Server,
  { route, entry, isTracked = false, isPut = false }: Replacement,
  given: JsonObject,
  writing: Writing,
): Outcome {
  const { type, subresource } = route
  const before = objectOf(type, entry)
  checkPreconditions(type, before, given, isPut)
  let after = restrict(type, subresource, before, withOwnedMetadata(given, before))
  applyDefaults(after, type.schema)
  type.defaults?.(after)
  if (!isTracked)
    after = trackUpdate({ before, after, type, manager: writing.manager, subresource, now: writing.now })
  type.prepare?.(after, before, server.allocations)
  after = withMetadata(after, {
    generation: generationOf(type, before, after),
    resourceVersion: metadataText(before, 'resourceVersion'),
  })
  checkValid(type, after, before, subresource)
  return settle(server, { type, entry, before, after }, writing)
}

interface Change {
  type: ResourceType
  entry: Entry
  before: JsonObject
  after: JsonObject
}

function settle(server: Server, { type, entry, before, after }: Change, writing: Writing): Outcome {
  const warnings = type.warnings?.(after) ?? []
  if (isEqual(after, before)) return { status: 200, type, object: before, entry, warnings }
  const isLast = isReadyToGo(after)
  if (writing.options.dryRun) return { status: 200, type, object: after, warnings }
  if (isLast) {
    removeEntry(server, type, entry)
    return { status: 200, type, object: after, warnings }
  }
  const stored = type.toStored?.(after) ?? after
  const next = commit(server.store, tableFor(server, type), entry, (resourceVersion) =>
    withMetadata(stored, { resourceVersion }),
  )
  return { status: 200, type, object: next.object, entry: next, warnings }
}

/** Takes an entry out of storage; its watchers see its last stored state under the new revision. */
export const removeEntry = (server: Server, type: ResourceType, entry: Entry): Entry =>
  remove(server.store, tableFor(server, type), entry, (resourceVersion) =>
    withMetadata(entry.object, { resourceVersion }),
  )

/** Marked for deletion, and nothing holds it any more. */
export function isReadyToGo(object: JsonObject): boolean {
  if (metadataText(object, 'deletionTimestamp') === '') return false
  if (metadataList(object, 'finalizers').length > 0) return false
  const { spec } = object as { spec?: JsonObject }
  if (object.kind === 'Namespace' && Array.isArray(spec?.finalizers) && spec.finalizers.length > 0)
    return false
  return (metadataOf(object).deletionGracePeriodSeconds ?? 0) === 0
}

function checkPreconditions(type: ResourceType, before: JsonObject, given: JsonObject, isPut: boolean): void {
  const name = metadataText(before, 'name')
  const uid = metadataText(given, 'uid')
  const is = metadataText(before, 'uid')
  if (isPut && uid !== '' && uid !== is)
    throw conflict(
      type,
      name,
      `StorageError: invalid object, Code: 4, Key: ${registryKey(type, before)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${is}`,
    )
  const asked = metadataText(given, 'resourceVersion')
  if (asked === '' || asked === '0') {
    if (!isPut || type.allowsUnconditionalUpdate) return
    const message = 'Invalid value: 0: must be specified for an update'
    throw invalid({ group: type.group, kind: type.plural }, name, [
      { reason: 'FieldValueInvalid', field: 'metadata.resourceVersion', message },
    ])
  }
  const why = uintProblem(asked)
  if (why !== undefined) throw internal(why)
  if (asked !== metadataText(before, 'resourceVersion')) throw conflict(type, name)
}

function registryKey(type: ResourceType, object: JsonObject): string {
  const folder = type.custom ? `${type.group}/${type.plural}` : type.plural
  const namespace = metadataText(object, 'namespace')
  return `/registry/${folder}/${namespace === '' ? '' : `${namespace}/`}${metadataText(object, 'name')}`
}

/** Puts back what belongs to the server. */
function withOwnedMetadata(given: JsonObject, before: JsonObject): JsonObject {
  const old = metadataOf(before)
  const now = metadataOf(given)
  return withMetadata(given, {
    uid: now.uid ?? (old.uid as Json),
    creationTimestamp: old.creationTimestamp,
    deletionTimestamp: old.deletionTimestamp ?? now.deletionTimestamp,
    deletionGracePeriodSeconds: old.deletionGracePeriodSeconds ?? now.deletionGracePeriodSeconds,
    generation: old.generation,
  })
}

function generationOf(type: ResourceType, before: JsonObject, after: JsonObject): Json | undefined {
  const old = metadataOf(before).generation
  if (type.bumpsGeneration === undefined || typeof old !== 'number') return old
  return type.bumpsGeneration(before, after) ? old + 1 : old
}
