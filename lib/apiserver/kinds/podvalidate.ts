/**
 * Validation of pod specs and templates: what people get wrong, in the words of the real server.
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { commonProblems } from '../schema/metadata.ts'
import {
  envNameProblems,
  labelProblems,
  portNameProblems,
  portProblems,
  subdomainProblems,
} from '../schema/names.ts'
import { duplicate, forbidden, invalid, notSupported, required } from '../schema/problem.ts'
import { isQuantity } from './quantity.ts'
import { volumeSources } from './volume.ts'

/** What is wrong with a template; its pods must be restarted always unless `policies` allows more. */
export const templateProblems = (
  template: JsonObject,
  field: string,
  policies: readonly string[] = ['Always'],
): Problem[] => {
  const spec = objectAt(template, 'spec')
  const policy = stringAt(spec, 'restartPolicy')
  return [
    ...commonProblems(objectAt(template, 'metadata'), `${field}.metadata`),
    ...podSpecProblems(spec, `${field}.spec`),
    ...(policies.includes(policy) || policy === ''
      ? []
      : [notSupported(`${field}.spec.restartPolicy`, policy, policies)]),
  ]
}

/** What is wrong with a pod spec. */
export const podSpecProblems = (spec: JsonObject, field: string): Problem[] => {
  const volumes = listAt(spec, 'volumes').filter(isObject)
  const known = new Set(volumes.map((volume) => stringAt(volume, 'name')))
  const names = new Set<string>()
  const containers = listAt(spec, 'containers').filter(isObject)
  return [
    ...volumesProblems(volumes, `${field}.volumes`),
    ...(containers.length === 0 ? [required(`${field}.containers`)] : []),
    ...containersProblems(containers, `${field}.containers`, known, names),
    ...containersProblems(
      listAt(spec, 'initContainers').filter(isObject),
      `${field}.initContainers`,
      known,
      names,
    ),
    ...accountProblems(spec, field),
    ...choiceProblems(spec, field),
    ...graceProblems(spec, field),
  ]
}

const accountProblems = (spec: JsonObject, field: string): Problem[] => {
  const name = stringAt(spec, 'serviceAccountName')
  if (name === '') return []
  return subdomainProblems(name).map((text) => invalid(`${field}.serviceAccountName`, name, text))
}

const choices: Readonly<Record<string, readonly string[]>> = {
  restartPolicy: ['Always', 'OnFailure', 'Never'],
  dnsPolicy: ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'],
}

const choiceProblems = (spec: JsonObject, field: string): Problem[] =>
  Object.entries(choices).flatMap(([name, supported]) => {
    const value = stringAt(spec, name)
    if (value === '') return [required(`${field}.${name}`)]
    return supported.includes(value) ? [] : [notSupported(`${field}.${name}`, value, supported)]
  })

const graceProblems = (spec: JsonObject, field: string): Problem[] => {
  const deadline = numberAt(spec, 'activeDeadlineSeconds')
  const seconds = numberAt(spec, 'terminationGracePeriodSeconds')
  return [
    ...(deadline !== undefined && deadline < 1
      ? [invalid(`${field}.activeDeadlineSeconds`, deadline, 'must be between 1 and 2147483647, inclusive')]
      : []),
    ...(seconds !== undefined && seconds < 0
      ? [invalid(`${field}.terminationGracePeriodSeconds`, seconds, 'must be greater than or equal to 0')]
      : []),
  ]
}

const nameProblems = (name: string, field: string, taken: Set<string>): Problem[] => {
  if (name === '') return [required(field)]
  const problems = labelProblems(name).map((text) => invalid(field, name, text))
  if (problems.length === 0 && taken.has(name)) return [duplicate(field, name)]
  taken.add(name)
  return problems
}

const volumesProblems = (volumes: JsonObject[], field: string): Problem[] => {
  const taken = new Set<string>()
  return volumes.flatMap((volume, index) => {
    const own = `${field}[${index}]`
    const sources = volumeSources.filter((source) => source in volume)
    return [
      ...nameProblems(stringAt(volume, 'name'), `${own}.name`, taken),
      ...(sources.length === 0 ? [required(own, 'must specify a volume type')] : []),
      ...sources
        .slice(1)
        .map((source) => forbidden(`${own}.${source}`, 'may not specify more than 1 volume type')),
    ]
  })
}

const containersProblems = (
  containers: JsonObject[],
  field: string,
  volumes: ReadonlySet<string>,
  names: Set<string>,
): Problem[] => {
  const taken = new Set<string>()
  return containers.flatMap((container, index) => {
    const own = `${field}[${index}]`
    const image = stringAt(container, 'image')
    return [
      ...nameProblems(stringAt(container, 'name'), `${own}.name`, names),
      ...imageProblems(image, `${own}.image`),
      ...portsProblems(listAt(container, 'ports').filter(isObject), `${own}.ports`, taken),
      ...envProblems(listAt(container, 'env').filter(isObject), `${own}.env`),
      ...mountProblems(listAt(container, 'volumeMounts').filter(isObject), `${own}.volumeMounts`, volumes),
      ...policyProblems(container, own),
      ...resourceProblems(objectAt(container, 'resources'), `${own}.resources`),
      ...probesProblems(container, own),
    ]
  })
}

const imageProblems = (image: string, field: string): Problem[] => {
  if (image === '') return [required(field)]
  return image === image.trim() ? [] : [invalid(field, image, 'must not have leading or trailing whitespace')]
}

const protocols = ['SCTP', 'TCP', 'UDP']

const portsProblems = (ports: JsonObject[], field: string, taken: Set<string>): Problem[] =>
  ports.flatMap((port, index) => {
    const own = `${field}[${index}]`
    const name = stringAt(port, 'name')
    const number = numberAt(port, 'containerPort') ?? 0
    const protocol = stringAt(port, 'protocol')
    const named = name === '' ? [] : portNameProblems(name).map((text) => invalid(`${own}.name`, name, text))
    if (name !== '' && taken.has(name)) named.push(duplicate(`${own}.name`, name))
    taken.add(name)
    return [
      ...named,
      ...(number === 0
        ? [required(`${own}.containerPort`)]
        : portProblems(number).map((text) => invalid(`${own}.containerPort`, number, text))),
      ...(protocols.includes(protocol) ? [] : [notSupported(`${own}.protocol`, protocol, protocols)]),
    ]
  })

const envProblems = (env: JsonObject[], field: string): Problem[] =>
  env.flatMap((variable, index) => {
    const own = `${field}[${index}]`
    const name = stringAt(variable, 'name')
    const source = variable.valueFrom
    const named =
      name === ''
        ? [required(`${own}.name`)]
        : envNameProblems(name).map((text) => invalid(`${own}.name`, name, text))
    if (!isObject(source)) return named
    const given = Object.keys(source).length
    if (given === 0)
      named.push(
        invalid(
          `${own}.valueFrom`,
          '',
          'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
        ),
      )
    else if (stringAt(variable, 'value') !== '')
      named.push(invalid(`${own}.valueFrom`, '', 'may not be specified when `value` is not empty'))
    else if (given > 1)
      named.push(invalid(`${own}.valueFrom`, '', 'may not have more than one field specified at a time'))
    return named
  })

const mountProblems = (mounts: JsonObject[], field: string, volumes: ReadonlySet<string>): Problem[] => {
  const paths = new Set<string>()
  return mounts.flatMap((mount, index) => {
    const own = `${field}[${index}]`
    const name = stringAt(mount, 'name')
    const path = stringAt(mount, 'mountPath')
    const problems = name === '' ? [required(`${own}.name`)] : []
    // The template of a StatefulSet may mount what its volumeClaimTemplates will add; the caller leaves those out.
    if (name !== '' && !volumes.has(name))
      problems.push({
        reason: 'FieldValueNotFound',
        field: `${own}.name`,
        message: `Not found: ${JSON.stringify(name)}`,
      })
    if (path === '') problems.push(required(`${own}.mountPath`))
    else if (paths.has(path)) problems.push(invalid(`${own}.mountPath`, path, 'must be unique'))
    paths.add(path)
    return problems
  })
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const messagePolicies = ['FallbackToLogsOnError', 'File']

const policyProblems = (container: JsonObject, field: string): Problem[] => {
  const problems: Problem[] = []
  const pull = stringAt(container, 'imagePullPolicy')
  const message = stringAt(container, 'terminationMessagePolicy')
  if (!pullPolicies.includes(pull))
    problems.push(notSupported(`${field}.imagePullPolicy`, pull, pullPolicies))
  if (!messagePolicies.includes(message))
    problems.push(notSupported(`${field}.terminationMessagePolicy`, message, messagePolicies))
  return problems
}

const quantityText =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const resourceProblems = (resources: JsonObject, field: string): Problem[] =>
  ['limits', 'requests'].flatMap((list) =>
    Object.entries(objectAt(resources, list)).flatMap(([name, amount]) =>
      amountProblems(amount, `${field}.${list}[${name}]`),
    ),
  )

const amountProblems = (amount: Json, field: string): Problem[] => {
  const text = String(amount)
  if (!isQuantity(text)) return [invalid(field, text, quantityText)]
  return text.startsWith('-') ? [invalid(field, text, 'must be greater than or equal to 0')] : []
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc']

const probesProblems = (container: JsonObject, field: string): Problem[] =>
  ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((name) => {
    const probe = container[name]
    if (!isObject(probe)) return []
    const own = `${field}.${name}`
    const given = handlers.filter((handler) => handler in probe)
    const problems = given.length === 0 ? [required(own, 'must specify a handler type')] : []
    problems.push(
      ...given.slice(1).map((one) => forbidden(`${own}.${one}`, 'may not specify more than 1 handler type')),
    )
    const successes = numberAt(probe, 'successThreshold') ?? 1
    if (name !== 'readinessProbe' && successes !== 1)
      problems.push(invalid(`${own}.successThreshold`, successes, 'must be 1'))
    return problems
  })
