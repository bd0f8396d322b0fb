/**
 * IP addresses, as strictly as the real server takes them: no leading zeros, and no IPv4 in the clothes of IPv6.
 */

const octet = '\\d{1,3}'
const dotted = new RegExp(`^${octet}(\\.${octet}){3}$`)

/** The bytes of an address, four or sixteen; undefined where it is none. Leading zeros count as decimal. */
export const addressBytes = (text: string): number[] | undefined => {
  if (dotted.test(text)) {
    const bytes = text.split('.').map(Number)
    return bytes.every((byte) => byte <= 255) ? bytes : undefined
  }
  return text.includes(':') ? longBytes(text) : undefined
}

const GROUPS = 8

const longBytes = (text: string): number[] | undefined => {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : groupsOf(half.split(':'))))
  if (!head || (halves.length === 2 && !tail)) return undefined
  const missing = GROUPS - head.length - (tail?.length ?? 0)
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...new Array<number>(halves.length === 2 ? missing : 0).fill(0), ...(tail ?? [])]
  return groups.flatMap((group) => [group >> 8, group & 0xff])
}

/** Groups of sixteen bits; the last may be an IPv4 address. */
const groupsOf = (parts: string[]): number[] | undefined => {
  const groups: number[] = []
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const bytes = addressBytes(part)
      if (bytes === undefined || bytes.length !== 4) return undefined
      const [a = 0, b = 0, c = 0, d = 0] = bytes
      groups.push(a * 256 + b, c * 256 + d)
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

const isMapped = (bytes: number[]): boolean =>
  bytes.length === 16 &&
  bytes.slice(0, 10).every((byte) => byte === 0) &&
  bytes[10] === 255 &&
  bytes[11] === 255

/** What is wrong with an IP address. */
export const addressProblems = (text: string): string[] => {
  const bytes = addressBytes(text)
  if (bytes === undefined) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']
  if (/(^|[.:])0\d+\./.test(text) || /\.0\d+$/.test(text)) return ['must not have leading 0s']
  return isMapped(bytes) ? ['must not be an IPv4-mapped IPv6 address'] : []
}

/** `6` or `4`; undefined where it is no address. */
export const familyOf = (text: string): 4 | 6 | undefined => {
  const bytes = addressBytes(text)
  if (bytes === undefined) return undefined
  return bytes.length === 4 || isMapped(bytes) ? 4 : 6
}

/** An IPv6 address in the form of RFC 5952; others as they are. */
export const canonicalAddress = (text: string): string => {
  const bytes = addressBytes(text)
  if (bytes?.length !== 16) return text
  const groups = Array.from(
    { length: GROUPS },
    (_, index) => (bytes[index * 2] ?? 0) * 256 + (bytes[index * 2 + 1] ?? 0),
  )
  const { from, length } = longestZeros(groups)
  const hex = groups.map((group) => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, from).join(':')}::${hex.slice(from + length).join(':')}`
}

const longestZeros = (groups: number[]): { from: number; length: number } => {
  let best = { from: 0, length: 0 }
  let from = 0
  for (const [index, group] of groups.entries()) {
    if (group !== 0) from = index + 1
    else if (index + 1 - from > best.length) best = { from, length: index + 1 - from }
  }
  return best
}
