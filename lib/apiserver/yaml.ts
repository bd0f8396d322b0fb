/**
 * YAML text as go-yaml reads it, as JSON. That is YAML 1.1 without dates and sexagesimal numbers: `yes` is true, `010` is 8, `<<` merges,
 * of several documents only the first counts, and so does the last of the fields of one name.
 */
import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'
import { holdsInfinity } from './json.ts'
import { MAX_DEPTH } from './jsonSyntax.ts'
import type { Json } from './resource.ts'

const load = createRequire(import.meta.url)

/** The package, read when it is first needed: that takes longer than a whole start of the server. */
export const yaml = (): typeof Yaml => load('yaml')

/** JSON as YAML. */
export const yamlText = (value: Json): string => yaml().stringify(value)

/** Aliases are bounded, so that a small body cannot grow without end. */
const MAX_ALIASES = 100

/** `refuse` words a syntax error. */
export function parseYamlText(text: string, refuse: (why: string) => Error): Json {
  try {
    // The parser's own search for doubled fields takes the square of their number.
    const document = yaml().parseDocument(text, { version: '1.1', uniqueKeys: false, customTags: goTags })
    const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS')
    if (error !== undefined) throw error
    const value = (document.toJS({ maxAliasCount: MAX_ALIASES }) ?? null) as Json
    if (!isNestedDeeper(value, MAX_DEPTH)) return checkNumbers(value)
  } catch (error) {
    if (error instanceof yaml().YAMLParseError) throw refuse(yamlWords(error))
    if (error instanceof ReferenceError && /alias/i.test(error.message))
      throw refuse('yaml: document contains excessive aliasing')
    if (error instanceof Error) throw refuse(`yaml: ${error.message}`)
    throw error
  }
  throw refuse(`yaml: exceeded max depth of ${MAX_DEPTH}`)
}

function checkNumbers(value: Json): Json {
  if (holdsInfinity(value)) throw new Error('json: unsupported value: +Inf')
  return value
}

/** YAML 1.1's tags less those that Go's types for JSON cannot hold. */
const goTags = (tags: Yaml.Tags): Yaml.Tags => [
  ...tags.filter(
    (tag) => typeof tag === 'string' || (tag.format !== 'TIME' && !FOREIGN.has(tag.tag.replace(/.*:/, ''))),
  ),
  {
    tag: 'tag:yaml.org,2002:binary',
    resolve: (text: string) => Buffer.from(text, 'base64').toString('utf8'),
  },
]

const FOREIGN = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set'])

const isNestedDeeper = (value: Json, depth: number): boolean => {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((part) => isNestedDeeper(part, depth - 1))
}

/** go-yaml's words for the mistakes that clients make most. */
function yamlWords({ code, message, linePos }: Yaml.YAMLParseError): string {
  if (/nested mappings|implicit keys/i.test(message))
    return 'yaml: mapping values are not allowed in this context'
  const line = `yaml: line ${linePos?.[0].line ?? 1}`
  if (code === 'TAB_AS_INDENT') return `${line}: found character that cannot start any token`
  return code === 'RESOURCE_EXHAUSTION' ? `${line}: exceeded max depth of ${MAX_DEPTH}` : `${line}: ${code}`
}
