/**
 * What an in-process queue holds: one entry per key, and the structures that find the next one to hand out. Entries are
 * moved here and counted here; when and why they move is decided in `transitions.ts`. Whatever a store would have to write
 * is noted as touched.
 */
import { keyName, type Lane } from '../message.ts'
import type { Errand } from './errand.ts'
import { append, emptyFifo, type Fifo, type Linked, unlink } from './fifo.ts'
import { extract, insert, type Timed } from './heap.ts'

/** Where an entry is. `locked`: handed out and not answered yet. */
export type Place = 'ready' | 'delayed' | 'locked' | 'parked'

export interface Entry extends Timed, Linked<Entry> {
  readonly key: string
  /** Whose limit it counts against; empty for what is not a message. */
  readonly controller: string
  errand: Errand
  place: Place
  /** Counted failures. */
  attempt: number
  /** When the backoff of the last failure ends; 0 without one. A run before that is early. */
  backoffUntil: number
  /** What was sent while the entry was locked. */
  arrival: Errand | undefined
  /** Why it is parked. */
  reason: string
  /** Since when it is in its place; a ready one that was delayed: since it was due; a locked one: since it was ready. */
  since: number
  /** It was handed out before its backoff had ended. */
  isEarly: boolean
  /** Why the run before this one has no verdict, where it has none. */
  crash: string | undefined
  /** Its number in the store; 0 while it is in none. */
  row: number
}

/** The ready entries of one controller. Apart, so that a controller at its limit hides nobody else's. */
export interface Line {
  readonly controller: string
  readonly change: Fifo<Entry>
  readonly background: Fifo<Entry>
}

/** How many entries are in each place, by lane. */
export type Depth = Readonly<Record<Lane, Readonly<Record<Place, number>>>>

export interface Table {
  readonly entries: Map<string, Entry>
  /** Only controllers that have something ready. */
  readonly lines: Map<string, Line>
  readonly delayed: Entry[]
  /** The one parked longest is first. */
  readonly parked: Fifo<Entry>
  readonly depth: Record<Lane, Record<Place, number>>
  /** Grows with every `put`: the order of arrival. */
  order: number
  /** Changes handed out in a row while something in the background waited. */
  streak: number
  /** Entries that are not as they were when the store heard of them last. Undefined: there is no store. */
  readonly touched: Set<Entry> | undefined
}

/** A table without entries. `isStored`: what is touched is noted, for a store. */
export function emptyTable({ isStored }: { isStored: boolean }): Table {
  const none = () => ({ ready: 0, delayed: 0, locked: 0, parked: 0 })
  return {
    entries: new Map(),
    lines: new Map(),
    delayed: [],
    parked: emptyFifo(),
    depth: { change: none(), background: none() },
    order: 0,
    streak: 0,
    touched: isStored ? new Set() : undefined,
  }
}

/** An entry that is in no place yet. */
export const newEntry = (key: string, errand: Errand): Entry => ({
  key,
  controller: errand.message?.controller ?? '',
  errand,
  place: 'ready',
  attempt: errand.message?.attempt ?? 0,
  backoffUntil: 0,
  arrival: undefined,
  reason: '',
  since: 0,
  isEarly: false,
  crash: undefined,
  row: 0,
  dueAt: 0,
  order: 0,
  slot: 0,
  before: undefined,
  after: undefined,
})

/** Puts an entry that is in no place (new, or lifted) at the end of the one given, where it is `since` then. */
export function put(table: Table, entry: Entry, place: Place, since: number): void {
  entry.place = place
  entry.since = since
  entry.order = ++table.order
  entry.dueAt = entry.errand.dueAt
  table.entries.set(entry.key, entry)
  table.depth[entry.errand.lane][place]++
  if (place === 'ready') append(lineOf(table, entry.controller)[entry.errand.lane], entry)
  else if (place === 'delayed') insert(table.delayed, entry)
  else if (place === 'parked') append(table.parked, entry)
  table.touched?.add(entry)
}

/** Takes an entry out of its place, to be changed and put again or forgotten. */
export function lift(table: Table, entry: Entry): void {
  table.depth[entry.errand.lane][entry.place]--
  if (entry.place === 'ready') leaveLine(table, entry)
  else if (entry.place === 'delayed') extract(table.delayed, entry)
  else if (entry.place === 'parked') unlink(table.parked, entry)
}

/** The key of a lifted entry is not known any more. */
export function forget(table: Table, entry: Entry): void {
  table.entries.delete(entry.key)
  table.touched?.add(entry)
}

/** How people name it. */
export const nameOf = ({ key, errand: { message } }: Entry): string => (message ? keyName(message) : key)

/** Whether the entry is (still) the one of its key. */
export const isKnown = (table: Table, entry: Entry): boolean => table.entries.get(entry.key) === entry

function lineOf(table: Table, controller: string): Line {
  const known = table.lines.get(controller)
  if (known) return known
  const line: Line = { controller, change: emptyFifo(), background: emptyFifo() }
  table.lines.set(controller, line)
  return line
}

function leaveLine(table: Table, entry: Entry): void {
  const line = lineOf(table, entry.controller)
  unlink(line[entry.errand.lane], entry)
  // Controllers come from messages: empty lines that stayed would let a broken sender grow the table without end.
  if (line.change.size + line.background.size === 0) table.lines.delete(entry.controller)
}
