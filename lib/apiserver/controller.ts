/**
 * What the two controllers of this server (garbage, namespace) have in common: they hear of changes, remember keys, and work
 * them off after the request that caused them has been answered.
 */
import { metadataText, withMetadata } from './metadata.ts'
import type { Json, JsonObject, ResourceType } from './resource.ts'
import { storedTypes } from './registry.ts'
import type { Server } from './server.ts'
import { commit, type Entry, type Table } from './store.ts'
import { isReadyToGo, removeEntry } from './write/update.ts'

/** A place where an object is or was. */
export interface Place {
  readonly table: Table
  readonly key: string
}

/** Keys that are worked off before requests get their turn. */
const BATCH = 200

/** Runs `work` for each key that was added, soon, once per key. */
export function createQueue(work: (place: Place) => void): (place: Place) => void {
  const waiting = new Map<string, Place>()
  let isScheduled = false
  const drain = () => {
    let left = BATCH
    for (const [id, place] of waiting) {
      if (left-- === 0) break
      waiting.delete(id)
      work(place)
    }
    isScheduled = waiting.size > 0
    if (isScheduled) setImmediate(drain)
  }
  return (place) => {
    if (!isScheduled) setImmediate(drain)
    isScheduled = true
    waiting.set(`${place.table.name} ${place.key}`, place)
  }
}

/** The type that objects of a table are handled as, or undefined when it is no longer served. */
export const typeOfTable = (server: Server, table: Table): ResourceType | undefined =>
  table.closed ? undefined : storedTypes(server.registry).find((type) => type.storage === table.name)

/** Writes metadata; the object goes when nothing holds it any more. */
export function writeMetadata(
  server: Server,
  { type, table, entry }: { type: ResourceType; table: Table; entry: Entry },
  changes: Record<string, Json | undefined>,
): void {
  writeObject(server, { type, table, entry }, withMetadata(entry.object, changes))
}

/** The same for a whole object. */
export function writeObject(
  server: Server,
  { type, table, entry }: { type: ResourceType; table: Table; entry: Entry },
  object: JsonObject,
): void {
  if (isReadyToGo(object)) removeEntry(server, type, entry)
  else commit(server.store, table, entry, (resourceVersion) => withMetadata(object, { resourceVersion }))
}

export const isDeleting = (object: JsonObject): boolean => metadataText(object, 'deletionTimestamp') !== ''
