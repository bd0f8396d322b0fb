/**
 * What the workloads of apps/v1 have in common as kinds: selectors, scale, columns, and how they roll out changes.
 */

import type { Json, JsonObject, Problem, Schema } from '../resource.ts'
import { numberAt, objectAt } from '../schema/equal.ts'
import { invalid } from '../schema/problem.ts'
import { needed, optional } from './dsl.ts'
import { labelSelector } from './reference.ts'
import { notNegative } from './rules.ts'

/** `spec.selector`: a pointer that is always written. */
export const selector: Schema = needed({ ...optional(labelSelector), 'x-go-zero': null })

/** Where the scale subresource finds its parts. */
export const scale = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
}

/** A counter of the status. */
export const status = (object: JsonObject, name: string): number => numberAt(object, 'status', name) ?? 0

/** Fills the limits of a rolling update. */
export const defaultRollout = (strategy: JsonObject, limits: JsonObject): void => {
  if (strategy.type === 'RollingUpdate')
    strategy.rollingUpdate = { ...limits, ...objectAt(strategy, 'rollingUpdate') }
}

/** An absolute number or a percentage, as in `maxSurge`. */
export const intOrPercentProblems = (value: Json | undefined, field: string): Problem[] => {
  if (typeof value === 'number') return notNegative(value, field)
  if (typeof value !== 'string' || /^[0-9]+%$/.test(value)) return []
  const text =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
  return [invalid(field, value, text)]
}

/** A percentage of at most all. */
export const notMoreThanAll = (value: Json | undefined, field: string): Problem[] =>
  typeof value === 'string' && amountIn(value) > 100
    ? [invalid(field, value, 'must not be greater than 100%')]
    : []

/** The number in a number or a percentage. */
export const amountIn = (value: Json | undefined): number => {
  if (typeof value === 'number') return value
  const [, digits] = /^([+-]?\d+)%?$/.exec(typeof value === 'string' ? value : '') ?? []
  return Number(digits ?? 0)
}
