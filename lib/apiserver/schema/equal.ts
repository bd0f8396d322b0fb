/**
 * Reading and comparing JSON without a schema.
 */

import type { Json, JsonObject } from '../resource.ts'

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same JSON, whatever the order of keys. */
export const isEqual = (one: Json | undefined, other: Json | undefined): boolean => {
  if (one === other) return true
  if (Array.isArray(one)) return Array.isArray(other) && areEqualLists(one, other)
  return isObject(one) && isObject(other) && areEqualObjects(one, other)
}

const areEqualLists = (one: Json[], other: Json[]): boolean =>
  one.length === other.length && one.every((item, index) => isEqual(item, other[index]))

const areEqualObjects = (one: JsonObject, other: JsonObject): boolean => {
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every(
      (key) => (other[key] !== undefined || Object.hasOwn(other, key)) && isEqual(one[key], other[key]),
    )
  )
}

/** The object at a key, or an empty one: for reading only. */
export const objectAt = (value: Json | undefined, ...path: string[]): JsonObject => {
  const found = at(value, ...path)
  return isObject(found) ? found : {}
}

/** The list at a path, or an empty one: for reading only. */
export const listAt = (value: Json | undefined, ...path: string[]): Json[] => {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The string at a path, or an empty one. */
export const stringAt = (value: Json | undefined, ...path: string[]): string => {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : ''
}

/** The number at a path, if there is one. */
export const numberAt = (value: Json | undefined, ...path: string[]): number | undefined => {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : undefined
}

/** What stands at a path of keys. */
export const at = (value: Json | undefined, ...path: string[]): Json | undefined => {
  let found = value
  for (const key of path) {
    if (!isObject(found)) return undefined
    found = found[key]
  }
  return found
}
