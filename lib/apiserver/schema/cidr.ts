/**
 * Ranges of addresses in the fields that took them loosely once (apimachinery, IsValidCIDRForLegacyField), and what is said of
 * addresses and ranges that are valid but not in the form that others expect.
 */

import { addressBytes, addressProblems, canonicalAddress, familyOf } from './address.ts'

interface Range {
  host: string
  digits: string
  bytes: number[]
  length: number
}

const rangeOf = (text: string): Range | undefined => {
  const [, host = '', digits = ''] = /^([^/]*)\/(\d+)$/.exec(text) ?? []
  const bytes = addressBytes(host)
  const length = Number(digits)
  if (bytes === undefined || digits === '' || length > bytes.length * 8) return undefined
  return { host, digits, bytes, length }
}

/** The bytes with all bits beyond the prefix cleared. */
const masked = ({ bytes, length }: Range): number[] =>
  bytes.map((byte, index) => byte & (0xff00 >> Math.min(Math.max(length - index * 8, 0), 8)) & 0xff)

const isMasked = (range: Range): boolean => masked(range).every((byte, index) => byte === range.bytes[index])
const isLeading = (digits: string): boolean => /^0\d/.test(digits)

/** What is wrong with a range such as `10.0.0.0/8`. */
export const cidrProblems = (text: string): string[] => {
  const range = rangeOf(text)
  if (range === undefined) return ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']
  const [wrong] = addressProblems(range.host)
  if (wrong?.includes('leading') === true || isLeading(range.digits))
    return ['must not have leading 0s in IP or prefix length']
  if (wrong !== undefined) return ['must not have an IPv4-mapped IPv6 address']
  return isMasked(range) ? [] : ['must not have bits set beyond the prefix length']
}

/** An address as Go prints it, whatever form it was read from. */
export const printedAddress = (text: string): string =>
  familyOf(text) === 4 ? (addressBytes(text) ?? []).slice(-4).join('.') : canonicalAddress(text)

const hexOf = (bytes: number[]): string =>
  Array.from({ length: bytes.length / 2 }, (_, index) =>
    ((bytes[index * 2] ?? 0) * 256 + (bytes[index * 2 + 1] ?? 0)).toString(16),
  ).join(':')

const printedRange = (range: Range): string => {
  const bytes = masked(range)
  return `${printedAddress(bytes.length === 4 ? bytes.join('.') : hexOf(bytes))}/${range.length}`
}

/** What is said of an address that was accepted. */
export const addressWarnings = (text: string, field: string): string[] => {
  if (addressBytes(text) === undefined) return []
  const printed = printedAddress(text)
  if (addressProblems(text).length > 0)
    return [`${field}: non-standard IP address "${text}" is invalid: use "${printed}"`]
  return printed === text
    ? []
    : [`${field}: IPv6 address "${text}" should be in RFC 5952 canonical format ("${printed}")`]
}

/** What is said of a range that was accepted. */
export const cidrWarnings = (text: string, field: string): string[] => {
  const range = rangeOf(text)
  if (range === undefined) return []
  const printed = printedRange(range)
  const single = `${printedAddress(range.host)}/${range.bytes.length * 8}`
  const isOdd = addressProblems(range.host).length > 0 || isLeading(range.digits)
  const warnings = [
    ...(isMasked(range)
      ? []
      : [
          `${field}: CIDR value "${text}" is ambiguous in this context (should be "${printed}" or "${single}"?)`,
        ]),
    ...(isOdd ? [`${field}: non-standard CIDR value "${text}" is invalid: use "${printed}"`] : []),
  ]
  if (warnings.length > 0 || printed === text) return warnings
  return [`${field}: IPv6 CIDR value "${text}" should be in RFC 5952 canonical format ("${printed}")`]
}
