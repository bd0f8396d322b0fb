/**
 * What the Durable Objects of the queue say to each other, as plain records: a key tells how it stands, the index of a cluster
 * lets keys run and knows which of them wait; and the names by which they find each other.
 */
import type { Message } from '../../message.ts'
import type { Depths, Page, PageRequest } from '../desk.ts'
import type { Place } from '../entry.ts'

/** How a key stands. `gone`: there is nothing to do, and its Durable Object has nothing stored. */
export interface Standing {
  readonly key: string
  readonly place: Place | 'gone'
  /** What it is to run for, or was parked with: as it was sent, which is a message unless the sender was broken. */
  readonly body: Message | undefined
  /** In its place, in milliseconds since the epoch. */
  readonly since: number
  /** When a delayed key is due. */
  readonly dueAt: number
  /** Counted failures. */
  readonly attempt: number
  /** Why it is parked, or why its last run has no verdict; empty otherwise. */
  readonly reason: string
}

/** How a key stands of which there is nothing. */
export const gone = (key: string): Standing => ({
  key,
  place: 'gone',
  body: undefined,
  since: 0,
  dueAt: 0,
  attempt: 0,
  reason: '',
})

/** With what a key is let run. */
export interface Grant {
  /** It runs more often than its controller's rate limit allows. */
  readonly isLimited: boolean
}

/** The Durable Object of one key. */
export interface KeyCalls {
  /** Takes messages, all of this key. */
  add(messages: readonly Message[]): Promise<Standing>
  /** Runs the key if it is due; resolves with how it stands afterwards. While it runs, resolves with the end of that run. */
  run(grant: Grant): Promise<Standing>
  show(): Promise<Standing | undefined>
  /** Undefined: it was not parked. */
  redrive(): Promise<Standing | undefined>
  /** Forgets a parked key. False: it was not parked. */
  drop(): Promise<boolean>
}

/** Which keys are listed: `pending` ones are ready, running or delayed. */
export type List = 'parked' | 'pending'

/** The Durable Object that knows the keys of one cluster; the one without a name knows which others there are. */
export interface IndexCalls {
  /** Lets ready keys run when it is their turn, and lists what is delayed or parked. */
  note(standings: readonly Standing[]): Promise<void>
  list(list: List, page: PageRequest): Promise<Page<Standing>>
  /** How many were parked and run again. */
  redrive(keys: readonly string[]): Promise<number>
  /** How many were parked and are forgotten. */
  drop(keys: readonly string[]): Promise<number>
  depths(): Promise<Depths>
  enroll(name: string): Promise<void>
  names(): Promise<readonly string[]>
}

/** A binding to a class of Durable Objects. A stub is for one call: one that has failed is of no more use. */
export interface Namespace<Calls> {
  getByName(name: string): Calls
}

/** The bindings of whoever sends to the queue. */
export interface QueueBindings {
  readonly KEYS: Namespace<KeyCalls>
  readonly INDEX: Namespace<IndexCalls>
}

/** The name of the index that knows the others, and the keys of what is no message. */
export const ROOT = ''

/** The name of the index that knows a key; of what people name that is no key, the root, which knows nothing of it. */
export const indexOf = (key: string): string =>
  key.startsWith('invalid|') ? ROOT : key.slice(0, Math.max(key.indexOf('|'), 0))
