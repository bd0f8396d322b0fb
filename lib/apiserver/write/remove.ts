/**
 * DELETE of one object and of a collection: at once where nothing holds the object, otherwise by marking it (`mark.ts`). What
 * becomes of dependents is left to the garbage collector, which finds the finalizer that is put there.
 */
import { admitDeletion } from '../admission/admit.ts'
import type { Asking } from '../admission/attributes.ts'
import { converted } from '../conversion/convert.ts'
import type { DeleteOptions } from '../deleteOptions.ts'
import { objectOf } from '../encode.ts'
import { listPage } from '../list.ts'
import { metadataText, withMetadata } from '../metadata.ts'
import type { ListOptions } from '../options.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import type { Route } from '../route.ts'
import { isEqual } from '../schema/equal.ts'
import { type Server, tableFor } from '../server.ts'
import { conflict, forbidden, notFound, preconditionFailed, success } from '../status.ts'
import { commit, type Entry } from '../store.ts'
import type { Page } from '../list.ts'
import { checkCurrent, targetOf, untilCurrent } from './again.ts'
import { isCrd, isNamespace, markOf } from './mark.ts'
import { removeEntry } from './update.ts'

/** What DELETE answers: the object as it is now (`isGone` is false) or was at last, or instead of the latter a `Status`. */
export type Removal =
  | { type: 'status'; status: JsonObject; isGone: true; entry?: undefined }
  | { type: 'object'; object: JsonObject; isGone: boolean; entry?: Entry }

const PROTECTED = new Set(['default', 'kube-system', 'kube-public'])

/** Rejects with 403, 404, 409, 500 and what webhooks say. */
export async function removeObject(
  server: Server,
  route: Route,
  options: DeleteOptions,
  asking: Asking,
): Promise<Removal> {
  const { type, name } = route
  warnOfOrphans(type, options, asking)
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
  if (isNamespace(type) && PROTECTED.has(name))
    throw forbidden(type, name, 'this namespace may not be deleted')
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
  checkPreconditions(type, entry.object, options)
  const { object, isGoing } = markOf(type, entry.object, options, server.clock.now())
  const isSame = isEqual(object, entry.object)
  if (options.dryRun && isGoing) return gone(type, object)
  if (options.dryRun && !isSame)
    return { type: 'object', isGone: false, object, entry: { ...entry, object, text: undefined } }
  const marked = isSame ? entry : replace(server, type, entry, object)
  if (isGoing) return gone(type, removeEntry(server, type, marked).object)
  return { type: 'object', isGone: false, object: marked.object, entry: marked }
}

const replace = (server: Server, type: ResourceType, entry: Entry, object: JsonObject): Entry =>
  commit(server.store, tableFor(server, type), entry, (resourceVersion) =>
    withMetadata(object, { resourceVersion }),
  )

function gone(type: ResourceType, last: JsonObject): Removal {
  if (type.returnsDeleted === true || isNamespace(type)) return { type: 'object', isGone: true, object: last }
  const status = success(type, metadataText(last, 'name'), metadataText(last, 'uid'))
  return { type: 'status', isGone: true, status }
}

/** Throws 409 where the options mean another object, or another state of it. */
export function checkPreconditions(type: ResourceType, object: JsonObject, options: DeleteOptions): void {
  const name = metadataText(object, 'name')
  const uid = metadataText(object, 'uid')
  const version = metadataText(object, 'resourceVersion')
  const fail = (what: string, asked: string, is: string, why: string) => {
    // Kinds with a deletion of their own name the resource and say it in other words.
    if (isNamespace(type) || isCrd(type))
      return conflict(
        type,
        name,
        `Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${is}`,
      )
    const text = `the ${what} in the precondition (${asked}) does not match the ${what} in record (${is}). ${why}`
    return preconditionFailed(type, name, text)
  }
  if (options.uid !== undefined && options.uid !== uid)
    throw fail('UID', options.uid, uid, 'The object might have been deleted and then recreated')
  if (options.resourceVersion !== undefined && options.resourceVersion !== version)
    throw fail('ResourceVersion', options.resourceVersion, version, 'The object might have been modified')
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

/** How many are listed at a time where the request sets no limit (registry/generic, deleteCollectionPageSize). */
const PAGE_SIZE = 10_000

/** Deletes what a list would show, one after the other; answers with that list, as it was. */
export async function removeCollection(
  server: Server,
  { route, selection }: { route: Route; selection: ListOptions },
  options: DeleteOptions,
  asking: Asking,
): Promise<Page> {
  warnOfOrphans(route.type, options, asking)
  const removePage = async (page: ListOptions): Promise<Page> => {
    const listed = await listPage(server, route, page)
    for (const entry of listed.entries) await removeListed(server, route.type, entry, { options, asking })
    return listed
  }
  const paged = { ...selection, limit: selection.limit || PAGE_SIZE }
  const first = await removePage(paged)
  const entries = [...first.entries]
  for (let rest = selection.limit > 0 ? '' : first.continue; rest !== ''; ) {
    const next = { ...paged, continue: rest, resourceVersion: '', resourceVersionMatch: '' }
    const page = await removePage(next)
    entries.push(...page.entries)
    rest = page.continue
  }
  return { ...first, entries }
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
