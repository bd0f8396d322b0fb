/** What no schema can say: types that are not JSON, and code. Each refusal names the way out. */
import type * as z from 'zod'
import type { Place, Schema } from './structure.ts'
import type { CheckDefinition } from './text.ts'

/** Types by their name in zod, and what to say instead. */
const NOT_JSON: Readonly<Record<string, string>> = {
  date: 'z.date() is not JSON: use z.iso.datetime()',
  set: "z.set() is not JSON: use listSet(item), a z.array() with .meta({ 'x-kubernetes-list-type': 'set' })",
  map: 'z.map() is not JSON: use z.record(z.string(), ...)',
  bigint: "z.bigint() is not JSON: use z.int(), or z.int().meta({ format: 'int64' })",
  symbol: 'z.symbol() is not JSON: remove it',
  function: 'z.function() is not JSON: remove it',
  promise: 'z.promise() is not JSON: remove it',
  file: 'z.file() is not JSON: use z.base64()',
  nan: 'z.nan() is not JSON: use z.number()',
  undefined: 'z.undefined() is not JSON: use .optional()',
  void: 'z.void() is not JSON: use .optional()',
  never: 'z.never() has no counterpart in a schema: leave the field out, unknown fields are pruned',
  null: 'z.null() alone has no type: use .nullable() on the type that it may have otherwise',
  tuple: 'z.tuple() has no counterpart in a schema: use an object with named fields, or z.array()',
  transform: 'a transform is code, which the API server cannot call: transform in reconcile',
  pipe: 'a pipe, transform, codec or preprocess is code, which the API server cannot call: declare what is stored and transform in reconcile',
  catch: '.catch() has no counterpart in a schema, which refuses instead: use .default()',
  success: 'z.success() has no counterpart in a schema: use z.boolean()',
}

/** Refuses a type that has no counterpart. */
export const refuseType = (type: string, place: Place): Schema =>
  place.refuse(NOT_JSON[type] ?? `z.${type}() has no counterpart in a schema: use another type`)

/** The checks of a schema. A definition may be a check itself (`z.email()`); it comes first. */
export function checksOf(schema: z.core.$ZodType): CheckDefinition[] {
  const def = schema._zod.def
  const own = 'check' in def ? [def as CheckDefinition] : []
  return [...own, ...(def.checks ?? []).map((check) => check._zod.def as CheckDefinition)]
}

const CHECKED = new Set(['string', 'number', 'array', 'custom'])

/** Refuses checks that run code, and checks on types that have none. */
export function refinedWrongly(schema: z.core.$ZodType, place: Place): Schema | undefined {
  const { type } = schema._zod.def
  if (NOT_JSON[type] !== undefined) return undefined
  for (const { check } of checksOf(schema)) {
    if (check === 'overwrite')
      return place.refuse(
        'the API server stores what was sent: instead of trim(), toLowerCase() or overwrite() demand the form by a regex',
      )
    if (check === 'custom' && type !== 'custom' && !place.hasRules)
      return place.refuse(
        "a refinement is code, which the API server cannot call: say it in CEL beside it, .meta({ 'x-kubernetes-validations': [rule('self.size() > 1')] })",
      )
    if (check !== 'custom' && !CHECKED.has(type))
      return place.refuse(`check "${check}" on ${type} has no counterpart in a schema: use a CEL rule`)
  }
  return undefined
}
