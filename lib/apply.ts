/**
 * Makes the children of one object be exactly what its author wants: server-side apply for what is absent or differs,
 * deletion for what is wanted no more, nothing at all for the rest. Reads children by name from the watch cache; what is stale there is
 * repaired by the change that made it stale. No status, no Events, no retries: see `reconcile`.
 *
 * A child carries one annotation, `<hash of its configuration>[/<hash of the set>]`. The first part and unbroken ownership
 * of the applied fields tell that it is up to date without comparing values. The second is written only after a pass found nothing to
 * prune: any child that carries the current set proves that the owned kinds need not be listed again.
 */
import { APPLIED } from './applied.ts'
import { type Child, childId, childText, marked, OWNER, type Owning, toChild } from './apply/child.ts'
import { ownsAll } from './apply/owned.ts'
import { hashJson } from './hash.ts'
import type { Key, Kube, KubeObject, Resource } from './kube.ts'
import type { Desired } from './operator.ts'

/** What a pass did, for Events and reports: `created Deployment web`. */
export interface Deed {
  readonly action: 'created' | 'changed' | 'pruned'
  readonly kind: string
  readonly key: Key
}

/** Whose children, through what, and what is known before looking. */
export interface Owner {
  readonly object: KubeObject
  readonly controller: Owning
  readonly api: Kube
  /** The object was never reconciled before, so it has no children that could be unwanted. */
  readonly isNew: boolean
  /** Told of each thing done, in order. */
  did(deed: Deed): void
}

interface Pair {
  readonly child: Child
  readonly live: KubeObject | undefined
}

/**
 * Applies `desired` as the whole set of the owner's children and returns them as the server holds them, null entries kept
 * in place. A child that is being deleted is left alone (its end wakes the owner). Throws on a child that another object
 * controls, that appears twice, or that cannot be owned; and whatever the API throws.
 */
export async function apply(
  desired: readonly (Desired | null | undefined)[],
  owner: Owner,
): Promise<(KubeObject | null | undefined)[]> {
  const wanted = desired.map((entry) => (entry ? toChild(entry, owner.object, owner.controller) : entry))
  const children = wanted.filter((child) => child !== null && child !== undefined)
  const set = setHash(children, owner.controller)
  const pairs: Pair[] = []
  for (const child of children) pairs.push({ child, live: await readChild(child, owner) })

  const proven = owner.isNew || isProven(pairs, set)
  const unwanted = proven ? [] : await listUnwanted(children, owner)
  const done = new Map<Child, KubeObject>()
  for (const pair of pairs)
    done.set(pair.child, await settle(pair, unwanted.length > 0 ? undefined : set, owner))
  for (const { resource, object } of unwanted) await prune(resource, object, owner)
  const last = pairs.at(-1)
  if (unwanted.length > 0 && last !== undefined && !isDeleting(last.live))
    done.set(last.child, await patchChild(last.child, set, owner))
  return wanted.map((child) => (child ? done.get(child) : child))
}

function setHash(children: readonly Child[], controller: Owning): string {
  const ids = children.map((child) => childId(child.resource, child.key)).sort()
  const twice = ids.find((id, index) => id === ids[index - 1])
  if (twice !== undefined) throw new Error(`Controller "${controller.name}": apply was given ${twice} twice`)
  return hashJson(ids)
}

async function readChild(child: Child, owner: Owner): Promise<KubeObject | undefined> {
  const live = await owner.api.get(child.resource, child.key, { notOlderThan: '0' })
  const holder = live?.metadata.ownerReferences?.find((reference) => reference.controller === true)
  if (holder !== undefined && holder.uid !== owner.object.metadata.uid)
    throw new Error(`${childText(child)} is controlled by ${holder.kind} "${holder.name}" and is left alone`)
  return live
}

const isDeleting = (object: KubeObject | undefined): boolean =>
  object?.metadata.deletionTimestamp !== undefined

const markOf = (object: KubeObject | undefined): readonly (string | undefined)[] =>
  object?.metadata.annotations?.[APPLIED]?.split('/') ?? []

/** One child that proves the set is enough, as long as none speaks of another set (which was pruned before it). */
function isProven(pairs: readonly Pair[], set: string): boolean {
  const sets = pairs.map(({ live }) => markOf(live)[1]).filter((mark) => mark !== undefined)
  return sets.length > 0 && sets.every((mark) => mark === set)
}

/** Leaves an up-to-date or vanishing child alone and patches any other; a mark that is renewed is nothing to speak of. */
async function settle({ child, live }: Pair, set: string | undefined, owner: Owner): Promise<KubeObject> {
  if (live !== undefined && isDeleting(live)) return live
  const isCurrent = live !== undefined && isAsApplied(child, live, owner.controller)
  const markedSet = markOf(live)[1]
  if (isCurrent && (markedSet === undefined || markedSet === set)) return live
  const result = await patchChild(child, set, owner)
  if (live === undefined) report('created', child, owner)
  else if (!isCurrent && live.metadata.resourceVersion !== result.metadata.resourceVersion)
    report('changed', child, owner)
  return result
}

/** The configuration is the one last applied, and nobody has taken a field of it since. */
function isAsApplied(child: Child, live: KubeObject, { fieldManager }: Owning): boolean {
  if (markOf(live)[0] !== child.configuration) return false
  const mine = live.metadata.managedFields?.find(
    ({ manager, operation, subresource }) =>
      manager === fieldManager && operation === 'Apply' && !subresource,
  )
  return mine?.fieldsV1 !== undefined && ownsAll(appliedFields(child), mine.fieldsV1)
}

/** Identity is never a managed field. */
function appliedFields(child: Child): object {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = child.object
  const { name: _name, namespace: _namespace, ...managed } = metadata
  return { ...rest, metadata: managed }
}

const patchChild = (child: Child, set: string | undefined, owner: Owner): Promise<KubeObject> =>
  owner.api.patch(
    child.resource,
    child.key,
    { type: 'apply', object: marked(child, set), force: true },
    { fieldManager: owner.controller.fieldManager },
  )

interface Unwanted {
  readonly resource: Resource<KubeObject>
  readonly object: KubeObject
}

/** Owned objects outside the set, by one list per owned kind. Those already being deleted need nothing. */
async function listUnwanted(children: readonly Child[], owner: Owner): Promise<Unwanted[]> {
  const wanted = new Set(children.map((child) => childId(child.resource, child.key)))
  const { uid, namespace } = owner.object.metadata
  const unwanted: Unwanted[] = []
  for (const resource of owner.controller.owns) {
    const scope = resource.namespaced ? { namespace } : {}
    const page = await owner.api.list(resource, {
      ...scope,
      labelSelector: `${OWNER}=${uid}`,
      as: 'metadata',
    })
    for (const object of page.items) {
      const isOurs = object.metadata.ownerReferences?.some(
        (reference) => reference.uid === uid && reference.controller,
      )
      if (isOurs && !isDeleting(object) && !wanted.has(childId(resource, object.metadata)))
        unwanted.push({ resource, object })
    }
  }
  return unwanted
}

/** The uid makes sure that a namesake made meanwhile is not hit. */
async function prune(resource: Resource<KubeObject>, object: KubeObject, owner: Owner): Promise<void> {
  const { uid, name, namespace } = object.metadata
  const key = resource.namespaced ? { namespace, name } : { name }
  await owner.api.delete(resource, key, { uid, propagation: 'Background' })
  owner.did({ action: 'pruned', kind: resource.kind, key })
}

const report = (action: 'created' | 'changed', child: Child, owner: Owner): void =>
  owner.did({ action, kind: child.resource.kind, key: child.key })

/** `created Deployment web, Service web; pruned ConfigMap old`: what a pass did, in one line. */
export function deedsText(deeds: readonly Deed[]): string {
  const of = (action: Deed['action']) => {
    const names = deeds
      .filter((deed) => deed.action === action)
      .map((deed) => `${deed.kind} ${deed.key.name}`)
    return names.length === 0 ? [] : [`${action} ${names.join(', ')}`]
  }
  return [...of('created'), ...of('changed'), ...of('pruned')].join('; ')
}
