/**
 * The addresses of a Service: what they and their families must be (k8s.io/kubernetes/pkg/apis/core/validation).
 */

import type { JsonObject, Problem } from '../resource.ts'
import { addressBytes, addressProblems, familyOf } from '../schema/address.ts'
import { stringAt } from '../schema/equal.ts'
import { invalid, required } from '../schema/problem.ts'
import { formed, noneTwice, oneOf, textAt } from './rules.ts'
import { isExternal, isHeadless, NONE, textsAt } from './serviceforms.ts'

const IPS = 'spec.clusterIPs'
const POLICY = 'spec.ipFamilyPolicy'

/** Addresses, their families and how many there should be; asked before anything is allocated, and again at the end. */
export const addressesProblems = (spec: JsonObject, old: JsonObject | undefined): Problem[] => {
  if (isExternal(spec)) return []
  const addresses = textsAt(spec, 'clusterIPs')
  const malformed = formProblems(addresses, textsAt(old, 'clusterIPs'))
  const many = (most: number, text: string): Problem[] =>
    addresses.length > most ? [invalid(IPS, addresses, text)] : []
  return [
    ...pairProblems(stringAt(spec, 'clusterIP'), addresses),
    ...familiesProblems(textsAt(spec, 'ipFamilies')),
    ...oneOf(textAt(spec, 'ipFamilyPolicy'), POLICY, ['PreferDualStack', 'RequireDualStack', 'SingleStack']),
    ...malformed,
    ...many(2, 'may only hold up to 2 values'),
    // Of addresses that are none, nothing more can be said.
    ...(malformed.length > 0
      ? []
      : [
          ...(isDual(addresses) ? [] : many(1, 'may specify no more than one IP for each IP family')),
          ...matchProblems(spec, addresses),
        ]),
  ]
}

const pairProblems = (address: string, addresses: string[]): Problem[] => {
  if (address === '')
    return addresses.length === 0
      ? []
      : [invalid(IPS, addresses, 'must be empty when `clusterIP` is not specified')]
  if (addresses.length === 0) return [required(IPS)]
  return addresses[0] === address ? [] : [invalid(IPS, addresses, 'first value must match `clusterIP`')]
}

const familiesProblems = (families: string[]): Problem[] => {
  const twice = noneTwice()
  return families.flatMap((family, index) => {
    const field = `spec.ipFamilies[${index}]`
    return [...oneOf(family, field, ['IPv4', 'IPv6']), ...twice(family, field)]
  })
}

const formProblems = (addresses: string[], had: string[]): Problem[] =>
  addresses.flatMap((address, index) => {
    if (index > 0 || address !== NONE) return legacyProblems(address, `${IPS}[${index}]`, had)
    return addresses.length > 1 ? [invalid(IPS, addresses, "'None' must be the first and only value")] : []
  })

/** An address that is well formed, or was there before there were rules. */
export const legacyProblems = (address: string, field: string, had: string[]): Problem[] =>
  had.includes(address) ? [] : formed(address, field, addressProblems)

const isDual = (addresses: string[]): boolean => new Set(addresses.map(familyOf)).size === 2

const matchProblems = (spec: JsonObject, addresses: string[]): Problem[] => {
  const families = textsAt(spec, 'ipFamilies')
  if (isHeadless(spec)) return []
  return addresses.flatMap((address, index) => {
    const family = families[index]
    const isOdd = family !== undefined && /^IPv[46]$/.test(family) && family !== `IPv${familyOf(address)}`
    const text = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``
    return isOdd ? [invalid(`${IPS}[${index}]`, address, text)] : []
  })
}

/** Addresses outside of the cluster: none that mean something else everywhere. */
export const externalProblems = (spec: JsonObject, old: JsonObject | undefined): Problem[] =>
  textsAt(spec, 'externalIPs').flatMap((address, index) => {
    const field = `spec.externalIPs[${index}]`
    const malformed = legacyProblems(address, field, textsAt(old, 'externalIPs'))
    return malformed.length > 0 ? malformed : formed(address, field, endpointProblems)
  })

const endpointProblems = (address: string): string[] => {
  const bytes = addressBytes(address)
  if (bytes === undefined) return ['must be a valid IP address']
  const isShort = familyOf(address) === 4
  const [a = 0, b = 0, c = 0] = isShort ? bytes.slice(-4) : bytes
  const isZero = (some: number[]): boolean => some.every((byte) => byte === 0)
  const isLast = !isShort && isZero(bytes.slice(0, -1)) && bytes.at(-1) === 1
  const all: [boolean, string][] = [
    [isZero(isShort ? bytes.slice(-4) : bytes), `may not be unspecified (${address})`],
    [isShort ? a === 127 : isLast, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    [
      isShort ? a === 169 && b === 254 : a === 0xfe && (b & 0xc0) === 0x80,
      'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    ],
    [
      isShort ? a === 224 && b === 0 && c === 0 : a === 0xff && (b & 0x0f) === 0x02,
      'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    ],
  ]
  return all.filter(([holds]) => holds).map(([, text]) => text)
}
