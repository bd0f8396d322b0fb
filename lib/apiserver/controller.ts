/**
 * What the controllers of this server have in common: they hear of changes, remember keys,
 * and work them off by the server's clock. A change and all that follows from it happen before the event loop goes on, so
 * that tests with a fake clock see the same each time.
 */
import { backoffSeconds } from '../backoff.ts'
import { metadataText } from './metadata.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { storedTypes } from './registry.ts'
import type { Server } from './server.ts'
import { StatusError } from './status.ts'
import type { Table } from './store.ts'

/** A place where an object is or was. */
export interface Place {
  readonly table: Table
  readonly key: string
}

/** Keys that are worked off before requests get their turn. */
const BATCH = 500

/** Keys that wait for webhooks at the same time (garbage collector: `--concurrent-gc-syncs`). */
const PARALLEL = 20

/** Waits between attempts, as kube-controller-manager's rate limiter has them. */
const BACKOFF = { baseSeconds: 0.005, capSeconds: 1000 }

/** Waits have no jitter, there and here: what is tried again is alone. */
const NO_JITTER = () => 1

/**
 * Does what there is to do for a key. Resolves with the milliseconds after which to look again, undefined when only a change
 * can make more to do. May reject with a StatusError: then it is tried again.
 */
export type Work = (place: Place) => Promise<number | undefined>

/** One text per place. */
export const idOf = ({ table, key }: Place): string => `${table.name} ${key}`

/** Runs `work` for each key that was added, soon, once per key; what is refused is tried again later and later. */
export function createQueue(server: Server, work: Work): (place: Place) => void {
  const waiting = new Map<string, Place>()
  const running = new Set<string>()
  const failures = new Map<string, number>()
  const timers = createTimers(server)
  let isScheduled = false
  let spent = 0

  const schedule = () => {
    if (isScheduled || waiting.size === 0 || server.isClosed) return
    isScheduled = true
    if (spent < BATCH) queueMicrotask(drain)
  }
  /** A turn of the event loop has passed. */
  const refresh = () => {
    const isExhausted = spent >= BATCH
    spent = 0
    if (isScheduled && isExhausted) drain()
  }
  const add = (place: Place) => {
    waiting.set(idOf(place), place)
    schedule()
  }
  const again = (place: Place, error: unknown) => {
    if (!(error instanceof StatusError)) throw error
    const attempt = failures.get(idOf(place)) ?? 0
    failures.set(idOf(place), attempt + 1)
    const seconds = backoffSeconds(attempt, NO_JITTER, BACKOFF)
    timers.set(idOf(place), seconds * 1000, () => add(place))
  }
  const start = async (id: string, place: Place) => {
    timers.clear(id)
    running.add(id)
    try {
      const milliseconds = await work(place)
      failures.delete(id)
      if (milliseconds !== undefined) timers.set(id, milliseconds, () => add(place))
    } catch (error) {
      again(place, error)
    } finally {
      running.delete(id)
      schedule()
    }
  }
  const drain = () => {
    isScheduled = false
    if (server.isClosed) return
    for (const [id, place] of waiting) {
      if (spent >= BATCH || running.size >= PARALLEL) break
      if (running.has(id)) continue
      if (spent++ === 0) setImmediate(refresh)
      waiting.delete(id)
      void start(id, place)
    }
    // Keys that are at work come back when that is over.
    if (spent >= BATCH) schedule()
  }
  return add
}

/** At most one timer for each key, none once the server is closed. */
function createTimers(server: Server) {
  const cancels = new Map<string, () => void>()
  const clear = (id: string) => {
    const cancel = cancels.get(id)
    if (cancel === undefined) return
    cancel()
    cancels.delete(id)
    server.ends.delete(cancel)
  }
  const set = (id: string, milliseconds: number, task: () => void) => {
    if (server.isClosed) return
    clear(id)
    const cancel = server.clock.after(milliseconds, () => {
      clear(id)
      task()
    })
    cancels.set(id, cancel)
    server.ends.add(cancel)
  }
  return { set, clear }
}

/** The type that objects of a table are handled as, or undefined when it is no longer served. */
export const typeOfTable = (server: Server, table: Table): ResourceType | undefined =>
  table.closed ? undefined : storedTypes(server.registry).find((type) => type.storage === table.name)

export const isDeleting = (object: JsonObject): boolean => metadataText(object, 'deletionTimestamp') !== ''
