/**
 * What may stand inside allOf, anyOf, oneOf and not: value validations only, and at the root only of what is declared
 * outside. Patterns are looked at on the way, wherever they stand.
 */

import type { Problem, Schema } from '../resource.ts'
import { declared } from '../schema/declared.ts'
import { forbidden, invalid, required } from '../schema/problem.ts'
import { regexpError } from './regexp.ts'

interface Nested {
  schema: Schema
  path: string
}

/** The junctors of a schema at `path`. */
const nestedOf = (schema: Schema, path: string): Nested[] => [
  ...(['anyOf', 'allOf', 'oneOf'] as const).flatMap((name) =>
    (schema[name] ?? []).map((one, index) => ({ schema: one, path: `${path}.${name}[${index}]` })),
  ),
  ...(schema.not ? [{ schema: schema.not, path: `${path}.not` }] : []),
]

const EITHER = ['integer', 'string']

const isEither = (schemas: Schema[] | undefined): boolean =>
  schemas?.length === EITHER.length &&
  schemas.every((one, index) => one.type === EITHER[index] && Object.keys(one).length === 1)

/**
 * The problems of what restricts the values of a schema. Types may stand in one junctor only: `anyOf: [{type: integer},
 * {type: string}]`, also as the first of an allOf.
 */
export const restrictionProblems = (schema: Schema, path: string): Problem[] => {
  const { anyOf: _, ...others } = schema
  const [first, ...rest] = schema.allOf ?? []
  const looked = isEither(schema.anyOf) ? others : schema
  const isFirstEither = first !== undefined && isEither(first.anyOf)
  const nested = nestedOf(isFirstEither ? { ...looked, allOf: [withoutAnyOf(first), ...rest] } : looked, path)
  return [
    ...nested.flatMap((one) => nestedProblems(one.schema, one.path)),
    ...patternProblems(schema.pattern, `${path}.pattern`),
  ]
}

const withoutAnyOf = ({ anyOf: _, ...schema }: Schema): Schema => schema

const patternProblems = (pattern: string | undefined, field: string): Problem[] => {
  const error = pattern === undefined ? undefined : regexpError(pattern)
  return error === undefined
    ? []
    : [invalid(field, pattern, `must be a valid regular expression, but isn't: ${error}`)]
}

/** Go's words for what must not be there, by how it says that there is nothing. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  type: 'must be empty to be structural',
  title: 'must be empty to be structural',
  description: 'must be empty to be structural',
  default: 'must be undefined to be structural',
  nullable: 'must be false to be structural',
  additionalProperties: 'must be undefined to be structural',
  'x-kubernetes-preserve-unknown-fields': 'must be false to be structural',
  'x-kubernetes-embedded-resource': 'must be false to be structural',
  'x-kubernetes-int-or-string': 'must be false to be structural',
  'x-kubernetes-list-map-keys': 'must be empty to be structural',
  'x-kubernetes-list-type': 'must be undefined to be structural',
  'x-kubernetes-map-type': 'must be undefined to be structural',
  'x-kubernetes-validations': 'must be empty to be structural',
}

const nestedProblems = (schema: Schema, path: string): Problem[] => [
  ...restrictionProblems(schema, path),
  ...(schema.items === undefined || Array.isArray(schema.items)
    ? []
    : nestedProblems(schema.items, `${path}.items`)),
  ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
    nestedProblems(one, `${path}.properties[${name}]`),
  ),
  ...Object.entries(schema)
    .filter(([name, value]) => FORBIDDEN[name] !== undefined && value !== false)
    .map(([name]) => forbidden(`${path}.${name}`, FORBIDDEN[name] ?? '')),
  ...(schema.properties?.metadata === undefined
    ? []
    : [forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context')]),
]

/** What the junctors of `nested` speak of must be declared in `outer`. */
export const undeclaredProblems = (
  nested: Schema,
  outer: Schema,
  path: string,
  outerPath: string,
): Problem[] => nestedOf(nested, path).flatMap((one) => undeclared(one.schema, outer, one.path, outerPath))

const undeclared = (nested: Schema, outer: Schema, path: string, outerPath: string): Problem[] => {
  const below = (found: Schema | undefined, one: Schema, step: string): Problem[] =>
    found === undefined
      ? [required(`${outerPath}.${step}`, `because it is defined in ${path}.${step}`)]
      : undeclared(one, found, `${path}.${step}`, `${outerPath}.${step}`)
  return [
    ...undeclaredProblems(nested, outer, path, outerPath),
    ...(nested.items ? below(outer.items, nested.items, 'items') : []),
    ...Object.entries(nested.properties ?? {}).flatMap(([name, one]) =>
      below(declared(outer, name), one, `properties[${name}]`),
    ),
  ]
}
