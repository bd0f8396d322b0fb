/**
 * Field selectors, by the grammar and with the error texts of k8s.io/apimachinery/pkg/fields: `a.b=c,d!=e`. Which fields
 * may be asked for depends on the kind.
 */
import type { JsonObject, ResourceType } from '../resource.ts'
import { badRequest, StatusError } from '../status.ts'

/** One requirement of a selector. */
export interface Term {
  readonly field: string
  readonly negated: boolean
  readonly value: string
}

/** The terms of a selector, none for an empty one. Throws a 400 StatusError for bad syntax. */
export const parseFieldSelector = (text: string): readonly Term[] =>
  splitTerms(text)
    .filter((part) => part !== '')
    .map((part) => parseTerm(part, text))

/** Does an object, in the version of the type that is selected from, match? */
export type FieldSelector = (object: JsonObject) => boolean

/** What the terms choose, or undefined for none. Throws a 400 StatusError for a field that the kind does not have. */
export function fieldSelector(terms: readonly Term[], type: ResourceType): FieldSelector | undefined {
  if (terms.length === 0) return undefined
  const readers = terms.map((term) => ({ term, read: readerOf(term.field, type) }))
  return (object) => readers.every(({ term, read }) => (read(object) === term.value) !== term.negated)
}

/** The value that a field must have, if the selector says so (RequiresExactMatch). */
export const exactMatch = (terms: readonly Term[], field: string): string | undefined =>
  terms.find((term) => term.field === field && !term.negated)?.value

/** The name that everything selected has, if a selector of whatever form says so; undefined also for one that cannot be read. */
export function exactName(text: string): string | undefined {
  try {
    return exactMatch(parseFieldSelector(text), 'metadata.name')
  } catch (error) {
    if (error instanceof StatusError) return undefined
    throw error
  }
}

function splitTerms(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === ',') {
      terms.push(text.slice(start, index))
      start = index + 1
    }
  }
  terms.push(text.slice(start))
  return terms
}

function parseTerm(part: string, whole: string): Term {
  const match = /^(.*?)(!=|==|=)(.*)$/s.exec(part)
  if (match === null) throw badRequest(`invalid selector: '${whole}'; can't understand '${part}'`)
  const [, field = '', operator, value = ''] = match
  return { field, negated: operator === '!=', value: unescaped(value) }
}

function unescaped(value: string): string {
  let text = ''
  for (let at = 0; at < value.length; at++) {
    const character = value[at] as string
    if (character === '=') throw badRequest('invalid field selector: unescaped character in value: 61')
    const escaped = character === '\\' ? (value[++at] ?? '') : character
    if (character === '\\' && !['\\', ',', '='].includes(escaped))
      throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`)
    text += escaped
  }
  return text
}

function readerOf(field: string, type: ResourceType): (object: JsonObject) => string {
  const own = Object.hasOwn(type.selectableFields, field) ? type.selectableFields[field] : undefined
  if (own !== undefined) return own
  if (field === 'metadata.name' || (field === 'metadata.namespace' && type.namespaced)) {
    const key = field.slice('metadata.'.length)
    return (object) => textAt(object, key)
  }
  // Kinds that register a conversion function of their own answer in other words than those that do not.
  const speaks = type.custom || Object.keys(type.selectableFields).length > 0
  throw badRequest(
    speaks
      ? `field label not supported: ${field}`
      : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
  )
}

function textAt(object: JsonObject, key: string): string {
  const metadata = object.metadata as JsonObject | undefined
  const value = metadata?.[key]
  return typeof value === 'string' ? value : ''
}
