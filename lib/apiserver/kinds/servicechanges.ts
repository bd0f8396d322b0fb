/**
 * How an update may change a Service, and what its status may say (k8s.io/kubernetes/pkg/apis/core/validation).
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { addressBytes } from '../schema/address.ts'
import { isEqual, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { subdomainProblems } from '../schema/names.ts'
import { forbidden, invalid, required } from '../schema/problem.ts'
import { each, formedIfAny, oneOf, textAt } from './rules.ts'
import { legacyProblems } from './serviceaddresses.ts'
import { isExternal, isHeadless, needsHealthCheck } from './serviceforms.ts'
import { classProblems } from './servicerules.ts'

const ONCE = 'may not change once set'

/** What an update may not change; anything goes to or from a name of another host. */
export const changeProblems = (spec: JsonObject, old: JsonObject): Problem[] => [
  ...(isExternal(spec) || isExternal(old)
    ? []
    : [...changedAddresses(spec, old), ...changedFamilies(spec, old)]),
  ...changedClass(spec, old),
  ...classProblems(spec),
  ...(needsHealthCheck(spec) &&
  needsHealthCheck(old) &&
  numberAt(spec, 'healthCheckNodePort') !== numberAt(old, 'healthCheckNodePort')
    ? [forbidden('spec.healthCheckNodePort', 'field is immutable')]
    : []),
]

const given = (spec: JsonObject, name: string): Json => spec[name] ?? null

const changedAddresses = (spec: JsonObject, old: JsonObject): Problem[] => {
  if (isHeadless(spec) && isHeadless(old)) return []
  const now = listAt(spec, 'clusterIPs')
  const had = listAt(old, 'clusterIPs')
  const refuse = (index: number, text: string): Problem =>
    invalid(`spec.clusterIPs[${index}]`, given(spec, 'clusterIPs'), text)
  if (now.length === had.length)
    return had.flatMap((address, index) => (address === now[index] ? [] : [refuse(index, ONCE)]))
  const isReleased = now.length < had.length
  return [
    ...(now.length === 0 ? [refuse(0, 'primary clusterIP can not be unset')] : []),
    ...(now.length > 0 && had.length > 0 && now[0] !== had[0] ? [refuse(0, ONCE)] : []),
    ...(isReleased && now.length === 1 ? singleProblems(spec, 'clusterIP') : []),
  ]
}

const changedFamilies = (spec: JsonObject, old: JsonObject): Problem[] => {
  if (isHeadless(spec) || isHeadless(old)) return []
  const now = listAt(spec, 'ipFamilies')
  const had = listAt(old, 'ipFamilies')
  const refuse = (name: string, text: string): Problem =>
    invalid('spec.ipFamilies[0]', given(spec, name), text)
  if (now.length === had.length)
    return had.flatMap((family, index) => (family === now[index] ? [] : [refuse('ipFamilies', ONCE)]))
  const isReleased = now.length < had.length
  return [
    ...(isReleased && listAt(spec, 'clusterIPs').length === 0
      ? [refuse('ipFamilies', 'primary ipFamily can not be unset')]
      : []),
    // The real server shows the addresses here.
    ...(now.length > 0 && had.length > 0 && now[0] !== had[0] ? [refuse('clusterIPs', ONCE)] : []),
    ...(isReleased && now.length === 1 ? singleProblems(spec, 'ipFamily') : []),
  ]
}

const singleProblems = (spec: JsonObject, what: string): Problem[] =>
  spec.ipFamilyPolicy === 'SingleStack'
    ? []
    : [
        invalid(
          'spec.ipFamilyPolicy',
          given(spec, 'ipFamilyPolicy'),
          `must be set to 'SingleStack' when releasing the secondary ${what}`,
        ),
      ]

const changedClass = (spec: JsonObject, old: JsonObject): Problem[] =>
  spec.type === 'LoadBalancer' &&
  old.type === 'LoadBalancer' &&
  !isEqual(spec.loadBalancerClass, old.loadBalancerClass)
    ? [invalid('spec.loadBalancerClass', given(spec, 'loadBalancerClass'), ONCE)]
    : []

/** What is wrong with the status of a load balancer. */
export const statusProblems = (object: JsonObject, before: JsonObject): Problem[] => {
  const field = 'status.loadBalancer.ingress'
  const list = listAt(object, 'status', 'loadBalancer', 'ingress')
  if (list.length > 0 && objectAt(object, 'spec').type !== 'LoadBalancer')
    return [forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")]
  const had = listAt(before, 'status', 'loadBalancer', 'ingress').map((one) => stringAt(one, 'ip'))
  return each(list, field, (ingress, at) => {
    const ip = stringAt(ingress, 'ip')
    const hostname = stringAt(ingress, 'hostname')
    const isAddress = addressBytes(hostname) !== undefined
    return [
      ...(ip === '' ? [] : legacyProblems(ip, `${at}.ip`, had)),
      ...modeProblems(textAt(ingress, 'ipMode'), ip !== '', `${at}.ipMode`),
      ...formedIfAny(hostname, `${at}.hostname`, subdomainProblems),
      ...(isAddress ? [invalid(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address')] : []),
    ]
  })
}

const modeProblems = (mode: string | undefined, hasAddress: boolean, field: string): Problem[] => {
  if (mode === undefined) return hasAddress ? [required(field, 'must be specified when `ip` is set')] : []
  if (!hasAddress) return [forbidden(field, 'may not be specified when `ip` is not set')]
  return oneOf(mode, field, ['Proxy', 'VIP'])
}
