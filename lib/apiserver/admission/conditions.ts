/** matchConditions: CEL over the request that decides whether a webhook is asked at all. */
import type { Json, JsonObject } from '../resource.ts'
import { isObject, stringAt } from '../schema/equal.ts'
import { compileCondition, type CompiledCondition } from '../schema/condition.ts'

/** A condition; compiled when it is first needed. */
export interface Condition {
  readonly expression: string
  readonly compiled: () => CompiledCondition
}

export function conditionsOf(list: readonly Json[]): Condition[] {
  return list.filter(isObject).map((condition) => {
    const expression = stringAt(condition, 'expression')
    let compiled: CompiledCondition | undefined
    return {
      expression,
      compiled: () => {
        compiled ??= compileCondition(expression)
        return compiled
      },
    }
  })
}

/** `errors` are those of conditions that could not be evaluated. */
export type Matching = { type: 'yes' } | { type: 'no' } | { type: 'errors'; text: string }

/**
 * One condition that is false decides, whatever is wrong with the others. `given` are the variables of the expressions,
 * `authorizer` is the one that decides for whoever asks.
 */
export function matchConditions(
  conditions: readonly Condition[],
  given: JsonObject,
  authorizer: object,
): Matching {
  const errors: string[] = []
  for (const { expression, compiled } of conditions) {
    const result = compiled()(given, authorizer)
    if (result.error !== undefined)
      errors.push(`expression '${expression}' resulted in error: ${result.error}`)
    else if (!result.holds) return { type: 'no' }
  }
  const [first] = errors
  if (first === undefined) return { type: 'yes' }
  return { type: 'errors', text: errors.length === 1 ? first : `[${errors.join(', ')}]` }
}
