/**
 * What has changed, into the store, in one go. A store that does not take it ends the queue: what this process believes and
 * what a restart would find are then two things, and only the latter counts.
 */
import type { Engine } from './engine.ts'
import { type Entry, isKnown } from './entry.ts'

/** Stores what was touched. False: it could not be, now or earlier, and the queue is at its end. */
export function flush(engine: Engine): boolean {
  if (engine.failure !== undefined) return false
  try {
    save(engine)
    return true
  } catch (error) {
    fail(engine, error)
    return false
  }
}

function save(engine: Engine): void {
  const { store, table, meters } = engine
  if (store === undefined || table.touched === undefined || meters.touched === undefined) return
  if (table.touched.size === 0 && meters.touched.size === 0) return
  const puts: Entry[] = []
  const deletes: number[] = []
  for (const entry of table.touched) {
    if (isKnown(table, entry)) {
      if (entry.row === 0) entry.row = ++engine.rows
      puts.push(entry)
    } else if (entry.row !== 0) deletes.push(entry.row)
  }
  const full = [...meters.touched].map((key) => [key, meters.byKey.get(key)?.fullAt] as const)
  store.save({ puts, deletes, meters: full })
  table.touched.clear()
  meters.touched.clear()
}

function fail(engine: Engine, error: unknown): void {
  engine.failure = { error }
  engine.cancelTimer()
  for (const consumer of engine.consumers) consumer.onFailed(error)
  engine.consumers.clear()
  for (const { reject } of engine.idle.splice(0)) reject(error)
}

/** Throws what ended the queue, if something did. */
export function refuseIfFailed({ failure }: Engine): void {
  if (failure !== undefined) throw failure.error
}
