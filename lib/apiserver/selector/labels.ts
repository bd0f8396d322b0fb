/**
 * Label selectors, by the grammar and with the error texts of k8s.io/apimachinery/pkg/labels: `a=b,c!=d,e in (f,g),!h,i>1`.
 */
import { isInt64 } from '../numbers.ts'
import { labelValueProblems, qualifiedProblems } from '../schema/names.ts'
import { badRequest } from '../status.ts'

/** Does an object with these labels match? */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean

type Operator = 'in' | 'notin' | '=' | '==' | '!=' | '>' | '<' | 'exists' | '!'
interface Requirement {
  key: string
  operator: Operator
  values: string[]
}
/** `word` for identifiers, `end` at the end, `bad` for what is no token; otherwise the literal itself. */
interface Token {
  kind: string
  text: string
}

const WORDS = new Set(['in', 'notin'])
const SYMBOLS = new Set([')', ',', '!', '==', '=', '>', '<', '!=', '('])
const BINARY = new Set(['in', 'notin', '=', '==', '!=', '>', '<'])

/** The selector, or undefined for an empty one. Throws a 400 StatusError with the real server's words. */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  const tokens = tokenize(text)
  const requirements = parseRequirements({ tokens, at: 0 })
  if (requirements.length === 0) return undefined
  return (labels) => requirements.every((requirement) => holds(requirement, labels))
}

function holds({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case '>':
      return value !== undefined && isInt64(value) && BigInt(value) > BigInt(values[0] as string)
    case '<':
      return value !== undefined && isInt64(value) && BigInt(value) < BigInt(values[0] as string)
    default:
      return value !== undefined && values.includes(value)
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const pattern = /\s+|[=!(),<>]|[^\s=!(),<>]+/g
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const part = match[0]
    if (/^\s/.test(part)) continue
    const pair = part + (text[pattern.lastIndex] ?? '')
    if ((part === '=' || part === '!') && SYMBOLS.has(pair)) {
      pattern.lastIndex++
      tokens.push({ kind: pair, text: pair })
    } else tokens.push({ kind: SYMBOLS.has(part) || WORDS.has(part) ? part : 'word', text: part })
  }
  tokens.push({ kind: 'end', text: '' })
  return tokens
}

interface Reader {
  tokens: Token[]
  at: number
}

/** Where values are expected, `in` and `notin` are ordinary words. */
const asValue = (token: Token): Token => (WORDS.has(token.kind) ? { kind: 'word', text: token.text } : token)
const look = (reader: Reader): Token => reader.tokens[Math.min(reader.at, reader.tokens.length - 1)] as Token
const take = (reader: Reader): Token => {
  const token = look(reader)
  reader.at++
  return token
}

function parseRequirements(reader: Reader): Requirement[] {
  const requirements: Requirement[] = []
  for (;;) {
    const token = asValue(look(reader))
    if (token.kind === 'end') return requirements
    if (token.kind !== 'word' && token.kind !== '!')
      throw badRequest(`found '${token.text}', expected: !, identifier, or 'end of string'`)
    requirements.push(parseRequirement(reader))
    const next = asValue(take(reader))
    if (next.kind === 'end') return requirements
    if (next.kind !== ',') throw badRequest(`found '${next.text}', expected: ',' or 'end of string'`)
    const after = asValue(look(reader))
    if (after.kind !== 'word' && after.kind !== '!')
      throw badRequest(`found '${after.text}', expected: identifier after ','`)
  }
}

const unparsable = (why: string) => badRequest(`unable to parse requirement: ${why}`)

function parseRequirement(reader: Reader): Requirement {
  let token = asValue(take(reader))
  const negated = token.kind === '!'
  if (negated) token = take(reader)
  if (token.kind !== 'word') throw unparsable(`found '${token.text}', expected: identifier`)
  const key = checkKey(token.text)
  const next = look(reader)
  if (next.kind === 'end' || next.kind === ',') return { key, operator: negated ? '!' : 'exists', values: [] }
  const operator = take(reader)
  if (negated) return { key, operator: '!', values: [] }
  if (!BINARY.has(operator.kind))
    throw unparsable(`found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`)
  const isSet = WORDS.has(operator.kind)
  const values = isSet ? parseValues(reader) : [parseExactValue(reader)]
  return checkValues({ key, operator: operator.kind as Operator, values })
}

function parseValues(reader: Reader): string[] {
  const open = asValue(take(reader))
  if (open.kind !== '(') throw unparsable(`found '${open.text}' expected: '('`)
  const first = asValue(look(reader))
  if (first.kind === ')') {
    take(reader)
    return ['']
  }
  if (first.kind !== 'word' && first.kind !== ',')
    throw unparsable(`found '${first.text}', expected: ',', ')' or identifier`)
  const values: string[] = []
  for (let wanted = true; ; ) {
    const token = asValue(take(reader))
    if (token.kind === 'word') {
      values.push(token.text)
      const next = asValue(look(reader))
      if (next.kind !== ',' && next.kind !== ')')
        throw unparsable(`found '${next.text}', expected: ',' or ')'`)
      wanted = false
    } else if (token.kind === ',') {
      if (wanted) values.push('')
      wanted = true
    } else if (token.kind === ')') {
      if (wanted) values.push('')
      return values
    } else throw unparsable(`found '${token.text}', expected: ',', or identifier`)
  }
}

function parseExactValue(reader: Reader): string {
  const next = asValue(look(reader))
  if (next.kind === 'end' || next.kind === ',') return ''
  const token = asValue(take(reader))
  if (token.kind === 'word') return token.text
  throw unparsable(`found '${token.text}', expected: identifier`)
}

function checkKey(key: string): string {
  const problems = qualifiedProblems(key).map((text) =>
    text.replace(/^a qualified name/, 'a valid label key'),
  )
  // The field is empty in the real server too.
  if (problems.length > 0)
    throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problems.join('; ')}`)
  return key
}

function checkValues(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement
  if (operator === '>' || operator === '<') {
    if (!isInt64(values[0] as string))
      throw unparsable(
        `values[0]: Invalid value: ${JSON.stringify(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`,
      )
    return requirement
  }
  values.forEach((value, index) => {
    const problems = labelValueProblems(value)
    if (problems.length > 0)
      throw unparsable(
        `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${problems.join('; ')}`,
      )
  })
  return requirement
}
