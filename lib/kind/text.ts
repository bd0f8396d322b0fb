/** Strings of zod as structural schemas: lengths, patterns and formats. What a schema cannot say is refused. */
import * as z from 'zod'
import { toRe2 } from './pattern.ts'
import type { Place, Schema } from './structure.ts'

/** A check of a zod schema, as its definition: what any of them may have. */
export interface CheckDefinition {
  readonly check: string
  readonly minimum?: number
  readonly maximum?: number
  readonly length?: number
  readonly value?: unknown
  readonly inclusive?: boolean
  readonly format?: string
  readonly pattern?: RegExp
  readonly local?: boolean
  readonly hostname?: RegExp
  readonly protocol?: RegExp
  readonly normalize?: boolean
}

interface Text {
  minLength?: number
  maxLength?: number
  format?: string
  readonly patterns: string[]
}

/** zod's formats that the API server knows under a name of its own, and checks no stricter than zod does. */
const FORMATS: Readonly<Record<string, string>> = {
  email: 'email',
  uuid: 'uuid',
  ipv4: 'ipv4',
  ipv6: 'ipv6',
  cidrv4: 'cidr',
  cidrv6: 'cidr',
  date: 'date',
  datetime: 'date-time',
  url: 'uri',
}

/** Formats whose own pattern is absent, lax or not RE2: what to say instead. */
const PATTERNS: Readonly<Record<string, string | undefined>> = {
  base64: z.regexes.base64.source,
  base64url: z.regexes.base64url.source,
  hostname: z.regexes.hostname.source.replace('(?=.{1,253}\\.?$)', ''),
  // The server's own parsers decide; these keep out what they would take beyond zod.
  ipv6: ':',
  cidrv6: ':',
  url: '^[A-Za-z][A-Za-z0-9+.-]*:',
}

/** Formats that zod checks by more than a pattern. */
const REFUSALS: Readonly<Record<string, string>> = {
  duration: `use z.string().meta({ format: 'duration' }), which is Go's "1h30m"`,
  jwt: 'use z.string()',
  emoji: 'use z.string()',
  credit_card: 'use z.string().regex(...)',
  iban: 'use z.string().regex(...)',
}

/** A string with its checks. */
export function textOf(checks: readonly CheckDefinition[], place: Place): Schema {
  const text: Text = { patterns: [] }
  for (const check of checks) {
    const problem = add(text, check)
    if (problem !== undefined) return place.refuse(problem)
  }
  return textSchema(text)
}

function textSchema({ patterns, ...bounds }: Text): Schema {
  const [pattern, ...more] = patterns
  return {
    type: 'string',
    ...bounds,
    ...(pattern !== undefined && { pattern }),
    ...(more.length > 0 && { allOf: more.map((each) => ({ pattern: each })) }),
  }
}

function add(text: Text, check: CheckDefinition): string | undefined {
  const { minimum, maximum, length } = check
  switch (check.check) {
    case 'min_length':
      text.minLength = Math.max(text.minLength ?? 0, minimum ?? 0)
      return undefined
    case 'max_length':
      text.maxLength = Math.min(text.maxLength ?? Infinity, maximum ?? Infinity)
      return undefined
    case 'length_equals':
      text.minLength = length ?? 0
      text.maxLength = length ?? 0
      return undefined
    case 'string_format':
      return addFormat(text, check)
    default:
      return `check "${check.check}" has no counterpart in a schema: use a regex or a CEL rule`
  }
}

function addFormat(text: Text, check: CheckDefinition): string | undefined {
  const format = check.format ?? ''
  const refusal = refusalOf(format, check)
  if (refusal !== undefined) return refusal
  const translation = translated(format, check.pattern)
  if ('problem' in translation)
    return `${format === 'regex' ? 'the pattern' : `the format "${format}"`} has ${translation.problem}`
  text.patterns.push(translation.pattern)
  const name = FORMATS[format]
  // A time without a zone is no RFC 3339 time: the pattern says it all.
  if (name !== undefined && check.local !== true) text.format ??= name
  if (format === 'hostname') text.maxLength = Math.min(text.maxLength ?? Infinity, 254)
  return undefined
}

function refusalOf(format: string, check: CheckDefinition): string | undefined {
  const refusal = REFUSALS[format]
  if (refusal !== undefined) return `the format "${format}" has no counterpart in a schema: ${refusal}`
  if (format === 'url' && (check.hostname ?? check.protocol ?? check.normalize) !== undefined)
    return 'options of z.url() have no counterpart in a schema: use z.string().regex(/^https:.../)'
  if (PATTERNS[format] === undefined && !(check.pattern instanceof RegExp))
    return `the format "${format}" is a function, which the API server cannot call: give a regex`
  return undefined
}

const translated = (format: string, pattern: unknown) =>
  toRe2(new RegExp(PATTERNS[format] ?? (pattern as RegExp), PATTERNS[format] === undefined ? undefined : ''))

/** A template literal: its pattern. */
export function templateOf(pattern: RegExp, place: Place): Schema {
  const translation = toRe2(pattern)
  if ('problem' in translation) return place.refuse(`the template has ${translation.problem}`)
  return { type: 'string', pattern: translation.pattern }
}
