/**
 * Schemas of CRDs as the real server stores them: without what its Go type leaves out.
 */

import type { Json, JsonObject } from '../resource.ts'
import { isObject } from '../schema/equal.ts'

/** Values are data here, not schemas: they stay as they are, unless null. */
const values = new Set(['default', 'example', 'enum'])
const maps = new Set(['properties', 'patternProperties', 'definitions'])
/** False says something here. */
const meaningful = new Set([
  'additionalProperties',
  'x-kubernetes-preserve-unknown-fields',
  'optionalOldSelf',
])

/** Removes nulls, empty texts and lists, and false in place, at all levels of a schema. */
export const tidySchema = (schema: JsonObject): void => {
  for (const [name, value] of Object.entries(schema)) {
    if (isLeftOut(name, value)) delete schema[name]
    else if (!values.has(name)) tidyBelow(name, value)
  }
}

const isLeftOut = (name: string, value: Json): boolean => {
  if (name === 'rule') return false
  if (value === null) return true
  if (name === 'default' || name === 'example') return false
  if (Array.isArray(value)) return value.length === 0
  if (isObject(value)) return maps.has(name) && Object.keys(value).length === 0
  return value === '' || (value === false && !meaningful.has(name))
}

const tidyBelow = (name: string, value: Json): void => {
  const schemas =
    maps.has(name) && isObject(value) ? Object.values(value) : Array.isArray(value) ? value : [value]
  for (const one of schemas) if (isObject(one)) tidySchema(one)
}
