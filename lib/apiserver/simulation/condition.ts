/** Conditions of a status: lists of objects told apart by `type`. */
import type { Json, JsonObject } from '../resource.ts'
import { isObject } from '../schema/equal.ts'

/** The condition of a type, if there is one. */
export const conditionOf = (conditions: readonly Json[], type: string): JsonObject | undefined =>
  conditions.filter(isObject).find((one) => one.type === type)

export const isTrue = (conditions: readonly Json[], type: string): boolean =>
  conditionOf(conditions, type)?.status === 'True'

export const without = (conditions: readonly Json[], type: string): Json[] =>
  conditions.filter((one) => !isObject(one) || one.type !== type)

/**
 * The conditions with this one at their end, unless one of the same status and reason is there. The time of its transition is
 * kept while the status stays the same.
 */
export function withCondition(conditions: readonly Json[], condition: JsonObject): Json[] {
  const old = conditionOf(conditions, String(condition.type))
  if (old?.status === condition.status && old?.reason === condition.reason) return [...conditions]
  const since = old?.status === condition.status ? old?.lastTransitionTime : undefined
  const next = since === undefined ? condition : { ...condition, lastTransitionTime: since }
  return [...without(conditions, String(condition.type)), next]
}

/** Numbers of a status without the zeros, which Go leaves out. */
export const counts = (numbers: Readonly<Record<string, number>>): JsonObject =>
  Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== 0))
