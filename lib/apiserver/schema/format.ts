/**
 * The string formats that the real server checks (its strfmt registry); formats that it does not know pass.
 */

import { isIPv4, isIPv6 } from 'node:net'
import { labelProblems, subdomainProblems } from './names.ts'

const hostname =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z0-9\p{L}]){2,63}\.?)$/u
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?([0-9a-f])[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const dateTime = /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/
const duration =
  /^([+-]?(\d+\.?\d*|\.\d+)\s*(ns|us|µs|μs|ms|s|m|h|d|w|nanoseconds?|nanos?|microseconds?|micros?|milliseconds?|millis?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?)\s*)+$/

const isDate = (text: string): boolean => {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []
  if (day === undefined || Number(day) === 0 || Number(month) < 1 || Number(month) > 12) return false
  // Every month has so many days.
  return Number(day) <= 28 || Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
}

const isCidr = (text: string): boolean => {
  const [address = '', bits = ''] = text.split('/')
  if (text.split('/').length !== 2 || !/^\d{1,3}$/.test(bits)) return false
  return (isIPv4(address) && Number(bits) <= 32) || (isIPv6(address) && Number(bits) <= 128)
}

const isUri = (text: string): boolean => /^[a-z][a-z0-9+.-]*:\S*$/i.test(text) || /^\/\S*$/.test(text)

const isUuid =
  (version: string) =>
  (text: string): boolean => {
    const found = uuid.exec(text)
    return found !== null && (version === '' || found[1] === version)
  }

const byte = '(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])'
const rgb = new RegExp(`^rgb\\(\\s*${byte}\\s*,\\s*${byte}\\s*,\\s*${byte}\\s*\\)$`)

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  'date-time': (text) => isDate(dateTime.exec(text)?.[1] ?? ''),
  datetime: (text) => isDate(dateTime.exec(text)?.[1] ?? ''),
  duration: (text) => text === '0' || duration.test(text),
  email: (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text) || /^[^<>]*<[^\s@<>]+@[^\s@<>]+>$/.test(text),
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: isCidr,
  mac: (text) => /^([0-9a-f]{2}([:-][0-9a-f]{2}){5}|([0-9a-f]{4}\.){2}[0-9a-f]{4})$/i.test(text),
  uuid: isUuid(''),
  uuid3: isUuid('3'),
  uuid4: isUuid('4'),
  uuid5: isUuid('5'),
  uri: isUri,
  hostname: (text) => text.length <= 255 && hostname.test(text),
  byte: (text) => base64.test(text),
  hexcolor: (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
  rgbcolor: (text) => rgb.test(text),
  'k8s-short-name': (text) => labelProblems(text).length === 0,
  'k8s-long-name': (text) => subdomainProblems(text).length === 0,
  bsonobjectid: (text) => /^[0-9a-f]{24}$/i.test(text),
  creditcard: (text) => /^\d{13,16}$/.test(text.replaceAll(/[ -]/g, '')),
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  isbn: (text) => /^(\d{9}[\dX]|\d{13})$/i.test(text.replaceAll(/[ -]/g, '')),
  isbn10: (text) => /^\d{9}[\dX]$/i.test(text.replaceAll(/[ -]/g, '')),
  isbn13: (text) => /^\d{13}$/.test(text.replaceAll(/[ -]/g, '')),
}

/** Does `text` have the format? Unknown formats, and `password`, take anything. */
export const formatMatches = (format: string, text: string): boolean =>
  (Object.hasOwn(formats, format) ? formats[format] : undefined)?.(text) ?? true

/** What numbers may have; strings may have `password` besides what is checked, and values of other types none. */
const NUMBERS: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
}

/** Does the real server know this format of that type? It warns about CRDs that use others. */
export const isKnownFormat = (type: string | undefined, format: string): boolean => {
  if (type === undefined || type === 'string') return format === 'password' || Object.hasOwn(formats, format)
  return NUMBERS[type]?.includes(format) ?? false
}
