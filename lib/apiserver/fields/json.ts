/**
 * The few questions that everything in this folder asks of JSON: what kind of value it is, whether two are equal, and how a
 * member is read and set safely. Objects come from clients, so a key may be `__proto__` or `constructor`: members are only
 * read when they are an object's own, and set as own data.
 */
import type { Json, JsonObject } from '../resource.ts'

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An own member, never one of the prototype. */
export const member = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined

/** An own member that is an object, else undefined. */
export function objectAt(object: JsonObject, key: string): JsonObject | undefined {
  const value = member(object, key)
  return isObject(value) ? value : undefined
}

/** Sets an own member whatever its name: a plain assignment to `__proto__` would change the prototype instead. */
export function put(object: JsonObject, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  else object[key] = value
}

/** `{}`, `[]` and null are all "empty": server-side apply treats them as one leaf. Absent is empty too. */
export const isEmpty = (value: Json | undefined): boolean => {
  if (value === undefined || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** Deep equality; the order of members does not count, a null member differs from an absent one. */
export function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, at) => isEqual(item, b[at]))
    )
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
  )
}

/** A copy of JSON that may be changed, whatever the original is. */
export function copyOf<T extends Json>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf) as T
  const copy: JsonObject = {}
  for (const key of Object.keys(value)) put(copy, key, copyOf(value[key] as Json))
  return copy as T
}
