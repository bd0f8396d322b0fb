/** CEL that is about no schema: the matchConditions of webhooks. Its variables are plain JSON. */
import type { Json, JsonObject } from '../resource.ts'
import { createEnvironment } from './cel/environment.ts'
import { addAuthorizer } from './cel/authorizer.ts'
import { compileError, runError } from './cel/message.ts'
import { isObject } from './equal.ts'

/** Does it hold, or why could that not be found out? `authorizer` is made by `authorizerFor`. */
export type CompiledCondition = (given: JsonObject, authorizer: object) => { holds: boolean; error?: string }

/** The variables of a condition besides `authorizer`. */
const VARIABLES = ['object', 'oldObject', 'request', 'namespaceObject']

/** An environment in which conditions compile. */
const conditionEnvironment = () => {
  const environment = createEnvironment()
  for (const name of VARIABLES) environment.registerVariable(name, 'dyn')
  addAuthorizer(environment)
  return environment
}

/** Throws what CEL throws for an expression that does not compile; its configuration would have been refused. */
export function compileCondition(expression: string): CompiledCondition {
  const run = conditionEnvironment().parse(expression)
  return (given, authorizer) => {
    const context: Record<string, unknown> = { authorizer }
    for (const name of VARIABLES) context[name] = toValue(given[name] ?? null)
    try {
      const value: unknown = run(context)
      if (typeof value === 'boolean') return { holds: value }
      return { holds: false, error: `cel expression evaluated to ${typeof value} but bool was expected` }
    } catch (error) {
      return { holds: false, error: runError(error) }
    }
  }
}

/** Whole numbers are ints, as they are for objects without a schema in Go. */
function toValue(json: Json): unknown {
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json
  if (Array.isArray(json)) return json.map(toValue)
  if (!isObject(json)) return json
  return new Map(Object.entries(json).map(([key, value]) => [key, toValue(value)]))
}

/** The type that a condition evaluates to, or why it does not compile. */
export const conditionTypeOf = (expression: string): { name: string; error?: string } => {
  const environment = conditionEnvironment()
  const error = compileError(environment, expression)
  if (error !== undefined) return { name: '', error }
  return { name: environment.check(expression).type ?? 'dyn' }
}
