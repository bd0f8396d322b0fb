/** `x-kubernetes-list-type` and `-list-map-keys`: sets of what can be compared, maps with keys that are always there. */

import type { Problem, Schema } from '../resource.ts'
import { declared } from '../schema/declared.ts'
import { forbidden, invalid, notSupported, required } from '../schema/problem.ts'
import { itemsOf } from './structural.ts'

const LIST_TYPES = ['atomic', 'set', 'map']

/** The problems of what the schema at `path` says of itself as a list. */
export const listProblems = (schema: Schema, path: string): Problem[] => {
  const type: string | undefined = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const field = `${path}.x-kubernetes-list-type`
  const problems = type === undefined ? [] : typeProblems(schema, type, path)
  if (keys.length > 0 && type !== 'map') {
    const text = 'must be map if x-kubernetes-list-map-keys is non-empty'
    problems.push(type === undefined ? required(field, text) : invalid(field, type, text))
  }
  if (type === 'map') problems.push(...mapProblems(schema, keys, path))
  if (type === 'map' || type === 'set') problems.push(...itemProblems(schema, type, keys, path))
  return problems
}

const typeProblems = (schema: Schema, type: string, path: string): Problem[] => {
  const problems: Problem[] = []
  const items = itemsOf(schema)
  if (schema.type !== 'array') {
    const text = 'must be array if x-kubernetes-list-type is specified'
    problems.push(
      schema.type === undefined ? required(`${path}.type`, text) : invalid(`${path}.type`, schema.type, text),
    )
  } else if (type === 'set' && items) problems.push(...setProblems(items, `${path}.items`))
  if (!LIST_TYPES.includes(type))
    problems.push(notSupported(`${path}.x-kubernetes-list-type`, type, LIST_TYPES))
  return problems
}

const setProblems = (items: Schema, path: string): Problem[] => {
  const text = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const listType = items['x-kubernetes-list-type']
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic')
    return [invalid(`${path}.x-kubernetes-list-type`, listType, text)]
  // The real server quotes the list's type here, too.
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
    return [invalid(`${path}.x-kubernetes-map-type`, listType ?? null, text)]
  return []
}

const mapProblems = (schema: Schema, keys: readonly string[], path: string): Problem[] => {
  const items = itemsOf(schema)
  const field = `${path}.x-kubernetes-list-map-keys`
  const problems =
    keys.length === 0 ? [required(field, 'must not be empty if x-kubernetes-list-type is map')] : []
  if (schema.items === undefined)
    problems.push(required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'))
  if (items === undefined) return problems
  if (items.type !== 'object') {
    const text = "must be object if parent array's x-kubernetes-list-type is map"
    return [...problems, invalid(`${path}.items.type`, items.type ?? '', text)]
  }
  const scalar = "must be a scalar type if parent array's x-kubernetes-list-type is map"
  for (const [index, key] of keys.entries()) {
    const type = declared(items, key)?.type
    if (declared(items, key) === undefined)
      problems.push(invalid(field, [...keys], 'entries must all be names of item properties'))
    if (type === 'array' || type === 'object')
      problems.push(invalid(`${path}.items.properties[${key}].type`, items.type, scalar))
    if (keys.indexOf(key) < index)
      problems.push(invalid(field, [...keys], 'must not contain duplicate entries'))
  }
  return problems
}

/** Items must be there to be told apart, and so must their keys. */
const itemProblems = (schema: Schema, type: string, keys: readonly string[], path: string): Problem[] => {
  const items = itemsOf(schema)
  if (items === undefined) return []
  const problems = items.nullable
    ? [forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${type}`)]
    : []
  for (const key of type === 'map' ? keys : []) {
    const property = declared(items, key)
    if (property === undefined) continue
    const field = `${path}.items.properties[${key}]`
    const isListed = 'this property is in x-kubernetes-list-map-keys, so it'
    if (!items.required?.includes(key) && property.default === undefined)
      problems.push(required(`${field}.default`, `${isListed} must have a default or be a required property`))
    if (property.nullable) problems.push(forbidden(`${field}.nullable`, `${isListed} cannot be nullable`))
  }
  return problems
}
