/**
 * One step of a field's path, as text in the form of FieldsV1: `f:name` a field, `k:{"name":"x"}` the item of a keyed list,
 * `v:"x"` the item of a set, `i:0` an index. Two steps are the same exactly when their texts are, so numbers, strings and keys
 * are always written in one way (sigs.k8s.io/structured-merge-diff, fieldpath/serialize-pe.go).
 */
import type { Json, JsonObject } from '../resource.ts'
import { isObject, member } from './json.ts'

/** The characters that Go's JSON encoder escapes beyond those that JSON requires. */
const HTML = /[<>&\u2028\u2029]/g

const escapeHtml = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A scalar as Go writes it in JSON. */
export const literal = (value: Json): string => {
  const text = JSON.stringify(value)
  return typeof value === 'number' || typeof value === 'boolean' ? text : text.replace(HTML, escapeHtml)
}

export const fieldStep = (name: string): string => `f:${name}`

export const valueStep = (value: Json): string => `v:${literal(value)}`

export const indexStep = (index: number): string => `i:${index}`

/** The step of a keyed item: its keys sorted by name. */
export function keyStep(keys: readonly (readonly [string, Json])[]): string {
  const sorted = keys.length < 2 ? keys : keys.toSorted(([a], [b]) => (a === b ? 0 : a < b ? -1 : 1))
  return `k:{${sorted.map(([name, value]) => `${literal(name)}:${literal(value)}`).join(',')}}`
}

/** Unknown kinds of steps are left out by the real server rather than refused: a later version may know them. */
export type ParsedStep = { readonly step: string } | 'unknown'

/** Brings a client's spelling of a step into the one spelling. Throws when it is malformed. */
export function parseStep(text: string): ParsedStep {
  if (text.length < 2 || text[1] !== ':') throw new SyntaxError(`missing colon: ${text}`)
  const content = text.slice(2)
  switch (text[0]) {
    case 'f':
      return { step: text }
    case 'v':
      return { step: valueStep(JSON.parse(content) as Json) }
    case 'i':
      if (!/^[+-]?\d+$/.test(content)) throw new SyntaxError(`not an index: ${text}`)
      return { step: indexStep(Number(content)) }
    case 'k': {
      const keys = JSON.parse(content) as Json
      if (!isObject(keys)) throw new SyntaxError(`not a key: ${text}`)
      return { step: keyStep(Object.keys(keys).map((name) => [name, member(keys, name) as Json])) }
    }
    default:
      return 'unknown'
  }
}

/** How a step is written in messages: `.name`, `[name="x"]`, `[="x"]`, `[0]`. */
export function printStep(step: string): string {
  const content = step.slice(2)
  switch (step[0]) {
    case 'f':
      return `.${content}`
    case 'v':
      return `[=${printScalar(JSON.parse(content) as Json)}]`
    case 'k': {
      const keys = JSON.parse(content) as JsonObject
      return `[${Object.keys(keys)
        .map((name) => `${name}=${printScalar(member(keys, name) as Json)}`)
        .join(',')}]`
    }
    default:
      return `[${content}]`
  }
}

export const printPath = (path: readonly string[]): string => path.map(printStep).join('')

const printScalar = (value: Json): string =>
  typeof value === 'string' ? JSON.stringify(value) : String(value)

/** The canonical order: fields, keyed items, values, indices; then by content, numbers before texts. */
export function compareSteps(a: string, b: string): number {
  const kind = (KINDS.get(a[0] as string) ?? 9) - (KINDS.get(b[0] as string) ?? 9)
  if (kind !== 0) return kind
  if (a === b) return 0
  switch (a[0]) {
    case 'v':
      return compareScalars(JSON.parse(a.slice(2)) as Json, JSON.parse(b.slice(2)) as Json)
    case 'k':
      return compareKeys(JSON.parse(a.slice(2)) as JsonObject, JSON.parse(b.slice(2)) as JsonObject)
    case 'i':
      return Number(a.slice(2)) - Number(b.slice(2))
    default:
      return a < b ? -1 : 1
  }
}

const KINDS: ReadonlyMap<string, number> = new Map([
  ['f', 0],
  ['k', 1],
  ['v', 2],
  ['i', 3],
])

function compareKeys(a: JsonObject, b: JsonObject): number {
  const names = Object.keys(a)
  const others = Object.keys(b)
  for (const [at, name] of names.entries()) {
    const other = others[at]
    if (other === undefined) return 1
    if (name !== other) return name < other ? -1 : 1
    const order = compareScalars(member(a, name) as Json, member(b, name) as Json)
    if (order !== 0) return order
  }
  return names.length - others.length
}

const SCALARS = ['number', 'string', 'boolean']

function compareScalars(a: Json, b: Json): number {
  if (a === b) return 0
  const kind = SCALARS.indexOf(typeof a) - SCALARS.indexOf(typeof b)
  if (kind !== 0 || a === null || b === null) return kind
  return a < b ? -1 : 1
}
