/**
 * Is a schema structural? Every value has one declared type, junctors only restrict what is declared beside them, and
 * metadata is what it is for all kinds. Rules and texts of apiextensions (`pkg/apiserver/schema`).
 */

import type { Problem, Schema } from '../resource.ts'
import { forbidden, invalid, required } from '../schema/problem.ts'
import { restrictionProblems, undeclaredProblems } from './nested.ts'

type Level = 'root' | 'field' | 'item'

/** The problems of the schema of a version, which stands at `path`. */
export const structuralProblems = (schema: Schema, path: string): Problem[] => [
  ...invariants(schema, path, 'root'),
  // Only what junctors at the root speak of has to be declared; further down it is ignored.
  ...undeclaredProblems(schema, schema, path, path),
]

/** The schema of the items of a list; undefined where there is none, or several (which is refused elsewhere). */
export const itemsOf = ({ items }: Schema): Schema | undefined => (Array.isArray(items) ? undefined : items)

const invariants = (schema: Schema, path: string, level: Level): Problem[] => {
  const items = itemsOf(schema)
  const { additionalProperties } = schema
  return [
    ...(schema.type === 'array' && items === undefined
      ? [required(`${path}.items`, 'must be specified')]
      : []),
    ...(items === undefined ? [] : invariants(items, `${path}.items`, 'item')),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, below]) =>
      invariants(below, `${path}.properties[${name}]`, 'field'),
    ),
    ...(additionalProperties !== undefined && level === 'root'
      ? [forbidden(`${path}.additionalProperties`, 'must not be used at the root')]
      : []),
    ...(typeof additionalProperties === 'object'
      ? invariants(additionalProperties, `${path}.additionalProperties`, 'field')
      : []),
    ...eitherProblems(schema, path),
    ...restrictionProblems(schema, path),
    ...typeProblems(schema, path, level),
    ...embeddedProblems(schema, path),
    ...metadataProblems(schema, path, level),
  ]
}

/** What may not be said together with int-or-string. */
const eitherProblems = (schema: Schema, path: string): Problem[] =>
  schema['x-kubernetes-int-or-string'] !== true
    ? []
    : (['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
        .filter((name) => schema[name] === true)
        .map((name) =>
          invalid(`${path}.${name}`, true, 'must be false if x-kubernetes-int-or-string is true'),
        )

const EMPTY: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  field: 'must not be empty for specified object fields',
  item: 'must not be empty for specified array items',
}

const typeProblems = (schema: Schema, path: string, level: Level): Problem[] => {
  const field = `${path}.type`
  const { type } = schema
  const isFree = schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields']
  if (schema['x-kubernetes-embedded-resource'] && type !== 'object') {
    const text = 'must be object if x-kubernetes-embedded-resource is true'
    return [type === undefined ? required(field, text) : invalid(field, type, text)]
  }
  if (type === undefined) return isFree ? [] : [required(field, EMPTY[level])]
  return level === 'root' && type !== 'object' ? [invalid(field, type, 'must be object at the root')] : []
}

const embeddedProblems = (schema: Schema, path: string): Problem[] => {
  if (!schema['x-kubernetes-embedded-resource']) return []
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true
  const hasFields = Object.keys(schema.properties ?? {}).length > 0
  return [
    ...(schema.additionalProperties === undefined
      ? []
      : [
          forbidden(
            `${path}.additionalProperties`,
            'must not be used if x-kubernetes-embedded-resource is set',
          ),
        ]),
    ...(isOpen || hasFields
      ? []
      : [
          required(
            `${path}.properties`,
            'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
          ),
        ]),
  ]
}

/** Of an object of its own the schema may say little about what all objects have; at the root only names are restricted. */
const metadataProblems = (schema: Schema, path: string, level: Level): Problem[] => {
  const isResource = level === 'root' || schema['x-kubernetes-embedded-resource'] === true
  if (!isResource) return []
  const { kind, apiVersion, metadata } = schema.properties ?? {}
  const mustBe = (name: string, found: Schema | undefined, type: Schema['type']): Problem[] =>
    found === undefined || found.type === type
      ? []
      : [invalid(`${path}.properties[${name}].type`, found.type ?? '', `must be ${type}`)]
  const text =
    'must not specify anything other than name and generateName, but metadata is implicitly specified'
  const restricts = level === 'root' && metadata !== undefined && !saysOnlyNames(metadata)
  return [
    ...mustBe('kind', kind, 'string'),
    ...mustBe('apiVersion', apiVersion, 'string'),
    ...mustBe('metadata', metadata, 'object'),
    ...(restricts ? [forbidden(`${path}.properties[metadata]`, text)] : []),
  ]
}

/** A default of metadata is refused by another rule. */
const saysOnlyNames = ({ type: _, default: __, properties, ...more }: Schema): boolean => {
  const names = Object.keys(properties ?? {})
  return Object.keys(more).length === 0 && names.every((name) => name === 'name' || name === 'generateName')
}
