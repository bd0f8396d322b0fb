/** Numbers of zod as structural schemas: type, format and bounds. */
import type { Place, Schema } from './structure.ts'
import type { CheckDefinition } from './text.ts'

interface Bound {
  readonly value: number
  readonly exclusive: boolean
}

interface Numeric {
  integer: boolean
  format?: string
  low?: Bound
  high?: Bound
  readonly steps: number[]
}

const UINT32 = 4_294_967_295

/** A number with its checks. Bounds that only say "safe integer" are left out; those of int32 are its format. */
export function numberOf(checks: readonly CheckDefinition[], place: Place): Schema {
  const numeric: Numeric = { integer: false, steps: [] }
  for (const check of checks) {
    const problem = add(numeric, check)
    if (problem !== undefined) return place.refuse(problem)
  }
  return numberSchema(numeric)
}

function numberSchema({ integer, format, low, high, steps }: Numeric): Schema {
  const [step, ...more] = steps
  return {
    type: integer ? 'integer' : 'number',
    ...(format !== undefined && { format }),
    ...(low && { minimum: low.value, ...(low.exclusive && { exclusiveMinimum: true }) }),
    ...(high && { maximum: high.value, ...(high.exclusive && { exclusiveMaximum: true }) }),
    ...(step !== undefined && { multipleOf: step }),
    ...(more.length > 0 && { allOf: more.map((multipleOf) => ({ multipleOf })) }),
  }
}

function add(numeric: Numeric, check: CheckDefinition): string | undefined {
  const { value, inclusive } = check
  if (check.check === 'number_format') return addFormat(numeric, check.format ?? '')
  if (typeof value !== 'number' || !Number.isFinite(value))
    return `check "${check.check}" has no counterpart in a schema: use a CEL rule`
  const bound = { value, exclusive: inclusive === false }
  switch (check.check) {
    case 'greater_than':
      numeric.low = tighter(numeric.low, bound, (a, b) => a > b)
      return undefined
    case 'less_than':
      numeric.high = tighter(numeric.high, bound, (a, b) => a < b)
      return undefined
    case 'multiple_of':
      // Seen on kube-apiserver 1.36: a fractional factor becomes 0 for whole values, and they are all refused.
      if (!Number.isInteger(value))
        return `multipleOf(${value}): the API server takes whole factors only: use a CEL rule, or a smaller unit`
      numeric.steps.push(value)
      return undefined
    default:
      return `check "${check.check}" has no counterpart in a schema: use a CEL rule`
  }
}

function tighter(old: Bound | undefined, bound: Bound, wins: (a: number, b: number) => boolean): Bound {
  if (old === undefined || wins(bound.value, old.value)) return bound
  return old.value === bound.value && bound.exclusive ? bound : old
}

function addFormat(numeric: Numeric, format: string): string | undefined {
  switch (format) {
    case 'safeint':
      numeric.integer = true
      return undefined
    case 'int32':
      numeric.integer = true
      numeric.format = 'int32'
      return undefined
    case 'uint32':
      numeric.integer = true
      numeric.low = tighter(numeric.low, { value: 0, exclusive: false }, (a, b) => a > b)
      numeric.high = tighter(numeric.high, { value: UINT32, exclusive: false }, (a, b) => a < b)
      return undefined
    case 'float32':
      numeric.format = 'float'
      return undefined
    case 'float64':
      numeric.format = 'double'
      return undefined
    default:
      return `the number format "${format}" has no counterpart in a schema: use z.int() or z.number()`
  }
}
