/**
 * What Endpoints (`pkg/apis/core/validation` of Kubernetes) and EndpointSlices (`pkg/apis/discovery/validation`) must hold.
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { addressBytes, addressProblems, familyOf } from '../schema/address.ts'
import { addressWarnings, printedAddress } from '../schema/cidr.ts'
import { isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { labelsProblems } from '../schema/metadata.ts'
import {
  labelProblems,
  labelValueProblems,
  portProblems,
  qualifiedProblems,
  subdomainProblems,
} from '../schema/names.ts'
import { immutable, invalid, required, tooMany } from '../schema/problem.ts'
import {
  each,
  formed,
  formedIfAny,
  neededInForm,
  neededOneOf,
  noneTwice,
  oneOf,
  textAt,
  whenGiven,
} from './rules.ts'

const protocols = ['SCTP', 'TCP', 'UDP']
const addressTypes = ['FQDN', 'IPv4', 'IPv6']

/** Limits of an EndpointSlice (discovery validation). */
const MOST = { endpoints: 1000, ports: 20_000, addresses: 100, topology: 16, hints: 8 }

/** What is wrong with Endpoints: those that did not change are not looked at again. */
export const endpointsProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] =>
  isUnchanged('subsets', object, before) ? [] : each(listAt(object, 'subsets'), 'subsets', subsetProblems)

/** What is said of Endpoints that are accepted; the controller of the real server knows what it writes. */
export const endpointsWarnings = (object: JsonObject): string[] => {
  if (labelOf(object, 'endpoints.kubernetes.io/managed-by') === 'endpoint-controller') return []
  return listAt(object, 'subsets').flatMap((subset, index) =>
    ['addresses', 'notReadyAddresses'].flatMap((list) =>
      listAt(subset, list).flatMap((one, place) =>
        addressWarnings(stringAt(one, 'ip'), `subsets[${index}].${list}[${place}].ip`),
      ),
    ),
  )
}

const labelOf = (object: JsonObject, label: string): string =>
  stringAt(objectAt(object, 'metadata', 'labels'), label)

const isUnchanged = (name: string, object: JsonObject, before: JsonObject | undefined): boolean =>
  before !== undefined && isEqual(listAt(object, name), listAt(before, name))

const subsetProblems = (subset: JsonObject, field: string): Problem[] => {
  const lists = ['addresses', 'notReadyAddresses']
  const isEmpty = lists.every((name) => listAt(subset, name).length === 0)
  const ports = listAt(subset, 'ports')
  return [
    ...(isEmpty ? [required(field, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...lists.flatMap((name) => each(listAt(subset, name), `${field}.${name}`, addressProblemsOf)),
    ...each(ports, `${field}.ports`, (port, where) => portProblemsOf(port, where, ports.length > 1)),
  ]
}

const addressProblemsOf = (address: JsonObject, field: string): Problem[] => {
  const ip = stringAt(address, 'ip')
  return [
    ...formed(ip, `${field}.ip`, addressProblems),
    ...formedIfAny(stringAt(address, 'hostname'), `${field}.hostname`, labelProblems),
    ...formed(textAt(address, 'nodeName'), `${field}.nodeName`, subdomainProblems),
    ...formed(ip, `${field}.ip`, reachProblems),
  ]
}

/** What is wrong with an address that traffic is sent to (core validation, ValidateEndpointIP). */
const reachProblems = (text: string): string[] => {
  const bytes = addressBytes(text)
  if (bytes === undefined) return ['must be a valid IP address']
  const [a = 0, b = 0, c = 0, d = 0] = familyOf(text) === 4 ? bytes.slice(-4) : bytes
  const isLong = familyOf(text) === 6
  const rest = isLong ? bytes.slice(0, -1) : [a, b, c]
  const isNear = rest.every((byte) => byte === 0)
  const last = isLong ? bytes.at(-1) : d
  const all: [boolean, string][] = [
    [isNear && last === 0, `may not be unspecified (${text})`],
    [isLong ? isNear && last === 1 : a === 127, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    [
      isLong ? a === 0xfe && (b & 0xc0) === 0x80 : a === 169 && b === 254,
      'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    ],
    [
      isLong ? a === 0xff && (b & 0x0f) === 2 : a === 224 && b === 0 && c === 0,
      'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    ],
  ]
  return all.filter(([holds]) => holds).map(([, why]) => why)
}

const portProblemsOf = (port: JsonObject, field: string, needsName: boolean): Problem[] => {
  const name = stringAt(port, 'name')
  const number = numberAt(port, 'port') ?? 0
  return [
    ...(needsName ? neededInForm : formedIfAny)(name, `${field}.name`, labelProblems),
    ...portProblems(number).map((text) => invalid(`${field}.port`, number, text)),
    ...neededOneOf(stringAt(port, 'protocol'), `${field}.protocol`, protocols),
    ...formed(textAt(port, 'appProtocol'), `${field}.appProtocol`, qualifiedProblems),
  ]
}

/** What is wrong with an EndpointSlice: endpoints that did not change are not looked at again. */
export const endpointSliceProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const type = stringAt(object, 'addressType')
  const endpoints = listAt(object, 'endpoints')
  return [
    ...neededOneOf(type, 'addressType', addressTypes),
    ...slicePortsProblems(listAt(object, 'ports'), 'ports'),
    ...(isUnchanged('endpoints', object, before)
      ? []
      : fewEnough(endpoints, 'endpoints', MOST.endpoints, (one, field) =>
          endpointProblems(one, field, type),
        )),
    ...(before && type !== stringAt(before, 'addressType') ? [immutable('addressType', type)] : []),
  ]
}

const sliceControllers = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io']

/** What is said of an EndpointSlice that is accepted. */
export const endpointSliceWarnings = (object: JsonObject, before?: JsonObject): string[] => [
  ...(!before && object.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
  ...(sliceControllers.includes(labelOf(object, 'endpointslice.kubernetes.io/managed-by'))
    ? []
    : listAt(object, 'endpoints').flatMap((endpoint, index) =>
        listAt(endpoint, 'addresses').flatMap((address, place) =>
          addressWarnings(String(address), `endpoints[${index}].addresses[${place}]`),
        ),
      )),
]

/** Everything but metadata counts, and labels do. */
export const endpointSliceChanged = (before: JsonObject, after: JsonObject): boolean =>
  !['endpoints', 'ports'].every((name) => isUnchanged(name, after, before)) ||
  !isEqual(objectAt(before, 'metadata', 'labels'), objectAt(after, 'metadata', 'labels'))

const HOSTNAME = 'kubernetes.io/hostname'

/** The topology of v1beta1 is not written through v1; a name of a node that was only there is carried over. */
export const dropTopology = (object: JsonObject, before: JsonObject | undefined): void => {
  if (isUnchanged('endpoints', object, before)) return
  const nodeOf = (one: Json): string => stringAt(one, 'deprecatedTopology', HOSTNAME)
  const known = listAt(before, 'endpoints').map(nodeOf)
  for (const endpoint of listAt(object, 'endpoints').filter(isObject)) {
    const node = nodeOf(endpoint)
    if (node !== '' && known.includes(node) && subdomainProblems(node).length === 0)
      endpoint.nodeName ??= node
    delete endpoint.deprecatedTopology
  }
}

/** A rule for each object of a list, unless there are too many of them. */
const fewEnough = (
  list: Json[],
  field: string,
  most: number,
  look: (item: JsonObject, field: string) => Problem[],
): Problem[] => (list.length > most ? [tooMany(field, list.length, most)] : each(list, field, look))

const slicePortsProblems = (ports: Json[], field: string): Problem[] => {
  const twice = noneTwice()
  return fewEnough(ports, field, MOST.ports, (port, where) => {
    const name = stringAt(port, 'name')
    return [
      ...formedIfAny(name, `${where}.name`, labelProblems),
      ...twice(name, `${where}.name`),
      ...oneOf(stringAt(port, 'protocol'), `${where}.protocol`, protocols),
      ...formed(textAt(port, 'appProtocol'), `${where}.appProtocol`, qualifiedProblems),
    ]
  })
}

const endpointProblems = (endpoint: JsonObject, field: string, type: string): Problem[] => {
  const addresses = listAt(endpoint, 'addresses')
  const where = `${field}.addresses`
  const topology = objectAt(endpoint, 'deprecatedTopology')
  const labels = Object.keys(topology).length
  return [
    ...(addresses.length === 0 ? [required(where, 'must contain at least 1 address')] : []),
    ...(addresses.length > MOST.addresses ? [tooMany(where, addresses.length, MOST.addresses)] : []),
    ...addresses.flatMap((address, index) => typedProblems(String(address), where, index, type)),
    ...formed(textAt(endpoint, 'nodeName'), `${field}.nodeName`, subdomainProblems),
    ...(labels > MOST.topology ? [tooMany(`${field}.deprecatedTopology`, labels, MOST.topology)] : []),
    ...labelsProblems(topology, `${field}.deprecatedTopology`),
    ...formed(textAt(endpoint, 'hostname'), `${field}.hostname`, labelProblems),
    ...whenGiven(endpoint.hints, (hints) => hintsProblems(hints, `${field}.hints`)),
  ]
}

/** Addresses of a type that is not known are not looked at. */
const typedProblems = (text: string, list: string, index: number, type: string): Problem[] => {
  const field = `${list}[${index}]`
  if (type === 'FQDN') return domainProblems(text, field)
  if (type !== 'IPv4' && type !== 'IPv6') return []
  const wrong = formed(text, field, type === 'IPv4' ? addressProblems : canonicalProblems)
  if (wrong.length > 0) return wrong
  const isOther = `IPv${familyOf(text)}` !== type
  return [
    ...(isOther ? [invalid(list, text, `must be an ${type} address`)] : []),
    ...formed(text, field, reachProblems),
  ]
}

const canonicalProblems = (text: string): string[] => {
  const wrong = addressProblems(text)
  const printed = printedAddress(text)
  return wrong.length > 0 || printed === text ? wrong : [`must be in canonical form ("${printed}")`]
}

/** A domain of two labels at least, with or without a dot at its end. */
const domainProblems = (text: string, field: string): Problem[] => {
  if (text === '') return [required(field)]
  const name = text.replace(/\.$/, '')
  const refuse = (value: string, texts: string[]): Problem[] =>
    texts.length > 0 ? [invalid(field, value, texts.join(','))] : []
  const wrong = refuse(name, subdomainProblems(name))
  if (wrong.length > 0) return wrong
  const parts = name.split('.')
  if (parts.length < 2)
    return [invalid(field, name, 'should be a domain with at least two segments separated by dots')]
  return parts.flatMap((part) => refuse(part, labelProblems(part))).slice(0, 1)
}

const hintsProblems = (hints: JsonObject, field: string): Problem[] => {
  const look = (name: string, form: (value: string) => string[]): Problem[] => {
    const twice = noneTwice()
    return fewEnough(listAt(hints, name), `${field}.${name}`, MOST.hints, (one, where) => {
      const value = stringAt(one, 'name')
      return [...twice(value, `${where}.name`), ...formed(value, `${where}.name`, form)]
    })
  }
  const zones = look('forZones', labelValueProblems)
  return listAt(hints, 'forZones').length > MOST.hints
    ? zones
    : [...zones, ...look('forNodes', subdomainProblems)]
}
