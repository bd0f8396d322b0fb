/**
 * DELETE of one object and of a collection: at once where nothing holds the object, otherwise by marking it. What becomes of
 * dependents is left to the garbage collector, which finds the finalizer that is put here.
 */
import { admitDeletion } from '../admission/admit.ts'
import type { Asking } from '../admission/attributes.ts'
import { converted } from '../conversion/convert.ts'
import type { DeleteOptions } from '../deleteOptions.ts'
import { objectOf } from '../encode.ts'
import { listPage } from '../list.ts'
import { metadataList, metadataOf, metadataText, withMetadata } from '../metadata.ts'
import type { ListOptions } from '../options.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import type { Route } from '../route.ts'
import { isEqual } from '../schema/equal.ts'
import { type Server, tableFor, timestamp, toTimestamp } from '../server.ts'
import { forbidden, notFound, preconditionFailed, success } from '../status.ts'
import { commit, type Entry } from '../store.ts'
import type { Page } from '../list.ts'
import { checkCurrent, targetOf, untilCurrent } from './again.ts'
import { isReadyToGo, removeEntry } from './update.ts'

/** What DELETE answers: a `Status` when the object is gone, else the object as it is now. */
export type Removal =
  | { type: 'gone'; status: JsonObject; entry?: undefined }
  | { type: 'object'; object: JsonObject; entry?: Entry }

const PROTECTED = new Set(['default', 'kube-system', 'kube-public'])
export const CRD_CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'
const isNamespace = (type: ResourceType): boolean => type.group === '' && type.kind === 'Namespace'
const isCrd = (type: ResourceType): boolean =>
  type.group === 'apiextensions.k8s.io' && type.kind === 'CustomResourceDefinition'

/** Rejects with 403, 404, 409, 500 and what webhooks say. */
export async function removeObject(
  server: Server,
  route: Route,
  options: DeleteOptions,
  asking: Asking,
): Promise<Removal> {
  const { type, name } = route
  warnOfOrphans(type, options, asking)
  if (isNamespace(type) && PROTECTED.has(name))
    throw forbidden(type, name, 'this namespace may not be deleted')
  return untilCurrent(async () => {
    const target = targetOf(server, route)
    const { entry } = target instanceof Promise ? await target : target
    if (entry === undefined) throw notFound(type, name)
    const admitted = admitRemoval(server, { type, entry, name }, options, asking)
    if (admitted !== undefined) await admitted
    checkCurrent(server, type, entry)
    const removal = removeFound(server, type, entry, options)
    const reading = removal.entry === undefined ? undefined : converted(server, type, [removal.entry])
    if (reading !== undefined) await reading
    return removal
  })
}

function warnOfOrphans(type: ResourceType, options: DeleteOptions, asking: Asking): void {
  const isSaid = options.propagationPolicy !== undefined || options.orphanDependents !== undefined
  const warning = type.orphansByDefault?.warning
  if (warning !== undefined && !isSaid) asking.warn(warning)
}

/**
 * Asks webhooks about a deletion; undefined, at once, when none is meant. `name` is the one of the request. Throws 409, and
 * rejects with what webhooks say.
 */
export function admitRemoval(
  server: Server,
  { type, entry, name }: { type: ResourceType; entry: Entry; name: string },
  options: DeleteOptions,
  asking: Asking,
): Promise<void> | undefined {
  const before = objectOf(type, entry)
  checkPreconditions(type, before, options)
  return admitDeletion(server, { type, namespace: entry.namespace, name, before }, asking)
}

/**
 * Removes or marks an entry in hand, whatever webhooks would say. It works on the stored form, of which it changes only what
 * all versions have in common. Throws 409.
 */
export function removeFound(
  server: Server,
  type: ResourceType,
  entry: Entry,
  options: DeleteOptions,
): Removal {
  const before = entry.object
  checkPreconditions(type, before, options)
  const marked = mark(server, type, before, options)
  if (isReadyToGo(marked)) {
    if (options.dryRun) return gone(type, entry, marked)
    const last = removeEntry(server, type, entry)
    // What ends gracefully shows that it was marked, if only for a moment.
    const { resourceVersion } = metadataOf(last.object)
    const shown = type.graceSeconds ? withMetadata(marked, { resourceVersion }) : last.object
    return gone(type, last, shown)
  }
  if (isEqual(marked, before)) return { type: 'object', object: before, entry }
  if (options.dryRun) {
    const { text: _, ...shown } = entry
    return { type: 'object', object: marked, entry: { ...shown, object: marked } }
  }
  const next = commit(server.store, tableFor(server, type), entry, (resourceVersion) =>
    withMetadata(marked, { resourceVersion }),
  )
  return { type: 'object', object: next.object, entry: next }
}

/** Kinds whose DELETE answers with the object that is gone (`ReturnDeletedObject`). */
const RETURNED = new Set([
  'Pod',
  'PodTemplate',
  'Service',
  'ServiceAccount',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'ResourceQuota',
])

function gone(type: ResourceType, entry: Entry, before: JsonObject): Removal {
  if (type.group === '' && RETURNED.has(type.kind)) return { type: 'object', object: before }
  return { type: 'gone', status: success(type, entry.name, metadataText(before, 'uid')) }
}

function checkPreconditions(type: ResourceType, object: JsonObject, options: DeleteOptions): void {
  const name = metadataText(object, 'name')
  const uid = metadataText(object, 'uid')
  const version = metadataText(object, 'resourceVersion')
  if (options.uid !== undefined && options.uid !== uid)
    throw preconditionFailed(
      type,
      name,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    )
  if (options.resourceVersion !== undefined && options.resourceVersion !== version)
    throw preconditionFailed(
      type,
      name,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${version}). The object might have been modified`,
    )
}

function terminating(status: JsonObject, now: string): JsonObject {
  const conditions = Array.isArray(status.conditions) ? status.conditions : []
  const condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: now,
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  }
  return { ...status, conditions: [...conditions, condition] }
}

/** The object as marked for deletion. */
function mark(server: Server, type: ResourceType, before: JsonObject, options: DeleteOptions): JsonObject {
  const finalizers = finalizersFor(type, before, options)
  const isMarked = metadataText(before, 'deletionTimestamp') !== ''
  const generation = metadataOf(before).generation
  const grace = type.graceSeconds?.(before, options.gracePeriodSeconds) ?? 0
  const object = withMetadata(before, {
    finalizers,
    ...(isMarked
      ? shortened(server, before, options)
      : {
          deletionTimestamp: timestamp(server, grace),
          // Namespaces and CRDs have a deletion of their own.
          ...(isNamespace(type) || isCrd(type) ? {} : { deletionGracePeriodSeconds: grace }),
          ...(typeof generation === 'number' && !isCrd(type) ? { generation: generation + 1 } : {}),
        }),
  })
  if (isNamespace(type)) object.status = { ...(object.status as JsonObject), phase: 'Terminating' }
  if (isCrd(type) && !isMarked) object.status = terminating(object.status as JsonObject, timestamp(server))
  return object
}

/** A second deletion may only shorten the time that is left, and not to an end in the past. */
function shortened(server: Server, before: JsonObject, { gracePeriodSeconds }: DeleteOptions): JsonObject {
  const left = metadataOf(before).deletionGracePeriodSeconds
  if (typeof left !== 'number' || left === 0 || gracePeriodSeconds === undefined) return {}
  const asked = gracePeriodSeconds < 0 ? 1 : gracePeriodSeconds
  if (asked >= left) return {}
  const end = Date.parse(metadataText(before, 'deletionTimestamp')) + (asked - left) * 1000
  const isPast = end < server.clock.now()
  return {
    deletionTimestamp: isPast ? timestamp(server) : toTimestamp(end),
    deletionGracePeriodSeconds: isPast && asked > 0 ? 1 : asked,
  }
}

function finalizersFor(type: ResourceType, object: JsonObject, options: DeleteOptions): string[] {
  const finalizers = metadataList(object, 'finalizers').map(String)
  const others = finalizers.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion')
  if (isCrd(type) && !others.includes(CRD_CLEANUP) && metadataText(object, 'deletionTimestamp') === '')
    others.push(CRD_CLEANUP)
  if (options.orphanDependents !== undefined) return options.orphanDependents ? [...others, 'orphan'] : others
  if (options.propagationPolicy === 'Orphan') return [...others, 'orphan']
  if (options.propagationPolicy === 'Foreground') return [...others, 'foregroundDeletion']
  if (options.propagationPolicy === 'Background') return others
  if (finalizers.includes('orphan')) return [...others, 'orphan']
  if (type.orphansByDefault && !finalizers.includes('foregroundDeletion')) return [...others, 'orphan']
  return finalizers.includes('foregroundDeletion') ? [...others, 'foregroundDeletion'] : others
}

/** How the server's own controllers delete. */
export const BACKGROUND: DeleteOptions = {
  dryRun: false,
  propagationPolicy: 'Background',
  orphanDependents: undefined,
  gracePeriodSeconds: undefined,
  uid: undefined,
  resourceVersion: undefined,
}

/** Deletes what a list would show, one after the other; answers with that list, as it was. */
export async function removeCollection(
  server: Server,
  { route, selection }: { route: Route; selection: ListOptions },
  options: DeleteOptions,
  asking: Asking,
): Promise<Page> {
  warnOfOrphans(route.type, options, asking)
  const page = await listPage(server, route, selection)
  for (const entry of page.entries) await removeListed(server, route.type, entry, { options, asking })
  return page
}

/** What went or changed since the list was made is looked at anew; in the review it has no name. */
async function removeListed(
  server: Server,
  type: ResourceType,
  listed: Entry,
  { options, asking }: { options: DeleteOptions; asking: Asking },
): Promise<void> {
  const { namespace, name } = listed
  const route: Route = { type, namespace, name, subresource: '', watch: false }
  await untilCurrent(async () => {
    const target = targetOf(server, route)
    const { entry } = target instanceof Promise ? await target : target
    if (entry === undefined) return
    const admitted = admitRemoval(server, { type, entry, name: '' }, options, asking)
    if (admitted !== undefined) await admitted
    checkCurrent(server, type, entry)
    removeFound(server, type, entry, options)
  })
}
