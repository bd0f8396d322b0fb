/**
 * Unions of zod as structural schemas. A field has one type there, so a union becomes: a nullable type, an enumeration,
 * int-or-string, several demands on one scalar, or an object with the fields of all branches whose branches say only what
 * must be present and which values it has. Everything else is refused.
 */
import { isSame } from '../json.ts'
import { type Json, type Place, REFUSED, type Schema, without } from './structure.ts'

/** `isExclusive`: exactly one branch may hold (`z.xor`, `z.discriminatedUnion`). */
export function unionOf(branches: readonly Schema[], place: Place, isExclusive: boolean): Schema {
  if (branches.includes(REFUSED) || branches.length === 0) return REFUSED
  const [only] = branches
  if (branches.length === 1 && only) return only
  if (branches.every((branch) => isSame(bare(branch), bare(only ?? {})))) return bare(only ?? {})
  if (branches.some(isOpen)) return { 'x-kubernetes-preserve-unknown-fields': true }
  if (branches.some((branch) => branch.default !== undefined))
    return place.refuse('a default inside a union would be set for every branch: put it on the union')
  const types = [...new Set(branches.map((branch) => branch.type))]
  if (types.length === 1 && types[0] === 'object') return objects(branches, place, isExclusive)
  if (types.length === 1 && types[0] !== 'array') return scalars(branches, place, isExclusive)
  if (types.length === 2 && types.includes('integer') && types.includes('string'))
    return intOrString(branches, place)
  return place.refuse(
    `a union of ${types.map((type) => type ?? 'int-or-string').join(' and ')} has no counterpart in a schema: use one type (z.int() with z.string() is the exception), or z.unknown()`,
  )
}

const isOpen = (branch: Schema): boolean =>
  branch.type === undefined && branch['x-kubernetes-preserve-unknown-fields'] === true

const bare = (branch: Schema): Schema => without(branch, 'description', 'title')

function scalars(branches: readonly Schema[], place: Place, isExclusive: boolean): Schema {
  const type = branches[0]?.type
  const demands = branches.map((branch) => without(bare(branch), 'type', 'nullable'))
  const isNullable = branches.some((branch) => branch.nullable)
  const base: Schema = { ...(type && { type }), ...(isNullable && { nullable: true }) }
  if (demands.some((demand) => demand['x-kubernetes-validations']))
    return place.refuse('CEL rules inside a union are not allowed in a schema: put them on the union')
  if (!isExclusive && demands.some((demand) => Object.keys(demand).length === 0)) return base
  if (!isExclusive && demands.every((demand) => isSame(Object.keys(demand), ['enum'])))
    return { ...base, enum: distinct(demands.flatMap((demand) => demand.enum ?? [])) }
  return { ...base, [isExclusive ? 'oneOf' : 'anyOf']: demands }
}

const distinct = (values: readonly Json[]): Json[] => [...new Set(values)]

const ESCAPED = /[\\^$.*+?()[\]{}|/]/g

/** The demands on the string speak of strings only, those on the number of numbers only: they can stand side by side. */
function intOrString(branches: readonly Schema[], place: Place): Schema {
  const texts = branches.filter((branch) => branch.type === 'string').map((branch) => bare(branch))
  const numbers = branches.filter((branch) => branch.type === 'integer').map((branch) => bare(branch))
  const [number] = numbers
  const words = texts.every((text) => text.enum) ? texts.flatMap((text) => text.enum ?? []) : undefined
  const text = words ? { pattern: `^(?:${words.map(literal).join('|')})$` } : texts[0]
  const fixed = { ...without(text ?? {}, 'type'), ...without(number ?? {}, 'type', 'format') }
  if (
    numbers.length > 1 ||
    (texts.length > 1 && !words) ||
    'enum' in fixed ||
    'format' in fixed ||
    'allOf' in fixed
  )
    return place.refuse(
      'int-or-string takes one plain z.int() and one z.string(): use at most one regex and bounds',
    )
  const range = number?.format === 'int32' ? { minimum: -2147483648, maximum: 2147483647 } : {}
  return { 'x-kubernetes-int-or-string': true, ...range, ...fixed }
}

const literal = (value: Json): string => String(value).replace(ESCAPED, '\\$&')

function objects(branches: readonly Schema[], place: Place, isExclusive: boolean): Schema {
  if (branches.some((branch) => branch.additionalProperties))
    return place.refuse('a union of records has no counterpart in a schema: use objects')
  if (
    branches.some(
      (branch) => branch.anyOf ?? branch.oneOf ?? branch.allOf ?? branch['x-kubernetes-validations'],
    )
  )
    return place.refuse(
      'branches of a union can only be plain objects in a schema: write one flat union, with CEL rules on the union itself',
    )
  const names = [...new Set(branches.flatMap((branch) => Object.keys(branch.properties ?? {})))]
  const fields = names.map((name) => [name, fieldOf(name, branches)] as const)
  const problem = fields.map(([, field]) => field).find((field) => typeof field === 'string')
  if (typeof problem === 'string') return place.refuse(problem)
  return assembled(branches, Object.fromEntries(fields) as Record<string, Field>, isExclusive)
}

/** A field of all branches together, and what each branch demands of it beyond. */
interface Field {
  readonly schema: Schema
  readonly demands: readonly (Schema | undefined)[]
}

function fieldOf(name: string, branches: readonly Schema[]): Field | string {
  const variants = branches.map((branch) => branch.properties?.[name])
  const present = variants.filter((variant) => variant !== undefined)
  const first = present[0] ?? {}
  const isShared = present.every((variant) => isSame(bare(variant), bare(first)))
  if (first.default !== undefined && !(isShared && present.length === branches.length))
    return `field "${name}": a default in one branch of a union would be set for the others too: make it optional`
  if (isShared) return { schema: first, demands: [] }
  const demands = variants.map((variant) => variant && without(bare(variant), 'type'))
  const isScalar = present.every((variant) => variant.type === first.type) && isScalarType(first.type)
  if (!isScalar || demands.some((demand) => demand && Object.keys(demand).some((key) => OUTER.has(key))))
    return `field "${name}" has different types in the branches of a union: give it one type or another name`
  const words = present.every((variant) => variant.enum)
    ? distinct(present.flatMap(({ enum: e }) => e ?? []))
    : undefined
  return { schema: { ...(first.type && { type: first.type }), ...(words && { enum: words }) }, demands }
}

const isScalarType = (type: Schema['type']): boolean =>
  type !== undefined && type !== 'object' && type !== 'array'

/** Keys that a schema may have only outside of `anyOf` and `oneOf`. */
const OUTER = new Set(['default', 'nullable', 'x-kubernetes-validations'])

function assembled(branches: readonly Schema[], fields: Record<string, Field>, isExclusive: boolean): Schema {
  const common = (branches[0]?.required ?? []).filter((name) =>
    branches.every((branch) => branch.required?.includes(name)),
  )
  const demands = branches.map((branch, index) => {
    const required = (branch.required ?? []).filter((name) => !common.includes(name))
    const properties = Object.entries(fields).flatMap(([name, { demands: of }]) => {
      const demand = of[index]
      return demand && Object.keys(demand).length > 0 ? [[name, demand] as const] : []
    })
    return {
      ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
      ...(required.length > 0 && { required }),
    }
  })
  const saysNothing = !isExclusive && demands.some((demand) => Object.keys(demand).length === 0)
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.schema])),
    ...(common.length > 0 && { required: common }),
    ...(branches.some((branch) => branch.nullable) && { nullable: true as const }),
    ...(branches.some((branch) => branch['x-kubernetes-preserve-unknown-fields']) && {
      'x-kubernetes-preserve-unknown-fields': true as const,
    }),
    ...(!saysNothing && { [isExclusive ? 'oneOf' : 'anyOf']: demands }),
  }
}
