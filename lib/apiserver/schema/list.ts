/**
 * Lists that are sets or maps may not hold a value or a key twice (`x-kubernetes-list-type`).
 */

import type { Json, Problem, Schema } from '../resource.ts'
import { declared, schemaOf } from './declared.ts'
import { isObject } from './equal.ts'
import { duplicate, goJson, invalid } from './problem.ts'

/** The duplicates in all sets and keyed lists below a value. */
export const listProblems = (value: Json, schema: Schema, path: string): Problem[] => {
  if (Array.isArray(value)) {
    const { items } = schema
    const below = items ? value.flatMap((item, index) => listProblems(item, items, `${path}[${index}]`)) : []
    return [...duplicates(value, schema, path), ...below]
  }
  // Metadata is a Go type, which knows no sets.
  if (!isObject(value) || schema['x-go-type'] === 'ObjectMeta') return []
  return Object.entries(value).flatMap(([name, member]) => {
    if (typeof member !== 'object') return []
    const declaration = schemaOf(schema, name)
    if (declaration === undefined) return []
    const isNamed = declared(schema, name) !== undefined
    const step = isNamed ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`
    return listProblems(member, declaration, step)
  })
}

const duplicates = (list: Json[], schema: Schema, path: string): Problem[] => {
  const type = schema['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return []
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const seen = new Map<string, number>()
  return list.flatMap((item, index) => {
    if (type === 'map' && !isObject(item))
      return [invalid(`${path}[${index}]`, item, 'must be an object for an array of list-type map')]
    const key = type === 'set' ? item : keyOf(item, keys)
    const text = goJson(key)
    const times = seen.get(text) ?? 0
    seen.set(text, times + 1)
    return times === 1 || (times > 1 && type === 'map') ? [duplicate(`${path}[${index}]`, key)] : []
  })
}

const keyOf = (item: Json, keys: readonly string[]): Json =>
  isObject(item)
    ? Object.fromEntries(
        keys.filter((key) => Object.hasOwn(item, key)).map((key) => [key, item[key] ?? null]),
      )
    : item
