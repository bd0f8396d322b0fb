/**
 * JSON text as Go reads it: its numbers, and the fields that occur twice. Parsing itself is left to
 * `JSON.parse`; this looks at the text only where that fails, or where a quick count says that a field was repeated.
 */
import { MAX_DEPTH, syntaxErrorIn } from './jsonSyntax.ts'
import type { Json } from './resource.ts'

/**
 * Numbers that the text writes otherwise than JavaScript would (`1.0`, `1e3`, 2^53 + 1), by the object or list that holds
 * them: Go takes some of those for no integers.
 */
export type Literals = ReadonlyMap<object, ReadonlyMap<string, string>>

/** What a text holds, or why Go would not read it. */
export type Parsed = { value: Json; literals: Literals; error?: undefined } | { error: string }

const NONE: Literals = new Map()

export function parseJson(given: string, bytes?: Buffer): Parsed {
  const text = LONE_SURROGATE.test(given) ? withoutLoneSurrogates(given) : given
  const { depth, hasOddNumbers } = looked(text)
  if (depth > MAX_DEPTH) return { error: syntaxErrorIn(bytes ?? Buffer.from(text)) }
  try {
    const literals = hasOddNumbers ? new Map<object, Map<string, string>>() : undefined
    const value = (literals === undefined ? JSON.parse(text) : JSON.parse(text, noticing(literals))) as Json
    const number = HUGE_NUMBER.test(text) ? hugeNumber(text, value) : undefined
    return number === undefined
      ? { value, literals: literals ?? NONE }
      : { error: `json: cannot unmarshal number ${number} into Go value of type float64` }
  } catch (error) {
    if (error instanceof SyntaxError) return { error: syntaxErrorIn(bytes ?? Buffer.from(text)) }
    throw error
  }
}

const LONE_SURROGATE = /\\u[dD][89a-fA-F]/
const ESCAPE = /\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u[dD][89a-fA-F]..|.)/gs

/** Go reads half of a pair as U+FFFD. */
const withoutLoneSurrogates = (text: string): string =>
  text.replace(ESCAPE, (found) => (found.length === 6 ? '\\ufffd' : found))

/** Notes the sources of numbers. A Node that does not tell them (before 21) notes nothing. */
const noticing = (literals: Map<object, Map<string, string>>) =>
  function (this: object, key: string, value: unknown, context?: { source?: string }): unknown {
    const source = typeof value === 'number' ? context?.source : undefined
    if (source === undefined || source === String(value)) return value
    const held = literals.get(this) ?? new Map<string, string>()
    literals.set(this, held.set(key, source))
    return value
  }

/** May a number of this text be beyond float64? JSON.parse would make Infinity of it, which JSON cannot say. */
const HUGE_NUMBER = /\d[eE]\+?\d{3}|\d{309}/

function hugeNumber(text: string, value: Json): string | undefined {
  if (!holdsInfinity(value)) return undefined
  return /-?[\d.]+[eE]\+?\d{3,}|\d{309,}/.exec(text)?.[0] ?? 'Infinity'
}

/** Is a number in it one that JSON cannot say? */
export function holdsInfinity(value: Json): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsInfinity)
}

/** How deep a text nests, and whether it writes numbers with a fraction, an exponent or more digits than a double has. */
function looked(text: string): { depth: number; hasOddNumbers: boolean } {
  let depth = 0
  let deepest = 0
  let digits = 0
  let hasOddNumbers = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) {
      hasOddNumbers ||= ++digits > 15
      continue
    }
    // A point or an `e` after a digit.
    if (digits > 0 && (code === 46 || code === 101 || code === 69)) hasOddNumbers = true
    digits = 0
    if (code === 34) at = endOfString(text, at)
    else if (code === 123 || code === 91) deepest = Math.max(deepest, ++depth)
    else if (code === 125 || code === 93) depth--
  }
  return { depth: deepest, hasOddNumbers }
}

/** Index of the quote that ends the string which begins at `at`. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === 92) slashes++
    if (slashes % 2 === 0) return end
  }
  return text.length
}

/** Paths of fields that occur more than once in an object, in order of their second occurrence. */
export function duplicateFields(text: string, value: Json): string[] {
  return colonsIn(text) === fieldsIn(value) ? [] : walkDuplicates(text)
}

function colonsIn(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) at = endOfString(text, at)
    else if (code === 58) count++
  }
  return count
}

function fieldsIn(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) for (const item of value) count += fieldsIn(item)
  else for (const part of Object.values(value)) count += 1 + fieldsIn(part)
  return count
}

interface Frame {
  path: string
  seen: Set<string> | undefined
  index: number
  field: string
}

function walkDuplicates(text: string): string[] {
  const found = new Set<string>()
  const stack: Frame[] = []
  let pending: string | undefined
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    const top = stack.at(-1)
    if (character === '"') {
      const end = endOfString(text, at)
      pending = text.slice(at, end + 1)
      at = end
    } else if (character === ':' && top?.seen !== undefined && pending !== undefined) {
      top.field = JSON.parse(pending) as string
      const path = childPath(top)
      if (top.seen.has(top.field)) found.add(path)
      top.seen.add(top.field)
    } else if (character === '{' || character === '[') {
      const path = top === undefined ? '' : childPath(top)
      stack.push({ path, seen: character === '{' ? new Set() : undefined, index: 0, field: '' })
    } else if (character === '}' || character === ']') stack.pop()
    else if (character === ',' && top !== undefined) top.index++
  }
  return [...found]
}

function childPath(frame: Frame): string {
  if (frame.seen === undefined) return `${frame.path}[${frame.index}]`
  return frame.path === '' ? frame.field : `${frame.path}.${frame.field}`
}
