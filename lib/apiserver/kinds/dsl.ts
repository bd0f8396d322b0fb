/**
 * The notation in which built-in kinds are written: one line per field, with the type as a word. It says what the Go type
 * of the real server says: the type, whether a zero value is written, and how lists are merged.
 *
 * Words: `string`, `bool`, `int32`, `int64`, `float`, `time`, `microtime`, `quantity`, `intOrString`, `bytes`, `any`.
 * `word[]` is an atomic list, `word{}` a map from strings. `word?` is a pointer (zero values are kept, null is left out),
 * `word!` is always written (absent reads as zero), a bare word is left out when zero.
 */

import type { Json, Schema } from '../resource.ts'
import { goNamed } from './gonames.ts'

export type Field = string | Schema

const words: Readonly<Record<string, Schema>> = {
  string: { type: 'string', 'x-go-type': 'string' },
  bool: { type: 'boolean', 'x-go-type': 'bool' },
  int32: { type: 'integer', format: 'int32', 'x-go-type': 'int32' },
  int64: { type: 'integer', format: 'int64', 'x-go-type': 'int64' },
  float: { type: 'number', format: 'double', 'x-go-type': 'float64' },
  time: { type: 'string', format: 'date-time', 'x-go-type': 'time' },
  microtime: { type: 'string', format: 'micro-time', 'x-go-type': 'time' },
  quantity: { 'x-kubernetes-int-or-string': true, format: 'quantity', 'x-go-type': 'quantity' },
  intOrString: { 'x-kubernetes-int-or-string': true, format: 'int-or-string', 'x-go-type': 'intOrString' },
  bytes: { type: 'string', format: 'byte', 'x-go-type': '[]uint8' },
  any: { 'x-kubernetes-preserve-unknown-fields': true },
}

const zeros: Readonly<Record<string, Json>> = {
  string: '',
  bool: false,
  int32: 0,
  int64: 0,
  float: 0,
  time: null,
  microtime: null,
  quantity: '0',
  intOrString: 0,
}

/** Reads one word of the notation. Throws on a word that it does not know, which is a mistake in a kind. */
export const field = (word: string): Schema => {
  if (word.endsWith('?')) return optional(bare(word.slice(0, -1)))
  if (word.endsWith('!')) return always(bare(word.slice(0, -1)), zeros[word.slice(0, -1)] ?? null)
  return { ...bare(word), 'x-go-omit': 'zero' }
}

const bare = (word: string): Schema => {
  if (word.endsWith('[]'))
    return { type: 'array', items: bare(word.slice(0, -2)), 'x-kubernetes-list-type': 'atomic' }
  if (word.endsWith('{}')) return { type: 'object', additionalProperties: bare(word.slice(0, -2)) }
  const known = words[word]
  if (!known) throw new Error(`kinds: "${word}" is no word of the notation`)
  return { ...known }
}

const read = (given: Field): Schema => (typeof given === 'string' ? field(given) : given)

/** A struct; `name` is its Go type, which decoding errors name. On its own it is a pointer: absent unless set. */
export const struct = (name: string, fields: Readonly<Record<string, Field>>): Schema => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(fields).map(([key, given]) => [key, goNamed(name, key, read(given))]),
  ),
  'x-go-type': name,
  'x-go-omit': 'null',
})

/** Fields that stand in a struct of their own in Go, though not in the API. */
export const embedded = (name: string, fields: Readonly<Record<string, Field>>): Record<string, Schema> =>
  Object.fromEntries(
    Object.entries(fields).map(([key, given]) => [key, { ...read(given), 'x-go-embedded': name }]),
  )

/** Null is left out, zero values are kept. */
export const optional = (given: Field): Schema => {
  const { 'x-go-zero': _, ...schema } = read(given)
  return { ...schema, 'x-go-omit': 'null' }
}

/** Always written: a struct that is no pointer, a required string. */
export const always = (given: Field, zero: Json = {}): Schema => {
  const { 'x-go-omit': _, ...schema } = read(given)
  return { ...schema, 'x-go-zero': zero }
}

/** A list or a pointer that is always written: null where nobody set it. */
export const written = (given: Field): Schema => ({ ...read(given), 'x-go-omit': 'null', 'x-go-zero': null })

/** With a default of the server's. */
export const byDefault = (given: Field, value: Json): Schema => ({ ...read(given), default: value })

/** A struct that is owned and merged as one piece. */
export const atomic = (given: Schema): Schema => ({ ...given, 'x-kubernetes-map-type': 'atomic' })

/** A map from strings to something. */
export const mapOf = (given: Field): Schema => ({
  type: 'object',
  additionalProperties: withoutOmit(read(given)),
  'x-go-omit': 'zero',
})

/** A list that is owned and replaced as one piece. */
export const listOf = (given: Field): Schema => ({
  type: 'array',
  items: withoutOmit(read(given)),
  'x-kubernetes-list-type': 'atomic',
  'x-go-omit': 'zero',
})

/** A list that is written as null where there is none. */
export const alwaysListOf = (given: Field): Schema => ({
  ...listOf(given),
  'x-go-omit': 'null',
  'x-go-zero': null,
})

/** A list without duplicates; strategic merge patches merge it. */
export const setOf = (given: Field): Schema => ({
  ...listOf(given),
  'x-kubernetes-list-type': 'set',
  'x-kubernetes-patch-strategy': 'merge',
})

/** A list of structs told apart by `keys`; strategic merge patches merge by `mergeKey`. */
export const keyed = (given: Schema, keys: string[], mergeKey: string | null = keys[0] ?? null): Schema => ({
  ...listOf(given),
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
  ...(mergeKey === null ? {} : mergedBy(mergeKey)),
})

const mergedBy = (
  key: string,
): Pick<Schema, 'x-kubernetes-patch-merge-key' | 'x-kubernetes-patch-strategy'> => ({
  'x-kubernetes-patch-merge-key': key,
  'x-kubernetes-patch-strategy': 'merge',
})

/** Replaces the patch strategy (`retainKeys`, `merge,retainKeys`). */
export const strategy = (name: string, given: Schema): Schema => ({
  ...given,
  'x-kubernetes-patch-strategy': name,
})

/** The struct and those below it are of another package than the kind: `core.v1`, `meta.v1`. */
export const ofPackage = (name: keyof typeof packages, given: Schema): Schema => ({
  ...given,
  'x-go-package': packages[name],
})

const packages = {
  'core.v1': 'io.k8s.api.core.v1',
  'meta.v1': 'io.k8s.apimachinery.pkg.apis.meta.v1',
  runtime: 'io.k8s.apimachinery.pkg.runtime',
} as const

/** OpenAPI lists the field as required although the decoder does without; or the other way round. */
export const needed = (given: Field, isRequired = true): Schema => ({
  ...read(given),
  'x-go-required': isRequired,
})

/** OpenAPI lists the values. */
export const choice = (given: Field, ...values: string[]): Schema => ({
  ...read(given),
  'x-go-enum': [...values].sort(),
})

/** The fields of which one is told apart by another; each with its name in Go. */
export const union = (
  given: Schema,
  fields: Readonly<Record<string, string>>,
  discriminator?: string,
): Schema => ({
  ...given,
  'x-go-union': {
    ...(discriminator === undefined ? {} : { discriminator }),
    'fields-to-discriminateBy': { ...fields },
  },
})

/** Always sent, and yet OpenAPI names no default. */
export const withoutDefault = (given: Field): Schema => ({ ...read(given), 'x-go-default': null })

/** With a default of the server's that OpenAPI names. */
export const byNamedDefault = (given: Field, value: Json): Schema => ({
  ...byDefault(given, value),
  'x-go-default': value,
})

/** A JSON object of any form; `name` is its Go type, `of` its package where that is another one. */
export const anything = (name: string, of?: keyof typeof packages): Schema => ({
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
  'x-go-omit': 'null',
  'x-go-published': {
    type: 'object',
    'x-go-type': name,
    ...(of === undefined ? {} : { 'x-go-package': packages[of] }),
  },
})

const withoutOmit = ({ 'x-go-omit': _, ...schema }: Schema): Schema => schema
