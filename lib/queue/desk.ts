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
  /** What it is to run for. */
  readonly body: unknown
  /** Since when it is there, in milliseconds since the epoch. */
  readonly since: number
  /** When a delay ends, in milliseconds since the epoch. */
  readonly dueAt: number
  /** Counted failures so far. */
  readonly attempt: number
  /** Why its last run has no verdict; empty otherwise. */
  readonly reason: string
}

/** How many keys are where. Who has just become ready may still count as delayed. */
export interface Depths {
  readonly ready: number
  readonly running: number
  readonly delayed: number
  readonly parked: number
}

export interface PageRequest {
  /** At most so many keys. */
  readonly limit: number
  /** `next` of the page before; absent: from the beginning. */
  readonly after?: string | undefined
}

/** A part of a list, perhaps of no key at all; without `next` it is the last. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next?: string | undefined
}

/** Each rejects where the queue does not answer. Keys that come and go between two pages are shown or not, all others once. */
export interface Desk {
  parked(page: PageRequest): Promise<Page<Parked>>
  pending(page: PageRequest): Promise<Page<Pending>>
  /** By cluster; what is no message is of none (the empty name). */
  depths(): Promise<Readonly<Record<string, Depths>>>
  /** Runs parked keys again, with no failures; others are passed over. Resolves with how many. */
  redrive(keys: readonly string[]): Promise<number>
  /** Forgets parked keys; others are passed over. Resolves with how many. */
  drop(keys: readonly string[]): Promise<number>
}
