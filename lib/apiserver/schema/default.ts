/**
 * Defaulting: fills what an object leaves out with what its schema says. Null where the schema does not allow it counts as
 * left out. For built-in kinds the fields that their Go types always write are filled too.
 */

import { copyOf, member, put } from '../fields/json.ts'
import type { Json, JsonObject, Schema } from '../resource.ts'
import { declared } from './declared.ts'
import { isObject } from './equal.ts'

/**
 * Fills defaults in place, at every level that exists (a default may create further levels, which are filled in turn).
 * Nulls that are not nullable are replaced by the default or removed, as apiextensions does. Built-in kinds: run
 * {@link prune} first, which removes the zero values that make room for defaults.
 */
export const applyDefaults = (value: Json, schema: Schema): void => {
  if (Array.isArray(value)) fillItems(value, schema)
  else if (isObject(value)) fillObject(value, schema)
}

const fillItems = (list: Json[], schema: Schema): void => {
  const items = schema.items
  if (!items) return
  for (const [index, item] of list.entries()) {
    if (item === null && !items.nullable && items.default !== undefined) list[index] = copyOf(items.default)
    applyDefaults(list[index] ?? null, items)
  }
}

const fillObject = (object: JsonObject, schema: Schema): void => {
  const properties = schema.properties
  if (properties) for (const name of Object.keys(properties)) fillMember(object, name, properties[name] ?? {})
  const additional = schema.additionalProperties
  if (typeof additional !== 'object') return
  for (const name of Object.keys(object))
    if (declared(schema, name) === undefined) fillMember(object, name, additional)
}

const fillMember = (object: JsonObject, name: string, schema: Schema): void => {
  let value = member(object, name)
  if (value === undefined || (value === null && !schema.nullable)) {
    const filled = schema.default ?? schema['x-go-zero']
    // An empty text that is left out when empty needs no filling.
    if (filled === undefined || (filled === '' && schema['x-go-omit'] === 'zero')) {
      if (value === null) delete object[name]
      return
    }
    value = copyOf(filled)
    put(object, name, value)
  }
  if (typeof value === 'object' && value !== null) applyDefaults(value, schema)
}

/**
 * What a built-in kind looks like when nobody has set anything: only the fields that its Go type always writes. The
 * first write of an object is compared with this to tell which fields its manager set.
 */
export const emptyOf = (schema: Schema): JsonObject => {
  const empty: JsonObject = {}
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const zero = property['x-go-zero']
    if (zero === undefined) continue
    empty[name] = isObject(zero) ? emptyOf(property) : zero
  }
  return empty
}
