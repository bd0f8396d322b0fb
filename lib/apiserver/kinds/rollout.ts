/**
 * What the workloads of apps/v1 have in common as kinds: selectors, scale, columns, and how they roll out changes.
 */

import type { Column, JsonObject, Problem, Schema } from '../resource.ts'
import { numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { forbidden, invalid, notSupported } from '../schema/problem.ts'
import { column, containerImages, containerNames, selectorText, wide } from './columns.ts'
import { optional } from './dsl.ts'
import { labelSelector } from './reference.ts'
import { intOrPercentProblems } from './workload.ts'

/** `spec.selector`: a pointer that is always written. */
export const selector: Schema = { ...optional(labelSelector), 'x-go-zero': null }

/** Where the scale subresource finds its parts. */
export const scale = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
}

/** The pod spec of a template. For reading. */
export const podSpecOf = (object: JsonObject): JsonObject => objectAt(object, 'spec', 'template', 'spec')

/** The columns of wide tables; `what` describes the selector. */
export const workloadColumns = (what: string): Column[] => [
  wide(
    column('Containers', 'string', (object) => containerNames(podSpecOf(object)), {
      description: 'Names of each container in the template.',
    }),
  ),
  wide(
    column('Images', 'string', (object) => containerImages(podSpecOf(object)), {
      description: 'Images referenced by each container in the template.',
    }),
  ),
  wide(
    column('Selector', 'string', (object) => selectorText(objectAt(object, 'spec').selector), {
      description: what,
    }),
  ),
]

/** A counter of the status. */
export const status = (object: JsonObject, name: string): number => numberAt(object, 'status', name) ?? 0

/** How many pods are wanted. */
export const desired = (object: JsonObject): number => numberAt(object, 'spec', 'replicas') ?? 0

/** Fills the limits of a rolling update. */
export const defaultRollout = (strategy: JsonObject, limits: JsonObject): void => {
  if (strategy.type === 'RollingUpdate')
    strategy.rollingUpdate = { ...limits, ...objectAt(strategy, 'rollingUpdate') }
}

/** What is wrong with how changes roll out; `types` are the strategies that the kind knows. */
export const rolloutProblems = (strategy: JsonObject, field: string, types: string[]): Problem[] => {
  const type = stringAt(strategy, 'type')
  if (!types.includes(type)) return [notSupported(`${field}.type`, type, types)]
  if (type === 'RollingUpdate')
    return rollingProblems(objectAt(strategy, 'rollingUpdate'), `${field}.rollingUpdate`)
  if (strategy.rollingUpdate === undefined) return []
  return [forbidden(`${field}.rollingUpdate`, `may not be specified when strategy \`type\` is '${type}'`)]
}

const rollingProblems = (rolling: JsonObject, field: string): Problem[] => {
  const problems = ['maxUnavailable', 'maxSurge'].flatMap((name) =>
    intOrPercentProblems(rolling[name], `${field}.${name}`),
  )
  const { maxUnavailable, maxSurge } = rolling
  if (isZero(maxUnavailable) && isZero(maxSurge))
    problems.push(
      invalid(`${field}.maxUnavailable`, maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0'),
    )
  return problems
}

const isZero = (value: JsonObject[string] | undefined): boolean => value === 0 || value === '0%'
