/**
 * What an author adds to a zod schema by `.meta({ ... })`: descriptions and the Kubernetes keys, typed here for the
 * compiler. Keywords that zod has a method for are refused, an unknown `x-kubernetes-` key too; other keys are for others.
 */
import * as z from 'zod'
import { type KubernetesKeys, type Place, REFUSED, type Schema } from './structure.ts'

declare module 'zod' {
  interface GlobalMeta extends KubernetesKeys {
    /** A format of the API server: `duration`, `byte`, `int64`, `k8s-short-name`, ... */
    format?: string | undefined
    minProperties?: number | undefined
    maxProperties?: number | undefined
  }
}

/** Copied into the schema as they are. */
const COPIED = new Set([
  'title',
  'description',
  'format',
  'minProperties',
  'maxProperties',
  'x-kubernetes-validations',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
])

/** What zod says itself. */
const KEYWORDS = new Set(
  'type properties additionalProperties required items enum const pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems nullable default allOf anyOf oneOf not $ref'.split(
    ' ',
  ),
)

/** The meta of this schema, also where a later `.min()` or `.describe()` copied it. */
export const metaOf = (schema: z.core.$ZodType): Readonly<Record<string, unknown>> =>
  z.globalRegistry.get(schema) ?? {}

/** The schema with the author's keys; the outer one wins. */
export function withMeta(schema: Schema, meta: Readonly<Record<string, unknown>>, place: Place): Schema {
  if (schema === REFUSED) return REFUSED
  const added: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(meta)) {
    if (KEYWORDS.has(key)) return place.refuse(`.meta() must not carry "${key}": use zod's own method`)
    if (COPIED.has(key)) added[key] = value
    else if (key.startsWith('x-kubernetes-'))
      return place.refuse(`.meta() has "${key}", which is no key of a schema: use one of ${kubernetesKeys()}`)
  }
  return { ...schema, ...added }
}

const kubernetesKeys = (): string => [...COPIED].filter((key) => key.startsWith('x-')).join(', ')
