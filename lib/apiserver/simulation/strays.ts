/** Objects without a controller, by kind and namespace: what a controller may take over. */
import type { Place } from '../controller.ts'
import { ownersOf } from '../dependents.ts'
import type { Server } from '../server.ts'
import type { Entry, Table } from '../store.ts'

export interface Strays {
  of(table: Table, namespace: string): readonly Place[]
}

/** Follows these tables for as long as the server lives. */
export function followStrays(server: Server, tables: readonly Table[]): Strays {
  const known = new Map<Table, Map<string, Set<string>>>(tables.map((table) => [table, new Map()]))
  const note = (table: Table, { namespace, key, object }: Entry, isThere: boolean) => {
    const namespaces = known.get(table)
    if (namespaces === undefined) return
    const keys = namespaces.get(namespace) ?? new Set<string>()
    if (isThere && !ownersOf(object).some(({ isController }) => isController)) keys.add(key)
    else keys.delete(key)
    if (keys.size > 0) namespaces.set(namespace, keys)
    else namespaces.delete(namespace)
  }
  for (const table of tables) for (const entry of table.entries) note(table, entry, true)
  server.store.listeners.add((table, { entry, type }) => note(table, entry, type !== 'DELETED'))
  return {
    of: (table, namespace) => [...(known.get(table)?.get(namespace) ?? [])].map((key) => ({ table, key })),
  }
}
