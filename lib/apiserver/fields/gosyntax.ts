/**
 * JSON values as Go prints them, for messages that are Go's word for word.
 */
import type { Json } from '../resource.ts'
import { member } from './json.ts'

/** Go's `%T`. */
export function goType(value: Json): string {
  if (value === null) return '<nil>'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'
}

/** Go's `%v`. */
export function goText(value: Json): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const members = Object.keys(value)
    .sort()
    .map((name) => `${name}:${goText(member(value, name) as Json)}`)
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
