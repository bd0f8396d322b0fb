/**
 * What people see of a queue that runs elsewhere, and may order: the keys that were given up, those that wait, and what is to
 * become of the former.
 */
import type { Parked } from '../queue.ts'

/** A key that waits for its run, or runs. */
export interface Pending {
  readonly key: string
  /** `ready`: as soon as there is room. `delayed`: until `dueAt`. `locked`: it runs. */
  readonly place: 'ready' | 'delayed' | 'locked'
  /** Since when it is there, in milliseconds since the epoch. */
  readonly since: number
  /** When its wait ends, in milliseconds since the epoch. */
  readonly dueAt?: number
  /** Counted failures so far. */
  readonly attempt: number
  /** Why it waits, for people. */
  readonly reason?: string
}

/** Keys that are not parked are passed over. Each rejects where the queue does not answer. */
export interface Desk {
  parked(): Promise<readonly Parked[]>
  pending(): Promise<readonly Pending[]>
  /** Runs parked keys again, with no failures. Resolves with how many. */
  redrive(keys: Iterable<string> | 'all'): Promise<number>
  /** Forgets parked keys. Resolves with how many. */
  drop(keys: Iterable<string>): Promise<number>
}
