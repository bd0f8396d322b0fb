/**
 * What may stand inside allOf, anyOf, oneOf and not: value validations only, and only of what is declared outside.
 */

import type { Problem, Schema } from '../resource.ts'
import { forbidden, required } from '../schema/problem.ts'

/** The problems of the junctors of a schema at `path`. */
export const junctorProblems = (schema: Schema, path: string): Problem[] => {
  const nested = nestedOf(schema, path)
  const isEither = schema['x-kubernetes-int-or-string'] === true
  const problems = nested.flatMap((one) =>
    isEither && isIntOrString(schema) ? [] : wholeProblems(one.schema, one.path),
  )
  return problems.length > 0
    ? problems
    : nested.flatMap((one) => undeclared(one.schema, schema, one.path, path))
}

interface Nested {
  schema: Schema
  path: string
}

const nestedOf = (schema: Schema, path: string): Nested[] => [
  ...(['allOf', 'anyOf', 'oneOf'] as const).flatMap((name) =>
    (schema[name] ?? []).map((one, index) => ({ schema: one, path: `${path}.${name}[${index}]` })),
  ),
  ...(schema.not ? [{ schema: schema.not, path: `${path}.not` }] : []),
]

/** The one place where types may stand in a junctor: `anyOf: [{type: integer}, {type: string}]`, also in an allOf. */
const isIntOrString = (schema: Schema): boolean => {
  const pairs = [schema.anyOf, schema.allOf?.[0]?.anyOf]
  return pairs.some((pair) => pair?.length === 2 && pair[0]?.type === 'integer' && pair[1]?.type === 'string')
}

const empty = ['type', 'title', 'description'] as const
const undefinedOnes = ['default', 'additionalProperties'] as const
const falseOnes = [
  'nullable',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
] as const

const wholeProblems = (schema: Schema, path: string): Problem[] => [
  ...empty
    .filter((name) => schema[name] !== undefined)
    .map((name) => forbidden(`${path}.${name}`, 'must be empty to be structural')),
  ...undefinedOnes
    .filter((name) => schema[name] !== undefined)
    .map((name) => forbidden(`${path}.${name}`, 'must be undefined to be structural')),
  ...falseOnes
    .filter((name) => schema[name])
    .map((name) => forbidden(`${path}.${name}`, 'must be false to be structural')),
  ...childrenOf(schema, path).flatMap((child) => wholeProblems(child.schema, child.path)),
]

const childrenOf = (schema: Schema, path: string): Nested[] => [
  ...Object.entries(schema.properties ?? {}).map(([name, one]) => ({
    schema: one,
    path: `${path}.properties[${name}]`,
  })),
  ...(schema.items ? [{ schema: schema.items, path: `${path}.items` }] : []),
  ...nestedOf(schema, path),
]

/** What a junctor speaks of must be declared outside of it. */
const undeclared = (nested: Schema, outer: Schema, path: string, outerPath: string): Problem[] => [
  ...Object.entries(nested.properties ?? {}).flatMap(([name, one]) => {
    const place = `${path}.properties[${name}]`
    const outerPlace = `${outerPath}.properties[${name}]`
    const declared = outer.properties?.[name]
    if (!declared) return [required(outerPlace, `because it is defined in ${place}`)]
    return undeclared(one, declared, place, outerPlace)
  }),
  ...(nested.items
    ? outer.items
      ? undeclared(nested.items, outer.items, `${path}.items`, `${outerPath}.items`)
      : [required(`${outerPath}.items`, `because it is defined in ${path}.items`)]
    : []),
  ...nestedOf(nested, path).flatMap((one) => undeclared(one.schema, outer, one.path, outerPath)),
]
