/**
 * What an in-process queue holds: one entry per key, and the structures that find the next one to hand out. Entries are
 * moved here and counted here; when and why they move is decided in `transitions.ts`. A store that makes the queue durable
 * needs to hear of `put` and `forget` only.
 */
import type { Lane } from '../message.ts'
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
  /** Why and since when it is parked. */
  reason: string
  since: number
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
}

export function emptyTable(): Table {
  const none = () => ({ ready: 0, delayed: 0, locked: 0, parked: 0 })
  return {
    entries: new Map(),
    lines: new Map(),
    delayed: [],
    parked: emptyFifo(),
    depth: { change: none(), background: none() },
    order: 0,
    streak: 0,
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
  dueAt: 0,
  order: 0,
  slot: 0,
  before: undefined,
  after: undefined,
})

/** Puts an entry that is in no place (new, or lifted) at the end of the one given. */
export function put(table: Table, entry: Entry, place: Place): void {
  entry.place = place
  entry.order = ++table.order
  entry.dueAt = entry.errand.dueAt
  table.entries.set(entry.key, entry)
  table.depth[entry.errand.lane][place]++
  if (place === 'ready') append(lineOf(table, entry.controller)[entry.errand.lane], entry)
  else if (place === 'delayed') insert(table.delayed, entry)
  else if (place === 'parked') append(table.parked, entry)
}

/** Takes an entry out of its place, to be changed and put again or forgotten. */
export function lift(table: Table, entry: Entry): void {
  table.depth[entry.errand.lane][entry.place]--
  if (entry.place === 'ready') leaveLine(table, entry)
  else if (entry.place === 'delayed') extract(table.delayed, entry)
  else if (entry.place === 'parked') unlink(table.parked, entry)
}

/** The key of a lifted entry is not known any more. */
export const forget = (table: Table, entry: Entry): boolean => table.entries.delete(entry.key)

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
