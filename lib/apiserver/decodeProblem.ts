/**
 * Values of the wrong type in built-in kinds, in the words of encoding/json. The Go types that the texts name are in the
 * schema's `x-go-type`. Custom resources are only looked at where every object is alike: their metadata.
 */
import type { Literals } from './json.ts'
import { quantityProblem } from './kinds/quantity.ts'
import type { Json, JsonObject, ResourceType, Schema } from './resource.ts'
import { base64Problem } from './schema/base64.ts'
import { memberPath, schemaOf } from './schema/declared.ts'
import { objectMeta } from './schema/objectmeta.ts'
import { goJson } from './schema/problem.ts'
import { timeProblem } from './schema/time.ts'

/** What encoding/json calls a value that does not fit. */
export const jsonKind = (value: Json): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value

interface Place {
  schema: Schema
  /** Dotted names of fields, without indices. */
  path: string
  /** The Go struct that the nearest field belongs to. */
  struct: string
  /** How the text writes numbers, and this one. */
  literals: Literals | undefined
  literal: string | undefined
}

/** The first value that its Go type cannot hold, or undefined. `literals`: how the text of the object wrote its numbers. */
export function decodeProblem(
  object: JsonObject,
  type: Pick<ResourceType, 'kind' | 'custom' | 'schema'>,
  literals?: Literals,
): string | undefined {
  const place = { path: '', literals, literal: undefined }
  if (!type.custom) return problemOf(object, { ...place, schema: type.schema, struct: type.kind })
  const { metadata = null } = object
  return (
    problemOf(metadata, { ...place, schema: objectMeta, struct: 'ObjectMeta' }) ??
    embeddedProblem(object, type.schema, '')
  )
}

/**
 * The same for what says of objects inside of a custom resource what they are (objectmeta.Coerce of the real server): their
 * types are texts, and their metadata is metadata.
 */
function embeddedProblem(value: Json, schema: Schema, path: string): string | undefined {
  if (Array.isArray(value)) {
    const { items } = schema
    return (
      items && first([...value.entries()], ([at, item]) => embeddedProblem(item, items, `${path}[${at}]`))
    )
  }
  if (typeof value !== 'object' || value === null) return undefined
  const own = schema['x-kubernetes-embedded-resource'] === true ? typeProblem(value, path) : undefined
  if (own !== undefined) return own
  return first(Object.entries(value), ([name, part]) => {
    const below = schemaOf(schema, name)
    return below && embeddedProblem(part, below, memberPath(schema, path, name))
  })
}

function typeProblem(object: JsonObject, path: string): string | undefined {
  for (const name of ['apiVersion', 'kind']) {
    const value = object[name]
    if (value !== undefined && typeof value !== 'string')
      return `${path}.${name}: Invalid value: ${goJson(value)}: must be a string`
  }
  const { metadata = null } = object
  // It was a map on the way, so its fields come in the order of their names.
  const text = goJson(metadata)
  const place = {
    schema: objectMeta,
    struct: 'ObjectMeta',
    path: '',
    literals: undefined,
    literal: undefined,
  }
  const problem = problemOf(JSON.parse(text), place)
  return problem === undefined ? undefined : `${path}.metadata: Invalid value: ${text}: ${problem}`
}

function problemOf(value: Json, place: Place): string | undefined {
  const { schema } = place
  if (value !== null && schema.format === 'quantity') return quantityProblem(value)
  if (value !== null && schema.format === 'int-or-string') return problemOfIntOrString(value, place)
  if (value === null || !isTyped(schema)) return undefined
  if (schema.format === 'byte' && Array.isArray(value))
    return first(value, (item) => problemOf(item, { ...place, schema: BYTE }))
  if (!fits(value, place)) return mismatch(value, place)
  if (Array.isArray(value)) {
    const items = schema.items ?? {}
    const written = place.literals?.get(value)
    return first([...value.entries()], ([index, item]) =>
      problemOf(item, { ...place, schema: items, literal: written?.get(String(index)) }),
    )
  }
  if (typeof value === 'object') return problemOfFields(value, place)
  return problemOfText(value, place.schema)
}

function problemOfFields(value: JsonObject, place: Place): string | undefined {
  const { properties, additionalProperties } = place.schema
  const struct = place.schema['x-go-type'] ?? place.struct
  const written = place.literals?.get(value)
  return first(Object.keys(value), (name) => {
    const own = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
    const schema = own ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
    if (schema === undefined) return undefined
    const full = own?.['x-go-embedded'] === undefined ? name : `${own['x-go-embedded']}.${name}`
    const path = own === undefined ? place.path : place.path === '' ? full : `${place.path}.${full}`
    return problemOf(value[name] as Json, {
      schema,
      path,
      struct: own === undefined ? place.struct : struct,
      literals: place.literals,
      literal: written?.get(name),
    })
  })
}

function first<T>(items: readonly T[], look: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = look(item)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** What is no text is read as an int32. */
const problemOfIntOrString = (value: Json, place: Place): string | undefined =>
  typeof value === 'string' ? undefined : problemOf(value, { ...place, schema: INT32_SCHEMA })

/** Bytes may be written as numbers as well. */
const BYTE: Schema = { type: 'integer', format: 'uint8', 'x-go-type': 'uint8' }

const INT32_SCHEMA: Schema = { type: 'integer', format: 'int32', 'x-go-type': 'int32' }

const isTyped = (schema: Schema): boolean => schema.type !== undefined

function fits(value: Json, { schema, literal }: Place): boolean {
  switch (schema.type) {
    case 'object':
      return typeof value === 'object' && !Array.isArray(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return typeof value === 'number' && isWhole(value, schema.format, literal)
    case 'number':
      return typeof value === 'number'
    default:
      return typeof value === schema.type
  }
}

const INT32 = 2 ** 31
const INT64 = 2 ** 63

/** Would ParseInt take it? */
function isWhole(value: number, format: string | undefined, literal: string | undefined): boolean {
  if (!Number.isInteger(value) || /[.eE]/.test(literal ?? '')) return false
  if (format === 'uint8') return value >= 0 && value < 256
  const limit = format === 'int32' ? INT32 : INT64
  return value >= -limit && value < limit
}

function mismatch(value: Json, { schema, path, struct, literal }: Place): string {
  const isInteger = schema.type === 'integer'
  const given = typeof value === 'number' && isInteger ? `number ${literal ?? value}` : jsonKind(value)
  if (path === '') return `json: cannot unmarshal ${given} into Go value of type ${goType(schema)}`
  return `json: cannot unmarshal ${given} into Go struct field ${struct}.${path} of type ${goType(schema)}`
}

function problemOfText(value: Json, schema: Schema): string | undefined {
  if (typeof value !== 'string') return undefined
  if (schema.format === 'byte') return base64Problem(value)
  if (schema['x-go-type'] === 'time') return timeProblem(value, schema.format === 'micro-time')
  return undefined
}

/** A schema as the Go type that it was written after. */
function goType(schema: Schema): string {
  const named = schema['x-go-type']
  if (schema.type === 'array') return named ?? `[]${goType(schema.items ?? {})}`
  if (typeof schema.additionalProperties === 'object')
    return schema.additionalProperties.format === 'quantity'
      ? 'v1.ResourceList'
      : `map[string]${goType(schema.additionalProperties)}`
  // A time is read as a text first.
  if (named === 'time') return 'string'
  if (named !== undefined) return schema.type === 'object' ? `v1.${named}` : named
  if (schema.type === 'boolean') return 'bool'
  if (schema.type === 'integer') return schema.format ?? 'int64'
  return schema.type ?? 'interface {}'
}
