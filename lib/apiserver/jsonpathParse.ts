/**
 * The notation of JSON paths, as Kubernetes reads it: `.a.b`, `.a['b.c']`, `.a[0]`, `.a[1:3]`, `.a[*]`, `.a..b`, `.a[0,2]`,
 * `.a[?(@.type=="Ready")].b`. It is a walk along a line of steps; `jsonpath.ts` takes it.
 */

/** A bound of a slice; undefined where the text leaves it open. */
type Bound = number | undefined

export type Step =
  | { type: 'field'; name: string }
  | { type: 'slice'; from: Bound; to: Bound; step: Bound; isIndex: boolean }
  | { type: 'all' }
  | { type: 'recursive' }
  | { type: 'union'; parts: Step[][] }
  | { type: 'filter'; left: Step[]; operator: string; right: Step[] }
  | { type: 'value'; value: string | number | boolean }
  | { type: 'unknown'; name: string }

/** Where the reading of a path stands. */
interface Cursor {
  readonly text: string
  at: number
}

/** The steps of a path, undefined when it is none. Braces around it may be left out. */
export function parsePath(text: string): Step[] | undefined {
  const cursor: Cursor = { text: text.startsWith('{') ? text.slice(1) : `${text}}`, at: 0 }
  const steps: Step[] = []
  while (cursor.text[cursor.at] !== '}') {
    const added = parseStep(cursor, steps.at(-1))
    if (added === undefined) return undefined
    steps.push(...added)
  }
  return steps
}

/** The next steps (none for what is only passed), undefined at a mistake. */
function parseStep(cursor: Cursor, last: Step | undefined): Step[] | undefined {
  const rest = cursor.text.slice(cursor.at)
  if (rest.startsWith('[?(')) return parseFilter(cursor)
  if (rest.startsWith('..')) return parseRecursive(cursor, last)
  const first = rest[0]
  if (first === undefined || first === '\n' || first === '\r') return undefined
  if (' @$'.includes(first)) {
    cursor.at++
    return []
  }
  if (first === '[') return parseBracket(cursor)
  if (first === '"' || first === "'") return parseQuoted(cursor, first)
  if (first === '.') {
    cursor.at++
    return [fieldStep(takeName(cursor))]
  }
  if (/[+\-\d]/.test(first)) return parseNumber(cursor)
  return /[\p{L}\d_]/u.test(first) ? [wordStep(takeWord(cursor))] : undefined
}

const fieldStep = (name: string): Step =>
  name === '*' ? { type: 'all' } : { type: 'field', name: name.replaceAll('\\', '') }

/** What ends a name. A backslash takes the next character along. */
const ENDS = ' \t\r\n.,[]$@{}'

function takeName(cursor: Cursor): string {
  const start = cursor.at
  while (cursor.at < cursor.text.length && !ENDS.includes(cursor.text[cursor.at] as string))
    cursor.at += cursor.text[cursor.at] === '\\' ? 2 : 1
  return cursor.text.slice(start, cursor.at)
}

function takeWord(cursor: Cursor): string {
  const start = cursor.at
  while (cursor.at < cursor.text.length && !ENDS.includes(cursor.text[cursor.at] as string)) cursor.at++
  return cursor.text.slice(start, cursor.at)
}

const wordStep = (word: string): Step =>
  word === 'true' || word === 'false'
    ? { type: 'value', value: word === 'true' }
    : { type: 'unknown', name: word }

function parseRecursive(cursor: Cursor, last: Step | undefined): Step[] | undefined {
  if (last?.type === 'recursive') return undefined
  cursor.at += 2
  const next = cursor.text[cursor.at] ?? ''
  return /[\p{L}\d_]/u.test(next)
    ? [{ type: 'recursive' }, fieldStep(takeName(cursor))]
    : [{ type: 'recursive' }]
}

function parseNumber(cursor: Cursor): Step[] | undefined {
  const found = /^[+-]?[\d.]*/.exec(cursor.text.slice(cursor.at))?.[0] ?? ''
  cursor.at += found.length
  const value = Number(found)
  return found === '' || Number.isNaN(value) || /^[+-]?\.?$/.test(found)
    ? undefined
    : [{ type: 'value', value }]
}

function parseQuoted(cursor: Cursor, quote: string): Step[] | undefined {
  const { text } = cursor
  for (let end = cursor.at + 1; end < text.length && text[end] !== '\n'; end++) {
    if (text[end] !== quote || text[end - 1] === '\\') continue
    const value = text.slice(cursor.at + 1, end).replaceAll(/\\(.)/g, '$1')
    cursor.at = end + 1
    return [{ type: 'value', value }]
  }
  return undefined
}

const DICT_KEY = /^'([^']*)'$/
const SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/

function parseBracket(cursor: Cursor): Step[] | undefined {
  const end = cursor.text.indexOf(']', cursor.at)
  const inside = cursor.text.slice(cursor.at + 1, end)
  if (end < 0 || inside.includes('\n')) return undefined
  cursor.at = end + 1
  return bracketSteps(inside)
}

function bracketSteps(inside: string): Step[] | undefined {
  const parts = inside.split(',')
  if (parts.length > 1) {
    const read = parts.map((part) => parsePath(`[${part.trim()}]`))
    return read.includes(undefined)
      ? undefined
      : [{ type: 'union', parts: read.filter((one) => one !== undefined) }]
  }
  const key = DICT_KEY.exec(inside)
  // What stands between the quotes is read on as a path: a dot in it divides, as ever.
  if (key !== null) return parsePath(`.${key[1]}`)
  const slice = SLICE.exec(inside === '*' ? ':' : inside)
  if (slice === null || slice[1] === '-' || slice[2] === ':-' || slice[3] === ':-') return undefined
  return [sliceStep(slice[1] ?? '', slice[2], slice[3])]
}

function sliceStep(first: string, second: string | undefined, third: string | undefined): Step {
  const bound = (text: string | undefined): Bound =>
    text === undefined || text === '' || text === ':' ? undefined : Number(text.replace(':', ''))
  const from = bound(first)
  const isIndex = second === undefined
  return { type: 'slice', from, to: isIndex ? (from ?? 0) + 1 : bound(second), step: bound(third), isIndex }
}

const COMPARISON = /^([^!<>=]+)([!<>=]+)(.+)$/

function parseFilter(cursor: Cursor): Step[] | undefined {
  cursor.at += '[?('.length
  const start = cursor.at
  const end = endOfFilter(cursor.text, start)
  if (end === undefined || cursor.text[end + 1] !== ']') return undefined
  cursor.at = end + 2
  const inside = cursor.text.slice(start, end)
  const [, left = inside, operator = 'exists', right] = COMPARISON.exec(inside) ?? []
  const leftSteps = parsePath(left)
  const rightSteps = right === undefined ? [] : parsePath(right)
  if (leftSteps === undefined || rightSteps === undefined) return undefined
  return [{ type: 'filter', left: leftSteps, operator, right: rightSteps }]
}

/** The parenthesis that closes a filter: one outside of the only pair of quotes that it may hold. */
function endOfFilter(text: string, start: number): number | undefined {
  let quote = ''
  let isClosed = false
  for (let at = start; at < text.length && text[at] !== '\n'; at++) {
    const char = text[at] as string
    if ((char === '"' || char === "'") && quote === '') quote = char
    else if (char === quote && text[at - 1] !== '\\') isClosed = true
    else if (char === ')' && (quote === '' || isClosed)) return at
  }
  return undefined
}
