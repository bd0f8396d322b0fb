/** A queue as a store kept it: what waited waits, what is parked is parked, and what was handed out has crashed. */
import type { Engine } from './engine.ts'
import { type Entry, put } from './entry.ts'
import { meterFrom } from './limit.ts'
import { toEntry } from './row.ts'
import { recover } from './serve.ts'

/** Fills an empty engine from its store, if it has one. Throws what the store throws. */
export function restore(engine: Engine): void {
  const { store, table, meters } = engine
  if (store === undefined) return
  const { entries, meters: kept } = store.load()
  const cutShort: Entry[] = []
  for (const row of entries) {
    const entry = toEntry(row)
    table.order = row.order - 1
    put(table, entry, row.place, row.since)
    engine.rows = Math.max(engine.rows, row.row)
    if (row.place === 'locked') cutShort.push(entry)
  }
  for (const [key, fullAt] of kept) meters.byKey.set(key, meterFrom(fullAt))
  table.touched?.clear()
  // Only now: what they forward or push out must meet everything else.
  for (const entry of cutShort) recover(engine, entry)
}
