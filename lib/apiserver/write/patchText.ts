/** How refusals quote a patch that does not make an object: the whole result, as the real server's patch library leaves it. */
import { member, objectAt, put } from '../fields/json.ts'
import type { PatchType } from '../negotiate.ts'
import type { Json, JsonObject, Readable, Schema } from '../resource.ts'
import { invalid, type StatusError } from '../status.ts'

/** A patch as JSON, and what is doubtful about its text. */
export interface ParsedPatch {
  type: PatchType
  value: Json
  doubled: readonly string[]
  complaints: readonly string[]
}

/** 422 that quotes the object or the patch, as the real server does. */
export function undecodable(text: string, why: string): StatusError {
  const message = `Invalid value: ${JSON.stringify(text)}: ${why.replace(/^.*? cannot be handled as a \S+: /, '')}`
  return invalid({ group: '', kind: '' }, '', [{ reason: 'FieldValueInvalid', field: 'patch', message }])
}

/** The refusal of a patched object that does not decode. */
export const undecodableResult = (
  type: Readable,
  result: JsonObject,
  patch: ParsedPatch,
  why: string,
): StatusError => undecodable(textOfResult(type, result, patch), why)

function textOfResult(type: Readable, result: JsonObject, patch: ParsedPatch): string {
  if (type.custom) return JSON.stringify(sorted(result, undefined, undefined))
  const touched = patch.type === 'json' ? touchedBy(patch.value) : patch.value
  return JSON.stringify(sorted(result, touched, type.schema))
}

/** The objects that a JSON Patch opens, as a tree. */
function touchedBy(operations: Json): JsonObject {
  const tree: JsonObject = {}
  for (const operation of Array.isArray(operations) ? operations : []) {
    let place = tree
    const path = String((operation as JsonObject | null)?.path ?? '').split('/')
    for (const step of path.slice(1, -1)) {
      const next = objectAt(place, step) ?? {}
      put(place, step, next)
      place = next
    }
  }
  return tree
}

/** With sorted keys wherever `touched` has an object (everywhere when it is undefined) and in maps, else as structs are. */
function sorted(value: Json, touched: Json | undefined, schema: Schema | undefined): Json {
  if (typeof value !== 'object' || value === null) return value
  const isOpened = touched === undefined || (typeof touched === 'object' && touched !== null)
  const below = (key: string): Json | undefined =>
    touched === undefined ? undefined : isOpened ? (member(touched as JsonObject, key) ?? null) : null
  if (Array.isArray(value))
    return value.map((item, index) => sorted(item, below(String(index)), schema?.items))
  const keys = Object.keys(value)
  if (isOpened || schema?.additionalProperties !== undefined) keys.sort()
  else if (schema?.properties !== undefined) inOrder(keys, Object.keys(schema.properties))
  return Object.fromEntries(
    keys.map((key) => [key, sorted(value[key] as Json, below(key), schema?.properties?.[key])]),
  )
}

/** What was not opened stands as the Go struct has it. */
function inOrder(keys: string[], order: readonly string[]): void {
  keys.sort((one, other) => order.indexOf(one) - order.indexOf(other))
}
