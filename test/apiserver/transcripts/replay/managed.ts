/**
 * managedFields: the server sorts them by operation, then by time in whole seconds, then by manager, apiVersion and
 * subresource, so their order depends on the clock. Entries are paired by who they are of, and that order is checked by itself.
 */
import { type Bindings, fillText } from './bindings.ts'
import type { Compare, Comparison } from './compare.ts'
import { isObject, type Json } from './json.ts'

/** Compares the entries of two `metadata.managedFields`. */
export function compareManaged(
  expected: readonly Json[],
  actual: readonly Json[],
  at: string,
  comparison: Comparison,
  compare: Compare,
): void {
  const left = [...actual]
  for (const entry of expected) {
    const owner = ownerOf(entry)
    const wanted = filledOwner(owner, comparison.bindings)
    const index = left.findIndex((candidate) => ownerOf(candidate) === wanted)
    const found = index < 0 ? undefined : left.splice(index, 1)[0]
    compare(entry, found, `${at}/${owner}`, comparison)
  }
  for (const entry of left) compare(undefined, entry, `${at}/${ownerOf(entry)}`, comparison)
  checkOrder(actual, at, comparison)
}

const text = (entry: Json, key: string): string => {
  const value = isObject(entry) ? entry[key] : undefined
  return value === undefined || value === null ? '' : String(value)
}

/** Two entries never share all four. */
const ownerOf = (entry: Json): string =>
  ['manager', 'operation', 'apiVersion', 'subresource'].map((key) => text(entry, key)).join('|')

function filledOwner(owner: string, bindings: Bindings): string {
  try {
    return fillText(bindings, owner)
  } catch {
    // A token without a value fits nobody; the entry is told to be absent.
    return owner
  }
}

function checkOrder(entries: readonly Json[], at: string, { differences }: Comparison): void {
  for (let index = 1; index < entries.length; index++) {
    const [first = null, second = null] = entries.slice(index - 1, index + 1)
    if (!isAfter(rankOf(first), rankOf(second))) continue
    differences.push({
      path: `${at}/${index}`,
      expected: 'sorted by operation, time, manager, apiVersion, subresource',
      actual: `${ownerOf(first)} before ${ownerOf(second)}`,
    })
  }
}

const rankOf = (entry: Json): string[] => [
  text(entry, 'operation'),
  secondOf(text(entry, 'time')),
  text(entry, 'manager'),
  text(entry, 'apiVersion'),
  text(entry, 'subresource'),
]

const secondOf = (time: string): string =>
  time === '' ? '' : String(Math.floor(Date.parse(time) / 1000)).padStart(12, '0')

function isAfter(one: readonly string[], two: readonly string[]): boolean {
  const index = one.findIndex((part, at) => part !== two[at])
  return index >= 0 && (one[index] ?? '') > (two[index] ?? '')
}
