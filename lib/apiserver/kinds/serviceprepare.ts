/**
 * What the registry of Services makes of one before it is validated: families and addresses, ports of nodes, and what a
 * change of type leaves behind (k8s.io/kubernetes/pkg/registry/core/service).
 */

import type { Allocations, Json, JsonObject, Problem } from '../resource.ts'
import { familyOf } from '../schema/address.ts'
import { isEqual, objectAt, stringAt } from '../schema/equal.ts'
import { invalid } from '../schema/problem.ts'
import { invalid as refusal } from '../status.ts'
import { addressesProblems } from './serviceaddresses.ts'
import { isExternal, isReached, isSameText, NONE, needsHealthCheck, textsAt } from './serviceforms.ts'
import { dropPorts, keepPorts, settleHealthPort, settlePorts } from './serviceports.ts'

/** Prepares in place. Throws 422 where something asked for is not to be had. */
export const prepareService = (
  object: JsonObject,
  before: JsonObject | undefined,
  server: Allocations,
  subresource?: string,
): void => {
  if (subresource === 'status') return
  const spec = objectAt(object, 'spec')
  const old = before && objectAt(before, 'spec')
  if (old) keepAllocated(spec, old)
  syncAddresses(spec, old)
  for (const settle of [settleFamilies, settleAddresses, settlePorts]) {
    const problems = settle(spec, old, server)
    if (problems.length > 0)
      throw refusal({ group: '', kind: 'Service' }, stringAt(object, 'metadata', 'name'), problems)
  }
  settleHealthPort(spec, old, server)
  if (old) dropLeftovers(spec, old)
  // Never shown of a name of another host; an odd one is still to be refused.
  if (isExternal(spec) && /^(Cluster|Local)$/.test(stringAt(spec, 'internalTrafficPolicy')))
    delete spec.internalTrafficPolicy
}

const isNone = (list: Json | undefined): boolean => textsAt({ list: list ?? [] }, 'list').length === 0

/** Clients may leave out what was allocated for them. */
const keepAllocated = (spec: JsonObject, old: JsonObject): void => {
  if (!isExternal(old) && !isExternal(spec)) {
    if (stringAt(spec, 'clusterIP') === '' && old.clusterIP !== undefined) spec.clusterIP = old.clusterIP
    if (isNone(spec.clusterIPs) && old.clusterIPs !== undefined)
      spec.clusterIPs = structuredClone(old.clusterIPs)
  }
  keepPorts(spec, old)
}

/** Clients may know the one address only, or leave the others as they were. */
const syncAddresses = (spec: JsonObject, old: JsonObject | undefined): void => {
  const address = stringAt(spec, 'clusterIP')
  const none = isNone(spec.clusterIPs)
  if (old === undefined) {
    if (address !== '' && none) spec.clusterIPs = [address]
    return
  }
  const isSame = stringAt(old, 'clusterIP') === address
  if (isSame && none && !isNone(old.clusterIPs)) spec.clusterIPs = structuredClone(old.clusterIPs ?? [])
  if (isSame || !isSameList(spec, old, 'clusterIPs')) return
  if (address === '') delete spec.clusterIPs
  else spec.clusterIPs = [address]
}

const isSameList = (spec: JsonObject, old: JsonObject, name: string): boolean =>
  isEqual(textsAt(spec, name), textsAt(old, name))

/** Nothing is known of what a headless Service without a selector will hold. */
const isOpen = (spec: JsonObject): boolean =>
  spec.clusterIP === NONE && Object.keys(objectAt(spec, 'selector')).length === 0

/** Two families where there may be, and nothing that says otherwise than before. */
const isUnchanged = (spec: JsonObject, old: JsonObject | undefined): boolean =>
  old !== undefined &&
  spec.ipFamilyPolicy === 'PreferDualStack' &&
  old.type === spec.type &&
  (old.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack' &&
  isSameList(spec, old, 'clusterIPs') &&
  isSameList(spec, old, 'ipFamilies')

const POLICY = 'spec.ipFamilyPolicy'

const settleFamilies = (spec: JsonObject, old: JsonObject | undefined): Problem[] => {
  if (isExternal(spec) || isUnchanged(spec, old)) return []
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (isOpen(spec) ? 'RequireDualStack' : 'SingleStack')
  const wrong = addressesProblems(spec, old)
  if (wrong.length > 0) return wrong
  const odd = [...(old ? narrowed(spec, old) : []), ...singleProblems(spec), ...inferredFamilies(spec)]
  if (odd.length > 0) return odd
  if (isOpen(spec)) return openFamilies(spec)
  const missing = clusterProblems(spec)
  if (missing.length === 0 && isNone(spec.ipFamilies)) spec.ipFamilies = ['IPv4']
  return missing
}

/** To ask for a single stack says enough; to leave one out without saying so is a mistake. */
const narrowed = (spec: JsonObject, old: JsonObject): Problem[] => {
  const lists: [name: string, what: string][] = [
    ['clusterIPs', 'cluster IP'],
    ['ipFamilies', 'IP family'],
  ]
  return lists.flatMap(([name, what]) => {
    const now = textsAt(spec, name)
    if (spec.ipFamilyPolicy === 'SingleStack') {
      if (now.length > 1 && isSameList(spec, old, name)) spec[name] = now.slice(0, 1)
      return []
    }
    if (now.length === 0 || now.length >= textsAt(old, name).length) return []
    return [policyProblem(spec, `must be 'SingleStack' to release the secondary ${what}`)]
  })
}

const policyProblem = (spec: JsonObject, text: string): Problem =>
  invalid(POLICY, stringAt(spec, 'ipFamilyPolicy'), text)

const singleProblems = (spec: JsonObject): Problem[] => {
  if (spec.ipFamilyPolicy !== 'SingleStack') return []
  const refuse = (what: string): Problem =>
    policyProblem(spec, `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`)
  return [
    ...(textsAt(spec, 'clusterIPs').length === 2 ? [refuse('cluster IPs')] : []),
    ...(textsAt(spec, 'ipFamilies').length === 2 ? [refuse('IP families')] : []),
  ]
}

/** Families by the addresses that a client gave, as far as the cluster has them. */
const inferredFamilies = (spec: JsonObject): Problem[] => {
  const addresses = textsAt(spec, 'clusterIPs')
  if (addresses[0] === NONE) return []
  const families = textsAt(spec, 'ipFamilies')
  const problems: Problem[] = []
  for (const [index, address] of addresses.entries()) {
    if (index < families.length) continue
    const family = `IPv${familyOf(address)}`
    if (family === 'IPv4') families.push(family)
    else
      problems.push(
        invalid(`spec.clusterIPs[${index}]`, addresses, `${family} is not configured on this cluster`),
      )
  }
  if (families.length > 0) spec.ipFamilies = families
  return problems
}

const openFamilies = (spec: JsonObject): Problem[] => {
  const [first = 'IPv4', second] = textsAt(spec, 'ipFamilies')
  const other = second ?? (first === 'IPv4' ? 'IPv6' : 'IPv4')
  const isSingle = second === undefined && spec.ipFamilyPolicy === 'SingleStack'
  spec.ipFamilies = isSingle ? [first] : [first, other]
  return []
}

/** The cluster has addresses of one family. */
const clusterProblems = (spec: JsonObject): Problem[] => [
  ...(spec.ipFamilyPolicy === 'RequireDualStack'
    ? [policyProblem(spec, 'this cluster is not configured for dual-stack services')]
    : []),
  ...textsAt(spec, 'ipFamilies').flatMap((family, index) =>
    family === 'IPv4' ? [] : [invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster')],
  ),
]

const settleAddresses = (spec: JsonObject, old: JsonObject | undefined, server: Allocations): Problem[] => {
  const isNew = old === undefined || isExternal(old)
  const [address = ''] = textsAt(spec, 'clusterIPs')
  if (isExternal(spec) || !isNew || address === NONE) return []
  if (address !== '') {
    const why = server.refuseAddress(address)
    if (why === undefined) return []
    return [invalid('spec.clusterIPs', spec.clusterIPs ?? null, `failed to allocate IP ${address}: ${why}`)]
  }
  spec.clusterIP = server.clusterIP()
  spec.clusterIPs = [spec.clusterIP]
  return []
}

/** Fields that mean nothing to the new type go, unless the client changed them as well. */
const dropLeftovers = (spec: JsonObject, old: JsonObject): void => {
  const drop = (isOver: boolean, ...names: string[]): void => {
    if (isOver) for (const name of names) delete spec[name]
  }
  const isLeft = (had: (spec: JsonObject) => boolean): boolean => had(old) && !had(spec)
  const isUnset = isLeft((one) => !isExternal(one))
  const isSame = (name: string): boolean => isEqual(spec[name], old[name])
  const isBalanced = (one: JsonObject): boolean => one.type === 'LoadBalancer'
  drop(
    isUnset && isSameText(spec, old, 'clusterIP') && isSameList(spec, old, 'clusterIPs'),
    'clusterIP',
    'clusterIPs',
  )
  drop(isUnset && isSameList(spec, old, 'ipFamilies'), 'ipFamilies')
  drop(isUnset && isSameText(spec, old, 'ipFamilyPolicy'), 'ipFamilyPolicy')
  dropPorts(spec, old)
  drop(isLeft(isReached) && isSameText(spec, old, 'externalTrafficPolicy'), 'externalTrafficPolicy')
  drop(isLeft(needsHealthCheck) && isSame('healthCheckNodePort'), 'healthCheckNodePort')
  for (const name of ['allocateLoadBalancerNodePorts', 'loadBalancerClass'])
    drop(isLeft(isBalanced) && isSame(name), name)
}
