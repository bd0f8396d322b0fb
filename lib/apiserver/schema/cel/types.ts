/**
 * Schemas as CEL types, and JSON as values of them.
 */

import type { Json, JsonObject, Schema } from '../../resource.ts'
import { isEqual, isObject } from '../equal.ts'
import { objectMeta } from '../objectmeta.ts'
import type { Environment } from './environment.ts'
import { type Meter, metered } from './meter.ts'

/** A schema as CEL sees it: the name of its type, and how JSON becomes a value of it. */
export interface CelShape {
  readonly type: string
  readonly toValue: (json: Json) => unknown
}

const keywords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

/** A field's name as an identifier; undefined when it cannot be one. */
export const escapeName = (name: string): string | undefined => {
  if (keywords.has(name)) return `__${name}__`
  const escaped = name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__')
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(escaped) ? escaped : undefined
}

const toNumber = (json: Json): unknown => (typeof json === 'number' ? json : Number.NaN)
const toInteger = (json: Json): unknown =>
  typeof json === 'number' && Number.isInteger(json) ? BigInt(json) : json
const toEither = (json: Json): unknown => (typeof json === 'number' ? toInteger(json) : json)
const same = (json: Json): unknown => json

/** Whether a type is at the root of a resource, which has type and name. */
interface Place {
  readonly environment: Environment
  readonly meter: Meter
  isRoot: boolean
}

/** Declares the types of a schema in an environment; what rules look at is counted. Undefined: they cannot see such values. */
export const shapeOf = (
  schema: Schema,
  environment: Environment,
  isRoot: boolean,
  meter: Meter,
): CelShape | undefined => shape(schema, { environment, isRoot, meter })

const shape = (schema: Schema, place: Place): CelShape | undefined => {
  if (schema['x-kubernetes-int-or-string']) return { type: 'dyn', toValue: toEither }
  switch (schema.type) {
    case 'boolean':
      return { type: 'bool', toValue: same }
    case 'integer':
      return { type: 'int', toValue: toInteger }
    case 'number':
      return { type: 'double', toValue: toNumber }
    case 'string':
      return stringShape(schema.format ?? '', place.environment)
    case 'array':
      return listShape(schema, place)
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? mapShape(schema.additionalProperties, place)
        : objectShape(schema, place)
    default:
      return undefined
  }
}

const stringShape = (format: string, environment: Environment): CelShape => {
  if (format === 'byte')
    return { type: 'bytes', toValue: (json) => new Uint8Array(Buffer.from(String(json), 'base64')) }
  if (format === 'date' || format === 'date-time' || format === 'datetime')
    return { type: 'google.protobuf.Timestamp', toValue: (json) => new Date(String(json)) }
  if (format !== 'duration') return { type: 'string', toValue: same }
  // The package has no other way to make a duration than to evaluate one.
  const toValue = (json: Json): unknown => environment.evaluate(`duration(${JSON.stringify(String(json))})`)
  return { type: 'google.protobuf.Duration', toValue }
}

const listShape = (schema: Schema, place: Place): CelShape | undefined => {
  const items = schema.items ? shape(schema.items, { ...place, isRoot: false }) : undefined
  if (!items) return undefined
  return {
    type: `list<${items.type}>`,
    toValue: (json) => (Array.isArray(json) ? metered(json.map(items.toValue), place.meter) : json),
  }
}

const mapShape = (schema: Schema, place: Place): CelShape | undefined => {
  const values = shape(schema, { ...place, isRoot: false })
  if (!values) return undefined
  const toValue = (json: Json): unknown =>
    isObject(json) ? new Map(Object.entries(json).map(([key, value]) => [key, values.toValue(value)])) : json
  return { type: `map<string, ${values.type}>`, toValue }
}

/** What rules may see of metadata. */
const visibleMetadata: Schema = {
  type: 'object',
  properties: Object.fromEntries(
    ['name', 'generateName'].map((name) => [name, objectMeta.properties?.[name] ?? {}]),
  ),
}

const propertiesOf = (schema: Schema, isRoot: boolean): Record<string, Schema> => {
  const properties = schema.properties ?? {}
  if (!isRoot && !schema['x-kubernetes-embedded-resource']) return properties
  return {
    ...properties,
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: visibleMetadata,
  }
}

const objectShape = (schema: Schema, place: Place): CelShape => {
  const fields: Record<string, string> = {}
  const members = new Map<string, { name: string; shape: CelShape }>()
  for (const [name, property] of Object.entries(propertiesOf(schema, place.isRoot))) {
    const escaped = escapeName(name)
    const found = shape(property, { ...place, isRoot: false })
    if (escaped === undefined || !found) continue
    fields[escaped] = found.type
    members.set(name, { name: escaped, shape: found })
  }
  return declareObject(place.environment, fields, members)
}

const declareObject = (
  environment: Environment,
  fields: Record<string, string>,
  members: ReadonlyMap<string, { name: string; shape: CelShape }>,
): CelShape => {
  // CEL tells types by their constructor: each object type needs one of its own.
  class Fields extends Map<string, unknown> {
    json: JsonObject = {}
  }
  let count = 1
  const taken = new Set(environment.getDefinitions().functions.map((one) => one.params[0]?.type))
  while (taken.has(`selfType${count}`)) count++
  const type = `selfType${count}`
  environment.registerType(type, { ctor: Fields, fields })
  environment.registerOperator(`${type} == ${type}`, (one: Fields, other: Fields) =>
    isEqual(one.json, other.json),
  )
  const toValue = (json: Json): unknown => {
    if (!isObject(json)) return json
    const value = new Fields()
    value.json = json
    for (const [name, member] of members) {
      const found = json[name]
      if (found !== undefined && found !== null) value.set(member.name, member.shape.toValue(found))
    }
    return value
  }
  return { type, toValue }
}
