/**
 * Compares what was expected with what came, and binds the tokens on the way. Every difference is told with its place; where
 * order plays no part, the comparison is left to `unordered.ts` and `managed.ts`.
 */
import { type Bindings, match } from './bindings.ts'
import { isObject, type Json, type JsonObject, showJson } from './json.ts'
import { compareManaged } from './managed.ts'
import { escapePart } from './pointer.ts'
import { hasToken, isPort } from './tokens.ts'
import { compareSets, compareStatus, isUnorderedStatus } from './unordered.ts'

/** One place that is not as expected; both sides are JSON text, or words. */
export interface Difference {
  readonly path: string
  readonly expected: string
  readonly actual: string
}

/** What a comparison stands on, and where it tells what it finds. */
export interface Comparison {
  readonly bindings: Bindings
  readonly differences: Difference[]
  /** Pointers of arrays whose order is left open. */
  readonly anyOrder: readonly string[]
}

/** Compares one value at a place; the parts of a comparison are given this to go on with. */
export type Compare = (
  expected: Json | undefined,
  actual: Json | undefined,
  at: string,
  comparison: Comparison,
) => void

/** Compares whole values: no field more, no field less; `null` differs from absent, and only objects have no order. */
export const compare: Compare = (expected, actual, at, comparison) => {
  if (expected === undefined || actual === undefined) {
    if (expected !== actual) tell(comparison, at, showJson(expected), showJson(actual))
  } else if (typeof expected === 'string') compareText(expected, actual, at, comparison)
  else if (Array.isArray(expected)) compareArray(expected, actual, at, comparison)
  else if (isObject(expected)) compareObject(expected, actual, at, comparison)
  else if (expected !== actual) tell(comparison, at, showJson(expected), showJson(actual))
}

function tell({ differences }: Comparison, at: string, expected: string, actual: string): void {
  differences.push({ path: at === '' ? '/' : at, expected, actual })
}

function compareText(expected: string, actual: Json, at: string, comparison: Comparison): void {
  const wrong = textWrong(expected, actual, comparison.bindings)
  if (wrong === undefined) return
  const why = wrong === 'differs' ? '' : ` (${wrong})`
  tell(comparison, at, showJson(expected), `${showJson(actual)}${why}`)
}

function textWrong(expected: string, actual: Json, bindings: Bindings): string | undefined {
  // What a mask has put there already counts as well.
  if (expected === '<object>') return isObject(actual) || actual === expected ? undefined : 'differs'
  if (typeof actual === 'number' && isPort(expected)) return match(bindings, expected, String(actual))
  if (typeof actual !== 'string') return 'differs'
  if (!hasToken(expected)) return expected === actual ? undefined : 'differs'
  return match(bindings, expected, actual)
}

function compareArray(expected: Json[], actual: Json, at: string, comparison: Comparison): void {
  if (!Array.isArray(actual)) tell(comparison, at, showJson(expected), showJson(actual))
  else if (at.endsWith('/metadata/managedFields')) compareManaged(expected, actual, at, comparison, compare)
  else if (comparison.anyOrder.includes(at)) compareSets(expected, actual, at, comparison, compare)
  else compareItems(expected, actual, at, comparison)
}

function compareItems(expected: Json[], actual: Json[], at: string, comparison: Comparison): void {
  if (expected.length !== actual.length) {
    const shown = showJson(actual).slice(0, 300)
    tell(comparison, `${at}/#`, `${expected.length} items`, `${actual.length} items: ${shown}`)
  }
  for (let index = 0; index < Math.min(expected.length, actual.length); index++)
    compare(expected[index], actual[index], `${at}/${index}`, comparison)
}

function compareObject(expected: JsonObject, actual: Json, at: string, comparison: Comparison): void {
  if (!isObject(actual)) tell(comparison, at, showJson(expected), showJson(actual))
  else if (isUnorderedStatus(expected, actual)) compareStatus(expected, actual, at, comparison, compare)
  else compareMembers(expected, actual, at, comparison)
}

function compareMembers(expected: JsonObject, actual: JsonObject, at: string, comparison: Comparison): void {
  const seen = new Set<string>()
  const keys = Object.keys(expected)
  // Keys that are known take theirs first, so that a token takes none of them.
  for (const key of [...keys.filter((key) => !hasToken(key)), ...keys.filter(hasToken)]) {
    const fit = hasToken(key) ? fitting(key, actual, seen, comparison.bindings) : key
    seen.add(fit)
    const there = Object.hasOwn(actual, fit) ? actual[fit] : undefined
    compare(expected[key], there, `${at}/${escapePart(key)}`, comparison)
  }
  for (const key of Object.keys(actual))
    if (!seen.has(key)) compare(undefined, actual[key], `${at}/${escapePart(key)}`, comparison)
}

/** The actual key that a key with tokens stands for; itself where there is none. */
function fitting(key: string, actual: JsonObject, seen: ReadonlySet<string>, bindings: Bindings): string {
  return (
    Object.keys(actual).find((other) => !seen.has(other) && match(bindings, key, other) === undefined) ?? key
  )
}
