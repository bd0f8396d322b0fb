/**
 * The IP, CIDR and URL libraries of Kubernetes' CEL.
 */

import { BlockList, isIP } from 'node:net'
import type { CelFunction, CelType } from './declare.ts'

const IP = 'net.IP'
const CIDR = 'net.CIDR'
const LINK = 'kubernetes.URL'

// CEL tells types by their constructor, so that values of libraries must be instances of classes.
class Address {
  text = ''
}
class Range {
  text = ''
}
class Link {
  url = new URL('http://none')
}

/** Types of this library. */
export const networkTypes: readonly CelType[] = [
  { name: IP, constructor: Address },
  { name: CIDR, constructor: Range },
  { name: LINK, constructor: Link },
]

const toAddress = (text: string): Address => {
  if (isIP(text) === 0)
    throw new Error(`IP Address ${JSON.stringify(text)} parse error during conversion from string`)
  return Object.assign(new Address(), { text })
}

const splitRange = (text: string): { address: string; bits: number; width: number } | undefined => {
  const [address = '', bits = '', ...rest] = text.split('/')
  const width = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : 0
  const isRange = rest.length === 0 && /^\d{1,3}$/.test(bits) && width > 0 && Number(bits) <= width
  return isRange ? { address, bits: Number(bits), width } : undefined
}

const toRange = (text: string): Range => {
  if (!splitRange(text)) throw new Error(`network address parse error during conversion from string: ${text}`)
  return Object.assign(new Range(), { text })
}

const toLink = (text: string): Link => Object.assign(new Link(), { url: new URL(text) })

const within = (range: string, text: string): boolean => {
  const parts = splitRange(range)
  if (!parts || (parts.width === 32) !== (isIP(text) === 4)) return false
  const family = parts.width === 32 ? 'ipv4' : 'ipv6'
  const block = new BlockList()
  block.addSubnet(parts.address, parts.bits, family)
  return block.check(text, family)
}

const containsRange = (outer: string, inner: string): boolean => {
  const [one, other] = [splitRange(outer), splitRange(inner)]
  return one !== undefined && other !== undefined && one.bits <= other.bits && within(outer, other.address)
}

const inAny =
  (...ranges: string[]) =>
  (one: Address): boolean =>
    ranges.some((range) => within(range, one.text))

const isGlobal = (one: Address): boolean =>
  !inAny(
    '127.0.0.0/8',
    '::1/128',
    '0.0.0.0/32',
    '::/128',
    '224.0.0.0/4',
    'ff00::/8',
    '169.254.0.0/16',
    'fe80::/10',
    '255.255.255.255/32',
  )(one)

const onIp = (name: string, run: (one: Address) => boolean): CelFunction => ({
  name,
  on: IP,
  takes: [],
  gives: 'bool',
  run,
})

const onLink = (name: string, run: (url: URL) => unknown, gives = 'string'): CelFunction => ({
  name,
  on: LINK,
  takes: [],
  gives,
  run: (one: Link) => run(one.url),
})

const queryOf = (url: URL): Map<string, string[]> =>
  new Map([...new Set(url.searchParams.keys())].map((key) => [key, url.searchParams.getAll(key)]))

/** Functions of this library. */
export const networkFunctions: readonly CelFunction[] = [
  { name: 'ip', takes: ['string'], gives: IP, run: toAddress },
  { name: 'isIP', takes: ['string'], gives: 'bool', run: (text: string) => isIP(text) !== 0 },
  { name: 'string', takes: [IP], gives: 'string', run: (one: Address) => one.text },
  { name: 'family', on: IP, takes: [], gives: 'int', run: (one: Address) => BigInt(isIP(one.text)) },
  onIp('isLoopback', inAny('127.0.0.0/8', '::1/128')),
  onIp('isUnspecified', inAny('0.0.0.0/32', '::/128')),
  onIp('isLinkLocalUnicast', inAny('169.254.0.0/16', 'fe80::/10')),
  onIp('isLinkLocalMulticast', inAny('224.0.0.0/24', 'ff02::/16')),
  onIp('isGlobalUnicast', isGlobal),
  { name: 'cidr', takes: ['string'], gives: CIDR, run: toRange },
  { name: 'isCIDR', takes: ['string'], gives: 'bool', run: (text: string) => splitRange(text) !== undefined },
  { name: 'string', takes: [CIDR], gives: 'string', run: (one: Range) => one.text },
  {
    name: 'containsIP',
    on: CIDR,
    takes: [IP],
    gives: 'bool',
    run: (one: Range, ip: Address) => within(one.text, ip.text),
  },
  {
    name: 'containsIP',
    on: CIDR,
    takes: ['string'],
    gives: 'bool',
    run: (one: Range, ip: string) => within(one.text, ip),
  },
  {
    name: 'containsCIDR',
    on: CIDR,
    takes: [CIDR],
    gives: 'bool',
    run: (one: Range, other: Range) => containsRange(one.text, other.text),
  },
  {
    name: 'containsCIDR',
    on: CIDR,
    takes: ['string'],
    gives: 'bool',
    run: (one: Range, other: string) => containsRange(one.text, other),
  },
  {
    name: 'ip',
    on: CIDR,
    takes: [],
    gives: IP,
    run: (one: Range) => toAddress(splitRange(one.text)?.address ?? ''),
  },
  {
    name: 'prefixLength',
    on: CIDR,
    takes: [],
    gives: 'int',
    run: (one: Range) => BigInt(splitRange(one.text)?.bits ?? 0),
  },
  { name: 'url', takes: ['string'], gives: LINK, run: toLink },
  { name: 'isURL', takes: ['string'], gives: 'bool', run: (text: string) => URL.canParse(text) },
  onLink('getScheme', (url) => url.protocol.slice(0, -1)),
  onLink('getHost', (url) => url.host),
  onLink('getHostname', (url) => url.hostname),
  onLink('getPort', (url) => url.port),
  onLink('getEscapedPath', (url) => url.pathname),
  onLink('getQuery', queryOf, 'map<string, list<string>>'),
]
