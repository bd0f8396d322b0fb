/** Objects and records of zod as structural schemas, and the union of two objects' fields (intersections). */
import type * as z from 'zod'
import { isSame } from '../json.ts'
import { type Place, REFUSED, type Schema } from './structure.ts'

/** Goes into a part: `.name`, `[]`, `.*`, or nothing for the same place. */
export type Into = (part: z.core.$ZodType, step: string) => Schema

/** An object: unknown fields are pruned by the server, kept for `z.looseObject`. */
export function objectOf(def: z.core.$ZodObjectDef, place: Place, into: Into): Schema {
  const catchall = def.catchall?._zod.def.type
  if (catchall !== undefined && catchall !== 'never' && catchall !== 'unknown' && catchall !== 'any')
    return place.refuse(
      'a typed catchall has no counterpart in a schema: put the open part into a z.record() of its own',
    )
  const properties = Object.fromEntries(
    Object.entries(def.shape).map(([name, field]) => [name, into(field, `.${name}`)]),
  )
  const required = Object.keys(def.shape).filter((name) => def.shape[name]?._zod.optin === undefined)
  return {
    type: 'object',
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
    ...((catchall === 'unknown' || catchall === 'any') && { 'x-kubernetes-preserve-unknown-fields': true }),
  }
}

/** A map from strings to one type; with enumerated keys an object. */
export function recordOf(def: z.core.$ZodRecordDef, place: Place, into: Into): Schema {
  if (def.mode === 'loose')
    return place.refuse('z.looseRecord() has no counterpart in a schema: use z.record()')
  const key = (def.keyType as z.core.$ZodTypes)._zod.def
  const names =
    key.type === 'enum' || key.type === 'literal' ? [...(def.keyType._zod.values ?? [])] : undefined
  if (names?.every((name) => typeof name === 'string')) {
    const properties = Object.fromEntries(names.map((name) => [name, into(def.valueType, `.${name}`)]))
    const isPartial = (def as { partial?: boolean }).partial === true
    const isRequired = !isPartial && def.valueType._zod.optin === undefined
    return { type: 'object', properties, ...(isRequired && { required: names }) }
  }
  if (key.type !== 'string')
    return place.refuse(
      `keys of type ${key.type} have no counterpart in a schema: use z.record(z.string(), ...)`,
    )
  if (!place.hasRules && (key.checks !== undefined || 'format' in key))
    return place.refuse(
      "a schema cannot restrict the keys of a map: use z.string() for them and say it in CEL, .meta({ 'x-kubernetes-validations': [rule(\"self.all(key, key.matches('^[a-z]+$'))\")] })",
    )
  const values = into(def.valueType, '.*')
  return values === REFUSED ? REFUSED : { type: 'object', additionalProperties: values }
}

/** Both objects' fields and demands. */
export function merged(left: Schema, right: Schema, place: Place): Schema {
  if (left === REFUSED || right === REFUSED) return REFUSED
  if ([left, right].some((side) => side.type !== 'object' || side.additionalProperties !== undefined))
    return place.refuse('only objects can be intersected in a schema: write one type')
  for (const [name, field] of Object.entries(right.properties ?? {})) {
    const other = left.properties?.[name]
    if (other !== undefined && !isSame(other, field))
      return place.refuse(`field "${name}" differs between the sides of an intersection: declare it once`)
  }
  const { properties, required, ...rest } = left
  const { properties: more, required: moreRequired, ...moreRest } = right
  const names = [...new Set([...(required ?? []), ...(moreRequired ?? [])])]
  return {
    ...rest,
    ...moreRest,
    ...choices(left, right),
    properties: { ...properties, ...more },
    ...(names.length > 0 && { required: names }),
  }
}

/** What both sides may carry and none may lose. */
function choices(left: Schema, right: Schema): Schema {
  const rules = [...(left['x-kubernetes-validations'] ?? []), ...(right['x-kubernetes-validations'] ?? [])]
  const all = [...(left.allOf ?? []), ...(right.allOf ?? [])]
  const result: Record<string, unknown> = {}
  for (const key of ['anyOf', 'oneOf'] as const) {
    if (left[key] === undefined || right[key] === undefined) continue
    result[key] = left[key]
    all.push({ [key]: right[key] })
  }
  if (rules.length > 0) result['x-kubernetes-validations'] = rules
  if (all.length > 0) result.allOf = all
  return result
}
