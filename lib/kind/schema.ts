/**
 * zod in, structural schema out: one walk over the schema's own definition. Every construct is accepted, translated, or
 * refused with a problem that names the place, the rule and the way out; a constraint is never lost in silence. The
 * result is made of JSON and still unchecked as a whole (`check.ts`).
 */
import * as z from 'zod'
import { metaOf, withMeta } from './meta.ts'
import { numberOf } from './number.ts'
import { merged, objectOf, recordOf } from './object.ts'
import { type Json, type Place, REFUSED, type Schema, without } from './structure.ts'
import { type CheckDefinition, templateOf, textOf } from './text.ts'
import { unionOf } from './union.ts'

/** Collects problems; `path` is the dotted path of the place. */
export type Refuse = (path: string, problem: string) => void

/** Turns a zod schema into a structural one. Refused parts are reported and left out. */
export function toSchema(schema: z.core.$ZodType, path: string, refuse: Refuse): Schema {
  return walk(schema, { path, refuse, within: [] })
}

interface Walk {
  readonly path: string
  readonly refuse: Refuse
  /** The schemas that this one is inside of: one that is inside of itself is recursive. */
  readonly within: readonly z.core.$ZodType[]
}

/** A getter may make a new schema each time; nothing that people write is this deep. */
const DEEPEST = 64

function walk(schema: z.core.$ZodType, at: Walk): Schema {
  const meta = metaOf(schema)
  const place: Place = {
    path: at.path,
    hasRules: meta['x-kubernetes-validations'] !== undefined,
    refuse(problem) {
      at.refuse(at.path, problem)
      return REFUSED
    },
  }
  if (at.within.includes(schema) || at.within.length > DEEPEST)
    return place.refuse(
      'a recursive type has no counterpart in a schema: use z.unknown() where it would repeat, or references by name',
    )
  const within = [...at.within, schema]
  const into = (part: z.core.$ZodType, step: string) =>
    walk(part, { ...at, path: `${at.path}${step}`, within })
  const result = refinedWrongly(schema, place) ?? structureOf(schema, { place, into, meta })
  return withMeta(result, meta, place)
}

interface Visit {
  readonly place: Place
  readonly into: (part: z.core.$ZodType, step: string) => Schema
  readonly meta: Readonly<Record<string, unknown>>
}

/** A definition may be a check itself (`z.email()`); it comes first. */
function checksOf(schema: z.core.$ZodType): CheckDefinition[] {
  const def = schema._zod.def
  const own = 'check' in def ? [def as CheckDefinition] : []
  return [...own, ...(def.checks ?? []).map((check) => check._zod.def as CheckDefinition)]
}

const CHECKED = new Set(['string', 'number', 'array', 'custom'])

/** Checks that run code, and checks on types that have none. */
function refinedWrongly(schema: z.core.$ZodType, place: Place): Schema | undefined {
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

function structureOf(schema: z.core.$ZodType, visit: Visit): Schema {
  const { place, into } = visit
  const def = (schema as z.core.$ZodTypes)._zod.def
  if ('coerce' in def && def.coerce)
    return place.refuse(`z.coerce.${def.type}() converts, the API server does not: use z.${def.type}()`)
  const checks = checksOf(schema).filter(({ check }) => check !== 'custom')
  switch (def.type) {
    case 'string':
      return textOf(checks, place)
    case 'number':
      return numberOf(checks, place)
    case 'boolean':
      return { type: 'boolean' }
    case 'template_literal':
      return templateOf((schema as z.core.$ZodTemplateLiteral)._zod.pattern, place)
    case 'enum':
    case 'literal':
      return valuesOf([...(schema._zod.values ?? [])], place)
    case 'any':
    case 'unknown':
      return { 'x-kubernetes-preserve-unknown-fields': true }
    case 'custom':
      return customOf(visit)
    case 'object':
      return objectOf(def, place, into)
    case 'record':
      return recordOf(def, place, into)
    case 'array':
      return arrayOf(def.element, checks, visit)
    case 'union':
      return unionFrom(schema, def, visit)
    case 'intersection':
      return merged(into(def.left, ''), into(def.right, ''), place)
    case 'lazy':
      return isAnyJson(def.getter())
        ? { 'x-kubernetes-preserve-unknown-fields': true }
        : into(def.getter(), '')
    case 'optional':
    case 'nonoptional':
    case 'readonly':
      return into(def.innerType, '')
    case 'nullable':
      return nullable(into(def.innerType, ''))
    case 'default':
    case 'prefault':
      return withDefault(into(def.innerType, ''), def, place)
    default:
      return place.refuse(
        NOT_JSON[def.type] ?? `z.${def.type}() has no counterpart in a schema: use another type`,
      )
  }
}

function arrayOf(
  element: z.core.$ZodType,
  checks: readonly CheckDefinition[],
  { place, into }: Visit,
): Schema {
  const items = into(element, '[]')
  if (items === REFUSED) return REFUSED
  if (element._zod.optin !== undefined)
    return place.refuse(
      'items of a list cannot be optional or have a default: the API server has no absent items',
    )
  let bounds: { minItems?: number; maxItems?: number } = {}
  for (const check of checks) {
    const { minimum, maximum, length } = check
    const min = minimum ?? length
    const max = maximum ?? length
    if (min === undefined && max === undefined)
      return place.refuse(`check "${check.check}" has no counterpart in a schema: use a CEL rule`)
    bounds = {
      ...bounds,
      ...(min !== undefined && { minItems: Math.max(bounds.minItems ?? 0, min) }),
      ...(max !== undefined && { maxItems: Math.min(bounds.maxItems ?? Infinity, max) }),
    }
  }
  return { type: 'array', items, ...bounds }
}

function unionFrom(schema: z.core.$ZodType, def: z.core.$ZodUnionDef, { place, into }: Visit): Schema {
  const isNull = (option: z.core.$ZodType) => option._zod.def.type === 'null'
  const options = def.options.filter((option) => !isNull(option))
  const isExclusive = def.inclusive === false || 'discriminator' in schema._zod.def
  const result = unionOf(
    options.map((option) => into(option, '')),
    place,
    isExclusive,
  )
  return options.length < def.options.length ? nullable(result) : result
}

function valuesOf(values: readonly unknown[], place: Place): Schema {
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
function nullable(schema: Schema): Schema {
  if (schema === REFUSED) return REFUSED
  if (schema.enum === undefined) return { ...schema, nullable: true }
  return {
    ...without(schema, 'enum'),
    nullable: true,
    allOf: [...(schema.allOf ?? []), { enum: schema.enum }],
  }
}

function withDefault(
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

function customOf({ place, meta }: Visit): Schema {
  if (meta['x-kubernetes-preserve-unknown-fields'] === true)
    return { 'x-kubernetes-preserve-unknown-fields': true }
  return place.refuse(
    'z.custom() and z.instanceof() are code, which the API server cannot call: use unchecked<T>() for any JSON of that type',
  )
}

const ANY_JSON = ['string', 'number', 'boolean', 'null', 'array', 'record']

/** `z.json()`: anything. */
function isAnyJson(schema: z.core.$ZodType): boolean {
  const def = (schema as z.core.$ZodTypes)._zod.def
  return def.type === 'union' && def.options.map((option) => option._zod.def.type).join() === ANY_JSON.join()
}
