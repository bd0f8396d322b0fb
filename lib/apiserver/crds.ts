/**
 * The life of CustomResourceDefinitions: their names are accepted, their kinds served at once, and when they go their
 * objects go first.
 */
import { followVersions } from './apiservices.ts'
import { acceptNames } from './crd/status.ts'
import { typesOfCrd } from './crd/types.ts'
import { forgetCustom } from './documents.ts'
import { trackUpdate } from './fields/managed.ts'
import { metadataList, metadataText, withMetadata } from './metadata.ts'
import { findKind, serveCustom } from './registry.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { isEqual, objectAt } from './schema/equal.ts'
import { type Server, tableFor, timestamp } from './server.ts'
import { closeTable, commit, type Entry, type Table } from './store.ts'
import { CRD_CLEANUP } from './write/mark.ts'
import { BACKGROUND, removeFound } from './write/remove.ts'
import { isReadyToGo, removeEntry } from './write/update.ts'

/** The kind of CRDs. */
export const definitionType = ({ registry }: Server): ResourceType | undefined =>
  findKind(registry, 'apiextensions.k8s.io/v1', 'CustomResourceDefinition')

/** Serves the kinds of the CRDs that there are, and follows them for as long as the server lives. */
export function followCrds(server: Server): void {
  const type = definitionType(server)
  if (type === undefined) return
  const table = tableFor(server, type)
  table.listeners.add((change) => {
    if (change === undefined) return
    if (change.type === 'DELETED') {
      unserve(server, change.entry.name)
      retryOthers(server, type, table)
      return
    }
    // After the answer to the write that made the change.
    setImmediate(() => settle(server, type, table, change.entry.name))
  })
  // Those that were kept: their kinds are served from the start, and what was begun with them goes on.
  for (const entry of table.entries) {
    serveEstablished(server, entry)
    setImmediate(() => settle(server, type, table, entry.name))
  }
}

/** Brings one CRD to where it should be. */
function settle(server: Server, type: ResourceType, table: Table, name: string): void {
  const entry = table.byKey.get(name)
  if (entry === undefined) return
  if (metadataText(entry.object, 'deletionTimestamp') !== '') {
    cleanUp(server, type, entry)
    return
  }
  const others = table.entries.map((other) => other.object)
  const accepted = acceptNames(entry.object, others, server.clock.now())
  const current = isEqual(accepted, entry.object) ? entry : writeStatus(server, type, entry, accepted)
  serveEstablished(server, current)
}

function writeStatus(server: Server, type: ResourceType, entry: Entry, object: JsonObject): Entry {
  const after = trackUpdate({
    before: entry.object,
    after: object,
    type,
    manager: 'kube-apiserver',
    subresource: 'status',
    now: timestamp(server),
  })
  return commit(server.store, tableFor(server, type), entry, (resourceVersion) =>
    withMetadata(after, { resourceVersion }),
  )
}

function retryOthers(server: Server, type: ResourceType, table: Table): void {
  for (const { name } of table.entries) setImmediate(() => settle(server, type, table, name))
}

const conditionsOf = (crd: JsonObject): JsonObject[] =>
  ((crd.status as JsonObject | undefined)?.conditions ?? []) as JsonObject[]

const isEstablished = (crd: JsonObject): boolean =>
  conditionsOf(crd).some(({ type, status }) => type === 'Established' && status === 'True')

/** Serves the kinds of a CRD, if it is established and they are not served as it says already. */
export function serveEstablished(server: Server, { name, object: crd }: Entry): void {
  if (!isEstablished(crd)) return
  const known = server.definitions.get(name)
  if (known !== undefined && isServedAlike(known, crd)) return
  const before = server.registry.custom.get(name) ?? []
  server.definitions.set(name, crd)
  serve(server, name, typesOfCrd(crd))
  if (before.length > 0) replaceStorage(server, before)
}

const isServedAlike = (one: JsonObject, other: JsonObject): boolean =>
  isEqual(one.spec, other.spec) &&
  isEqual(objectAt(one, 'status').acceptedNames, objectAt(other, 'status').acceptedNames)

function serve(server: Server, name: string, types: ResourceType[]): void {
  serveCustom(server.registry, name, types)
  forgetCustom(server.documents)
  followVersions(server)
}

/** customresource_handler, tearDown: requests that are under way with the old kind get that long. */
const TEARDOWN_MILLISECONDS = 1_000

/** A changed kind gets a watch cache of its own, which knows no past; watches of the old one are ended soon. */
function replaceStorage(server: Server, before: readonly ResourceType[]): void {
  for (const { storage } of before) {
    const table = server.store.tables.get(storage)
    if (table !== undefined) table.floor = server.store.revision
  }
  const cancel = server.clock.after(TEARDOWN_MILLISECONDS, () => {
    server.ends.delete(cancel)
    for (const [end, type] of [...server.watches]) if (before.includes(type)) end()
  })
  server.ends.add(cancel)
}

function unserve(server: Server, name: string): void {
  const [type] = server.registry.custom.get(name) ?? []
  server.definitions.delete(name)
  serve(server, name, [])
  const table = type === undefined ? undefined : server.store.tables.get(type.storage)
  if (table !== undefined) closeTable(server.store, table)
}

/** Deletes the objects; the CRD goes when none is held by a finalizer any more. */
function cleanUp(server: Server, type: ResourceType, entry: Entry): void {
  const types = server.registry.custom.get(entry.name) ?? []
  if (types.some(({ isEnding }) => isEnding !== true)) serve(server, entry.name, types.map(ending))
  const [served] = types
  if (served !== undefined && !isEmptied(server, served, () => cleanUpAgain(server, type, entry.name))) return
  const finalizers = metadataList(entry.object, 'finalizers').filter((name) => name !== CRD_CLEANUP)
  const object = withMetadata(entry.object, { finalizers })
  if (isReadyToGo(object)) removeEntry(server, type, entry)
  else if (!isEqual(object, entry.object))
    commit(server.store, tableFor(server, type), entry, (resourceVersion) =>
      withMetadata(object, { resourceVersion }),
    )
}

const NO_MORE = 'create not allowed while custom resource definition is terminating'

/** What is there may still be changed, though discovery tells of less. */
const ending = (type: ResourceType): ResourceType => ({ ...type, isEnding: true, admit: () => NO_MORE })

function cleanUpAgain(server: Server, type: ResourceType, name: string): void {
  const entry = tableFor(server, type).byKey.get(name)
  if (entry !== undefined) cleanUp(server, type, entry)
}

/** Deletes what is left; when something stays, `onEmpty` runs once the last has gone. */
function isEmptied(server: Server, type: ResourceType, onEmpty: () => void): boolean {
  const table = tableFor(server, type)
  for (const entry of [...table.entries]) removeFound(server, type, entry, BACKGROUND)
  if (table.entries.length === 0) return true
  const listener = () => {
    if (table.entries.length > 0) return
    table.listeners.delete(listener)
    setImmediate(onEmpty)
  }
  table.listeners.add(listener)
  return false
}
