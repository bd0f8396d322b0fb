/**
 * Makes the children of one object be exactly what its author wants: server-side apply for what is absent or differs,
 * deletion for what is wanted no more, nothing at all for the rest. What it knows of earlier passes it reads from the marks
 * on the children (see `apply/mark.ts`). No status, no Events, no retries: see `reconcile`.
 */
import { type Child, childId, childText, toChild } from './apply/child.ts'
import { isAsApplied, isProof, marked, setIn, unmark } from './apply/mark.ts'
import type { Deed, Owner, Owning } from './apply/owner.ts'
import { listUnwanted, prune, type Unwanted } from './apply/unwanted.ts'
import { hashJson } from './hash.ts'
import type { KubeObject } from './kube.ts'
import type { Desired } from './operator.ts'

export type { Deed, Owner } from './apply/owner.ts'

interface Pair {
  readonly child: Child
  live: KubeObject | undefined
}

/** What a pass works on. */
interface Work {
  readonly pairs: readonly Pair[]
  /** The hash of the wanted set. */
  readonly set: string
  readonly unwanted: readonly Unwanted[]
  readonly owner: Owner
}

/**
 * Applies `desired` as the whole set of the owner's children and returns them as the server holds them, null entries kept
 * in place. The new is made before the old is deleted. A child that is being deleted is left alone (its end wakes the owner).
 * Throws on a child that another object controls, that appears twice, or that cannot be owned; and whatever the API throws.
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

  const isProven = pairs.some(({ live }) => isProof(live, set, owner.controller))
  const isKnown = isProven || (owner.isNew && pairs.every(isAbsent))
  const unwanted = isKnown ? [] : await listUnwanted(children, owner)
  const work: Work = { pairs, set, unwanted, owner }
  if (pairs.some(isAbsent)) await withdraw(work)
  for (const pair of pairs) await settle(pair, work)
  for (const one of unwanted) await prune(one, owner)
  if (unwanted.length > 0) await prove(work)
  const done = new Map(pairs.map(({ child, live }) => [child, live]))
  return wanted.map((child) => (child ? done.get(child) : child))
}

function setHash(children: readonly Child[], controller: Owning): string {
  const ids = children.map((child) => childId(child.resource, child.key)).sort()
  const twice = ids.find((id, index) => id === ids[index - 1])
  if (twice !== undefined) throw new Error(`Controller "${controller.name}": apply was given ${twice} twice`)
  return hashJson(ids)
}

/**
 * The newest state: our own writes wake nobody, so what a stale read leaves undone nobody would do. A new owner has no children yet,
 * and applying to what a cache does not show yet is no harm.
 */
async function readChild(child: Child, owner: Owner): Promise<KubeObject | undefined> {
  const notOlderThan = owner.isNew ? '0' : undefined
  const live = await owner.api.get(child.resource, child.key, { notOlderThan })
  const holder = live?.metadata.ownerReferences?.find((reference) => reference.controller === true)
  if (holder !== undefined && holder.uid !== owner.object.metadata.uid)
    throw new Error(`${childText(child)} is controlled by ${holder.kind} "${holder.name}" and is left alone`)
  return live
}

const isAbsent = ({ live }: Pair): boolean => live === undefined
const isDeleting = ({ live }: Pair): boolean => live?.metadata.deletionTimestamp !== undefined
const isStale = (live: KubeObject | undefined, set: string): boolean =>
  ![undefined, set].includes(setIn(live))

/** Before a child is made, marks that speak of other sets go: it might be outside of them. */
async function withdraw(work: Work): Promise<void> {
  const { set, unwanted, owner } = work
  for (const pair of work.pairs) {
    const { child, live } = pair
    if (live === undefined || isDeleting(pair) || !isStale(live, set)) continue
    // What is due for a change keeps its turn: it may need what is made before it.
    if (isAsApplied(child, live, owner.controller)) await write(pair, work)
    else pair.live = await unmark(child.resource, live, owner)
  }
  for (const { resource, object } of unwanted)
    if (setIn(object) !== undefined) await unmark(resource, object, owner)
}

/** Leaves an up-to-date or vanishing child alone and writes any other; a mark that is renewed is nothing to speak of. */
async function settle(pair: Pair, work: Work): Promise<void> {
  const { child, live } = pair
  const { owner, set, unwanted } = work
  if (isDeleting(pair)) return
  const isCurrent = live !== undefined && isAsApplied(child, live, owner.controller)
  if (isCurrent && (unwanted.length > 0 || !isStale(live, set))) return
  const { resourceVersion } = (await write(pair, work)).metadata
  if (live === undefined) report('created', child, owner)
  else if (!isCurrent && live.metadata.resourceVersion !== resourceVersion) report('changed', child, owner)
}

/** One child that speaks of the set is enough: more would have to be rewritten whenever the set changes. */
async function write(pair: Pair, { pairs, set, unwanted, owner }: Work): Promise<KubeObject> {
  const isProven = pairs.some((other) => other !== pair && isProof(other.live, set, owner.controller))
  return patch(pair, unwanted.length === 0 && !isProven ? set : undefined, owner)
}

/** Nothing is left outside the set, and the next pass shall know. */
async function prove({ pairs, set, owner }: Work): Promise<void> {
  const lasting = pairs.filter((pair) => !isDeleting(pair))
  const witness = lasting.find(({ live }) => setIn(live) !== undefined) ?? lasting.at(-1)
  if (witness) await patch(witness, set, owner)
}

async function patch(pair: Pair, set: string | undefined, owner: Owner): Promise<KubeObject> {
  const { resource, key } = pair.child
  const object = marked(pair.child, set)
  const { fieldManager } = owner.controller
  pair.live = await owner.api.patch(resource, key, { type: 'apply', object, force: true }, { fieldManager })
  return pair.live
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
