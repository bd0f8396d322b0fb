/** Members by names that clients choose: a field may be called `constructor`, which every JavaScript object seems to have. */

import { isObject } from '../fields/json.ts'
import type { Json, Schema } from '../resource.ts'

/** The schema of a field that is named. */
export const declared = ({ properties }: Schema, name: string): Schema | undefined =>
  properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined

/** The schema of a member, named or not; undefined where none says anything about it. */
export function schemaOf(schema: Schema, name: string): Schema | undefined {
  const found = declared(schema, name) ?? schema.additionalProperties
  return typeof found === 'object' ? found : undefined
}

/** The path of a member: a field is told by its name, a key of a map in brackets. */
export const memberPath = (schema: Schema, path: string, name: string): string => {
  if (declared(schema, name) === undefined) return `${path}[${name}]`
  return path === '' ? name : `${path}.${name}`
}

/** What a member was before, if there was one. */
export const formerly = (before: Json | undefined, name: string): Json | undefined =>
  isObject(before) && Object.hasOwn(before, name) ? before[name] : undefined
