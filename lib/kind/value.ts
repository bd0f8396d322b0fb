/** Enumerations, null, defaults and unchecked values of zod as structural schemas. */
import * as z from 'zod'
import { type Json, type Place, REFUSED, type Schema, without } from './structure.ts'

/** An enumeration. */
export function valuesOf(values: readonly unknown[], place: Place): Schema {
  const words = values.filter((value) => value !== null)
  const types = new Set(words.map((value) => (Number.isInteger(value) ? 'integer' : typeof value)))
  const [type] = types
  if (
    types.size !== 1 ||
    !(type === 'string' || type === 'integer' || type === 'number' || type === 'boolean')
  )
    return place.refuse(
      'the values of an enumeration must be of one type, all strings, all numbers or all booleans: split it',
    )
  const result: Schema = { type, enum: words as Json[] }
  return words.length < values.length ? nullable(result) : result
}

/** The API server holds null against an enumeration even where it is allowed; inside `allOf` it does not ask. */
export function nullable(schema: Schema): Schema {
  if (schema === REFUSED) return REFUSED
  if (schema.enum === undefined) return { ...schema, nullable: true }
  return {
    ...without(schema, 'enum'),
    nullable: true,
    allOf: [...(schema.allOf ?? []), { enum: schema.enum }],
  }
}

/** The inner schema with its default, which must be JSON, valid and the same each time. */
export function withDefault(
  inner: Schema,
  def: z.core.$ZodDefaultDef | z.core.$ZodPrefaultDef,
  place: Place,
): Schema {
  if (inner === REFUSED) return REFUSED
  const values = [def.defaultValue, def.defaultValue].map((value) => JSON.stringify(value))
  const [text] = values
  if (text === undefined || text === 'null')
    return place.refuse('the API server sets no null as a default: use .nullish()')
  if (text !== values[1]) return place.refuse('the default is different each time: set it in reconcile')
  const parsed = z.safeParse(def.innerType as z.core.$ZodType, def.defaultValue)
  if (!parsed.success)
    return place.refuse(
      `the default ${text} is not valid: ${parsed.error.issues[0]?.message ?? 'it is refused'}`,
    )
  return { ...inner, default: JSON.parse(text) as Json }
}

const ANY_JSON = ['string', 'number', 'boolean', 'null', 'array', 'record']

/** `z.json()`: anything. */
export function isAnyJson(schema: z.core.$ZodType): boolean {
  const def = (schema as z.core.$ZodTypes)._zod.def
  return def.type === 'union' && def.options.map((option) => option._zod.def.type).join() === ANY_JSON.join()
}
