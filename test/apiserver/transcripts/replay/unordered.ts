/**
 * Arrays whose order plays no part: those that a step names, and the causes of an Invalid or Conflict status together with
 * the list in its message.
 */
import { fillText } from './bindings.ts'
import type { Compare, Comparison } from './compare.ts'
import { isObject, type Json, type JsonObject, showJson } from './json.ts'

/**
 * Pairs the items, those that fit exactly first come first served, and compares the pairs. What fits nothing is compared
 * with the first that is left, so that the difference is told.
 */
export function compareSets(
  expected: readonly Json[],
  actual: readonly Json[],
  at: string,
  comparison: Comparison,
  compare: Compare,
): void {
  const { differences } = comparison
  if (expected.length !== actual.length)
    differences.push({
      path: `${at}/#`,
      expected: `${expected.length} items`,
      actual: `${actual.length} items`,
    })
  const left = [...actual]
  for (const [index, item] of expected.entries()) {
    const fit = left.findIndex((candidate) => isEqual(item, candidate, comparison, compare))
    const [taken] = left.splice(Math.max(fit, 0), 1)
    compare(item, taken, `${at}/${index}`, { ...comparison, anyOrder: [] })
  }
}

/** Would they be equal? Binds nothing. */
function isEqual(expected: Json, actual: Json, { bindings }: Comparison, compare: Compare): boolean {
  const trial: Comparison = { bindings: new Map(bindings), differences: [], anyOrder: [] }
  compare(expected, actual, '', trial)
  return trial.differences.length === 0
}

/** A status whose causes come in an order that the server does not promise. */
export const isUnorderedStatus = (expected: JsonObject, actual: JsonObject): boolean =>
  expected.kind === 'Status' &&
  (expected.reason === 'Invalid' || expected.reason === 'Conflict') &&
  causesOf(expected).length > 1 &&
  isObject(actual.details)

/** Compares two such: the causes as a set, the message with its list sorted, all else as it stands. */
export function compareStatus(
  expected: JsonObject,
  actual: JsonObject,
  at: string,
  comparison: Comparison,
  compare: Compare,
): void {
  compareSets(causesOf(expected), causesOf(actual), `${at}/details/causes`, comparison, compare)
  compare(withoutCauses(expected), withoutCauses(actual), at, { ...comparison, anyOrder: [] })
  if (isSameMessage(expected, actual, comparison)) return
  comparison.differences.push({
    path: `${at}/message`,
    expected: showJson(expected.message),
    actual: showJson(actual.message),
  })
}

function causesOf({ details }: JsonObject): readonly Json[] {
  return isObject(details) && Array.isArray(details.causes) ? details.causes : []
}

function withoutCauses({ message: _message, details, ...rest }: JsonObject): JsonObject {
  if (!isObject(details)) return details === undefined ? rest : { ...rest, details }
  const { causes: _causes, ...others } = details
  return { ...rest, details: others }
}

function isSameMessage(expected: JsonObject, actual: JsonObject, { bindings }: Comparison): boolean {
  const wanted = filled(String(expected.message), (text) => fillText(bindings, text))
  if (expected.reason !== 'Invalid') return wanted === actual.message
  return sorted(wanted) === sorted(String(actual.message))
}

/** A message with a token that has no value yet is compared as it stands, and so differs. */
function filled(message: string, fill: (text: string) => string): string {
  try {
    return fill(message)
  } catch {
    return message
  }
}

/** The message with the list at its end in an order of ours, and without the numbers that CEL gives its types. */
const sorted = (message: string): string =>
  message
    .replace(/selfType(\d+|<num>)/g, 'selfType')
    .replace(/\[([\s\S]*)\]$/, (_, list: string) => `[${list.split(/, |\n/).sort().join(', ')}]`)
