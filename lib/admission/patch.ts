/**
 * The JSON Patch (RFC 6902) that turns one JSON value into another: only what differs, in time linear in their size (times the depth
 * of lists in lists that differ). Lists
 * that share a beginning and an end are patched in between, element by element, so an inserted or removed one is one step.
 */
import { isObject, isSame, type Plain } from '../json.ts'

export type Operation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/** Empty where nothing differs; the order of an object's keys does not count. */
export function patchBetween(before: unknown, after: unknown, path = ''): Operation[] {
  if (Array.isArray(before) && Array.isArray(after)) return lists(before, after, path)
  if (isObject(before) && isObject(after)) return objects(before, after, path)
  return before === after ? [] : [{ op: 'replace', path, value: after }]
}

const step = (path: string, name: string | number): string =>
  `${path}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`

function objects(before: Plain, after: Plain, path: string): Operation[] {
  const operations: Operation[] = []
  for (const name of Object.keys(before))
    if (!Object.hasOwn(after, name) || after[name] === undefined)
      operations.push({ op: 'remove', path: step(path, name) })
  for (const [name, value] of Object.entries(after)) {
    const isKnown = Object.hasOwn(before, name)
    // Most of an object is as it was.
    if (value === undefined || (isKnown && before[name] === value)) continue
    if (isKnown) operations.push(...patchBetween(before[name], value, step(path, name)))
    else operations.push({ op: 'add', path: step(path, name), value })
  }
  return operations
}

function lists(before: readonly unknown[], after: readonly unknown[], path: string): Operation[] {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && isSame(before[start], after[start])) start++
  let tail = 0
  while (tail < shorter - start && isSame(before.at(-1 - tail), after.at(-1 - tail))) tail++
  const end = before.length - tail
  const common = shorter - tail
  const operations: Operation[] = []
  for (let index = start; index < common; index++)
    operations.push(...patchBetween(before[index], after[index], step(path, index)))
  // From the end, so that no index moves before it is used.
  for (let index = end - 1; index >= common; index--)
    operations.push({ op: 'remove', path: step(path, index) })
  for (let index = Math.max(common, start); index < after.length - tail; index++)
    operations.push({ op: 'add', path: step(path, index), value: after[index] })
  return operations
}
