/** What a definition is taken with, and warned of. */
import type { Json, JsonObject } from '../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { isKnownFormat } from '../schema/format.ts'
import { versionsOf } from './internal.ts'

/** What the real server accepts with a warning: formats that it will not check. */
export const definitionWarnings = (crd: JsonObject): string[] => {
  const unknown = new Set<string>()
  for (const version of versionsOf(crd)) collectFormats(objectAt(version, 'schema').openAPIV3Schema, unknown)
  return [...unknown].sort().map((format) => `unrecognized format ${JSON.stringify(format)}`)
}

const collectFormats = (schema: Json | undefined, unknown: Set<string>): void => {
  if (!isObject(schema)) return
  const format = stringAt(schema, 'format')
  const type = typeof schema.type === 'string' ? schema.type : undefined
  if (format !== '' && !isKnownFormat(type, format)) unknown.add(format)
  for (const below of Object.values(objectAt(schema, 'properties'))) collectFormats(below, unknown)
  for (const key of ['items', 'additionalProperties', 'not']) collectFormats(schema[key], unknown)
  for (const key of ['allOf', 'anyOf', 'oneOf'])
    for (const below of listAt(schema, key)) collectFormats(below, unknown)
}
