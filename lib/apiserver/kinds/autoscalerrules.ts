/**
 * What a HorizontalPodAutoscaler must be like.
 */

import type { JsonObject, Problem } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { labelProblems, pathProblems } from '../schema/names.ts'
import { forbidden, invalid, notSupported, required } from '../schema/problem.ts'
import { amountOf } from './quantity.ts'
import { resourceNameProblems } from './resourcename.ts'

/** In seconds (autoscaling validation). */
const maxPeriod = 1800
const maxWindow = 3600

/** Problems of an autoscaler of autoscaling/v2; `before` is what it was. */
export const autoscalerProblems = (
  object: JsonObject,
  before: JsonObject | undefined,
  subresource = '',
): Problem[] => (subresource === 'status' ? statusProblems(object) : specProblems(object, before))

const specProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const spec = objectAt(object, 'spec')
  const behavior = objectAt(spec, 'behavior')
  return [
    ...replicasProblems(spec, numberAt(before, 'spec', 'minReplicas') === 0 ? 0 : 1),
    ...targetReferenceProblems(objectAt(spec, 'scaleTargetRef'), before),
    ...metricsProblems(spec, before),
    ...['scaleUp', 'scaleDown'].flatMap((name) => {
      const rules = behavior[name]
      return isObject(rules) ? rulesProblems(rules, `spec.behavior.${name}`) : []
    }),
  ]
}

const statusProblems = (object: JsonObject): Problem[] =>
  ['currentReplicas', 'desiredReplicas'].flatMap((name) => {
    const value = numberAt(object, 'status', name) ?? 0
    return value < 0 ? [invalid(`status.${name}`, value, 'must be greater than or equal to 0')] : []
  })

const replicasProblems = (spec: JsonObject, least: number): Problem[] => {
  const min = numberAt(spec, 'minReplicas')
  const max = numberAt(spec, 'maxReplicas') ?? 0
  const field = 'spec.maxReplicas'
  return [
    ...(min !== undefined && min < least
      ? [invalid('spec.minReplicas', min, `must be greater than or equal to ${least}`)]
      : []),
    ...(max === 0 ? [required(field, 'must be set and greater than 0')] : []),
    ...(max < 0 ? [invalid(field, max, 'must be greater than or equal to 1')] : []),
    ...(min !== undefined && max < min
      ? [invalid(field, max, 'must be greater than or equal to `minReplicas`')]
      : []),
  ]
}

const targetReferenceProblems = (reference: JsonObject, before: JsonObject | undefined): Problem[] => {
  const old = objectAt(before, 'spec', 'scaleTargetRef')
  const isKept =
    before !== undefined &&
    stringAt(old, 'kind') === stringAt(reference, 'kind') &&
    stringAt(old, 'apiVersion') === stringAt(reference, 'apiVersion')
  const isCore = stringAt(reference, 'kind') === 'ReplicationController'
  return referenceProblems(reference, 'spec.scaleTargetRef', isKept ? 'any' : isCore ? 'core' : 'group')
}

/** What the `apiVersion` of a reference may be: anything, that of core/v1 too, one with a group. */
type Versions = 'any' | 'core' | 'group'

const referenceProblems = (reference: JsonObject, field: string, versions: Versions): Problem[] => {
  const problems = ['kind', 'name'].flatMap((name) => {
    const value = stringAt(reference, name)
    if (value === '') return [required(`${field}.${name}`)]
    return pathProblems(value).map((text) => invalid(`${field}.${name}`, value, text))
  })
  const version = stringAt(reference, 'apiVersion')
  const text = versionProblem(version, versions)
  return text === undefined ? problems : [...problems, invalid(`${field}.apiVersion`, version, text)]
}

const versionProblem = (version: string, versions: Versions): string | undefined => {
  if (versions === 'any') return undefined
  const parts = version.split('/')
  if (version !== '/' && parts.length > 2) return `unexpected GroupVersion string: ${version}`
  const hasGroup = parts.length === 2 && parts[0] !== ''
  return versions === 'group' && !hasGroup ? 'apiVersion must specify API group' : undefined
}

const metricsProblems = (spec: JsonObject, before: JsonObject | undefined): Problem[] => {
  const versions = listAt(before, 'spec', 'metrics').some((one) => {
    const version = stringAt(one, 'object', 'describedObject', 'apiVersion')
    return stringAt(one, 'type') === 'Object' && versionProblem(version, 'core') !== undefined
  })
    ? 'any'
    : 'core'
  const metrics = listAt(spec, 'metrics').filter(isObject)
  const problems = metrics.flatMap((metric, index) =>
    metricProblems(metric, `spec.metrics[${index}]`, versions),
  )
  const scalesToZero = metrics.some(({ type }) => type === 'Object' || type === 'External')
  return spec.minReplicas !== 0 || scalesToZero
    ? problems
    : [
        ...problems,
        forbidden(
          'spec.metrics',
          'must specify at least one Object or External metric to support scaling to zero replicas',
        ),
      ]
}

const sources: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
}

/** In the order in which they are looked at. */
const order = ['object', 'external', 'pods', 'resource', 'containerResource']

const metricProblems = (metric: JsonObject, field: string, versions: Versions): Problem[] => {
  const type = stringAt(metric, 'type')
  const wanted = sources[type]
  const unsupported = notSupported(`${field}.type`, type, Object.keys(sources))
  const present = order.filter((name) => isObject(metric[name]))
  const problems: Problem[] =
    type === '' ? [required(`${field}.type`, 'must specify a metric source type')] : []
  if (wanted === undefined) problems.push(unsupported)
  const [first] = present
  if (first !== undefined)
    problems.push(...sourceProblems(first, objectAt(metric, first), `${field}.${first}`, versions))
  if (wanted === undefined) problems.push(unsupported)
  else if (!present.includes(wanted))
    problems.push(required(`${field}.${wanted}`, 'must populate information for the given metric source'))
  if (present.length !== 1)
    for (const name of present.filter((one) => one !== wanted))
      problems.push(forbidden(`${field}.${name}`, 'must populate the given metric source only'))
  return problems
}

const sourceProblems = (name: string, source: JsonObject, field: string, versions: Versions): Problem[] => {
  const target = objectAt(source, 'target')
  const ofTarget = targetProblems(target, `${field}.target`)
  if (name === 'resource' || name === 'containerResource')
    return [...resourceProblems(name, source, field), ...ofTarget, ...rawOrUtilization(target, field)]
  const described = objectAt(source, 'describedObject')
  return [
    ...(name === 'object' ? referenceProblems(described, `${field}.describedObject`, versions) : []),
    ...identifierProblems(stringAt(source, 'metric', 'name'), `${field}.metric.name`),
    ...ofTarget,
    ...valueProblems(name, target, field),
  ]
}

const identifierProblems = (name: string, field: string): Problem[] =>
  name === ''
    ? [required(field, 'must specify a metric name')]
    : pathProblems(name).map((text) => invalid(field, name, text))

const resourceProblems = (kind: string, source: JsonObject, field: string): Problem[] => {
  const name = stringAt(source, 'name')
  const container = stringAt(source, 'container')
  const isOfContainer = kind === 'containerResource'
  const ofName = isOfContainer ? resourceNameProblems(name, `${field}.name`) : []
  return [
    ...(name === '' ? [required(`${field}.name`, 'must specify a resource name')] : ofName),
    ...(isOfContainer && container === ''
      ? [required(`${field}.container`, 'must specify a container')]
      : []),
    ...(container === '' ? [] : labelProblems(container)).map((text) =>
      invalid(`${field}.container`, container, text),
    ),
  ]
}

const rawOrUtilization = (target: JsonObject, field: string): Problem[] => {
  const hasUtilization = target.averageUtilization !== undefined
  const hasValue = target.averageValue !== undefined
  if (hasUtilization && hasValue)
    return [
      forbidden(
        `${field}.target.averageValue`,
        'may not set both a target raw value and a target utilization',
      ),
    ]
  return hasUtilization || hasValue
    ? []
    : [
        required(
          `${field}.target.averageUtilization`,
          'must set either a target raw value or a target utilization',
        ),
      ]
}

const missingValue: Readonly<Record<string, string>> = {
  object: 'must set either a target value or averageValue',
  external: 'must set either a target value for metric or a per-pod target',
  pods: 'must specify a positive target averageValue',
}

const valueProblems = (name: string, target: JsonObject, field: string): Problem[] => {
  const hasValue = target.value !== undefined
  const hasAverage = target.averageValue !== undefined
  if (!hasAverage && (name === 'pods' || !hasValue))
    return [required(`${field}.target.averageValue`, missingValue[name])]
  return name === 'external' && hasValue && hasAverage
    ? [forbidden(`${field}.target.value`, 'may not set both a target value for metric and a per-pod target')]
    : []
}

const targetProblems = (target: JsonObject, field: string): Problem[] => {
  const type = stringAt(target, 'type')
  const utilization = numberAt(target, 'averageUtilization')
  return [
    ...(type === '' ? [required(`${field}.type`, 'must specify a metric target type')] : []),
    ...(['Utilization', 'Value', 'AverageValue'].includes(type)
      ? []
      : [invalid(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue')]),
    ...['value', 'averageValue'].flatMap((name) => {
      const amount = amountOf(target[name])
      return amount === undefined || amount > 0
        ? []
        : [invalid(`${field}.${name}`, target[name], 'must be positive')]
    }),
    ...(utilization !== undefined && utilization < 1
      ? [invalid(`${field}.averageUtilization`, utilization, 'must be greater than 0')]
      : []),
  ]
}

const selectPolicies = ['Disabled', 'Max', 'Min']

const rulesProblems = (rules: JsonObject, field: string): Problem[] => {
  const window = numberAt(rules, 'stabilizationWindowSeconds') ?? 0
  const select = rules.selectPolicy
  const policies = listAt(rules, 'policies').filter(isObject)
  const tolerance = amountOf(rules.tolerance)
  const ofWindow = `${field}.stabilizationWindowSeconds`
  return [
    ...(window < 0 ? [invalid(ofWindow, window, 'must be greater than or equal to zero')] : []),
    ...(window > maxWindow ? [invalid(ofWindow, window, `must be less than or equal to ${maxWindow}`)] : []),
    ...(typeof select === 'string' && !selectPolicies.includes(select)
      ? [notSupported(`${field}.selectPolicy`, select, selectPolicies)]
      : []),
    ...(policies.length === 0 ? [required(`${field}.policies`, 'must specify at least one Policy')] : []),
    ...policies.flatMap((policy, index) => policyProblems(policy, `${field}.policies[${index}]`)),
    ...(tolerance !== undefined && tolerance < 0
      ? [invalid(`${field}.tolerance`, rules.tolerance, 'must be greater than or equal to 0')]
      : []),
  ]
}

const policyProblems = (policy: JsonObject, field: string): Problem[] => {
  const type = stringAt(policy, 'type')
  const period = numberAt(policy, 'periodSeconds') ?? 0
  const value = numberAt(policy, 'value') ?? 0
  const types = ['Percent', 'Pods']
  return [
    ...(types.includes(type) ? [] : [notSupported(`${field}.type`, type, types)]),
    ...(value <= 0 ? [invalid(`${field}.value`, value, 'must be greater than zero')] : []),
    ...(period <= 0 ? [invalid(`${field}.periodSeconds`, period, 'must be greater than zero')] : []),
    ...(period > maxPeriod
      ? [invalid(`${field}.periodSeconds`, period, `must be less than or equal to ${maxPeriod}`)]
      : []),
  ]
}
