/**
 * What the tokens of one run stand for, and the promises between them: a token keeps its value, two uids differ, a later
 * resourceVersion is greater. Tokens are bound as answers are compared, and filled into the requests that follow.
 */
import { isObject, type Json } from './json.ts'
import { lookup } from './pointer.ts'
import { formOf, isFormOnly, isNumbered, isPort, partsOf, TOKEN } from './tokens.ts'

/** Values by token. */
export type Bindings = Map<string, string>

/** The answers of earlier steps, which `<ref:STEP#POINTER>` refers to. */
export type Bodies = ReadonlyMap<string, Json | undefined>

const REFERENCE = /<ref:([^#>]+)#([^>]*)>/g

/** Puts values in place of tokens. Throws where a token or a reference has none in this run. */
export function fillText(bindings: Bindings, text: string, bodies?: Bodies): string {
  return text
    .replace(REFERENCE, (reference, id: string, pointer: string) => {
      const value = lookup(bodies?.get(id), pointer)
      if (value === undefined) throw new Error(`${reference} has no value in this run`)
      return String(value)
    })
    .replace(TOKEN, (token) => {
      const value = bindings.get(token)
      if (value !== undefined) return value
      if (isFormOnly(token)) return token
      throw new Error(`${token} has no value in this run`)
    })
}

/** The same for every string of a value, keys included; an allocated port becomes a number. */
export const fill = <T>(bindings: Bindings, value: T, bodies?: Bodies): T =>
  // Strings stay strings and everything else stays what it is; a port is a number wherever it is JSON.
  filled(bindings, value, bodies) as T

function filled(bindings: Bindings, value: unknown, bodies?: Bodies): unknown {
  if (typeof value === 'string') {
    const text = fillText(bindings, value, bodies)
    return isPort(value) && bindings.has(value) ? Number(text) : text
  }
  if (Array.isArray(value)) return value.map((item) => filled(bindings, item, bodies))
  if (!isObject(value)) return value
  const members = Object.entries(value)
  return Object.fromEntries(
    members.map(([key, item]) => [fillText(bindings, key, bodies), filled(bindings, item, bodies)]),
  )
}

/** Matches a text with tokens and binds those seen for the first time. Returns what is wrong, or undefined. */
export function match(bindings: Bindings, expected: string, actual: string): string | undefined {
  const { pattern, fresh } = toPattern(bindings, expected)
  const found = pattern.exec(actual)
  if (found === null) return 'differs'
  for (const [index, token] of fresh.entries()) {
    const wrong = bind(bindings, token, found[index + 1] ?? '')
    if (wrong !== undefined) return wrong
  }
  return undefined
}

/** The expression that an expected text stands for; its groups are the tokens that have no value yet, in order. */
function toPattern(bindings: Bindings, expected: string): { pattern: RegExp; fresh: string[] } {
  const fresh: string[] = []
  let source = ''
  let end = 0
  for (const { 0: token, index } of expected.matchAll(TOKEN)) {
    source += quote(expected.slice(end, index)) + sourceOf(bindings, token, fresh)
    end = index + token.length
  }
  return { pattern: new RegExp(`^${source}${quote(expected.slice(end))}$`), fresh }
}

const quote = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function sourceOf(bindings: Bindings, token: string, fresh: string[]): string {
  const bound = bindings.get(token)
  if (bound !== undefined) return quote(bound)
  // Two times of one text need not be the same second: only what is numbered is the same throughout.
  if (!isNumbered(token)) return `(?:${formOf(token)})`
  const seen = fresh.indexOf(token)
  if (seen >= 0) return `(?:\\${seen + 1})`
  fresh.push(token)
  return `(${formOf(token)})`
}

function bind(bindings: Bindings, token: string, value: string): string | undefined {
  bindings.set(token, value)
  for (const [other, held] of bindings) {
    const wrong = other === token ? undefined : promiseBroken(token, value, other, held)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const isVersion = (kind: string): boolean => kind === 'rv' || kind === 'listrv'

/** What two tokens promise of each other, and do not keep. */
function promiseBroken(token: string, value: string, other: string, held: string): string | undefined {
  const one = partsOf(token)
  const two = partsOf(other)
  if (one.kind === 'uid' && two.kind === 'uid' && value === held)
    return `${token} has the same value as ${other}`
  if (!isVersion(one.kind) || !isVersion(two.kind)) return undefined
  const isLater = two.number < one.number
  const [low, high] = isLater ? [held, value] : [value, held]
  const kind = isLater ? one.kind : two.kind
  // A list may have the version of the object written last; an object has one of its own.
  const isKept = kind === 'listrv' ? BigInt(low) <= BigInt(high) : BigInt(low) < BigInt(high)
  return isKept ? undefined : `order: ${token} is ${value} but ${other} is ${held}`
}
