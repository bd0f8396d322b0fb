/** An entry as a record that can be kept, and back. */
import { type Entry, newEntry } from './entry.ts'
import type { Errand } from './errand.ts'
import { identify } from './identity.ts'
import type { Row } from './store.ts'

/** An entry as it was kept, in no place yet. */
export function toEntry(row: Row): Entry {
  const { key, body, dueAt, arrival, attempt, backoffUntil, isEarly, reason, crash } = row
  return {
    ...newEntry(key, toErrand(body, dueAt)),
    row: row.row,
    attempt,
    backoffUntil,
    isEarly,
    reason,
    crash,
    arrival: arrival && toErrand(arrival.body, arrival.dueAt),
  }
}

const toErrand = (body: unknown, dueAt: number): Errand => ({ ...identify(body, 0).errand, dueAt })

/** An entry as it is to be kept. */
export function rowOf(entry: Entry): Row {
  const { row, key, place, order, errand, since, isEarly, attempt, backoffUntil, reason, crash, arrival } =
    entry
  return {
    row,
    key,
    place,
    order,
    dueAt: errand.dueAt,
    since,
    isEarly,
    attempt,
    backoffUntil,
    reason,
    crash,
    body: errand.body,
    arrival: arrival && { body: arrival.body, dueAt: arrival.dueAt },
  }
}
