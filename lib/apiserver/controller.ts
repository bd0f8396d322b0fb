/**
 * What the controllers of this server have in common: they hear of changes, remember keys, and work them off after the
 * request that caused them has been answered.
 */
import { backoffSeconds } from '../backoff.ts'
import { metadataText, withMetadata } from './metadata.ts'
import type { Json, JsonObject, ResourceType } from './resource.ts'
import { storedTypes } from './registry.ts'
import type { Server } from './server.ts'
import { StatusError } from './status.ts'
import { commit, type Entry, type Table } from './store.ts'
import { isReadyToGo, removeEntry } from './write/update.ts'

/** A place where an object is or was. */
export interface Place {
  readonly table: Table
  readonly key: string
}

/** Keys that are worked off before requests get their turn. */
const BATCH = 200

/** Keys that wait for webhooks at the same time (garbage collector: `--concurrent-gc-syncs`). */
const PARALLEL = 20

/** Waits between attempts, as kube-controller-manager's rate limiter has them. */
const BACKOFF = { baseSeconds: 0.005, capSeconds: 1000 }

/** Does what there is to do for a key; undefined when it was done at once. May reject with a StatusError: then it is tried again. */
export type Work = (place: Place) => Promise<void> | undefined

const idOf = ({ table, key }: Place): string => `${table.name} ${key}`

/** Runs `work` for each key that was added, soon, once per key; what is refused is tried again later and later. */
export function createQueue(server: Server, work: Work): (place: Place) => void {
  const waiting = new Map<string, Place>()
  const running = new Set<string>()
  const failures = new Map<string, number>()
  let isScheduled = false
  const schedule = () => {
    if (isScheduled || waiting.size === 0) return
    isScheduled = true
    setImmediate(drain)
  }
  const add = (place: Place) => {
    waiting.set(idOf(place), place)
    schedule()
  }
  const again = (place: Place, error: unknown) => {
    if (!(error instanceof StatusError)) throw error
    if (server.isClosed) return
    const attempt = failures.get(idOf(place)) ?? 0
    failures.set(idOf(place), attempt + 1)
    const seconds = backoffSeconds(attempt, Math.random, BACKOFF)
    const cancel = server.clock.after(seconds * 1000, () => {
      server.ends.delete(cancel)
      add(place)
    })
    server.ends.add(cancel)
  }
  // A refusal that comes at once is one like any other.
  const attempt = (place: Place) => {
    try {
      return work(place)
    } catch (error) {
      return Promise.reject(error)
    }
  }
  const start = (place: Place) => {
    const id = idOf(place)
    const done = () => void failures.delete(id)
    const asked = attempt(place)
    if (asked === undefined) return done()
    running.add(id)
    const settled = asked.then(done, (error: unknown) => again(place, error))
    void settled.finally(() => {
      running.delete(id)
      schedule()
    })
  }
  const drain = () => {
    isScheduled = false
    let left = BATCH
    for (const [id, place] of waiting) {
      if (left-- === 0 || running.size >= PARALLEL) break
      if (running.has(id)) continue
      waiting.delete(id)
      start(place)
    }
    // Keys that are at work come back when that is over.
    if (running.size >= PARALLEL) return
    for (const id of waiting.keys()) if (!running.has(id)) return schedule()
  }
  return add
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
