/**
 * The state of a server at one moment, and the way back to it. Clients may go on across a restore: nothing is rewound, what
 * differs is written again as ordinary changes.
 */
import { definitionType, serveEstablished } from './crds.ts'
import { metadataText, withMetadata } from './metadata.ts'
import { findKind } from './registry.ts'
import { isEqual } from './schema/equal.ts'
import type { Turns } from './allocations.ts'
import type { Server } from './server.ts'
import { commit, type Entry, remove, type Table, tableOf } from './store.ts'

/** What {@link takeSnapshot} made. It costs a reference for each object, and may be restored any number of times. */
export interface Snapshot {
  /** By storage key. Replaced by what is equal to it and stored now, so that the next restore sees that at a glance. */
  readonly tables: Map<string, readonly Entry[]>
  readonly turns: Turns
}

/** The objects of all kinds, CRDs among them, and what has been allocated. */
export const takeSnapshot = (server: Server): Snapshot => ({
  tables: new Map([...server.store.tables].map(([name, { entries }]) => [name, [...entries]])),
  turns: { ...server.turns },
})

/** Makes every object what it was, with its uid and its times; each change has a revision of its own. */
export function restoreSnapshot(server: Server, snapshot: Snapshot): void {
  const { store } = server
  const definitions = definitionType(server)?.storage
  const first = [definitions, findKind(server.registry, 'v1', 'Namespace')?.storage].flatMap(
    (name) => name ?? [],
  )
  const names = [...new Set([...first, ...snapshot.tables.keys(), ...store.tables.keys()])]
  // Kinds and namespaces are there before what is of them or in them, and go after it.
  for (const name of names.toReversed())
    takeAway(server, tableOf(store, name), snapshot.tables.get(name) ?? [])
  for (const name of names) {
    const back = putBack(server, tableOf(store, name), snapshot.tables.get(name) ?? [])
    if (name === definitions) for (const entry of back) serveEstablished(server, entry)
    snapshot.tables.set(name, [...tableOf(store, name).entries])
  }
  Object.assign(server.turns, snapshot.turns)
}

const areSame = (one: readonly Entry[], other: readonly Entry[]): boolean =>
  one.length === other.length && one.every((entry, index) => entry === other[index])

/** What was not there, or was another object of that name. */
function takeAway(server: Server, table: Table, wanted: readonly Entry[]): void {
  if (areSame(table.entries, wanted)) return
  const uids = new Map(wanted.map(({ key, object }) => [key, metadataText(object, 'uid')]))
  for (const entry of [...table.entries])
    if (uids.get(entry.key) !== metadataText(entry.object, 'uid'))
      remove(server.store, table, entry, (resourceVersion) => withMetadata(entry.object, { resourceVersion }))
}

/** Returns what had to be written. */
function putBack({ store }: Server, table: Table, wanted: readonly Entry[]): readonly Entry[] {
  if (areSame(table.entries, wanted)) return []
  return wanted.flatMap((entry) => {
    const now = table.byKey.get(entry.key)
    if (now === entry || (now !== undefined && isEqual(unversioned(now), unversioned(entry)))) return []
    const { object } = entry
    return commit(store, table, entry, (resourceVersion) => withMetadata(object, { resourceVersion }))
  })
}

const unversioned = ({ object }: Entry) => withMetadata(object, { resourceVersion: undefined })
