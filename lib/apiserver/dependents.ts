/** Which objects refer to an owner: kept for all kinds, by the uid of the owner, as long as the server lives. */
import { idOf, type Place } from './controller.ts'
import { metadataList } from './metadata.ts'
import type { JsonObject } from './resource.ts'
import { isObject, stringAt } from './schema/equal.ts'
import type { Server } from './server.ts'

export interface Dependents {
  /** What refers to this uid, whether that owner exists or not. */
  of(uid: string): readonly Place[]
}

/** An entry of `metadata.ownerReferences`. */
export interface Owner {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly isController: boolean
  readonly isBlocking: boolean
}

/** The owners of an object, as it names them. */
export const ownersOf = (object: JsonObject): Owner[] =>
  metadataList(object, 'ownerReferences')
    .filter(isObject)
    .map((reference) => ({
      apiVersion: stringAt(reference, 'apiVersion'),
      kind: stringAt(reference, 'kind'),
      name: stringAt(reference, 'name'),
      uid: stringAt(reference, 'uid'),
      isController: reference.controller === true,
      isBlocking: reference.blockOwnerDeletion === true,
    }))

/** Knows what is there already, and hears of changes before whoever asks it later. */
export function followDependents({ store }: Server): Dependents {
  const known = new Map<string, Map<string, Place>>()
  const forget = (place: Place, object: JsonObject) => {
    for (const { uid } of ownersOf(object)) {
      const places = known.get(uid)
      places?.delete(idOf(place))
      if (places?.size === 0) known.delete(uid)
    }
  }
  const learn = (place: Place, object: JsonObject) => {
    for (const { uid } of ownersOf(object)) {
      const places = known.get(uid) ?? new Map<string, Place>()
      places.set(idOf(place), place)
      known.set(uid, places)
    }
  }
  for (const table of store.tables.values())
    for (const { key, object } of table.entries) learn({ table, key }, object)
  store.listeners.add((table, { type, entry, before }) => {
    const place = { table, key: entry.key }
    if (before !== undefined) forget(place, before.object)
    if (type !== 'DELETED') learn(place, entry.object)
  })
  return { of: (uid) => [...(known.get(uid)?.values() ?? [])] }
}
