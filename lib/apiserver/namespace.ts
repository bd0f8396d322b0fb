/**
 * The namespace controller: a namespace that is deleted is emptied first. What is held by finalizers is told in its
 * conditions, and the namespace goes after the last of it.
 */
import { createQueue, isDeleting, type Place, writeObject } from './controller.ts'
import { metadataList } from './metadata.ts'
import { findKind, storedTypes } from './registry.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { isEqual } from './schema/equal.ts'
import { type Server, tableFor, timestamp } from './server.ts'
import { resourceName } from './status.ts'
import { type Entry, rangeOf } from './store.ts'
import { BACKGROUND, removeFound } from './write/remove.ts'

const FINALIZER = 'kubernetes'

/** Empties namespaces for as long as the server lives. */
export function emptyNamespaces(server: Server): void {
  const type = findKind(server.registry, 'v1', 'Namespace')
  if (type === undefined) return
  const namespaces = tableFor(server, type)
  const enqueue = createQueue((place) => empty(server, type, place))
  server.store.listeners.add((table, change) => {
    const name = table === namespaces ? change.entry.name : change.entry.namespace
    if (name === '' || (table !== namespaces && change.type === 'MODIFIED')) return
    const namespace = namespaces.byKey.get(name)
    if (namespace !== undefined && isDeleting(namespace.object)) enqueue({ table: namespaces, key: name })
  })
}

function empty(server: Server, type: ResourceType, { table, key }: Place): void {
  const entry = table.byKey.get(key)
  if (entry === undefined || !isDeleting(entry.object)) return
  const finalizers = namespaceFinalizers(entry.object)
  if (!finalizers.includes(FINALIZER)) return
  const left = deleteContents(server, entry.name)
  const current = table.byKey.get(key)
  if (current === undefined) return
  const target = { type, table, entry: current }
  if (left.length === 0) {
    const rest = finalizers.filter((name) => name !== FINALIZER)
    const spec: JsonObject = rest.length === 0 ? {} : { finalizers: rest }
    writeObject(server, target, { ...current.object, spec })
    return
  }
  const status = { ...(current.object.status as JsonObject), conditions: conditionsOf(server, current, left) }
  if (!isEqual(status, current.object.status)) writeObject(server, target, { ...current.object, status })
}

const namespaceFinalizers = (object: JsonObject): string[] => {
  const { spec } = object as { spec?: { finalizers?: string[] } }
  return spec?.finalizers ?? []
}

interface Left {
  type: ResourceType
  entries: readonly Entry[]
}

/** Deletes what is in the namespace; what is still there afterwards, by kind. */
function deleteContents(server: Server, namespace: string): Left[] {
  const left: Left[] = []
  for (const type of storedTypes(server.registry)) {
    if (!type.namespaced) continue
    const table = tableFor(server, type)
    for (const entry of rangeOf(table.entries, namespace)) removeFound(server, type, entry, BACKGROUND)
    const entries = rangeOf(table.entries, namespace)
    if (entries.length > 0) left.push({ type, entries })
  }
  return left
}

function conditionsOf(server: Server, namespace: Entry, left: readonly Left[]): JsonObject[] {
  const { status } = namespace.object as { status?: { conditions?: JsonObject[] } }
  const old = status?.conditions ?? []
  const resources = left.map(
    ({ type, entries }) => `${resourceName(type)}. has ${entries.length} resource instances`,
  )
  const told: [string, string, string, string][] = [
    [
      'NamespaceDeletionDiscoveryFailure',
      'False',
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      'False',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ],
    [
      'NamespaceDeletionContentFailure',
      'False',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ],
    [
      'NamespaceContentRemaining',
      'True',
      'SomeResourcesRemain',
      `Some resources are remaining: ${resources.join(', ')}`,
    ],
    [
      'NamespaceFinalizersRemaining',
      'True',
      'SomeFinalizersRemain',
      `Some content in the namespace has finalizers remaining: ${finalizersOf(left)}`,
    ],
  ]
  return told.map(([type, state, reason, message]) => {
    const before = old.find((condition) => condition.type === type)
    const since = before?.status === state ? before.lastTransitionTime : undefined
    return { type, status: state, lastTransitionTime: since ?? timestamp(server), reason, message }
  })
}

function finalizersOf(left: readonly Left[]): string {
  const counts = new Map<string, number>()
  for (const { entries } of left)
    for (const { object } of entries)
      for (const name of metadataList(object, 'finalizers'))
        counts.set(String(name), (counts.get(String(name)) ?? 0) + 1)
  return [...counts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, count]) => `${name} in ${count} resource instances`)
    .join(', ')
}
