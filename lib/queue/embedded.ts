/**
 * The queue in this process. Messages go in, one entry per key waits in memory, and consumers in the same process are
 * handed one key at a time. Exact: delays to the millisecond, no duplicate deliveries, order kept inside a lane. With a
 * store it is durable: what was sent, when it is due, how often it failed and what was given up outlive the process.
 *
 * Two lanes: changes go before background (initial lists, resyncs), but where both wait one delivery in 16 is background's.
 */
import type { Clock } from '../clock.ts'
import { CRASH_LIMIT, type Handle, type Parked, type Queue } from '../queue.ts'
import type { Report } from '../report.ts'
import { type ConsumeOptions, consume } from './consume.ts'
import type { Engine, Limits } from './engine.ts'
import { type Depth, type Entry, emptyTable, forget, lift } from './entry.ts'
import { flush, refuseIfFailed } from './flush.ts'
import { identify } from './identity.ts'
import { emptyMeters } from './limit.ts'
import { restore } from './restore.ts'
import type { QueueStore } from './store.ts'
import { arrive, revive, ripen } from './transitions.ts'
import { wake } from './turn.ts'

export interface EmbeddedQueueOptions extends Partial<Limits> {
  readonly clock: Clock
  /**
   * What outlives the process. Without one, nothing does. What a process that died was handling counts as crashed; when the
   * store does not take something, the queue is at its end: `send` and `consume` reject with the store's error.
   */
  readonly store?: QueueStore | undefined
  /** Hears of crashed deliveries (`failed`, `parked`) and of parked keys that were pushed out (`dropped`). Must not throw. */
  readonly report?: Report
  /** Jitter for the backoff of crashes: gives [0, 1). */
  readonly random?: () => number
}

export interface EmbeddedQueue extends Queue {
  /**
   * Hands deliveries to `handle`, one per call, until `signal` aborts; resolves when the last one running then is answered.
   * What still waits stays in the queue, for the next consumer. The signal given to `handle` aborts `graceSeconds` later.
   * A handler that rejects, or leaves its delivery unanswered, has crashed: its key is retried with backoff. After
   * `answerSeconds` it is taken as crashed though it cannot be stopped: from then on its key may run a second time.
   */
  consume(handle: Handle, options: ConsumeOptions): Promise<void>
  /** The keys that were given up, the oldest first. */
  parked(): Parked[]
  /** Runs parked keys again, with no failures; unknown ones are passed over. Returns how many. */
  redrive(keys: Iterable<string> | 'all'): number
  /** Forgets parked keys; unknown ones are passed over. Returns how many. */
  drop(keys: Iterable<string>): number
  /** How many keys are in each place, by lane. A key that is handed out counts as that only. */
  depth(): Depth
  /** Resolves when nothing is ready or handed out; what is delayed or parked does not count. */
  drained(): Promise<void>
}

export type { ConsumeOptions } from './consume.ts'

/** Parked keys that are kept, crashes before a key is parked, and the longest time any platform lets a function run. */
const defaults: Limits = { parkedLimit: 10_000, crashLimit: CRASH_LIMIT, answerSeconds: 900 }

/** A queue that holds what its store kept, or nothing. Throws where the store cannot be read. */
export function embeddedQueue(options: EmbeddedQueueOptions): EmbeddedQueue {
  const engine = start(options)
  const { table, clock } = engine
  return {
    async send(messages) {
      const now = clock.now()
      // All or none: what cannot be held throws before anything has been.
      const arrivals = messages.map((message) => identify(message, now))
      for (const arrival of arrivals) arrive(table, arrival, now)
      settle(engine)
    },
    consume: (handle, how) => consume(engine, handle, how),
    parked: () => parkedEntries(engine).map(toParked),
    redrive(keys) {
      const entries = keys === 'all' ? parkedEntries(engine) : parkedUnder(engine, keys)
      for (const entry of entries) revive(table, entry, entry.errand, clock.now())
      settle(engine)
      return entries.length
    },
    drop(keys) {
      const entries = parkedUnder(engine, keys)
      for (const entry of entries) {
        lift(table, entry)
        forget(table, entry)
      }
      settle(engine)
      return entries.length
    },
    depth() {
      ripen(table, clock.now())
      return structuredClone(table.depth)
    },
    async drained() {
      refuseIfFailed(engine)
      const waiting = Promise.withResolvers<void>()
      engine.idle.push(waiting)
      wake(engine)
      return waiting.promise
    },
  }
}

function start(options: EmbeddedQueueOptions): Engine {
  const { clock, store, report = () => {}, random = Math.random } = options
  const isStored = store !== undefined
  const engine: Engine = {
    ...defaults,
    ...options,
    clock,
    store,
    report,
    random,
    table: emptyTable({ isStored }),
    meters: emptyMeters({ isStored }),
    rows: 0,
    failure: undefined,
    consumers: new Set(),
    idle: [],
    isWoken: false,
    wakeAt: Infinity,
    cancelTimer: () => {},
  }
  restore(engine)
  settle(engine)
  return engine
}

/** What has changed is kept before anybody is told that it is. */
function settle(engine: Engine): void {
  flush(engine)
  refuseIfFailed(engine)
  wake(engine)
}

function parkedEntries({ table }: Engine): Entry[] {
  const entries: Entry[] = []
  for (let entry = table.parked.first; entry; entry = entry.after) entries.push(entry)
  return entries
}

/** Each key once, however often it was named: a second revival would lift an entry that is not parked any more. */
function parkedUnder({ table }: Engine, keys: Iterable<string>): Entry[] {
  return [...new Set(keys)]
    .map((key) => table.entries.get(key))
    .filter((entry) => entry !== undefined)
    .filter((entry) => entry.place === 'parked')
}

const toParked = ({ key, errand, reason, since }: Entry): Parked => ({
  key,
  body: errand.body,
  reason,
  since,
})
