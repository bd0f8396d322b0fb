/**
 * Pruning: removes what a schema does not name and tells which fields that were. Built-in kinds pass through the same
 * walk, which also leaves out what their Go types would not encode (nulls, zero values) and writes quantities as they do.
 */

import { canonical, roundedUp } from '../kinds/quantity.ts'
import type { Json, JsonObject, Schema } from '../resource.ts'
import { isObject } from './equal.ts'
import { objectMeta } from './objectmeta.ts'
import { canonicalTime } from './time.ts'

/**
 * Prunes in place. `unknown` has the paths of what was removed, as they stand in fieldValidation texts (`spec.list[0].x`),
 * in the order of the object; for custom resources the real server reports them sorted.
 */
export const prune = (object: JsonObject, schema: Schema): { unknown: string[] } => {
  const unknown: string[] = []
  pruneObject(object, schema, '', unknown)
  return { unknown }
}

const pruneValue = (value: Json, schema: Schema, path: string, unknown: string[]): void => {
  if (Array.isArray(value)) {
    const items = schema.items ?? (isOpen(schema) ? undefined : {})
    if (items)
      for (const [index, item] of value.entries()) {
        if (item === null) value[index] = zeroItem(items)
        pruneValue(item, items, `${path}[${index}]`, unknown)
      }
  } else if (isObject(value)) pruneObject(value, schema, path, unknown)
}

/** A null in a Go list of structs or texts reads as an empty one. */
const zeroItem = (schema: Schema): Json => {
  if (schema['x-go-type'] === 'string') return ''
  return schema.type === 'object' && schema['x-go-type'] !== undefined ? {} : null
}

const isOpen = (schema: Schema): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true

const pruneObject = (object: JsonObject, schema: Schema, path: string, unknown: string[]): void => {
  for (const name of Object.keys(object)) {
    const member = memberSchema(schema, name)
    const memberPath = path === '' ? name : `${path}.${name}`
    if (!member) {
      if (isOpen(schema)) continue
      unknown.push(memberPath)
      delete object[name]
      continue
    }
    const value = object[name]
    if (value === null && isNullText(member)) object[name] = ''
    else if (isLeftOut(value, member)) delete object[name]
    else if (typeof value === 'object' && value !== null) pruneValue(value, member, memberPath, unknown)
    else if (member.format === 'quantity' && value !== undefined)
      object[name] = canonical(member === schema.additionalProperties ? roundedUp(value) : value)
    else if (member['x-go-type'] === 'time' && typeof value === 'string')
      object[name] = canonicalTime(value, member.format === 'micro-time')
  }
}

const typeFields: Readonly<Record<string, Schema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: objectMeta,
}

const memberSchema = (schema: Schema, name: string): Schema | undefined => {
  const embedded = schema['x-kubernetes-embedded-resource'] ? typeFields[name] : undefined
  if (embedded) return embedded
  if (schema.properties && Object.hasOwn(schema.properties, name)) return schema.properties[name]
  const additional = schema.additionalProperties
  return additional === true ? {} : additional === false ? undefined : additional
}

/** A null in a Go map of strings reads as the empty string. */
const isNullText = (schema: Schema): boolean =>
  schema['x-go-type'] === 'string' && schema['x-go-omit'] === undefined && schema['x-go-zero'] === undefined

const isLeftOut = (value: Json | undefined, schema: Schema): boolean => {
  const omit = schema['x-go-omit']
  if (omit === undefined) return false
  if (value === null) return true
  if (omit === 'null') return false
  if (Array.isArray(value)) return value.length === 0
  if (isObject(value)) return schema.additionalProperties !== undefined && Object.keys(value).length === 0
  return value === '' || value === 0 || value === false
}
