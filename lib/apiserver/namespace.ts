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
import { resourceName, StatusError } from './status.ts'
import { type Entry, rangeOf } from './store.ts'
import { removeAs } from './removeAs.ts'
import { BACKGROUND } from './write/remove.ts'

const FINALIZER = 'kubernetes'
const USER = 'namespace-controller'

/** Empties namespaces for as long as the server lives. */
export function emptyNamespaces(server: Server): void {
  const type = findKind(server.registry, 'v1', 'Namespace')
  if (type === undefined) return
  const namespaces = tableFor(server, type)
  const enqueue = createQueue(server, (place) => empty(server, type, place))
  server.store.listeners.add((table, change) => {
    const name = table === namespaces ? change.entry.name : change.entry.namespace
    if (name === '' || (table !== namespaces && change.type === 'MODIFIED')) return
    const namespace = namespaces.byKey.get(name)
    if (namespace !== undefined && isDeleting(namespace.object)) enqueue({ table: namespaces, key: name })
  })
}

function empty(server: Server, type: ResourceType, place: Place): Promise<void> | undefined {
  const entry = place.table.byKey.get(place.key)
  if (entry === undefined || !isDeleting(entry.object)) return undefined
  if (!namespaceFinalizers(entry.object).includes(FINALIZER)) return undefined
  const deleted = deleteContents(server, entry.name)
  if (deleted === undefined) return conclude(server, type, place)
  return deleted.then((failures) => {
    conclude(server, type, place, failures)
    if (failures.length > 0) throw failures[0]
  })
}

/** Lets the namespace go when nothing is left in it, or says what is. */
function conclude(
  server: Server,
  type: ResourceType,
  { table, key }: Place,
  failures: StatusError[] = [],
): undefined {
  const current = table.byKey.get(key)
  if (current === undefined || !isDeleting(current.object)) return
  const finalizers = namespaceFinalizers(current.object)
  const left = leftIn(server, current.name)
  const target = { type, table, entry: current }
  if (left.length === 0) {
    const rest = finalizers.filter((name) => name !== FINALIZER)
    const spec: JsonObject = rest.length === 0 ? {} : { finalizers: rest }
    writeObject(server, target, { ...current.object, spec })
    return
  }
  const status = {
    ...(current.object.status as JsonObject),
    conditions: conditionsOf(server, current, left, failures),
  }
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

/** Deletes what is in the namespace. Undefined when that was done at once, else what failed. */
function deleteContents(server: Server, namespace: string): Promise<StatusError[]> | undefined {
  const failures: StatusError[] = []
  const asked: Promise<void>[] = []
  for (const type of storedTypes(server.registry)) {
    if (!type.namespaced) continue
    for (const entry of [...rangeOf(tableFor(server, type).entries, namespace)]) {
      const removal = removed(server, { type, entry })
      if (removal !== undefined) asked.push(removal.catch((error: unknown) => keep(failures, error)))
    }
  }
  return asked.length === 0 ? undefined : Promise.all(asked).then(() => failures)
}

/** A refusal that comes at once is one like any other. */
function removed(server: Server, target: { type: ResourceType; entry: Entry }): Promise<void> | undefined {
  try {
    return removeAs(server, target, USER, BACKGROUND)
  } catch (error) {
    return Promise.reject(error)
  }
}

function keep(failures: StatusError[], error: unknown): void {
  if (!(error instanceof StatusError)) throw error
  failures.push(error)
}

/** What is still in the namespace, by kind. */
function leftIn(server: Server, namespace: string): Left[] {
  const left: Left[] = []
  for (const type of storedTypes(server.registry)) {
    const entries = type.namespaced ? rangeOf(tableFor(server, type).entries, namespace) : []
    if (entries.length > 0) left.push({ type, entries })
  }
  return left
}

function conditionsOf(
  server: Server,
  namespace: Entry,
  left: readonly Left[],
  failures: readonly StatusError[],
): JsonObject[] {
  const { status } = namespace.object as { status?: { conditions?: JsonObject[] } }
  const old = status?.conditions ?? []
  const resources = left.map(
    ({ type, entries }) => `${resourceName(type)}. has ${entries.length} resource instances`,
  )
  const finalizers = finalizersOf(left)
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
    failures.length > 0
      ? ['NamespaceDeletionContentFailure', 'True', 'ContentDeletionFailed', failureText(failures)]
      : [
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
    finalizers === ''
      ? [
          'NamespaceFinalizersRemaining',
          'False',
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ]
      : [
          'NamespaceFinalizersRemaining',
          'True',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${finalizers}`,
        ],
  ]
  return told.map(([type, state, reason, message]) => {
    const before = old.find((condition) => condition.type === type)
    const since = before?.status === state ? before.lastTransitionTime : undefined
    return { type, status: state, lastTransitionTime: since ?? timestamp(server), reason, message }
  })
}

function failureText(failures: readonly StatusError[]): string {
  const texts = [...new Set(failures.map(({ message }) => message))].sort()
  return `Failed to delete all resource types, ${failures.length} remaining: ${texts.join(', ')}`
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
