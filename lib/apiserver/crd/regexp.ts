/**
 * Mistakes in patterns, in the words of Go's regexp (RE2): a walk over the pattern that only looks for them.
 */

/** What is wrong with a pattern, or undefined. */
export const regexpError = (pattern: string): string | undefined => {
  try {
    walk(pattern)
    return undefined
  } catch (error) {
    if (error instanceof Mistake) return `error parsing regexp: ${error.message}: \`${error.at}\``
    throw error
  }
}

class Mistake extends Error {
  readonly at: string

  constructor(what: string, at: string) {
    super(what)
    this.at = at
  }
}

const REPEAT = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??/
/** RE2 repeats nothing more often. */
const MOST = 1000

function walk(pattern: string): void {
  let depth = 0
  /** The repetition right before, '' after an atom, undefined where nothing can be repeated. */
  let last: string | undefined
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at)
    const repeat = REPEAT.exec(rest)
    let taken = 1
    if (repeat !== null) {
      checkRepeat(repeat, last)
      taken = repeat[0].length
      last = repeat[0]
    } else if (rest.startsWith('(')) {
      depth++
      taken = groupOf(rest)
      if (rest[taken - 1] === ')') depth--
      last = undefined
    } else if (rest.startsWith(')')) {
      if (--depth < 0) throw new Mistake('unexpected )', pattern)
      last = ''
    } else if (rest.startsWith('|')) last = undefined
    else {
      taken = rest.startsWith('[') ? classOf(rest) : rest.startsWith('\\') ? escapeOf(rest) : 1
      last = ''
    }
    at += taken
  }
  if (depth > 0) throw new Mistake('missing closing )', pattern)
}

function checkRepeat([text, least, most]: RegExpExecArray, last: string | undefined): void {
  if (Number(least ?? 0) > MOST || Number(most || 0) > MOST || (most && Number(most) < Number(least)))
    throw new Mistake('invalid repeat count', text.replace(/\?$/, ''))
  if (last === undefined) throw new Mistake('missing argument to repetition operator', text)
  if (last !== '') throw new Mistake('invalid nested repetition operator', last + text)
}

/** How long the opening of a group is: `(`, `(?:`, `(?i)`, `(?P<name>`. */
function groupOf(rest: string): number {
  if (!rest.startsWith('(?')) return 1
  const named = /^\(\?P?</.exec(rest)
  if (named !== null) {
    const end = rest.indexOf('>')
    if (end < 0) throw new Mistake('invalid named capture', rest)
    if (!/^\w+$/.test(rest.slice(named[0].length, end)))
      throw new Mistake('invalid named capture', rest.slice(0, end + 1))
    return end + 1
  }
  const flags = /^\(\?[imsU]*(?:-[imsU]+)?/.exec(rest)?.[0] ?? '(?'
  const next = rest[flags.length]
  if (next !== ':' && next !== ')')
    throw new Mistake('invalid or unsupported Perl syntax', rest.slice(0, flags.length + 1))
  return flags.length + 1
}

/** How long a class in brackets is. */
function classOf(rest: string): number {
  let at = rest.startsWith('[^') ? 2 : 1
  for (let isFirst = true; rest[at] !== ']' || isFirst; isFirst = false) {
    if (at >= rest.length) throw new Mistake('missing closing ]', rest)
    const posix = /^\[:(\^?\w+):\]/.exec(rest.slice(at))
    if (posix !== null) {
      if (!POSIX.test(posix[1] ?? '')) throw new Mistake('invalid character class range', posix[0])
      at += posix[0].length
      continue
    }
    const from = memberOf(rest, at)
    if (rest[from.end] !== '-' || rest[from.end + 1] === ']' || rest[from.end + 1] === undefined) {
      at = from.end
      continue
    }
    const to = memberOf(rest, from.end + 1)
    if (to.code === undefined) throw new Mistake('invalid escape sequence', rest.slice(from.end + 1, to.end))
    if (from.code === undefined || to.code < from.code)
      throw new Mistake('invalid character class range', rest.slice(at, to.end))
    at = to.end
  }
  return at + 1
}

const POSIX = /^\^?(alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit)$/

/** One character of a class, and where it ends; classes like `\d` have no code. */
function memberOf(rest: string, at: number): { code: number | undefined; end: number } {
  const code = rest.codePointAt(at)
  if (code === undefined) throw new Mistake('missing closing ]', rest)
  if (rest[at] !== '\\') return { code, end: at + (code > 0xffff ? 2 : 1) }
  const length = escapeOf(rest.slice(at))
  const text = rest.slice(at, at + length)
  return { code: /^\\[dDsSwWpP]/.test(text) ? undefined : rest.codePointAt(at + 1), end: at + length }
}

/** How long an escape is. */
function escapeOf(rest: string): number {
  if (rest.length === 1) throw new Mistake('trailing backslash at end of expression', '')
  const quoted = /^\\Q[\s\S]*?(?:\\E|$)/.exec(rest)
  if (quoted !== null) return quoted[0].length
  const unicode = /^\\[pP](?:\{\^?(\w*)\}|(\w))/.exec(rest)
  if (unicode !== null) {
    if (!isUnicodeClass(unicode[1] ?? unicode[2] ?? ''))
      throw new Mistake('invalid character class range', unicode[0])
    return unicode[0].length
  }
  const known =
    /^\\(?:[1-7][0-7]{1,2}|0[0-7]{0,2}|x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]+\}|[afnrtvdDsSwWbBAzC]|[^\w\s])/u.exec(
      rest,
    )
  if (known === null) throw new Mistake('invalid escape sequence', rest.slice(0, 2))
  return known[0].length
}

function isUnicodeClass(name: string): boolean {
  return [name, `Script=${name}`].some((property) => isProperty(property))
}

function isProperty(name: string): boolean {
  try {
    return new RegExp(`\\p{${name}}`, 'u').unicode
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
