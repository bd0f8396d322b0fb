/**
 * What is wrong with a text that is no JSON, in the words of encoding/json: it reads bytes, one after the other, and names the
 * first that may not follow. A space follows the last one, as Go has it.
 */

/** Deeper nesting is refused, by the real server beyond 10,000: nothing comes near, and recursion stays bounded. */
export const MAX_DEPTH = 1_000

/** The first thing that is wrong in a text that does not parse. */
export const syntaxError = (text: string): string => syntaxErrorIn(Buffer.from(text))

type State = 'value' | 'first' | 'key' | 'colon' | 'after' | 'end'

/** Where a scanner stands: what it is within, and what may follow. */
interface Place {
  readonly stack: ('{' | '[')[]
  state: State
}

/** The same of bytes, which need not be UTF-8. */
export function syntaxErrorIn(bytes: Buffer): string {
  // A character for each byte.
  const text = `${bytes.toString('latin1')} `
  const place: Place = { stack: [], state: 'value' }
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (SPACE.test(character)) continue
    const next = step(text, at, place)
    if (typeof next === 'string') return next
    at = next
  }
  return 'unexpected end of JSON input'
}

const SPACE = /[ \t\r\n]/

/** Index of the last character of what begins at `at`, or what is wrong with it. */
function step(text: string, at: number, place: Place): number | string {
  const character = text[at] as string
  switch (place.state) {
    case 'end':
      return bad(character, 'after top-level value')
    case 'colon':
      if (character !== ':') return bad(character, 'after object key')
      place.state = 'value'
      return at
    case 'after':
      return afterValue(character, at, place)
    case 'first':
    case 'key':
      if (character === '}' && place.state === 'first') return closed(at, place)
      if (character !== '"') return bad(character, 'looking for beginning of object key string')
      place.state = 'colon'
      return stringEnd(text, at)
    case 'value':
      return value(text, at, place)
  }
}

function closed(at: number, place: Place): number {
  place.stack.pop()
  place.state = place.stack.length === 0 ? 'end' : 'after'
  return at
}

function afterValue(character: string, at: number, place: Place): number | string {
  const open = place.stack.at(-1)
  if (character === (open === '{' ? '}' : ']')) return closed(at, place)
  if (character !== ',')
    return bad(character, open === '{' ? 'after object key:value pair' : 'after array element')
  place.state = open === '{' ? 'key' : 'value'
  return at
}

function value(text: string, at: number, place: Place): number | string {
  const character = text[at] as string
  if (character === ']' && isEmptyArray(text, at, place)) return closed(at, place)
  if (character === '{' || character === '[') {
    place.stack.push(character)
    if (place.stack.length > MAX_DEPTH) return bad(character, 'exceeded max depth')
    place.state = character === '{' ? 'first' : 'value'
    return at
  }
  place.state = place.stack.length === 0 ? 'end' : 'after'
  if (character === '"') return stringEnd(text, at)
  return /[-0-9]/.test(character) ? numberEnd(text, at) : literalEnd(text, at)
}

function isEmptyArray(text: string, at: number, { stack }: Place): boolean {
  if (stack.at(-1) !== '[') return false
  let before = at - 1
  while (SPACE.test(text[before] as string)) before--
  return text[before] === '['
}

/** The quote that ends a string; the end of the text where none does. */
function stringEnd(text: string, start: number): number | string {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] as string
    if (character === '"') return at
    if (character < ' ') return bad(character, 'in string literal')
    if (character !== '\\') continue
    const escaped = text[++at] ?? ' '
    if (escaped === 'u') {
      const end = at + 4
      while (at < end)
        if (!/[0-9a-fA-F]/.test(text[++at] ?? ' '))
          return bad(text[at] ?? ' ', 'in \\u hexadecimal character escape')
    } else if (!'bfnrt\\/"'.includes(escaped)) return bad(escaped, 'in string escape code')
  }
  return text.length
}

/** What each part of a number must begin with, if it is there at all. */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/-?(0|[1-9]\d*)?/y, 'in numeric literal'],
  [/(\.\d*)?/y, 'after decimal point in numeric literal'],
  [/([eE][-+]?\d*)?/y, 'in exponent of numeric literal'],
]

function numberEnd(text: string, start: number): number | string {
  let at = start
  for (const [part, where] of PARTS) {
    part.lastIndex = at
    const found = part.exec(text)?.[0] ?? ''
    at += found.length
    if (found !== '' && !/\d$/.test(found)) return bad(text[at] ?? ' ', where)
  }
  return at - 1
}

const LITERALS = ['true', 'false', 'null']

function literalEnd(text: string, at: number): number | string {
  const character = text[at] as string
  const literal = LITERALS.find((word) => word.startsWith(character))
  if (literal === undefined) return bad(character, 'looking for beginning of value')
  for (let index = 1; index < literal.length; index++) {
    const found = text[at + index] ?? ' '
    if (found !== literal[index]) return bad(found, `in literal ${literal} (expecting '${literal[index]}')`)
  }
  return at + literal.length - 1
}

const bad = (character: string, where: string): string => `invalid character ${quoteByte(character)} ${where}`

/** A byte as quoteChar of encoding/json prints it. */
function quoteByte(character: string): string {
  if (character === "'") return `'\\''`
  if (character === '"') return `'"'`
  const code = character.charCodeAt(0)
  const short = SHORT[character]
  if (short !== undefined) return `'${short}'`
  if (code < 32 || code === 127) return `'\\x${hex(code, 2)}'`
  return (code > 127 && code < 161) || code === 173 ? `'\\u${hex(code, 4)}'` : `'${character}'`
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0')

const SHORT: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}
