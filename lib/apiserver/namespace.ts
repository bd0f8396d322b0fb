/**
 * The namespace controller: a namespace that is deleted is emptied first, of its pods before all else. What is held by
 * finalizers is told in its conditions (`namespaceConditions.ts`), and the namespace goes after the last of it.
 */
import { createQueue, isDeleting, type Place } from './controller.ts'
import { findKind, preferredTypes } from './registry.ts'
import type { ResourceType } from './resource.ts'
import { isEqual, listAt, objectAt } from './schema/equal.ts'
import { conditionsOf, type Left } from './namespaceConditions.ts'
import { type Server, tableFor, timestamp } from './server.ts'
import { StatusError } from './status.ts'
import { type Entry, rangeOf } from './store.ts'
import { removeAs } from './removeAs.ts'
import { BACKGROUND } from './write/remove.ts'
import { controllerAuthor, updateAs } from './writeAs.ts'

const FINALIZER = 'kubernetes'
const AUTHOR = controllerAuthor('namespace-controller')

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

async function empty(server: Server, type: ResourceType, { table, key }: Place): Promise<undefined> {
  const entry = table.byKey.get(key)
  if (entry === undefined || !isHeld(entry)) return
  const types = preferredTypes(server.registry).filter(({ namespaced }) => namespaced)
  const isPod = ({ group, kind }: ResourceType) => group === '' && kind === 'Pod'
  const pods = await emptyOf(server, key, types.filter(isPod))
  const isWaiting = pods.left.length > 0
  // While it waits for pods, nothing is told of what else there is.
  const rest = isWaiting ? NOTHING : await emptyOf(server, key, types)
  const failures = [...pods.failures, ...rest.failures]
  await tell(server, { type, table, key }, rest.left, failures)
  if (failures[0] !== undefined) throw failures[0]
  if (!isWaiting && rest.left.length === 0) await finalize(server, { type, table, key })
}

const isHeld = ({ object }: Entry): boolean =>
  isDeleting(object) && listAt(object, 'spec', 'finalizers').length > 0

type Target = Place & { readonly type: ResourceType }

async function tell(
  server: Server,
  { type, table, key }: Target,
  left: readonly Left[],
  failures: readonly StatusError[],
): Promise<void> {
  const entry = table.byKey.get(key)
  if (entry === undefined) return
  const old = objectAt(entry.object, 'status')
  const status = {
    ...old,
    conditions: conditionsOf(listAt(old, 'conditions'), left, failures, timestamp(server)),
  }
  if (isEqual(status, old)) return
  await updateAs(server, AUTHOR, { type, entry, subresource: 'status' }, { ...entry.object, status })
}

/** Lets go: the namespace is gone then, unless somebody else holds it. */
async function finalize(server: Server, { type, table, key }: Target): Promise<void> {
  const entry = table.byKey.get(key)
  if (entry === undefined) return
  const finalizers = listAt(entry.object, 'spec', 'finalizers').filter((name) => name !== FINALIZER)
  const spec = finalizers.length === 0 ? {} : { finalizers }
  await updateAs(server, AUTHOR, { type, entry, subresource: 'finalize' }, { ...entry.object, spec })
}

/** What came of deleting everything of some kinds. */
interface Emptied {
  readonly left: readonly Left[]
  /** One of each kind; such a kind is not among `left`. */
  readonly failures: readonly StatusError[]
}

const NOTHING: Emptied = { left: [], failures: [] }

async function emptyOf(server: Server, namespace: string, types: readonly ResourceType[]): Promise<Emptied> {
  const failures = new Map<ResourceType, StatusError>()
  const inNamespace = (type: ResourceType) => rangeOf(tableFor(server, type).entries, namespace)
  const remove = async (type: ResourceType, entry: Entry) => {
    try {
      await removeAs(server, { type, entry }, AUTHOR.user, BACKGROUND)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (!failures.has(type)) failures.set(type, error)
    }
  }
  await Promise.all(types.flatMap((type) => [...inNamespace(type)].map((entry) => remove(type, entry))))
  const left = types
    .filter((type) => !failures.has(type))
    .map((type) => ({ type, entries: inNamespace(type) }))
    .filter(({ entries }) => entries.length > 0)
  return { left, failures: [...failures.values()] }
}
