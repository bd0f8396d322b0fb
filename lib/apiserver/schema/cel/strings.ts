/**
 * The strings, regex and format libraries of Kubernetes' CEL, as far as the package lacks them.
 */

import { formatMatches } from '../format.ts'
import {
  label1035Problems,
  labelProblems,
  labelValueProblems,
  qualifiedProblems,
  subdomainProblems,
} from '../names.ts'
import { toRegExp } from '../regexp.ts'
import type { CelFunction, CelType } from './declare.ts'

const FORMAT = 'kubernetes.NamedFormat'
const FORMATS = 'kubernetes.NamedFormats'

// CEL tells types by their constructor, so that values of libraries must be instances of classes.
class NamedFormat {
  check: (text: string) => string[] = () => []
}
class NamedFormats {}

/** Types of this library. */
export const stringTypes: readonly CelType[] = [
  { name: FORMAT, constructor: NamedFormat },
  { name: FORMATS, constructor: NamedFormats, constant: 'format' },
]

type Check = (text: string) => string[]

const prefixed =
  (check: Check): Check =>
  (text) =>
    check(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text)
const strict =
  (name: string, words: string): Check =>
  (text) =>
    formatMatches(name, text) ? [] : [words]

const checks: Readonly<Record<string, Check>> = {
  dns1123Label: labelProblems,
  dns1123Subdomain: subdomainProblems,
  dns1035Label: label1035Problems,
  qualifiedName: qualifiedProblems,
  dns1123LabelPrefix: prefixed(labelProblems),
  dns1123SubdomainPrefix: prefixed(subdomainProblems),
  dns1035LabelPrefix: prefixed(label1035Problems),
  labelValue: labelValueProblems,
  uri: strict('uri', 'invalid URI'),
  uuid: strict('uuid', 'does not match the UUID format'),
  byte: strict('byte', 'invalid base64'),
  date: strict('date', 'invalid date'),
  datetime: strict('datetime', 'invalid datetime'),
}

const formatOf = (check: Check): NamedFormat => Object.assign(new NamedFormat(), { check })

const asIndex = (given: bigint, text: string): number => {
  const index = Number(given)
  if (index < 0 || index > text.length) throw new Error(`index out of range: ${index}`)
  return index
}

const replaced = (text: string, from: string, to: string, times: bigint): string => {
  let result = text
  let at = 0
  for (let count = 0n; times < 0n || count < times; count++) {
    const found = result.indexOf(from, at)
    if (found < 0) break
    result = result.slice(0, found) + to + result.slice(found + from.length)
    at = found + to.length
  }
  return result
}

const globally = (regexp: RegExp): RegExp => new RegExp(regexp.source, `${regexp.flags}g`)

const found = (text: string, pattern: string): string[] =>
  [...text.matchAll(globally(toRegExp(pattern)))].map((one) => one[0])

const onString = (name: string, takes: string[], gives: string, run: CelFunction['run']): CelFunction => ({
  name,
  on: 'string',
  takes,
  gives,
  run,
})

/** Functions of this library; `none` and `some` make the package's optional values. */
export const stringFunctions = (
  none: unknown,
  some: (value: string[]) => unknown,
): readonly CelFunction[] => [
  onString('replace', ['string', 'string'], 'string', (text: string, from: string, to: string) =>
    text.replaceAll(from, to),
  ),
  onString('replace', ['string', 'string', 'int'], 'string', replaced),
  onString('charAt', ['int'], 'string', (text: string, index: bigint) => text.charAt(asIndex(index, text))),
  onString('reverse', [], 'string', (text: string) => [...text].reverse().join('')),
  onString('find', ['string'], 'string', (text: string, pattern: string) => found(text, pattern)[0] ?? ''),
  onString('findAll', ['string'], 'list<string>', found),
  onString('findAll', ['string', 'int'], 'list<string>', (text: string, pattern: string, max: bigint) =>
    max < 0n ? found(text, pattern) : found(text, pattern).slice(0, Number(max)),
  ),
  ...Object.entries(checks).map(([name, check]) => ({
    name,
    on: FORMATS,
    takes: [],
    gives: FORMAT,
    run: () => formatOf(check),
  })),
  {
    name: 'validate',
    on: FORMAT,
    takes: ['string'],
    gives: 'optional<list<string>>',
    run: (one: NamedFormat, text: string) => {
      const problems = one.check(text)
      return problems.length === 0 ? none : some(problems)
    },
  },
]
