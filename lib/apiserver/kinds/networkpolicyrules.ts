/**
 * What a NetworkPolicy must ask for (`pkg/apis/networking/validation` of Kubernetes).
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { addressBytes } from '../schema/address.ts'
import { cidrProblems, cidrWarnings } from '../schema/cidr.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { portNameProblems, portProblems } from '../schema/names.ts'
import { forbidden, invalid, required } from '../schema/problem.ts'
import { labelSelectorProblems } from './labelrules.ts'
import { each, formed, oneOf, textAt, whenGiven } from './rules.ts'

/** What an object that was there before may keep. */
interface Kept {
  /** Ranges that it had, wherever they stood. */
  readonly ranges: readonly string[]
  /** Values of selectors that are none of labels, as its own selector was wrong. */
  readonly anyValues: boolean
}

const directions = { ingress: 'from', egress: 'to' }

/** What is wrong with a NetworkPolicy. */
export const networkPolicyProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const spec = objectAt(object, 'spec')
  const kept = {
    ranges: blocksOf(before)
      .flatMap(rangesOf)
      .map(({ text }) => text),
    anyValues: labelSelectorProblems(objectAt(before, 'spec', 'podSelector'), '').length > 0,
  }
  return [
    ...labelSelectorProblems(objectAt(spec, 'podSelector'), 'spec.podSelector', kept),
    ...Object.entries(directions).flatMap(([way, peers]) =>
      each(listAt(spec, way), `spec.${way}`, (rule, field) => [
        ...each(listAt(rule, 'ports'), `${field}.ports`, portProblemsOf),
        ...each(listAt(rule, peers), `${field}.${peers}`, (peer, at) => peerProblems(peer, at, kept)),
      ]),
    ),
    ...typeProblems(listAt(spec, 'policyTypes'), 'spec.policyTypes'),
  ]
}

/** What is said of a NetworkPolicy that is accepted. */
export const networkPolicyWarnings = (object: JsonObject): string[] =>
  blocksOf(object)
    .flatMap(rangesOf)
    .flatMap(({ text, field }) => cidrWarnings(text, field))

interface Block {
  block: JsonObject
  field: string
}

/** The blocks of addresses of all peers, those that send first. */
const blocksOf = (object: JsonObject | undefined): Block[] =>
  Object.entries(directions).flatMap(([way, peers]) =>
    listAt(object, 'spec', way).flatMap((rule, index) =>
      listAt(rule, peers).flatMap((peer, place) => {
        const field = `spec.${way}[${index}].${peers}[${place}].ipBlock`
        return isObject(peer) && isObject(peer.ipBlock) ? [{ block: peer.ipBlock, field }] : []
      }),
    ),
  )

const rangesOf = ({ block, field }: Block): { text: string; field: string }[] => [
  { text: stringAt(block, 'cidr'), field: `${field}.cidr` },
  ...listAt(block, 'except').map((one, index) => ({ text: String(one), field: `${field}.except[${index}]` })),
]

const types = ['Ingress', 'Egress']

const typeProblems = (list: Json[], field: string): Problem[] =>
  list.length > types.length
    ? [invalid(field, list, 'may not specify more than two policyTypes')]
    : list.flatMap((type, index) => oneOf(String(type), `${field}[${index}]`, types))

const protocols = ['TCP', 'UDP', 'SCTP']

const portProblemsOf = (one: JsonObject, field: string): Problem[] => [
  ...oneOf(textAt(one, 'protocol'), `${field}.protocol`, protocols),
  ...placeProblems(one.port, numberAt(one, 'endPort'), field),
]

const placeProblems = (port: Json | undefined, end: number | undefined, field: string): Problem[] => {
  const endless = (why: string): Problem[] =>
    end === undefined
      ? []
      : [invalid(`${field}.endPort`, end, `may not be specified when \`port\` is ${why}`)]
  if (typeof port === 'string')
    return [...endless('non-numeric'), ...formed(port, `${field}.port`, portNameProblems)]
  if (typeof port !== 'number') return endless('not specified')
  const numbered = (value: number, name: string): Problem[] =>
    portProblems(value).map((text) => invalid(`${field}.${name}`, value, text))
  // The real server shows the first port where it speaks of the last.
  const isBefore = end !== undefined && end < port
  return [
    ...numbered(port, 'port'),
    ...(isBefore ? [invalid(`${field}.endPort`, port, 'must be greater than or equal to `port`')] : []),
    ...(end === undefined ? [] : numbered(end, 'endPort')),
  ]
}

const selectors = ['podSelector', 'namespaceSelector']

const peerProblems = (peer: JsonObject, field: string, kept: Kept): Problem[] => {
  const given = [...selectors, 'ipBlock'].filter((name) => isObject(peer[name]))
  const both = 'may not specify both ipBlock and another peer'
  return [
    ...selectors.flatMap((name) =>
      whenGiven(peer[name], (selector) => labelSelectorProblems(selector, `${field}.${name}`, kept)),
    ),
    ...whenGiven(peer.ipBlock, (block) => blockProblems(block, `${field}.ipBlock`, kept)),
    ...(given.length === 0 ? [required(field, 'must specify a peer')] : []),
    ...(given.length > 1 && given.includes('ipBlock') ? [forbidden(field, both)] : []),
  ]
}

const blockProblems = (block: JsonObject, field: string, { ranges }: Kept): Problem[] => {
  const cidr = stringAt(block, 'cidr')
  if (cidr === '') return [required(`${field}.cidr`)]
  const look = (text: string, at: string): Problem[] =>
    ranges.includes(text) ? [] : formed(text, at, cidrProblems)
  const whole = rangeOf(cidr)
  return [
    ...look(cidr, `${field}.cidr`),
    // What is left out of something that is no range is not looked at.
    ...(whole === undefined ? [] : listAt(block, 'except')).flatMap((one, index) => {
      const text = String(one)
      const at = `${field}.except[${index}]`
      const part = rangeOf(text)
      const isOutside = whole !== undefined && part !== undefined && !isWithin(part, whole)
      return [
        ...look(text, at),
        ...(isOutside ? [invalid(at, text, 'must be a strict subset of `cidr`')] : []),
      ]
    }),
  ]
}

interface Range {
  readonly bytes: readonly number[]
  readonly length: number
}

/** A range as loosely as Go's parser of the real server takes it. */
const rangeOf = (text: string): Range | undefined => {
  const [, host = '', digits = ''] = /^([^/]*)\/(\d+)$/.exec(text) ?? []
  const bytes = addressBytes(host)
  const length = Number(digits)
  return bytes === undefined || digits === '' || length > bytes.length * 8 ? undefined : { bytes, length }
}

/** Is a range part of another, and smaller? */
const isWithin = (part: Range, whole: Range): boolean =>
  part.bytes.length === whole.bytes.length &&
  part.length > whole.length &&
  bitsOf(part).startsWith(bitsOf(whole).slice(0, whole.length))

const bitsOf = ({ bytes }: Range): string => bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('')
