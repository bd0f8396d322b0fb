/** What runs a queue in this process, as plain records: its rules' table, its time, its consumers. No behaviour. */
import type { Clock } from '../clock.ts'
import type { ControllerLimit, Handle } from '../queue.ts'
import type { Report } from '../report.ts'
import type { Table } from './entry.ts'
import type { Meters } from './limit.ts'
import type { QueueStore } from './store.ts'

export interface Limits {
  /** Parked keys beyond this many push out, with a report, what was parked longest. */
  readonly parkedLimit: number
  /** A delivery without an answer for so long counts as crashed. */
  readonly answerSeconds: number
  /** So many counted crashes in a row park a key: nobody else can, if it takes the handler down before it is judged. */
  readonly crashLimit: number
}

/** Everything that runs a table: its time, its consumers, those who wait for it. */
export interface Engine extends Limits {
  readonly table: Table
  readonly meters: Meters
  readonly store: QueueStore | undefined
  /** The number of the newest row in the store. */
  rows: number
  /** Why nothing goes on any more: the store did not take what happened. */
  failure: { readonly error: unknown } | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly report: Report
  readonly consumers: Set<Consumer>
  /** Those who wait until nothing is ready or handed out. */
  idle: Pick<PromiseWithResolvers<void>, 'resolve' | 'reject'>[]
  /** A turn is on its way. */
  isWoken: boolean
  /** When the timer will fire, and what cancels it. */
  wakeAt: number
  cancelTimer: () => void
}

export interface Consumer {
  readonly handle: Handle
  readonly concurrency: number
  readonly controllerLimits: ReadonlyMap<string, ControllerLimit>
  readonly signal: AbortSignal
  readonly running: Map<string, number>
  inFlight: number
  isStopping: boolean
  onStopped: () => void
  onFailed: (error: unknown) => void
}
