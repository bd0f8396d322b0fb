/**
 * What must hold of the status of a pod when it is written, and what the server keeps of the old one.
 */

import type { Json, JsonObject, Problem } from '../../resource.ts'
import { addressProblems, canonicalAddress, familyOf } from '../../schema/address.ts'
import { isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../../schema/equal.ts'
import { qualifiedProblems, subdomainProblems } from '../../schema/names.ts'
import { duplicate, forbidden, immutable, invalid, invalidPrinted } from '../../schema/problem.ts'
import { each, formed, textAt } from '../rules.ts'
import { annotationChanges, annotationProblems } from './annotations.ts'
import { goText } from './go.ts'

/** What is wrong with a status. */
export const podStatusProblems = (pod: JsonObject, before: JsonObject): Problem[] => {
  const status = objectAt(pod, 'status')
  const old = objectAt(before, 'status')
  const spec = objectAt(pod, 'spec')
  const annotations = objectAt(pod, 'metadata', 'annotations')
  const place = { field: 'spec', spec, metadata: objectAt(pod, 'metadata') }
  return [
    ...annotationChanges(annotations, objectAt(before, 'metadata', 'annotations'), 'metadata.annotations'),
    ...annotationProblems(annotations, place, 'metadata.annotations'),
    ...conditionsProblems(status),
    ...nominationProblems(status, old, spec),
    ...observedProblems(status, 'status'),
    ...(isEqual(status.qosClass ?? '', old.qosClass ?? '')
      ? []
      : [immutable('status.qosClass', status.qosClass ?? '')]),
    ...transitionsProblems(status, old, spec),
    ...claimsProblems(status, spec),
    ...addressesProblems(status, old, 'podIPs'),
    ...hostProblems(status),
    ...addressesProblems(status, old, 'hostIPs'),
  ]
}

const observedProblems = (of: JsonObject, field: string): Problem[] => {
  const observed = numberAt(of, 'observedGeneration') ?? 0
  if (observed >= 0) return []
  return [invalid(`${field}.observedGeneration`, observed, 'must be a non-negative integer')]
}

const ownConditions = ['PodScheduled', 'Ready', 'Initialized']

const conditionsProblems = (status: JsonObject): Problem[] =>
  each(listAt(status, 'conditions'), 'status.conditions', (condition, at) => {
    const type = stringAt(condition, 'type')
    return [
      ...observedProblems(condition, at),
      ...(ownConditions.includes(type) ? [] : formed(type, `${at}.Type`, qualifiedProblems)),
    ]
  })

const nominationProblems = (status: JsonObject, old: JsonObject, spec: JsonObject): Problem[] => {
  const name = stringAt(status, 'nominatedNodeName')
  const field = 'status.nominatedNodeName'
  if (name === '' || name === stringAt(old, 'nominatedNodeName')) return []
  const bound = 'may not be set on pods that are already bound to a node'
  return [
    ...formed(name, field, subdomainProblems),
    ...(stringAt(spec, 'nodeName') === '' ? [] : [forbidden(field, bound)]),
  ]
}

const lists: Readonly<Record<string, string>> = {
  containerStatuses: 'containers',
  initContainerStatuses: 'initContainers',
  ephemeralContainerStatuses: '',
}

/** A container that ended does not run again, unless something says that it shall. */
const transitionsProblems = (status: JsonObject, old: JsonObject, spec: JsonObject): Problem[] =>
  Object.entries(lists).flatMap(([list, containers]) => {
    if (containers !== '' && mayAllRestart(spec)) return []
    return each(listAt(old, list), `status.${list}`, (was, at) => {
      const ended = objectAt(was, 'state').terminated
      const name = stringAt(was, 'name')
      const now = listAt(status, list).find((one) => stringAt(one, 'name') === name)
      if (!isObject(ended) || now === undefined || isObject(objectAt(now, 'state').terminated)) return []
      const container = listAt(spec, containers).find((one) => stringAt(one, 'name') === name)
      if (isObject(container) && restarts(container, spec, numberAt(ended, 'exitCode') ?? 0)) return []
      return [forbidden(`${at}.state`, 'may not be transitioned to non-terminated state')]
    })
  })

const mayAllRestart = (spec: JsonObject): boolean =>
  ['initContainers', 'containers'].some((list) =>
    listAt(spec, list).some((container) =>
      listAt(container, 'restartPolicyRules').some(
        (rule) => stringAt(rule, 'action') === 'RestartAllContainers',
      ),
    ),
  )

const restarts = (container: JsonObject, spec: JsonObject, exitCode: number): boolean => {
  const own = textAt(container, 'restartPolicy')
  if (own !== undefined && listAt(container, 'restartPolicyRules').some((rule) => meant(rule, exitCode)))
    return true
  const policy = own ?? stringAt(spec, 'restartPolicy')
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

const meant = (rule: Json, exitCode: number): boolean => {
  const isListed = listAt(rule, 'exitCodes', 'values').includes(exitCode)
  return stringAt(rule, 'exitCodes', 'operator') === 'In' ? isListed : !isListed
}

const claimsProblems = (status: JsonObject, spec: JsonObject): Problem[] => {
  const known = listAt(spec, 'resourceClaims').map((claim) => stringAt(claim, 'name'))
  const seen = new Set<string>()
  return each(listAt(status, 'resourceClaimStatuses'), 'status.resourceClaimStatuses', (one, at) => {
    const name = stringAt(one, 'name')
    const text = 'must match the name of an entry in `spec.resourceClaims`'
    const isTwice = seen.has(name)
    seen.add(name)
    return [
      ...(known.includes(name) ? [] : [invalid(`${at}.name`, name, text)]),
      ...(isTwice ? [duplicate(`${at}.name`, name)] : []),
      ...formed(textAt(one, 'resourceClaimName'), `${at}.resourceClaimName`, subdomainProblems),
    ]
  })
}

const structs: Readonly<Record<string, string>> = { podIPs: 'PodIP', hostIPs: 'HostIP' }

/** One address per family; those that were there already are not looked at again. */
const addressesProblems = (status: JsonObject, old: JsonObject, list: string): Problem[] => {
  const given = listAt(status, list).map((one) => stringAt(one, 'ip'))
  const had = listAt(old, list).map((one) => stringAt(one, 'ip'))
  const field = `status.${list}`
  const problems = given.flatMap((ip, index) =>
    had.includes(ip) ? [] : formed(ip, `${field}[${index}]`, addressProblems),
  )
  const families = new Set(given.map(familyOf))
  if (given.length < 2 || (given.length === 2 && families.size === 2)) return problems
  const shown = given.map((ip) => goText(structs[list] ?? '', { ip })).join(',')
  const text = 'may specify no more than one IP for each IP family'
  return [...problems, invalidPrinted(field, `[${shown}]`, text)]
}

const hostProblems = (status: JsonObject): Problem[] => {
  const [first] = listAt(status, 'hostIPs')
  const ip = stringAt(first, 'ip')
  if (first === undefined || ip === stringAt(status, 'hostIP')) return []
  return [invalid('status.hostIPs[0].ip', ip, 'must be equal to `hostIP`')]
}

/** The first of several addresses is the one that there was when there could be only one. */
export const mirrorAddresses = (status: JsonObject): void => {
  const ip = stringAt(status, 'podIP')
  const [first] = listAt(status, 'podIPs')
  if (ip !== '' && (first === undefined || stringAt(first, 'ip') !== ip)) status.podIPs = [{ ip }]
  else if (ip === '' && first !== undefined) status.podIP = stringAt(first, 'ip')
}

/** Keeps what a writer of the status left out and may not forget. */
export const keepOldState = (status: JsonObject, old: JsonObject): void => {
  if (stringAt(status, 'qosClass') === '' && old.qosClass !== undefined) status.qosClass = old.qosClass
  const observed = numberAt(old, 'observedGeneration') ?? 0
  if ((numberAt(status, 'observedGeneration') ?? 0) === 0 && observed !== 0)
    status.observedGeneration = observed
  const rest = listAt(old, 'conditions').filter(isObject)
  for (const condition of listAt(status, 'conditions').filter(isObject)) {
    const at = rest.findIndex((one) => one.type === condition.type)
    const [was] = at < 0 ? [] : rest.splice(at, 1)
    const generation = numberAt(was, 'observedGeneration') ?? 0
    if ((numberAt(condition, 'observedGeneration') ?? 0) === 0 && generation !== 0)
      condition.observedGeneration = generation
  }
}

/** What to warn of in the addresses of a status. */
export const addressWarnings = (status: JsonObject): string[] =>
  ['podIPs', 'hostIPs'].flatMap((list) =>
    listAt(status, list).flatMap((one, index) =>
      addressWarning(stringAt(one, 'ip'), `status.${list}[${index}].ip`),
    ),
  )

/** Addresses that could be written in another way. */
export const addressWarning = (ip: string, field: string): string[] => {
  const canonical = canonicalAddress(ip)
  if (!ip.includes(':') || canonical === ip) return []
  return [
    `${field}: IPv6 address ${JSON.stringify(ip)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`,
  ]
}
