/**
 * The rules of the queue: what happens to a key when a message arrives, when it is handed out, and when it is answered.
 * Time comes in as a number, nothing here waits or calls anybody, so the rules can stand on memory or on a store.
 *
 *     sent -> ready <-> delayed -> locked -> gone, ready, delayed or parked
 */
import type { Verdict } from '../queue.ts'
import { type Entry, forget, lift, newEntry, put, type Table } from './entry.ts'
import { dueAfter, type Errand, givenUp, mergeErrands, readOwnWrites, requeued, retried } from './errand.ts'
import type { Identified } from './identity.ts'

/** One background delivery for so many changes, while both wait: slow, but never starved. */
const BACKGROUND_EVERY = 16

/** Accepts what was sent. */
export function arrive(table: Table, { key, errand }: Identified, now: number): void {
  const entry = table.entries.get(key)
  if (!entry) {
    place(table, newEntry(key, errand), now)
  } else if (entry.place === 'locked') {
    entry.arrival = entry.arrival ? mergeErrands(entry.arrival, errand) : errand
    table.touched?.add(entry)
  } else if (entry.place === 'parked') {
    if (errand.lane === 'change') revive(table, entry, errand, now)
  } else {
    join(table, entry, errand, now)
  }
}

/** What may be handed out now, beyond what is due. */
export interface Gate {
  /** Whether the controller has as many deliveries as it may. */
  isFull(controller: string): boolean
  /** When this key may run by its rate limit, in milliseconds since the epoch; not later than now: it may. */
  opensAt(entry: Entry): number
}

/**
 * Locks and returns the entry to hand out next, if one is due whose controller is not full; what runs too often is put off.
 * Changes go before background, the first in first; every 16th goes to the background where both wait.
 */
export function take(table: Table, now: number, gate: Gate): Entry | undefined {
  ripen(table, now)
  for (;;) {
    const [change, background] = heads(table, gate)
    const isBackgroundsTurn = table.streak >= BACKGROUND_EVERY - 1
    const entry = background && (!change || isBackgroundsTurn) ? background : change
    if (!entry) {
      table.streak = 0
      return undefined
    }
    const opensAt = gate.opensAt(entry)
    lift(table, entry)
    if (opensAt <= now) {
      table.streak = background && entry !== background ? table.streak + 1 : 0
      entry.isEarly = now < entry.backoffUntil
      put(table, entry, 'locked', entry.since)
      return entry
    }
    entry.errand = { ...entry.errand, dueAt: opensAt }
    put(table, entry, 'delayed', now)
  }
}

/** Applies the answer to a locked entry. What `forward` sends must have arrived before. */
export function answer(table: Table, entry: Entry, verdict: Verdict, now: number): void {
  lift(table, entry)
  const arrival = entry.arrival && readOwnWrites(entry.arrival)
  const failures = verdict.type === 'retry' ? verdict.attempt : 0
  entry.arrival = undefined
  entry.attempt = Math.max(failures, arrival?.message?.attempt ?? 0)
  entry.backoffUntil = verdict.type === 'retry' ? dueAfter(verdict.afterSeconds, now) : 0
  entry.crash = undefined
  const next = nextErrand(entry.errand, verdict, arrival, now)
  if (next) proceed(table, entry, next, now)
  else if (verdict.type === 'bury') park(table, entry, verdict.reason, now)
  else forget(table, entry)
}

/** What the key runs for next, given what arrived while it ran. */
function nextErrand(
  errand: Errand,
  verdict: Verdict,
  arrival: Errand | undefined,
  now: number,
): Errand | undefined {
  switch (verdict.type) {
    case 'again': {
      // What has come runs the key at once, and that run says anew when to look again.
      if (arrival && arrival.dueAt <= now) return arrival
      return mergeErrands(requeued(errand, verdict.afterSeconds, now), arrival)
    }
    case 'retry':
      return mergeErrands(retried(errand, verdict, now), arrival)
    case 'bury':
      // A resync of an object that was given up on is no reason to try again.
      return arrival?.lane === 'change' ? arrival : undefined
    case 'ack':
    case 'forward':
      return arrival
  }
}

/** Moves what has become due behind what is ready already, the earliest first. */
export function ripen(table: Table, now: number): void {
  for (let first = table.delayed[0]; first && first.dueAt <= now; first = table.delayed[0]) {
    const { dueAt } = first
    lift(table, first)
    first.errand = { ...first.errand, dueAt: 0 }
    put(table, first, 'ready', dueAt)
  }
}

/** A parked key starts again, with no failures. */
export function revive(table: Table, entry: Entry, errand: Errand, now: number): void {
  lift(table, entry)
  entry.attempt = 0
  entry.reason = ''
  entry.crash = undefined
  proceed(table, entry, errand, now)
}

function park(table: Table, entry: Entry, reason: string, now: number): void {
  entry.reason = reason
  entry.errand = givenUp(entry.errand)
  put(table, entry, 'parked', now)
}

/** A message for a key that waits: the better lane, the earlier time. It keeps its position unless one of them changed. */
function join(table: Table, entry: Entry, errand: Errand, now: number): void {
  const merged = mergeErrands(entry.errand, errand)
  entry.attempt = Math.max(entry.attempt, errand.message?.attempt ?? 0)
  if (merged.lane === entry.errand.lane && merged.dueAt === entry.errand.dueAt) {
    entry.errand = merged
    table.touched?.add(entry)
    return
  }
  lift(table, entry)
  proceed(table, entry, merged, now)
}

function proceed(table: Table, entry: Entry, errand: Errand, now: number): void {
  entry.errand = errand
  place(table, entry, now)
}

const place = (table: Table, entry: Entry, now: number): void =>
  put(table, entry, entry.errand.dueAt === 0 ? 'ready' : 'delayed', now)

/** The first ready entry of each lane, over the controllers that are not full. */
function heads(table: Table, gate: Gate): [Entry | undefined, Entry | undefined] {
  let change: Entry | undefined
  let background: Entry | undefined
  for (const line of table.lines.values()) {
    if (gate.isFull(line.controller)) continue
    change = firstOf(change, line.change.first)
    background = firstOf(background, line.background.first)
  }
  return [change, background]
}

function firstOf(a: Entry | undefined, b: Entry | undefined): Entry | undefined {
  if (!a || !b) return a ?? b
  return a.order < b.order ? a : b
}
