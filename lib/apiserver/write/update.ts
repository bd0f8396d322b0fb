/**
 * An existing object becomes another: the common end of PUT, PATCH and apply. What clients may not change is put back, the
 * generation follows the kind's rule, and a write that changes nothing leaves no trace.
 */
import { validate } from '../admission/validate.ts'
import { refuseEscalation } from '../auth/escalation.ts'
import { converted, isStoredAs } from '../conversion/convert.ts'
import { objectOf } from '../encode.ts'
import { metadataList, metadataOf, metadataText, withMetadata } from '../metadata.ts'
import { uintProblem } from '../numbers.ts'
import type { Json, JsonObject, ResourceType } from '../resource.ts'
import type { Route } from '../route.ts'
import { applyDefaults } from '../schema/default.ts'
import { isEqual } from '../schema/equal.ts'
import { type Server, tableFor } from '../server.ts'
import { conflict, internal, invalid } from '../status.ts'
import { type Entry, remove } from '../store.ts'
import { type Act, attributesOf, mutated } from './admission.ts'
import { checkCurrent } from './again.ts'
import { checkValid } from './check.ts'
import { allocationsFor, type Outcome, type Writing } from './outcome.ts'
import { restrict } from './restrict.ts'
import { commitForm, readBack, storedForm } from './stored.ts'
import { tracked } from './tracked.ts'

/** What is replaced, and where the new state comes from. */
export interface Replacement {
  route: Route
  entry: Entry
  /** Its managedFields are made already (by apply). */
  isTracked?: boolean
  /** A PUT checks the uid as a precondition; a patch that changes it is invalid. */
  isPut?: boolean
  /** What validating webhooks see instead of the objects themselves (Scales). */
  shown?: (object: JsonObject) => JsonObject
}

/**
 * Stores `given`, which is taken over and changed. Rejects with 409, 422, 500, what webhooks say, and with
 * {@link Overtaken} when the entry was replaced meanwhile.
 */
export async function updateObject(
  server: Server,
  replacement: Replacement,
  given: JsonObject,
  writing: Writing,
): Promise<Outcome> {
  const { route, entry, isTracked = false, isPut = false, shown } = replacement
  const { type, subresource, namespace, name } = route
  const before = objectOf(type, entry)
  if (isPut) checkUid(type, { name, namespace }, given, metadataText(before, 'uid'))
  let after = restricted(route, before, given)
  if (!isTracked) {
    const { manager, now } = writing
    const tracking = tracked(server, type, { before, after, manager, subresource, now })
    after = tracking instanceof Promise ? await tracking : tracking
  }
  const act: Act = { operation: 'UPDATE', type, subresource, name, namespace, before }
  const { managedFields } = metadataOf(after)
  const toMutate = () => withMetadata(given, { managedFields })
  // Through scale they have seen the Scale.
  const asked = shown === undefined ? mutated(server, act, toMutate, writing) : undefined
  if (asked !== undefined) after = restricted(route, before, await asked)
  refuseEscalation(server, writing.asking.user, { type, namespace, name, object: after, before })
  checkVersion(type, before, given, isPut)
  type.prepare?.(after, before, allocationsFor(server, writing), subresource)
  after = withMetadata(after, {
    generation: generationOf(type, before, after, subresource),
    resourceVersion: metadataText(before, 'resourceVersion'),
  })
  checkValid(type, after, before, subresource)
  for (const text of type.warnings?.(after, before, subresource) ?? []) writing.asking.warn(text)
  const show = shown ?? ((object: JsonObject) => object)
  const checked = validate(server, attributesOf({ ...act, before: show(before) }, show(after), writing))
  if (checked !== undefined) await checked
  return settle(server, { type, entry, before, after, isApply: isTracked && shown === undefined }, writing)
}

/** What may change, with what the server fills in. */
function restricted({ type, subresource }: Route, before: JsonObject, given: JsonObject): JsonObject {
  const after = restrict(type, subresource, before, withOwnedMetadata(given, before))
  applyDefaults(after, type.schema)
  type.defaults?.(after)
  return after
}

interface Change {
  type: ResourceType
  entry: Entry
  before: JsonObject
  after: JsonObject
  isApply: boolean
}

async function settle(
  server: Server,
  { type, entry, before, after, isApply }: Change,
  writing: Writing,
): Promise<Outcome> {
  const form = storedForm(server, type, after)
  const stored = form instanceof Promise ? await form : form
  checkCurrent(server, type, entry)
  const isSame = type.conversion === undefined ? isEqual(after, before) : isStoredAs(stored, entry)
  if (isSame) return { status: 200, type, object: before, entry }
  if (writing.options.dryRun)
    return { status: 200, type, object: await readBack(server, type, stored, after) }
  if (isReadyToGo(after)) {
    removeEntry(server, type, entry)
    return { status: 200, type, object: after }
  }
  const next = commitForm(server, type, entry, stored, isApply)
  const reading = converted(server, type, [next])
  if (reading !== undefined) await reading
  return { status: 200, type, object: next.object, entry: next }
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

/** A uid in a PUT is a precondition; `uid` is that of what is there, '' where nothing is. Throws 409. */
export function checkUid(
  type: ResourceType,
  { namespace, name }: { namespace: string; name: string },
  given: JsonObject,
  uid: string,
): void {
  const asked = metadataText(given, 'uid')
  if (asked === '' || asked === uid) return
  const key = `/registry/${folderOf(type)}/${namespace === '' ? '' : `${namespace}/`}${name}`
  throw conflict(
    type,
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${asked}, UID in object meta: ${uid}`,
  )
}

function checkVersion(type: ResourceType, before: JsonObject, given: JsonObject, isPut: boolean): void {
  const name = metadataText(before, 'name')
  const asked = metadataText(given, 'resourceVersion')
  if (asked === '' || asked === '0') {
    if ((!isPut && asked === '') || type.allowsUnconditionalUpdate) return
    const message = 'Invalid value: 0: must be specified for an update'
    throw invalid({ group: type.group, kind: type.plural }, name, [
      { reason: 'FieldValueInvalid', field: 'metadata.resourceVersion', message },
    ])
  }
  const why = uintProblem(asked)
  if (why !== undefined) throw internal(why)
  if (asked !== metadataText(before, 'resourceVersion')) throw conflict(type, name)
}

/** Where etcd has kinds that are not stored under their plural (`specialDefaultResourcePrefixes`). */
const FOLDERS: Readonly<Record<string, string>> = {
  replicationcontrollers: 'controllers',
  endpoints: 'services/endpoints',
  services: 'services/specs',
  nodes: 'minions',
  'ingresses.networking.k8s.io': 'ingress',
}

const folderOf = ({ group, plural, custom, storage }: ResourceType): string =>
  FOLDERS[storage] ??
  (custom || group === 'apiextensions.k8s.io' || group === 'apiregistration.k8s.io'
    ? `${group}/${plural}`
    : plural)

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
    selfLink: undefined,
  })
}

function generationOf(
  type: ResourceType,
  before: JsonObject,
  after: JsonObject,
  subresource: string,
): Json | undefined {
  const old = metadataOf(before).generation
  if (subresource === 'status' || type.bumpsGeneration?.(before, after) !== true) return old
  return typeof old === 'number' || type.firstGeneration === 0 ? Number(old ?? 0) + 1 : old
}
