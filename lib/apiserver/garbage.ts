/**
 * The garbage collector: objects go with their last owner, owners wait for dependents that block them (foreground), or let
 * them go (orphan). Owners are told apart by uid, so an owner that was deleted and made anew owns nothing. An object with an
 * owner that cannot be looked up is left as it is until that is possible.
 */
import { createQueue, idOf, isDeleting, type Place, typeOfTable } from './controller.ts'
import { converted } from './conversion/convert.ts'
import { type Dependents, type Owner, ownersOf } from './dependents.ts'
import { objectOf } from './encode.ts'
import { metadataList, metadataText, withMetadata } from './metadata.ts'
import { type Finder, findOwners } from './owner.ts'
import type { Json, JsonObject, ResourceType } from './resource.ts'
import { isObject } from './schema/equal.ts'
import type { Server } from './server.ts'
import type { Change, Entry, Table } from './store.ts'
import { removeAs } from './removeAs.ts'
import { BACKGROUND } from './write/remove.ts'
import { controllerAuthor, updateAs } from './writeAs.ts'

interface Collector {
  readonly server: Server
  readonly dependents: Dependents
  readonly find: Finder
  /** Objects with owners of kinds that are not served: looked at again when kinds come. */
  readonly unresolved: Map<string, Place>
  readonly enqueue: (place: Place) => void
}

/** An object in hand. */
interface Target {
  readonly type: ResourceType
  readonly table: Table
  readonly entry: Entry
}

const FOREGROUND = 'foregroundDeletion'
const ORPHAN = 'orphan'
const AUTHOR = controllerAuthor('generic-garbage-collector')

/** Kinds that come and go too fast to be followed; `events` is the storage of both groups that have them. */
const IGNORED = new Set(['events'])

/** Collects for as long as the server lives. */
export function collectGarbage(server: Server, dependents: Dependents): void {
  const collector: Collector = {
    server,
    dependents,
    find: findOwners(server),
    unresolved: new Map(),
    enqueue: createQueue(server, (place) => visit(collector, place)),
  }
  server.store.listeners.add((table, change) => {
    if (!IGNORED.has(table.name)) onChange(collector, table, change)
  })
}

function onChange(collector: Collector, table: Table, change: Change): void {
  const { entry, before, type } = change
  const old = before === undefined ? [] : ownersOf(before.object)
  const owners = type === 'DELETED' ? [] : ownersOf(entry.object)
  // An owner may have waited for this one.
  for (const owner of old)
    if (owner.isBlocking && !owners.some(({ uid, isBlocking }) => isBlocking && uid === owner.uid))
      enqueueOwner(collector, owner, entry.namespace)
  if (table.name === 'customresourcedefinitions.apiextensions.k8s.io') retryUnresolved(collector)
  if (type === 'DELETED') {
    const dependents = dependentsOf(collector, entry.object)
    if (dependents.length > 0) collector.find.remember(entry.object)
    dependents.forEach(collector.enqueue)
    return
  }
  const isHeld = isDeleting(entry.object) && (holds(entry.object, FOREGROUND) || holds(entry.object, ORPHAN))
  const hasNewOwners = owners.some(({ uid }) => old.every((owner) => owner.uid !== uid))
  if (isHeld || hasNewOwners) collector.enqueue({ table, key: entry.key })
}

const dependentsOf = ({ dependents }: Collector, owner: JsonObject): readonly Place[] =>
  dependents.of(metadataText(owner, 'uid')).filter(({ table }) => !IGNORED.has(table.name))

const holds = (object: JsonObject, finalizer: string): boolean =>
  metadataList(object, 'finalizers').includes(finalizer)

const isWaiting = (object: JsonObject): boolean => isDeleting(object) && holds(object, FOREGROUND)

function enqueueOwner({ find, enqueue }: Collector, owner: Owner, namespace: string): void {
  const found = find.owner(owner, namespace)
  if (typeof found === 'object' && isWaiting(found.entry.object))
    enqueue({ table: found.table, key: found.entry.key })
}

function retryUnresolved({ unresolved, enqueue }: Collector): void {
  const places = [...unresolved.values()]
  unresolved.clear()
  places.forEach(enqueue)
}

async function visit(collector: Collector, place: Place): Promise<undefined> {
  const target = targetAt(collector.server, place)
  if (target === undefined) return
  const { object } = target.entry
  if (!isDeleting(object)) await collect(collector, target)
  else if (holds(object, ORPHAN)) await orphan(collector, target)
  else if (holds(object, FOREGROUND)) await wait(collector, target)
}

function targetAt(server: Server, { table, key }: Place): Target | undefined {
  const entry = table.byKey.get(key)
  const type = typeOfTable(server, table)
  return entry === undefined || type === undefined ? undefined : { type, table, entry }
}

/** Takes the owner out of its dependents, then lets it go. */
async function orphan(collector: Collector, target: Target): Promise<void> {
  const uids = new Set([metadataText(target.entry.object, 'uid')])
  for (const place of dependentsOf(collector, target.entry.object)) {
    const dependent = targetAt(collector.server, place)
    if (dependent !== undefined) await dropOwners(collector, dependent, uids)
  }
  await dropFinalizer(collector, target, ORPHAN)
}

/** Deletes the dependents; the owner goes when none of those that block it is left. */
async function wait(collector: Collector, target: Target): Promise<void> {
  const uid = metadataText(target.entry.object, 'uid')
  const dependents = dependentsOf(collector, target.entry.object)
  const isBlocked = dependents.some(({ table, key }) => {
    const dependent = table.byKey.get(key)
    return (
      dependent !== undefined && ownersOf(dependent.object).some((one) => one.uid === uid && one.isBlocking)
    )
  })
  if (!isBlocked) await dropFinalizer(collector, target, FOREGROUND)
  dependents.forEach(collector.enqueue)
}

const dropFinalizer = (collector: Collector, target: Target, finalizer: string): Promise<void> =>
  write(collector, target, (object) => ({
    finalizers: metadataList(object, 'finalizers').filter((name) => name !== finalizer),
  }))

const dropOwners = (collector: Collector, target: Target, uids: ReadonlySet<string>): Promise<void> =>
  write(collector, target, (object) => ({
    ownerReferences: metadataList(object, 'ownerReferences').filter(
      (owner) => !isObject(owner) || !uids.has(String(owner.uid)),
    ),
  }))

/** Owners that wait for an object which waits for them in turn would wait for ever. */
const unblockOwners = (collector: Collector, target: Target): Promise<void> =>
  write(collector, target, (object) => ({
    ownerReferences: metadataList(object, 'ownerReferences').map((owner) =>
      isObject(owner) && owner.blockOwnerDeletion === true ? { ...owner, blockOwnerDeletion: false } : owner,
    ),
  }))

async function write(
  { server }: Collector,
  { type, entry }: Target,
  change: (object: JsonObject) => Record<string, Json>,
): Promise<void> {
  await converted(server, type, [entry])
  const object = objectOf(type, entry)
  await updateAs(server, AUTHOR, { type, entry }, withMetadata(object, change(object)))
}

/** Deletes an object none of whose owners is left; one that keeps some forgets the others. */
async function collect(collector: Collector, target: Target): Promise<void> {
  const { find, unresolved } = collector
  const { table, entry } = target
  const owners = ownersOf(entry.object).map((owner) => ({ owner, found: find.owner(owner, entry.namespace) }))
  if (owners.length === 0) return
  if (owners.some(({ found }) => found === 'unknown')) {
    unresolved.set(idOf({ table, key: entry.key }), { table, key: entry.key })
    return
  }
  const leaving = owners.filter(({ found }) => typeof found === 'object' && isWaiting(found.entry.object))
  const lost = owners.filter((one) => one.found === 'absent' || leaving.includes(one))
  if (lost.length === 0) return
  if (lost.length < owners.length)
    return dropOwners(collector, target, new Set(lost.map(({ owner }) => owner.uid)))
  const dependents = dependentsOf(collector, entry.object)
  await remove(collector, target, leaving.length > 0 ? dependents : [])
}

/** `waiting` are the dependents of an object whose owner waits: it waits for them, too. */
async function remove(collector: Collector, target: Target, waiting: readonly Place[]): Promise<void> {
  const { server } = collector
  const { type, table } = target
  let { entry } = target
  if (waiting.some((place) => isWaiting(place.table.byKey.get(place.key)?.object ?? {}))) {
    await unblockOwners(collector, target)
    entry = table.byKey.get(entry.key) ?? entry
  }
  await removeAs(server, { type, entry }, AUTHOR.user, {
    ...BACKGROUND,
    propagationPolicy: waiting.length > 0 ? 'Foreground' : policyOf(entry.object),
    uid: metadataText(entry.object, 'uid'),
    resourceVersion: metadataText(entry.object, 'resourceVersion'),
  })
}

const policyOf = (object: JsonObject): 'Foreground' | 'Orphan' | 'Background' => {
  if (holds(object, ORPHAN)) return 'Orphan'
  return holds(object, FOREGROUND) ? 'Foreground' : 'Background'
}
