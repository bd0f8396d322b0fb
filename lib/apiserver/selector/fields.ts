/**
 * Field selectors, by the grammar and with the error texts of k8s.io/apimachinery/pkg/fields: `a.b=c,d!=e`. Which fields
 * may be asked for depends on the kind.
 */
import type { JsonObject, ResourceType } from '../resource.ts'
import { badRequest, StatusError } from '../status.ts'

/** Does this object (in the version of the type that the selector was parsed for) match? */
export type FieldSelector = (object: JsonObject) => boolean

interface Term {
  field: string
  negated: boolean
  value: string
}

/** The selector, or undefined for an empty one. Throws a 400 StatusError for bad syntax or an unknown field. */
export function parseFieldSelector(text: string, type: ResourceType): FieldSelector | undefined {
  const terms = fieldTermsOf(text)
  if (terms.length === 0) return undefined
  const readers = terms.map((term) => ({ term, read: readerOf(term.field, type) }))
  return (object) => readers.every(({ term, read }) => (read(object) === term.value) !== term.negated)
}

/** The terms of a selector. Throws 400 for bad syntax. */
export const fieldTermsOf = (text: string): Term[] =>
  splitTerms(text)
    .filter((part) => part !== '')
    .map((part) => parseTerm(part, text))

/** The name that a selector pins, if it does: such a list needs no scan. */
export function pinnedName(text: string): string | undefined {
  const terms = splitTerms(text).filter((part) => part !== '')
  const [only] = terms
  if (terms.length !== 1 || only === undefined) return undefined
  const match = /^metadata\.name==?([^=!\\]+)$/.exec(only)
  return match?.[1]
}

/** The name that everything selected has, if a selector of whatever form says so; undefined also for one that cannot be read. */
export function exactName(text: string): string | undefined {
  try {
    const terms = fieldTermsOf(text)
    return terms.find(({ field, negated }) => field === 'metadata.name' && !negated)?.value
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
  const strange = /^(?:[^\\=]|\\[\\,=])*(\\.?|=)/s.exec(value)?.[1]
  if (strange === '=') throw badRequest('invalid field selector: unescaped character in value: 61')
  if (strange !== undefined) throw badRequest(`invalid field selector: invalid escape sequence: ${strange}`)
  return value.replaceAll(/\\([\\,=])/g, '$1')
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
