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
        if (item === null) value[index] = zeroOf(items)
        pruneValue(item, items, `${path}[${index}]`, unknown)
      }
  } else if (isObject(value)) pruneObject(value, schema, path, unknown)
}

/** What a null in a Go list or map reads as. Of custom resources it is null. */
const zeroOf = (schema: Schema): Json => {
  if (schema['x-go-type'] === undefined) return null
  if (schema.format === 'quantity') return '0'
  if (schema.type === 'object' && schema.properties !== undefined) return {}
  return schema.type === 'string' && schema.format === undefined ? '' : null
}

/** Bytes are written as base64 without line breaks; they may have come as numbers. */
const canonicalBytes = (value: Json): Json => {
  if (typeof value === 'string') return value.replaceAll(/[\r\n]/g, '')
  return Array.isArray(value) ? Buffer.from(value.map(Number)).toString('base64') : value
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
    if (value === null && isElement(member)) object[name] = zeroOf(member)
    else if (isLeftOut(value, member)) delete object[name]
    else if (member['x-go-type'] === '[]uint8' && value !== undefined) object[name] = canonicalBytes(value)
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
  // Null is metadata without anything in it.
  metadata: { ...objectMeta, 'x-go-omit': undefined },
}

const memberSchema = (schema: Schema, name: string): Schema | undefined => {
  const embedded = schema['x-kubernetes-embedded-resource'] ? typeFields[name] : undefined
  if (embedded) return embedded
  if (schema.properties && Object.hasOwn(schema.properties, name)) return schema.properties[name]
  const additional = schema.additionalProperties
  return additional === true ? {} : additional === false ? undefined : additional
}

/** What stands in a Go list or map, as opposed to a field of a struct. */
const isElement = (schema: Schema): boolean =>
  schema['x-go-omit'] === undefined && schema['x-go-zero'] === undefined

const isLeftOut = (value: Json | undefined, schema: Schema): boolean => {
  const omit = schema['x-go-omit']
  if (omit === undefined) return false
  if (value === null) return true
  if (omit === 'null') return false
  if (Array.isArray(value)) return value.length === 0
  if (isObject(value)) return schema.additionalProperties !== undefined && Object.keys(value).length === 0
  return value === '' || value === 0 || value === false
}
