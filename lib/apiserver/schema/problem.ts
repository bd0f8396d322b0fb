/**
 * Problems of fields in the words of the real server: its `field.Error` texts, with values printed as Go prints them.
 */

import { goQuote } from '../quote.ts'
import type { Json, JsonObject, Problem } from '../resource.ts'

/** JSON as Go's encoder writes it: keys of objects sorted, and `<`, `>`, `&` escaped. */
export const goJson = (value: Json): string =>
  JSON.stringify(sorted(value)).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const sorted = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const keys = Object.keys(value).sort()
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null)]))
}

/**
 * What Go decodes as an integer; anything larger is a float there, whatever it looks like. (The largest int64 is not told
 * from the next number here: JavaScript has one value for both.)
 */
export const isInt64 = (value: number): boolean => Number.isInteger(value) && Math.abs(value) <= 2 ** 63

/** Go's %v of a float64: with an exponent from a million on, and below a ten thousandth. */
const goFloat = (value: number): string => {
  const [digits, exponent = ''] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(value)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

/** An object as Go's encoder writes a struct: the fields that are there, in the order of its type. */
export const goStruct = (object: JsonObject, fields: readonly string[]): string => {
  const members = fields.filter((name) => object[name] !== undefined)
  return `{${members.map((name) => `${JSON.stringify(name)}:${goJson(object[name] ?? null)}`).join(',')}}`
}

/** A string in quotes, a scalar as it is, everything else as JSON. */
const shown = (value: Json): string => {
  if (typeof value === 'string') return goQuote(value)
  return typeof value === 'number' && !isInt64(value) ? goFloat(value) : goJson(value)
}

/** `value` as it stands in the text; `undefined` leaves the value out, as CEL rules on objects do. */
export const invalid = (field: string, value: Json | undefined, detail: string): Problem => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${value === undefined ? '' : `${shown(value)}: `}${detail}`,
})

/** Like {@link invalid}, with a value that was printed already (a Go struct in its own field order). */
export const invalidPrinted = (field: string, value: string, detail: string): Problem => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${value}${detail === '' ? '' : `: ${detail}`}`,
})

export const typeInvalid = (field: string, value: Json, detail: string): Problem => ({
  reason: 'FieldValueTypeInvalid',
  field,
  message: `Invalid value: ${shown(value)}: ${detail}`,
})

export const required = (field: string, detail = ''): Problem => ({
  reason: 'FieldValueRequired',
  field,
  message: detail === '' ? 'Required value' : `Required value: ${detail}`,
})

/** `supported` is listed in the order given; the real server sorts what it keeps in a set. */
export const notSupported = (field: string, value: Json, supported: readonly string[]): Problem => ({
  reason: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${shown(value)}: supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
})

/** The same for a whole Go struct, printed already. */
export const unsupportedStruct = (field: string, value: string, supported: readonly string[]): Problem => ({
  reason: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${value}: supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
})

export const duplicate = (field: string, value?: Json): Problem => ({
  reason: 'FieldValueDuplicate',
  field,
  message: value === undefined ? 'Duplicate value' : `Duplicate value: ${shown(value)}`,
})

export const forbidden = (field: string, detail: string): Problem => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${detail}`,
})

export const tooLong = (field: string, bytes: number): Problem => ({
  reason: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${bytes} bytes`,
})

export const tooMany = (field: string, actual: number, max: number): Problem => ({
  reason: 'FieldValueTooMany',
  field,
  message: `Too many: ${actual}: must have at most ${max} items`,
})

/** The wording of immutable fields. */
export const immutable = (field: string, value: Json): Problem => invalid(field, value, 'field is immutable')
