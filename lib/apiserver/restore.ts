/**
 * What a strategic merge patch makes is not decoded from JSON in a real server, but converted value by value
 * (k8s.io/apimachinery/pkg/runtime/converter.go): with other words for what does not fit, and with more patience for numbers.
 */
import { jsonKind } from './decodeProblem.ts'
import { isInt64 } from './fields/gosyntax.ts'
import { isObject, member, put } from './fields/json.ts'
import type { Json, JsonObject, Schema } from './resource.ts'
import { base64Problem } from './schema/base64.ts'
import { quantityProblem } from './kinds/quantity.ts'
import { timeProblem } from './schema/time.ts'

/** The object as its Go type holds it, or what cannot be converted. */
export type Restored = { object: JsonObject; problem?: undefined } | { problem: string }

/** Converts an object of a built-in kind. Fields that its schema does not know stay as they are. */
export function restore(object: JsonObject, schema: Schema): Restored {
  try {
    return { object: structOf(object, schema) }
  } catch (error) {
    if (error instanceof Unfit) return { problem: error.message }
    throw error
  }
}

/** A value that its Go type cannot hold. */
class Unfit extends Error {}

function converted(value: Json, schema: Schema): Json {
  if (value === null) return null
  if (schema['x-kubernetes-int-or-string'] === true) return intOrString(value, schema)
  switch (schema.type) {
    case undefined:
      return value
    case 'object':
      return schema.properties === undefined ? mapOf(value, schema) : structOf(value, schema)
    case 'array':
      return listOf(value, schema)
    case 'string':
      return textOf(value, schema)
    case 'boolean':
      if (typeof value === 'boolean') return value
      throw new Unfit('unrecognized type: bool')
    default:
      return numberOf(value, schema)
  }
}

/** Fields in the order of the Go type, so that the first problem is the one that is told. */
function structOf(value: Json, schema: Schema): JsonObject {
  if (!isObject(value)) throw new Unfit(`cannot restore struct from: ${goKind(value)}`)
  const result = { ...value }
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const given = member(value, name)
    if (given !== undefined) put(result, name, converted(given, field))
  }
  return result
}

function mapOf(value: Json, schema: Schema): Json {
  // Raw JSON reads itself, whatever it is.
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return value
  if (!isObject(value)) throw new Unfit(`cannot restore map from ${goKind(value)}`)
  const { additionalProperties: values } = schema
  if (typeof values !== 'object') return value
  const result: JsonObject = {}
  for (const key of Object.keys(value)) put(result, key, converted(member(value, key) as Json, values))
  return result
}

function listOf(value: Json, { items = {} }: Schema): Json {
  if (!Array.isArray(value)) throw new Unfit(`cannot restore slice from ${goKind(value)}`)
  return value.map((item) => converted(item, items))
}

function textOf(value: Json, schema: Schema): Json {
  if (schema.format === 'byte') return bytesOf(value)
  if (schema['x-go-type'] === 'time') return timeOf(value, schema)
  if (typeof value === 'string') return value
  // Go converts whole numbers to texts, which this is not.
  if (goKind(value) === 'int64') throw new Unfit(`cannot convert int64 to ${schema['x-go-type'] ?? 'string'}`)
  throw new Unfit('unrecognized type: string')
}

function timeOf(value: Json, { format }: Schema): Json {
  if (typeof value !== 'string')
    throw new Unfit(`json: cannot unmarshal ${jsonKind(value)} into Go value of type string`)
  const problem = timeProblem(value, format === 'micro-time')
  if (problem !== undefined) throw new Unfit(problem)
  return value
}

/** Bytes are base64, or a list of numbers. */
function bytesOf(value: Json): Json {
  if (typeof value === 'string') {
    const problem = base64Problem(value)
    if (problem !== undefined) throw new Unfit(`error decoding from json: ${problem}`)
    return value
  }
  if (!Array.isArray(value)) throw new Unfit(`cannot restore slice from ${goKind(value)}`)
  const bytes = value.map((item) => numberOf(item ?? 0, { type: 'integer', format: 'uint8' }))
  return Buffer.from(bytes).toString('base64')
}

const BITS: Readonly<Record<string, number>> = { int32: 32, int64: 64, uint8: 8 }

/** Whole numbers are cut to the size of their type; others are refused where a whole one is meant. */
function numberOf(value: Json, { type, format = type === 'number' ? 'float64' : 'int64' }: Schema): number {
  const name = format === 'double' ? 'float64' : format
  if (typeof value !== 'number') throw new Unfit(`unrecognized type: ${name}`)
  if (type === 'number') return value
  if (!Number.isInteger(value)) throw new Unfit(`cannot convert float64 to ${name}`)
  const bits = BITS[name] ?? 64
  if (bits === 64) return value
  // Beyond 64 bits the processor answers with the least number, whose lower half is 0.
  const whole = Math.abs(value) < 2 ** 63 ? BigInt(value) : 0n
  return Number(name === 'uint8' ? BigInt.asUintN(bits, whole) : BigInt.asIntN(bits, whole))
}

function intOrString(value: Json, { format }: Schema): Json {
  const problem = format === 'quantity' ? quantityProblem(value) : intOrStringProblem(value)
  if (problem !== undefined) throw new Unfit(problem)
  return value
}

const INT32 = 2 ** 31

function intOrStringProblem(value: Json): string | undefined {
  if (typeof value === 'string') return undefined
  const isWhole = typeof value === 'number' && Number.isInteger(value) && value >= -INT32 && value < INT32
  if (isWhole) return undefined
  const given = typeof value === 'number' ? `number ${value}` : jsonKind(value)
  return `json: cannot unmarshal ${given} into Go value of type int32`
}

/** Go's name for the kind of a value. */
function goKind(value: Json): string {
  if (Array.isArray(value)) return 'slice'
  if (typeof value === 'object') return 'map'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return isInt64(value) ? 'int64' : 'float64'
  return 'string'
}
