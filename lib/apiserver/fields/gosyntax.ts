/**
 * JSON values as Go prints them, for messages that are Go's word for word.
 */
import type { Json } from '../resource.ts'
import { member } from './json.ts'

/** Is this what Go reads as an integer? Beyond 64 bits it is a float. */
export const isInt64 = (value: number): boolean =>
  Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63

/** Go's `%T`. */
export function goType(value: Json): string {
  if (value === null) return '<nil>'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return isInt64(value) ? 'int64' : 'float64'
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'
}

/** Go's `%v` of a number: what is no integer has an exponent from a million on, and below a ten-thousandth. */
export function goNumber(value: number): string {
  if (isInt64(value)) return String(value)
  const [digits = '', power = ''] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return String(value)
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

/** Go's `%v`. */
export function goText(value: Json): string {
  if (value === null) return '<nil>'
  if (typeof value === 'number') return goNumber(value)
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const members = Object.keys(value)
    .sort()
    .map((name) => `${name}:${goText(member(value, name) as Json)}`)
  return `map[${members.join(' ')}]`
}

/** Go's `%s`: whatever is no text is marked as such. */
export function goString(value: Json): string {
  if (typeof value === 'string') return value
  if (value === null) return '%!s(<nil>)'
  if (Array.isArray(value)) return `[${value.map(goString).join(' ')}]`
  if (typeof value !== 'object') return `%!s(${goType(value)}=${goText(value)})`
  const members = Object.keys(value)
    .sort()
    .map((name) => `${name}:${goString(member(value, name) as Json)}`)
  return `map[${members.join(' ')}]`
}

/** Go's `%#v`. */
export function goSyntax(value: Json): string {
  if (value === null) return 'interface {}(nil)'
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (typeof value !== 'object') return String(value)
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${goSyntax(member(value, name) as Json)}`)
  return `map[string]interface {}{${members.join(', ')}}`
}
