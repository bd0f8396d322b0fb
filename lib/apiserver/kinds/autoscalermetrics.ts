/**
 * The annotations in which autoscaling/v1 carries what it has no fields for: metrics in the flat form of that version, and
 * behaviour in the names of Go.
 */

import type { Json, JsonObject } from '../resource.ts'
import { at, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'

/** Aims stand in `target` and what was measured in `current`. */
type Side = 'target' | 'current'

/** What an annotation says. Anybody may write into one: what is no JSON says nothing. */
export const carriedJson = (text: string): Json | undefined => {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const present = (fields: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )

const order = ['object', 'pods', 'resource', 'containerResource', 'external']

/** Metrics, or what they measured, as an annotation. */
export const toMetricsText = (metrics: readonly Json[], side: Side): string =>
  JSON.stringify(
    metrics.map((metric) =>
      present({
        type: stringAt(metric, 'type'),
        ...Object.fromEntries(
          order.map((name) => {
            const source = at(metric, name)
            return [name, isObject(source) ? flat(name, source, side) : undefined]
          }),
        ),
      }),
    ),
  )

/** Upper case first: `value` after `target` is `targetValue`. */
const after = (side: Side, name: string): string => `${side}${name[0]?.toUpperCase()}${name.slice(1)}`

const flat = (kind: string, source: JsonObject, side: Side): JsonObject => {
  const { value, averageValue, averageUtilization } = objectAt(source, side)
  const name = stringAt(source, 'metric', 'name')
  const selector = at(source, 'metric', 'selector')
  const isAim = side === 'target'
  const always = (given: Json | undefined): Json => given ?? '0'
  switch (kind) {
    case 'object':
      return present({
        target: source.describedObject,
        metricName: name,
        [after(side, 'value')]: always(value),
        selector,
        averageValue,
      })
    case 'pods':
      return present({ metricName: name, [after(side, 'averageValue')]: always(averageValue), selector })
    case 'external':
      return present({
        metricName: name,
        metricSelector: selector,
        [after(side, 'value')]: isAim ? value : always(value),
        [after(side, 'averageValue')]: averageValue,
      })
    default:
      return present({
        name: source.name,
        [after(side, 'averageUtilization')]: averageUtilization,
        [after(side, 'averageValue')]: isAim ? averageValue : always(averageValue),
        container: source.container,
      })
  }
}

/** What {@link toMetricsText} wrote, or somebody else. */
export const fromMetricsText = (text: string, side: Side): Json[] => {
  const given = carriedJson(text)
  if (!Array.isArray(given)) return []
  return given.filter(isObject).map((metric) =>
    present({
      type: stringAt(metric, 'type'),
      ...Object.fromEntries(
        order.map((name) => {
          const source = metric[name]
          return [name, isObject(source) ? deep(name, source, side) : undefined]
        }),
      ),
    }),
  )
}

const deep = (kind: string, source: JsonObject, side: Side): JsonObject => {
  const value = source[after(side, 'value')]
  const averageValue = source[after(side, 'averageValue')]
  const selector = kind === 'external' ? source.metricSelector : source.selector
  const metric = present({ name: stringAt(source, 'metricName'), selector })
  const isAim = side === 'target'
  const measured = (type: string, values: Record<string, Json | undefined>): JsonObject => ({
    [side]: present({ type: isAim ? type : undefined, ...values }),
  })
  switch (kind) {
    case 'object': {
      const average = source.averageValue
      const isAverage = average !== undefined
      // The field cannot be left out of the older form: 0 says that there is none.
      const own = isAim && isAverage && value === '0' ? undefined : value
      return {
        describedObject: objectAt(source, 'target'),
        metric,
        ...measured(isAverage ? 'AverageValue' : 'Value', { value: own, averageValue: average }),
      }
    }
    case 'pods':
      return { metric, ...measured('AverageValue', { averageValue }) }
    case 'external':
      return { metric, ...measured(value === undefined ? 'AverageValue' : 'Value', { value, averageValue }) }
    default: {
      const averageUtilization = source[after(side, 'averageUtilization')]
      const type = averageUtilization === undefined ? 'AverageValue' : 'Utilization'
      return {
        ...present({ name: source.name, container: source.container }),
        ...measured(type, { averageValue, averageUtilization }),
      }
    }
  }
}

/** `behavior`, as an annotation. */
export const toBehaviorText = (behavior: JsonObject): string =>
  JSON.stringify({ ScaleUp: goRules(behavior.scaleUp), ScaleDown: goRules(behavior.scaleDown) })

const goRules = (rules: Json | undefined): Json =>
  isObject(rules)
    ? {
        StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
        SelectPolicy: rules.selectPolicy ?? null,
        Policies: Array.isArray(rules.policies) ? rules.policies.map(goPolicy) : null,
        Tolerance: rules.tolerance ?? null,
      }
    : null

const goPolicy = (policy: Json): Json => ({
  Type: at(policy, 'type') ?? '',
  Value: at(policy, 'value') ?? 0,
  PeriodSeconds: at(policy, 'periodSeconds') ?? 0,
})

/** What {@link toBehaviorText} wrote; undefined where it says nothing. */
export const fromBehaviorText = (text: string): JsonObject | undefined => {
  const given = carriedJson(text)
  const behavior = present({ scaleUp: rules(at(given, 'ScaleUp')), scaleDown: rules(at(given, 'ScaleDown')) })
  return Object.keys(behavior).length === 0 ? undefined : behavior
}

const rules = (given: Json | undefined): JsonObject | undefined =>
  isObject(given)
    ? present({
        stabilizationWindowSeconds: given.StabilizationWindowSeconds ?? undefined,
        selectPolicy: given.SelectPolicy ?? undefined,
        policies: Array.isArray(given.Policies) ? listAt(given, 'Policies').map(policy) : undefined,
        tolerance: given.Tolerance ?? undefined,
      })
    : undefined

const policy = (given: Json): Json => ({
  type: at(given, 'Type') ?? '',
  value: at(given, 'Value') ?? 0,
  periodSeconds: at(given, 'PeriodSeconds') ?? 0,
})
