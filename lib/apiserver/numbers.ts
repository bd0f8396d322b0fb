/** Whole numbers as Go reads them, and its words for those that it cannot. */
import { badRequest } from './status.ts'

const INTEGER = /^[+-]?\d+$/

/** Does Go's ParseInt read this? */
export function isInt64(text: string): boolean {
  // A long text is refused before it is made a number of that length.
  if (text.length > 20 || !INTEGER.test(text)) return false
  const value = BigInt(text)
  return BigInt.asIntN(64, value) === value
}

/** A whole number of the query. Throws 400 with Go's words. */
export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  if (!isInt64(value)) {
    const why = INTEGER.test(value) ? 'value out of range' : 'invalid syntax'
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: ${why}`)
  }
  return Number(value)
}

/** Go's words for a text that is no uint64, or undefined. */
export function uintProblem(text: string): string | undefined {
  const refuse = (why: string) => `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`
  if (!/^\d+$/.test(text)) return refuse('invalid syntax')
  return text.length > 20 || BigInt(text) >= 2n ** 64n ? refuse('value out of range') : undefined
}

/** A resourceVersion of a query, 0 where it is empty; `wrap` words the refusal, which differs by verb. */
export function parseRevision(text: string, wrap: (why: string) => Error): bigint {
  if (text === '') return 0n
  const why = uintProblem(text)
  if (why !== undefined) throw wrap(`resourceVersion: Invalid value: ${JSON.stringify(text)}: ${why}`)
  return BigInt(text)
}
