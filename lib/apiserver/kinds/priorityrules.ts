/**
 * What a PriorityClass must be, and that it stays what it is.
 */

import type { JsonObject, Problem } from '../resource.ts'
import { isEqual, numberAt, stringAt } from '../schema/equal.ts'
import { forbidden, immutable } from '../schema/problem.ts'
import { neededOneOf, textAt } from './rules.ts'

const HIGHEST = 1_000_000_000
const SYSTEM = 'system-'

/** The classes of the system itself, which are the only ones named like them. */
const systemClasses: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}

/** What is wrong with a class that is made. */
export const priorityProblems = (object: JsonObject): Problem[] => {
  const name = stringAt(object, 'metadata', 'name')
  const policy = textAt(object, 'preemptionPolicy')
  const isHigh = (numberAt(object, 'value') ?? 0) > HIGHEST
  return [
    ...(name.startsWith(SYSTEM)
      ? systemProblems(object, name)
      : isHigh
        ? [forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST}`)]
        : []),
    ...(policy === undefined
      ? []
      : neededOneOf(policy, 'preemptionPolicy', ['PreemptLowerPriority', 'Never'])),
  ]
}

const systemProblems = (object: JsonObject, name: string): Problem[] => {
  const value = systemClasses[name]
  const say = (text: string): Problem[] => [
    forbidden(
      'metadata.name',
      `priority class names with '${SYSTEM}' prefix are reserved for system use only. error: ${text}`,
    ),
  ]
  if (value === undefined) return say(`${name} is not a known system priority class`)
  if (value !== (numberAt(object, 'value') ?? 0))
    return say(`value of ${name} PriorityClass must be ${value}`)
  return object.globalDefault === true ? say(`globalDefault of ${name} PriorityClass must be false`) : []
}

/** What an update may not change. */
export const priorityChanges = (object: JsonObject, before: JsonObject): Problem[] => [
  ...((object.value ?? 0) === (before.value ?? 0)
    ? []
    : [forbidden('value', 'may not be changed in an update.')]),
  ...(isEqual(object.preemptionPolicy ?? null, before.preemptionPolicy ?? null)
    ? []
    : [immutable('preemptionPolicy', object.preemptionPolicy ?? null)]),
]
