/**
 * What the parts of a strategic merge patch share: the names of its directives, what a Go type says of a field, and the words
 * of what is wrong.
 */
import type { Json, JsonObject, Schema } from '../resource.ts'
import { goString, goText, goType } from './gosyntax.ts'
import { isObject, member, put } from './json.ts'
import { PatchError } from './patch.ts'

export const DIRECTIVE = '$patch'
export const RETAIN_KEYS = '$retainKeys'
/** Before a slash and the name of a list. */
export const ORDER = '$setElementOrder'
export const DELETE_FROM = '$deleteFromPrimitiveList'

/** Merges a patch into an object, both in place. */
export type MergeMaps = (original: JsonObject, patch: JsonObject, schema: Schema) => JsonObject

/** `merge`, `replace` or nothing; `retainKeys` beside it only tells clients how to make patches. */
export const strategyOf = (schema: Schema): string | undefined =>
  schema['x-kubernetes-patch-strategy']?.split(',').find((name) => name !== 'retainKeys')

/** The key that items of the list are told apart by. */
export const mergeKeyOf = (schema: Schema): string | undefined => schema['x-kubernetes-patch-merge-key']

/** The name of the list that a directive is for. Throws 400 where there is no slash before it. */
export function listName(name: string, directive: typeof ORDER | typeof DELETE_FROM): string {
  if (name.startsWith(`${directive}/`)) return name.slice(directive.length + 1)
  throw badFormat(directive === ORDER ? 'setElementOrder list' : 'primitive list')
}

/** A field of a struct; its name is looked for as encoding/json does. Throws 500 where there is none. */
export function fieldOf(schema: Schema, name: string): Schema {
  const { properties } = schema
  if (properties === undefined) {
    if (schema.type === undefined || schema['x-kubernetes-preserve-unknown-fields'] === true) return {}
    throw internal(
      `merging an object in json but data type is not struct, instead is: ${schema.type === 'object' ? 'map' : schema.type}`,
    )
  }
  const found = Object.hasOwn(properties, name)
    ? name
    : Object.keys(properties).find((key) => key.toLowerCase() === name.toLowerCase())
  const field = found === undefined ? undefined : properties[found]
  if (field !== undefined) return field
  const struct = schema['x-go-type'] ?? ''
  throw internal(`unable to find api field in struct ${struct} for the json field ${JSON.stringify(name)}`)
}

/** The same for a field that has to be a list. */
export function listFieldOf(schema: Schema, name: string): Schema {
  const field = fieldOf(schema, name)
  // What a pointer points to is taken for a list's item.
  const isPointer = field['x-go-omit'] === 'null'
  if (field.type === undefined || field.type === 'array' || isPointer) return field
  throw internal(
    `expected slice or array type, but got: ${schema['x-go-omit'] === 'null' ? 'ptr' : 'struct'}`,
  )
}

/** The value without what is a directive, as a new one; undefined when it is one itself. */
export function withoutDirectives(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined)
  if (!isObject(value)) return value
  if (Object.hasOwn(value, DIRECTIVE)) return undefined
  const result: JsonObject = {}
  for (const key of Object.keys(value)) {
    const kept = withoutDirectives(member(value, key) as Json)
    if (kept !== undefined) put(result, key, kept)
  }
  return result
}

/** An item's merge key. Throws 500 where the item is no object, or has none. */
export function keyOf(item: Json, mergeKey: string): Json {
  if (!isObject(item)) throw unexpected('map[string]interface {}', item)
  const key = member(item, mergeKey)
  if (key === undefined)
    throw internal(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`)
  return key
}

export const unexpected = (expected: string, actual: Json): PatchError =>
  internal(`expected a ${expected}, but received a ${actual === null ? '%!s(<nil>)' : goType(actual)}`)

export const unknownDirective = (directive: Json, patch: Json): PatchError =>
  internal(`unknown patch type: ${goString(directive)} in map: ${goText(patch)}`)

export const badFormat = (what: string): PatchError =>
  new PatchError(400, 'BadRequest', `invalid patch format of ${what}`)

export const internal = (message: string): PatchError => new PatchError(500, undefined, message)
