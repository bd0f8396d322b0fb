/**
 * Admission of new pods: their priority, by the name of a class, and what they tolerate.
 */

import type { JsonObject, World } from '../../resource.ts'
import { numberAt, stringAt } from '../../schema/equal.ts'
import { tolerateBrokenNodes } from './prepare.ts'

/** Classes that every cluster has. */
const systemClasses: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2000000000,
  'system-node-critical': 2000001000,
}

interface Priority {
  readonly name: string
  readonly value: number
  readonly policy: string
}

/** Completes the spec of a new pod in place. Answers why the pod may not be made, where it may not. */
export const admitPod = (spec: JsonObject, world: World): string | undefined => {
  const name = stringAt(spec, 'priorityClassName')
  const priority = priorityOf(name, world('scheduling.k8s.io/v1', 'PriorityClass'))
  if (priority === undefined) return `no PriorityClass with name ${name} was found`
  const { priority: given, preemptionPolicy: policy } = spec
  if (given !== undefined && given !== priority.value)
    return `the integer value of priority (${String(given)}) must not be provided in pod spec; priority admission controller computed ${priority.value} from the given PriorityClass name`
  if (policy !== undefined && policy !== priority.policy)
    return `the string value of PreemptionPolicy (${String(policy)}) must not be provided in pod spec; priority admission controller computed ${priority.policy} from the given PriorityClass name`
  if (priority.name !== '') spec.priorityClassName = priority.name
  spec.priority = priority.value
  spec.preemptionPolicy = priority.policy
  tolerateBrokenNodes(spec)
  return undefined
}

const priorityOf = (name: string, classes: JsonObject[]): Priority | undefined => {
  const system = Object.hasOwn(systemClasses, name) ? systemClasses[name] : undefined
  if (system !== undefined) return { name, value: system, policy: 'PreemptLowerPriority' }
  if (name !== '')
    return classes.filter((one) => stringAt(one, 'metadata', 'name') === name).map(fromClass)[0]
  const defaults = classes.filter((one) => one.globalDefault === true).map(fromClass)
  return defaults.reduce((lowest, one) => (one.value < lowest.value ? one : lowest), defaults[0] ?? NONE)
}

const NONE: Priority = { name: '', value: 0, policy: 'PreemptLowerPriority' }

const fromClass = (one: JsonObject): Priority => ({
  name: stringAt(one, 'metadata', 'name'),
  value: numberAt(one, 'value') ?? 0,
  policy: stringAt(one, 'preemptionPolicy') || 'PreemptLowerPriority',
})
