/**
 * What an Ingress must ask for, and what is said of its status (`pkg/apis/networking/validation` of Kubernetes).
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { addressBytes, addressProblems } from '../schema/address.ts'
import { addressWarnings } from '../schema/cidr.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import {
  label1035Problems,
  labelProblems,
  pathProblems,
  portNameProblems,
  portProblems,
  subdomainProblems,
  wildcardProblems,
} from '../schema/names.ts'
import { invalid, invalidPrinted, notSupported, required } from '../schema/problem.ts'
import { each, formed, formedIfAny, neededInForm, textAt, whenGiven } from './rules.ts'

type Form = (value: string) => string[]

/** What is wrong with an Ingress. A write of the status leaves the spec as it is, and is asked of the status alone. */
export const ingressProblems = (
  object: JsonObject,
  before: JsonObject | undefined,
  subresource?: string,
): Problem[] => {
  if (subresource === 'status') return statusProblems(object, before)
  const spec = objectAt(object, 'spec')
  return [...specProblems(spec, objectAt(before, 'spec')), ...(before ? [] : classProblems(object, spec))]
}

/** What is said of an Ingress that is accepted. */
export const ingressWarnings = (object: JsonObject, before?: JsonObject, subresource?: string): string[] => {
  if (subresource === 'status')
    return listAt(object, 'status', 'loadBalancer', 'ingress').flatMap((one, index) =>
      addressWarnings(stringAt(one, 'ip'), `status.loadBalancer.ingress[${index}]`),
    )
  const isOld =
    classOf(object) !== undefined && textAt(objectAt(object, 'spec'), 'ingressClassName') === undefined
  return before === undefined && isOld
    ? [`annotation "${CLASS}" is deprecated, please use 'spec.ingressClassName' instead`]
    : []
}

const CLASS = 'kubernetes.io/ingress.class'

const classOf = (object: JsonObject): string | undefined =>
  textAt(objectAt(object, 'metadata', 'annotations'), CLASS)

const classProblems = (object: JsonObject, spec: JsonObject): Problem[] => {
  const annotated = classOf(object)
  const name = textAt(spec, 'ingressClassName')
  if (annotated === undefined || name === undefined || annotated === name) return []
  return [invalid(`annotations.${CLASS}`, annotated, 'must match `ingressClassName` when both are specified')]
}

const NOTHING = 'either `defaultBackend` or `rules` must be specified'

const specProblems = (spec: JsonObject, old: JsonObject): Problem[] => {
  const rules = listAt(spec, 'rules')
  const isEmpty = rules.length === 0 && !isObject(spec.defaultBackend)
  const allowsWildcards = hasOddWildcard(old)
  return [
    ...(isEmpty ? [invalidPrinted('spec', Array.isArray(spec.rules) ? '[]' : 'null', NOTHING)] : []),
    ...whenGiven(spec.defaultBackend, (backend) =>
      backendProblems(backend, 'spec.defaultBackend', labelProblems),
    ),
    ...each(rules, 'spec.rules', (rule, field) => [
      ...hostProblems(stringAt(rule, 'host'), `${field}.host`),
      ...(allowsWildcards && isWildcard(rule) ? [] : ruleProblems(rule, field, labelProblems)),
    ]),
    ...tlsProblems(listAt(spec, 'tls'), 'spec.tls', hasOddSecret(old)),
    ...formed(textAt(spec, 'ingressClassName'), 'spec.ingressClassName', subdomainProblems),
  ]
}

const isWildcard = (rule: Json): boolean => stringAt(rule, 'host').includes('*')

/**
 * Rules of wildcards were not looked at once: objects from that time keep the right to such rules. The form of names that
 * they are measured by is the strict one of that time.
 */
const hasOddWildcard = (old: JsonObject): boolean =>
  listAt(old, 'rules').some(
    (rule) => isObject(rule) && isWildcard(rule) && ruleProblems(rule, '', label1035Problems).length > 0,
  )

/** The same of names of secrets. */
const hasOddSecret = (old: JsonObject): boolean =>
  listAt(old, 'tls').some((one) => secretProblems(stringAt(one, 'secretName'), '').length > 0)

const secretProblems = (name: string, field: string): Problem[] => formedIfAny(name, field, subdomainProblems)

const NO_ADDRESS = 'must be a DNS name, not an IP address'

const notAddress = (host: string, field: string): Problem[] =>
  addressBytes(host) === undefined ? [] : [invalid(field, host, NO_ADDRESS)]

const nameOfHost: Form = (host) => (host.includes('*') ? wildcardProblems(host) : subdomainProblems(host))

const hostProblems = (host: string, field: string): Problem[] => [
  ...notAddress(host, field),
  ...formedIfAny(host, field, nameOfHost),
]

const tlsProblems = (list: Json[], field: string, allowsSecrets: boolean): Problem[] =>
  each(list, field, (tls, at) => [
    ...listAt(tls, 'hosts').flatMap((host, index) =>
      formed(String(host), `${at}.hosts[${index}]`, nameOfHost),
    ),
    ...(allowsSecrets ? [] : secretProblems(stringAt(tls, 'secretName'), `${at}.secretName`)),
  ])

const ruleProblems = (rule: JsonObject, field: string, serviceForm: Form): Problem[] =>
  whenGiven(rule.http, (http) => {
    const paths = listAt(http, 'paths')
    return [
      ...(paths.length === 0 ? [required(`${field}.http.paths`)] : []),
      ...each(paths, `${field}.http.paths`, (path, at) => httpPathProblems(path, at, serviceForm)),
    ]
  })

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']

const httpPathProblems = (path: JsonObject, field: string, serviceForm: Form): Problem[] => {
  const type = textAt(path, 'pathType')
  if (type === undefined) return [required(`${field}.pathType`, 'pathType must be specified')]
  return [
    ...(pathTypes.includes(type)
      ? placeProblems(stringAt(path, 'path'), `${field}.path`, type)
      : [notSupported(`${field}.pathType`, type, pathTypes)]),
    ...backendProblems(objectAt(path, 'backend'), `${field}.backend`, serviceForm),
  ]
}

const badSequences = ['//', '/./', '/../', '%2f', '%2F']
const badEnds = ['/..', '/.']

/** A path as a type of path takes it: implementations may have theirs as they like, or none at all. */
const placeProblems = (path: string, field: string, type: string): Problem[] => {
  const isTheirs = type === 'ImplementationSpecific'
  if (isTheirs && path === '') return []
  const absolute = path.startsWith('/') ? [] : ['must be an absolute path']
  const texts = [
    ...badSequences.filter((part) => path.includes(part)).map((part) => `must not contain '${part}'`),
    ...badEnds.filter((end) => path.endsWith(end)).map((end) => `cannot end with '${end}'`),
  ]
  return [...absolute, ...(isTheirs ? [] : texts)].map((text) => invalid(field, path, text))
}

const backendProblems = (backend: JsonObject, field: string, serviceForm: Form): Problem[] => {
  const { resource, service } = backend
  if (isObject(resource)) {
    if (!isObject(service)) return resourceProblems(resource, `${field}.resource`)
    return [invalid(field, '', 'cannot set both resource and service backends')]
  }
  if (!isObject(service)) return [invalid(field, '', 'resource or service backend is required')]
  return [
    ...neededInForm(stringAt(service, 'name'), `${field}.service.name`, serviceForm),
    ...portProblemsOf(objectAt(service, 'port'), field),
  ]
}

const resourceProblems = (resource: JsonObject, field: string): Problem[] => [
  ...formed(textAt(resource, 'apiGroup'), `${field}.apiGroup`, subdomainProblems),
  ...neededInForm(stringAt(resource, 'kind'), `${field}.kind`, pathProblems),
  ...neededInForm(stringAt(resource, 'name'), `${field}.name`, pathProblems),
]

/** `field` is that of the backend: of a port as a whole the real server speaks there. */
const portProblemsOf = (port: JsonObject, field: string): Problem[] => {
  const name = stringAt(port, 'name')
  const number = numberAt(port, 'number') ?? 0
  if (name !== '' && number !== 0) return [invalid(field, '', 'cannot set both port name & port number')]
  if (name !== '') return formed(name, `${field}.service.port.name`, portNameProblems)
  if (number === 0) return [required(field, 'port name or number is required')]
  return portProblems(number).map((text) => invalid(`${field}.service.port.number`, number, text))
}

const statusProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const ingressOf = (one: JsonObject | undefined): Json[] => listAt(one, 'status', 'loadBalancer', 'ingress')
  const known = ingressOf(before).map((one) => stringAt(one, 'ip'))
  return each(ingressOf(object), 'status.loadBalancer.ingress', (one, field) => {
    const ip = stringAt(one, 'ip')
    const host = stringAt(one, 'hostname')
    return [
      ...(known.includes(ip) ? [] : formedIfAny(ip, `${field}.ip`, addressProblems)),
      ...formedIfAny(host, `${field}.hostname`, subdomainProblems),
      ...notAddress(host, `${field}.hostname`),
    ]
  })
}
