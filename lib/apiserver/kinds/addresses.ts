/**
 * Who holds an address, and from which ranges Services get theirs: IPAddress and ServiceCIDR of networking.k8s.io/v1. The
 * range of this server is its own; ServiceCIDRs are kept and do not change it.
 */

import { isIP, isIPv4 } from 'node:net'
import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { at, isEqual, isObject, listAt, stringAt } from '../schema/equal.ts'
import { pathProblems, subdomainProblems } from '../schema/names.ts'
import { goJson, immutable, invalid, invalidPrinted, required } from '../schema/problem.ts'
import { always, needed, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { conditions } from './reference.ts'

const parent = struct('ParentReference', {
  group: 'string',
  resource: needed('string'),
  namespace: 'string',
  name: needed('string'),
})

const nameProblems = (name: string): Problem[] => {
  const field = 'metadata.name'
  if (isIP(name) !== 0) return []
  const parts = name.split('.')
  const isPadded = parts.length === 4 && parts.every((part) => /^\d+$/.test(part) && Number(part) < 256)
  return [
    isPadded
      ? invalid(field, name, 'must not have leading 0s')
      : invalid(field, name, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'),
  ]
}

const parentProblems = (reference: JsonObject): Problem[] => {
  const field = 'spec.parentRef'
  const group = stringAt(reference, 'group')
  const problems =
    group === '' ? [] : subdomainProblems(group).map((text) => invalid(`${field}.group`, group, text))
  for (const name of ['resource', 'name', 'namespace']) {
    const value = stringAt(reference, name)
    if (value === '' && name !== 'namespace') problems.push(required(`${field}.${name}`))
    problems.push(...pathProblems(value).map((text) => invalid(`${field}.${name}`, value, text)))
  }
  return problems
}

/** In the order and the names of the struct. */
const printed = (reference: JsonObject): string =>
  JSON.stringify({
    Group: stringAt(reference, 'group'),
    Resource: stringAt(reference, 'resource'),
    Namespace: stringAt(reference, 'namespace'),
    Name: stringAt(reference, 'name'),
  })

const address: ResourceType = defineKind({
  group: 'networking.k8s.io',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  namespaced: false,
  shortNames: ['ip'],
  nameFormat: 'path',
  fields: { spec: needed(always(struct('IPAddressSpec', { parentRef: needed(parent) }))) },
  validate: (object, before) => {
    const reference = at(object, 'spec', 'parentRef')
    const problems = nameProblems(stringAt(object, 'metadata', 'name'))
    if (!isObject(reference)) return [...problems, required('spec.parentRef')]
    problems.push(...parentProblems(reference))
    if (before && !isEqual(reference, at(before, 'spec', 'parentRef')))
      problems.push(invalidPrinted('spec.parentRef', printed(reference), 'field is immutable'))
    return problems
  },
})

/** The bits of an address behind the first `length` ones are 0. */
const isAligned = (text: string, length: number): boolean => {
  if (!isIPv4(text)) return true
  const bits = text.split('.').reduce((total, part) => total * 256 + Number(part), 0)
  return bits % 2 ** (32 - length) === 0
}

const cidrProblems = (text: string, field: string): Problem[] => {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text)
  const [, ip = '', size = ''] = match ?? []
  const most = isIP(ip) === 4 ? 32 : 128
  if (isIP(ip) === 0 || Number(size) > most)
    return [invalid(field, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
  return isAligned(ip, Number(size))
    ? []
    : [invalid(field, text, 'must not have bits set beyond the prefix length')]
}

const rangesProblems = (cidrs: readonly string[]): Problem[] => {
  const field = 'spec.cidrs'
  if (cidrs.length === 0) return [required(field, 'at least one CIDR required')]
  if (cidrs.length > 2)
    return [invalidPrinted(field, goJson({ CIDRs: [...cidrs] }), 'may only hold up to 2 values')]
  const problems = cidrs.flatMap((text, index) => cidrProblems(text, `${field}[${index}]`))
  const families = new Set(cidrs.map((text) => isIP(text.split('/')[0] ?? '')))
  return problems.length > 0 || families.size === cidrs.length
    ? problems
    : [
        invalid(
          field,
          [...cidrs],
          'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
        ),
      ]
}

/** A range of the other family may be added; nothing else changes. */
const changeProblems = (cidrs: readonly string[], old: readonly string[]): Problem[] => {
  const isAdded = old.length === 1 && cidrs.length === 2
  if (!isAdded && cidrs.length !== old.length) return [immutable('spec.cidrs', [...cidrs])]
  const changed = old.flatMap((text, index) =>
    cidrs[index] === text ? [] : [immutable(`spec.cidrs[${index}]`, cidrs[index] ?? '')],
  )
  return isAdded ? [...changed, ...rangesProblems(cidrs)] : changed
}

const serviceCidr: ResourceType = defineKind({
  group: 'networking.k8s.io',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  namespaced: false,
  hasStatus: true,
  fields: {
    spec: always(struct('ServiceCIDRSpec', { cidrs: 'string[]' })),
    status: always(struct('ServiceCIDRStatus', { conditions })),
  },
  validate: (object, before, subresource) => {
    const cidrs = listAt(object, 'spec', 'cidrs').map(String)
    if (before === undefined) return rangesProblems(cidrs)
    return subresource === 'status' ? [] : changeProblems(cidrs, listAt(before, 'spec', 'cidrs').map(String))
  },
})

/** The kinds about addresses. */
export const addressTypes: readonly ResourceType[] = [address, serviceCidr]
