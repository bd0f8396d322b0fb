/**
 * The garbage collector: objects go with their last owner, owners wait for dependents that block them (foreground), or let
 * them go (orphan). Owners are told apart by uid, so an owner that was deleted and made anew owns nothing.
 */
import { createQueue, isDeleting, type Place, typeOfTable, writeMetadata, writeObject } from './controller.ts'
import { trackUpdate } from './fields/managed.ts'
import { metadataList, metadataText, withMetadata } from './metadata.ts'
import { findKind } from './registry.ts'
import type { JsonObject } from './resource.ts'
import { findEntry, type Server, timestamp } from './server.ts'
import type { Change, Entry, Table } from './store.ts'
import { removeAs } from './removeAs.ts'
import { BACKGROUND } from './write/remove.ts'

interface Collector {
  server: Server
  /** By uid of the owner: what refers to it. */
  dependents: Map<string, Map<string, Place>>
  enqueue: (place: Place) => void
}

interface Owner {
  apiVersion: string
  kind: string
  name: string
  uid: string
  isBlocking: boolean
}

const FOREGROUND = 'foregroundDeletion'
const ORPHAN = 'orphan'
const USER = 'generic-garbage-collector'

/** Collects for as long as the server lives. */
export function collectGarbage(server: Server): void {
  const collector: Collector = {
    server,
    dependents: new Map(),
    enqueue: createQueue(server, (place) => visit(collector, place)),
  }
  server.store.listeners.add((table, change) => onChange(collector, table, change))
}

const textAt = (object: JsonObject, field: string): string => {
  const value = object[field]
  return typeof value === 'string' ? value : ''
}

const ownersOf = (object: JsonObject): Owner[] =>
  metadataList(object, 'ownerReferences').map((reference) => {
    const owner = reference as JsonObject
    return {
      apiVersion: textAt(owner, 'apiVersion'),
      kind: textAt(owner, 'kind'),
      name: textAt(owner, 'name'),
      uid: textAt(owner, 'uid'),
      isBlocking: owner.blockOwnerDeletion === true,
    }
  })

function onChange(collector: Collector, table: Table, change: Change): void {
  const { entry, before, type } = change
  const place = { table, key: entry.key }
  const old = before === undefined ? [] : ownersOf(before.object)
  const owners = type === 'DELETED' ? [] : ownersOf(entry.object)
  if (old.length > 0 || owners.length > 0) reindex(collector, place, old, owners)
  if (type === 'DELETED') {
    for (const dependent of dependentsOf(collector, entry)) collector.enqueue(dependent)
    // An owner may have waited for this one.
    for (const owner of old) enqueueOwner(collector, owner, entry.namespace)
    return
  }
  const isHeld = isDeleting(entry.object) && holdersOf(entry).length > 0
  if (isHeld || hasOtherOwners(owners, old)) collector.enqueue(place)
}

const hasOtherOwners = (owners: readonly Owner[], old: readonly Owner[]): boolean =>
  owners.some(({ uid }) => old.every((owner) => owner.uid !== uid))

function reindex(collector: Collector, place: Place, old: readonly Owner[], owners: readonly Owner[]): void {
  const id = `${place.table.name} ${place.key}`
  for (const { uid } of old) {
    const known = collector.dependents.get(uid)
    known?.delete(id)
    if (known?.size === 0) collector.dependents.delete(uid)
  }
  for (const { uid } of owners) {
    const known = collector.dependents.get(uid) ?? new Map<string, Place>()
    known.set(id, place)
    collector.dependents.set(uid, known)
  }
}

const dependentsOf = (collector: Collector, entry: Entry): Place[] => [
  ...(collector.dependents.get(metadataText(entry.object, 'uid'))?.values() ?? []),
]

const holdersOf = (entry: Entry): string[] =>
  metadataList(entry.object, 'finalizers')
    .map(String)
    .filter((name) => name === FOREGROUND || name === ORPHAN)

function enqueueOwner(collector: Collector, owner: Owner, namespace: string): void {
  const found = findOwner(collector.server, owner, namespace)
  if (typeof found !== 'object' || !isDeleting(found.entry.object)) return
  collector.enqueue({ table: found.table, key: found.entry.key })
}

/** The owner, 'absent', or 'unknown' when its kind is not served. */
function findOwner(
  server: Server,
  owner: Owner,
  namespace: string,
): { entry: Entry; table: Table } | 'absent' | 'unknown' {
  const type = findKind(server.registry, owner.apiVersion, owner.kind)
  const table = type === undefined ? undefined : server.store.tables.get(type.storage)
  if (type === undefined || table === undefined) return 'unknown'
  // A namespaced owner of a cluster-scoped object cannot be found: the reference is a mistake, not a reason to delete.
  if (type.namespaced && namespace === '') return 'unknown'
  const entry = findEntry(server, type, type.namespaced ? namespace : '', owner.name)
  if (entry === undefined || metadataText(entry.object, 'uid') !== owner.uid) return 'absent'
  return { entry, table }
}

function visit(collector: Collector, { table, key }: Place): Promise<void> | undefined {
  const entry = table.byKey.get(key)
  const type = typeOfTable(collector.server, table)
  if (entry === undefined || type === undefined) return undefined
  const target = { type, table, entry }
  const holders = isDeleting(entry.object) ? holdersOf(entry) : []
  if (holders.includes(ORPHAN)) orphan(collector, target)
  else if (holders.includes(FOREGROUND)) wait(collector, target)
  else if (!isDeleting(entry.object)) return collect(collector, target)
  return undefined
}

type Target = Parameters<typeof writeMetadata>[1]

/** Takes the owner out of its dependents, then lets it go. */
function orphan(collector: Collector, target: Target): void {
  const uid = metadataText(target.entry.object, 'uid')
  for (const place of dependentsOf(collector, target.entry)) dropOwners(collector, place, new Set([uid]))
  dropFinalizer(collector, target, ORPHAN)
}

/** Deletes the dependents; the owner goes when none of those that block it is left. */
function wait(collector: Collector, target: Target): void {
  const uid = metadataText(target.entry.object, 'uid')
  const dependents = dependentsOf(collector, target.entry)
  const isBlocked = dependents.some(({ table, key }) => {
    const dependent = table.byKey.get(key)
    return (
      dependent !== undefined &&
      ownersOf(dependent.object).some((owner) => owner.uid === uid && owner.isBlocking)
    )
  })
  if (!isBlocked) dropFinalizer(collector, target, FOREGROUND)
  for (const dependent of dependents) collector.enqueue(dependent)
}

function dropFinalizer({ server }: Collector, target: Target, finalizer: string): void {
  const finalizers = metadataList(target.entry.object, 'finalizers').filter((name) => name !== finalizer)
  writeMetadata(server, target, { finalizers })
}

function dropOwners({ server }: Collector, { table, key }: Place, uids: ReadonlySet<string>): void {
  const entry = table.byKey.get(key)
  const type = typeOfTable(server, table)
  if (entry === undefined || type === undefined) return
  const ownerReferences = metadataList(entry.object, 'ownerReferences').filter(
    (owner) => !uids.has(String((owner as JsonObject).uid)),
  )
  const after = trackUpdate({
    before: entry.object,
    after: withMetadata(entry.object, { ownerReferences }),
    type,
    manager: 'kube-controller-manager',
    now: timestamp(server),
  })
  writeObject(server, { type, table, entry }, after)
}

/** Deletes an object none of whose owners is left; one that keeps some forgets the others. */
function collect(collector: Collector, { type, table, entry }: Target): Promise<void> | undefined {
  const { server } = collector
  const owners = ownersOf(entry.object)
  if (owners.length === 0) return undefined
  const gone = new Set<string>()
  const leaving = new Set<string>()
  let kept = 0
  for (const owner of owners) {
    const found = findOwner(server, owner, entry.namespace)
    if (found === 'absent') gone.add(owner.uid)
    else if (
      found !== 'unknown' &&
      isDeleting(found.entry.object) &&
      holdersOf(found.entry).includes(FOREGROUND)
    )
      leaving.add(owner.uid)
    else kept++
  }
  const lost = new Set([...gone, ...leaving])
  if (lost.size === 0) return undefined
  if (kept > 0) {
    dropOwners(collector, { table, key: entry.key }, lost)
    return undefined
  }
  const hasDependents = dependentsOf(collector, entry).length > 0
  return removeAs(server, { type, entry }, USER, {
    ...BACKGROUND,
    propagationPolicy: policyOf(entry, leaving.size > 0 && hasDependents),
    uid: metadataText(entry.object, 'uid'),
  })
}

function policyOf(entry: Entry, isForeground: boolean): 'Foreground' | 'Orphan' | 'Background' {
  const finalizers = metadataList(entry.object, 'finalizers')
  if (isForeground || finalizers.includes(FOREGROUND)) return 'Foreground'
  return finalizers.includes(ORPHAN) ? 'Orphan' : 'Background'
}
