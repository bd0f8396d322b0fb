/**
 * The environment of containers: variables, where their values come from, and whole ConfigMaps and Secrets.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../../schema/equal.ts'
import {
  configKeyProblems,
  envNameProblems,
  labelProblems,
  qualifiedProblems,
  subdomainProblems,
} from '../../schema/names.ts'
import { invalid, notSupported, required } from '../../schema/problem.ts'
import { each, formed, neededInForm } from '../rules.ts'
import { withoutBacksteps } from './paths.ts'

/** What is wrong with `env` and `envFrom` of a container. */
export const environmentProblems = (container: JsonObject, field: string): Problem[] => [
  ...each(listAt(container, 'env'), `${field}.env`, (variable, at) => [
    ...neededInForm(stringAt(variable, 'name'), `${at}.name`, envNameProblems),
    ...sourceProblems(variable, `${at}.valueFrom`),
  ]),
  ...each(listAt(container, 'envFrom'), `${field}.envFrom`, (source, at) =>
    wholeProblems(source, at, `${field}.envFrom`),
  ),
]

const keySelectorProblems = (selector: JsonObject, field: string): Problem[] => [
  ...formed(stringAt(selector, 'name'), `${field}.name`, subdomainProblems),
  ...neededInForm(stringAt(selector, 'key'), `${field}.key`, configKeyProblems),
]

const fileKeyProblems = (selector: JsonObject, field: string): Problem[] => {
  const path = stringAt(selector, 'path')
  return [
    ...neededInForm(stringAt(selector, 'key'), `${field}.key`, envNameProblems),
    ...neededInForm(stringAt(selector, 'volumeName'), `${field}.volumeName`, labelProblems),
    ...(path === '' ? [required(`${field}.path`)] : withoutBacksteps(path, `${field}.path`)),
  ]
}

const sources: Readonly<Record<string, (value: JsonObject, field: string) => Problem[]>> = {
  fieldRef: (value, field) => podFieldProblems(value, field, inEnvironment),
  resourceFieldRef: (value, field) => resourceFieldProblems(value, field, false),
  configMapKeyRef: keySelectorProblems,
  secretKeyRef: keySelectorProblems,
  fileKeyRef: fileKeyProblems,
}

const sourceProblems = (variable: JsonObject, field: string): Problem[] => {
  const from = variable.valueFrom
  if (!isObject(from)) return []
  const given = Object.keys(sources).filter((name) => isObject(from[name]))
  const problems = given.flatMap((name) => sources[name]?.(objectAt(from, name), `${field}.${name}`) ?? [])
  const tally = tallyText(given.length, stringAt(variable, 'value') !== '')
  return tally === undefined ? problems : [...problems, invalid(field, '', tally)]
}

const tallyText = (given: number, hasValue: boolean): string | undefined => {
  if (given === 0)
    return 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
  if (hasValue) return 'may not be specified when `value` is not empty'
  return given > 1 ? 'may not have more than one field specified at a time' : undefined
}

const wholeProblems = (source: JsonObject, field: string, list: string): Problem[] => {
  const prefix = stringAt(source, 'prefix')
  const given = ['configMapRef', 'secretRef'].filter((name) => isObject(source[name]))
  return [
    ...(prefix === '' ? [] : formed(prefix, `${field}.prefix`, envNameProblems)),
    ...given.flatMap((name) =>
      neededInForm(stringAt(source, name, 'name'), `${field}.${name}.name`, (value) =>
        subdomainProblems(value.replace(/-$/, 'a')),
      ),
    ),
    ...(given.length === 0 ? [invalid(list, '', 'must specify one of: `configMapRef` or `secretRef`')] : []),
    ...(given.length > 1 ? [invalid(list, '', 'may not have more than one field specified at a time')] : []),
  ]
}

/** Fields of a pod that a variable may show. */
const inEnvironment = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

/** Fields of a pod that a file may show. */
export const inFiles = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]

const convertible = [
  ...inEnvironment,
  'metadata.annotations',
  'metadata.labels',
  'spec.host',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]

/** A field of the pod; `supported` are the paths without a subscript that may stand here, sorted. */
export const podFieldProblems = (
  selector: JsonObject,
  field: string,
  supported: readonly string[],
): Problem[] => {
  const version = stringAt(selector, 'apiVersion')
  const label = stringAt(selector, 'fieldPath')
  if (version === '') return [required(`${field}.apiVersion`)]
  if (label === '') return [required(`${field}.fieldPath`)]
  const [, path = label, key] = /^(.+?)\['(.*)'\]$/.exec(label) ?? []
  const why = unconvertible(version, path, label, key !== undefined)
  if (why !== undefined) return [invalid(`${field}.fieldPath`, label, `error converting fieldPath: ${why}`)]
  if (key !== undefined)
    return formed(path === 'metadata.labels' ? key : key.toLowerCase(), field, qualifiedProblems)
  const converted = path === 'spec.host' ? 'spec.nodeName' : path
  return supported.includes(converted) ? [] : [notSupported(`${field}.fieldPath`, converted, supported)]
}

const unconvertible = (version: string, path: string, label: string, hasKey: boolean): string | undefined => {
  if (version !== 'v1') return `unsupported pod version: ${version}`
  const isMap = path === 'metadata.annotations' || path === 'metadata.labels'
  if (hasKey) return isMap ? undefined : `field label does not support subscript: ${label}`
  return convertible.includes(path) ? undefined : `field label not supported: ${label}`
}

const containerResources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]

const hugePages = /^(limits|requests)\.hugepages-/

/** A resource of a container, for a variable or (`isFile`) a file, which must name the container. */
export const resourceFieldProblems = (selector: JsonObject, field: string, isFile: boolean): Problem[] => {
  const resource = stringAt(selector, 'resource')
  const problems = divisorProblems(resource, selector, `${field}.divisor`)
  if (isFile && stringAt(selector, 'containerName') === '')
    return [required(`${field}.containerName`), ...problems]
  if (resource === '') return [required(`${field}.resource`), ...problems]
  if (containerResources.includes(resource) || hugePages.test(resource)) return problems
  return [notSupported(`${field}.resource`, resource, containerResources), ...problems]
}

const sizes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

const divisorProblems = (resource: string, selector: JsonObject, field: string): Problem[] => {
  const divisor = String(selector.divisor ?? '0')
  if (divisor === '0') return []
  const name = resource.replace(/^(limits|requests)\./, '')
  if (name === resource) return []
  if (name === 'cpu')
    return ['1m', '1'].includes(divisor)
      ? []
      : [invalid(field, resource, "only divisor's values 1m and 1 are supported with the cpu resource")]
  const what = sized(name)
  if (what === undefined || sizes.includes(divisor)) return []
  return [
    invalid(
      field,
      resource,
      `only divisor's values ${sizes.join(', ')} are supported with the ${what} resource`,
    ),
  ]
}

const sized = (name: string): string | undefined => {
  if (name === 'memory') return 'memory'
  if (name === 'ephemeral-storage') return 'local ephemeral storage'
  return name.startsWith('hugepages-') ? 'hugepages' : undefined
}
