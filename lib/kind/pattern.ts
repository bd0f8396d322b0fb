/**
 * JavaScript regular expressions as the API server's (RE2): a source goes in, the same pattern comes out in the syntax
 * that both understand, or the reason why there is none. Nothing is matched here.
 */

/** `pattern`, or the `problem` that keeps this expression out of a schema. */
export type Translation = { readonly pattern: string } | { readonly problem: string }

/** Flags without meaning for a test of one value. The others change what matches, and a schema cannot carry them. */
const HARMLESS = /^[dgu]*$/
/** RE2 refuses a longer repetition. */
const MOST_REPEATS = 1000
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/

/** Translates. The result means the same in RE2 and in JavaScript (with the `u` flag). */
export function toRe2(regex: RegExp): Translation {
  if (!HARMLESS.test(regex.flags))
    return { problem: `flag "${regex.flags}" cannot be carried by a schema: write it into the pattern` }
  const out: string[] = []
  const reading: Reading = { source: regex.source, at: 0, inClass: false, isUnicode: regex.unicode }
  while (reading.at < reading.source.length) {
    const step = next(reading)
    if ('problem' in step) return { problem: `${step.problem}: the API server's RE2 has no such thing` }
    out.push(step.text)
    reading.at += step.length
  }
  return { pattern: out.join('') }
}

interface Reading {
  readonly source: string
  readonly isUnicode: boolean
  at: number
  inClass: boolean
}

/** `length` characters of the source were read and become `text`. */
type Step = { readonly text: string; readonly length: number } | { readonly problem: string }

function next(reading: Reading): Step {
  const rest = reading.source.slice(reading.at)
  if (rest[0] === '\\') return escaped(rest, reading)
  return reading.inClass ? inClass(rest, reading) : outside(rest, reading)
}

function inClass(rest: string, reading: Reading): Step {
  if (rest[0] === ']') reading.inClass = false
  // RE2 reads `[[:` as the start of a POSIX class.
  return rest[0] === '[' ? { text: '\\[', length: 1 } : { text: rest[0] ?? '', length: 1 }
}

function outside(rest: string, reading: Reading): Step {
  if (rest[0] === '[') return openClass(rest, reading)
  if (rest.startsWith('(?')) return group(rest)
  const repeat = /^\{(\d+)(?:,(\d*))?\}/.exec(rest)
  if (repeat) {
    if (Math.max(Number(repeat[1]), Number(repeat[2] ?? 0)) > MOST_REPEATS)
      return { problem: `repetition ${repeat[0]} of more than ${MOST_REPEATS}` }
    return { text: repeat[0], length: repeat[0].length }
  }
  const character = rest[0] ?? ''
  return { text: '{}]'.includes(character) ? `\\${character}` : character, length: 1 }
}

function openClass(rest: string, reading: Reading): Step {
  const start = rest.startsWith('[^') ? '[^' : '['
  if (rest[start.length] === ']') return { problem: `empty class ${start}]` }
  reading.inClass = true
  return { text: start, length: start.length }
}

function group(rest: string): Step {
  if (rest.startsWith('(?:')) return { text: '(?:', length: 3 }
  const named = /^\(\?<[\p{L}_$][\p{L}\p{N}_$]*>/u.exec(rest)
  if (named) return { text: '(', length: named[0].length }
  const around = /^\(\?<?[=!]/.exec(rest)
  return { problem: around ? `lookaround ${around[0]}...)` : `group ${rest.slice(0, 4)}...)` }
}

function escaped(rest: string, reading: Reading): Step {
  const character = rest[1] ?? ''
  if (character === 'b' && reading.inClass) return { text: '\\x08', length: 2 }
  if ('dDwWsSbBfnrtv'.includes(character)) return { text: rest.slice(0, 2), length: 2 }
  if (character === 'u' || character === 'x') return codePoint(rest, reading)
  if (character === 'p' || character === 'P') return property(rest, reading)
  if (character === '0' && !/^\\0\d/.test(rest)) return { text: '\\x00', length: 2 }
  if (/[1-9k]/.test(character)) return { problem: `backreference \\${character}` }
  if (/[a-zA-Z0]/.test(character)) return { problem: `escape \\${character}` }
  // A hyphen keeps its escape inside a class; outside, `\-` is an error with the u flag.
  const keeps = SYNTAX.test(character) || (character === '-' && reading.inClass)
  return { text: keeps ? `\\${character}` : character, length: 1 + character.length }
}

function codePoint(rest: string, reading: Reading): Step {
  const match = /^\\u\{([0-9a-fA-F]+)\}|^\\u([0-9a-fA-F]{4})|^\\x([0-9a-fA-F]{2})/.exec(rest)
  if (!match || (match[1] !== undefined && !reading.isUnicode))
    return { problem: `escape ${rest.slice(0, 4)}` }
  const code = Number.parseInt(match[1] ?? match[2] ?? match[3] ?? '', 16)
  if (code >= 0xd800 && code <= 0xdfff) return { problem: `surrogate ${match[0]}` }
  if (code < 0x80) return { text: `\\x${code.toString(16).padStart(2, '0')}`, length: match[0].length }
  return { text: String.fromCodePoint(code), length: match[0].length }
}

function property(rest: string, reading: Reading): Step {
  const match = /^\\[pP]\{[A-Z][a-z]?\}/.exec(rest)
  if (!match || !reading.isUnicode) return { problem: `property ${/^..(?:\{[^}]*\})?/.exec(rest)?.[0]}` }
  return { text: match[0], length: match[0].length }
}
