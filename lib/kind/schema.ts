/**
 * zod in, structural schema out: one walk over the schema's own definition. Every construct is accepted, translated, or
 * refused with a problem that names the place, the rule and the way out; a constraint is never lost in silence. The
 * result is made of JSON and still unchecked as a whole (`check.ts`).
 */
import type * as z from 'zod'
import { metaOf, withMeta } from './meta.ts'
import { numberOf } from './number.ts'
import { merged, objectOf, recordOf } from './object.ts'
import { checksOf, refinedWrongly, refuseType } from './refusal.ts'
import { type Place, REFUSED, type Schema } from './structure.ts'
import { type CheckDefinition, templateOf, textOf } from './text.ts'
import { unionOf } from './union.ts'
import { isAnyJson, nullable, valuesOf, withDefault } from './value.ts'

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
      return refuseType(def.type, place)
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

function customOf({ place, meta }: Visit): Schema {
  if (meta['x-kubernetes-preserve-unknown-fields'] === true)
    return { 'x-kubernetes-preserve-unknown-fields': true }
  return place.refuse(
    'z.custom() and z.instanceof() are code, which the API server cannot call: use unchecked<T>() for any JSON of that type',
  )
}
