/**
 * Is a schema structural, and are its parts right? Rules and texts of apiextensions.
 */

import type { Problem, Schema } from '../resource.ts'
import { forbidden, invalid, notSupported, required } from '../schema/problem.ts'
import { prune } from '../schema/prune.ts'
import { isEqual, isObject } from '../schema/equal.ts'
import { validateSchema } from '../schema/validate.ts'
import { junctorProblems } from './nested.ts'
import { regexpError } from './regexp.ts'

type Level = 'root' | 'field' | 'item'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** The problems of the schema of a version, which stands at `path`. */
export const schemaProblems = (schema: Schema, path: string): Problem[] => {
  const problems: Problem[] = []
  check(schema, path, 'root', problems)
  return problems
}

const check = (schema: Schema, path: string, level: Level, problems: Problem[]): void => {
  const unsupported = unsupportedProblems(schema, path)
  if (unsupported.length > 0) {
    problems.push(...unsupported)
    return
  }
  problems.push(...typeProblems(schema, path, level))
  problems.push(...contentProblems(schema, path))
  problems.push(...listProblems(schema, path))
  problems.push(...junctorProblems(schema, path))
  problems.push(...defaultProblems(schema, path))
  for (const [name, below] of Object.entries(schema.properties ?? {})) {
    const own = `${path}.properties[${name}]`
    if (level === 'root' && name === 'metadata') problems.push(...metadataProblems(below, own))
    else check(below, own, 'field', problems)
  }
  if (schema.items) check(schema.items, `${path}.items`, 'item', problems)
  if (typeof schema.additionalProperties === 'object')
    check(schema.additionalProperties, `${path}.additionalProperties`, 'field', problems)
}

const absent = ['$ref', 'definitions', 'dependencies', 'patternProperties', 'additionalItems', 'id']

const unsupportedProblems = (schema: Schema, path: string): Problem[] =>
  absent
    .filter((name) => name in schema)
    .map((name) => forbidden(`${path}.${name}`, `${name} is not supported`))

const emptyTexts: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  field: 'must not be empty for specified object fields',
  item: 'must not be empty for specified array items',
}

const typeProblems = (schema: Schema, path: string, level: Level): Problem[] => {
  const { type } = schema
  const field = `${path}.type`
  if (type === undefined) {
    const isFree = schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields']
    return isFree && level !== 'root' ? [] : [required(field, emptyTexts[level])]
  }
  if (!types.includes(type)) return [notSupported(field, type, types)]
  return level === 'root' && type !== 'object' ? [invalid(field, type, 'must be object at the root')] : []
}

const contentProblems = (schema: Schema, path: string): Problem[] => {
  const problems: Problem[] = []
  if (schema.type === 'array' && !schema.items) problems.push(required(`${path}.items`, 'must be specified'))
  if (schema.properties && Object.keys(schema.properties).length > 0 && schema.additionalProperties)
    problems.push(
      forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    )
  if (schema.uniqueItems) {
    const text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    problems.push(forbidden(`${path}.uniqueItems`, text))
  }
  if (schema.pattern !== undefined) {
    const error = regexpError(schema.pattern)
    const text = `must be a valid regular expression, but isn't: ${error ?? ''}`
    if (error !== undefined) problems.push(invalid(`${path}.pattern`, schema.pattern, text))
  }
  return [...problems, ...embeddedProblems(schema, path)]
}

const embeddedProblems = (schema: Schema, path: string): Problem[] => {
  if (!schema['x-kubernetes-embedded-resource']) return []
  if (schema.type !== 'object')
    return [
      invalid(`${path}.type`, schema.type ?? '', 'must be object if x-kubernetes-embedded-resource is true'),
    ]
  const isOpen =
    schema['x-kubernetes-preserve-unknown-fields'] || Object.keys(schema.properties ?? {}).length > 0
  if (isOpen) return []
  const text =
    'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
  return [required(`${path}.properties`, text)]
}

const listTypes = ['atomic', 'map', 'set']

const listProblems = (schema: Schema, path: string): Problem[] => {
  const type = schema['x-kubernetes-list-type']
  if (type === undefined) return []
  const field = `${path}.x-kubernetes-list-type`
  if (!listTypes.includes(type)) return [notSupported(field, type, listTypes)]
  if (schema.type !== 'array')
    return [
      invalid(`${path}.type`, schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'),
    ]
  if (type === 'set') return setProblems(schema.items, `${path}.items`)
  return type === 'map' ? mapProblems(schema, path) : []
}

const setProblems = (items: Schema | undefined, path: string): Problem[] => {
  if (!items) return []
  const text = 'as item of a list with x-kubernetes-list-type=set'
  if (items.nullable)
    return [forbidden(`${path}.nullable`, 'cannot be nullable when x-kubernetes-list-type is set')]
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
    return [
      invalid(
        `${path}.x-kubernetes-map-type`,
        items['x-kubernetes-map-type'] ?? null,
        `must be atomic ${text}`,
      ),
    ]
  if (items.type === 'array' && (items['x-kubernetes-list-type'] ?? 'atomic') !== 'atomic')
    return [
      invalid(
        `${path}.x-kubernetes-list-type`,
        items['x-kubernetes-list-type'] ?? null,
        `must be atomic ${text}`,
      ),
    ]
  return []
}

const mapProblems = (schema: Schema, path: string): Problem[] => {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const field = `${path}.x-kubernetes-list-map-keys`
  const items = schema.items
  if (keys.length === 0) return [required(field, 'must not be empty if x-kubernetes-list-type is map')]
  if (items?.type !== 'object')
    return [
      invalid(
        `${path}.items.type`,
        items?.type ?? '',
        "must be object if parent array's x-kubernetes-list-type is map",
      ),
    ]
  if (new Set(keys).size < keys.length) return [invalid(field, keys, 'must not contain duplicate entries')]
  if (keys.some((key) => !items.properties?.[key]))
    return [invalid(field, keys, 'entries must all be names of item properties')]
  return keys.flatMap((key) => keyProblems(items, key, `${path}.items`))
}

const keyProblems = (items: Schema, key: string, path: string): Problem[] => {
  const property = items.properties?.[key]
  const field = `${path}.properties[${key}]`
  if (property?.type === 'object' || property?.type === 'array')
    return [
      invalid(
        `${field}.type`,
        property.type,
        "must be a scalar type if parent array's x-kubernetes-list-type is map",
      ),
    ]
  if (property?.nullable)
    return [
      forbidden(
        `${field}.nullable`,
        'this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
      ),
    ]
  if (property?.default !== undefined || items.required?.includes(key)) return []
  const text =
    'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
  return [required(`${field}.default`, text)]
}

/** Only names may be restricted; the rest of metadata is the same for all kinds. */
const metadataProblems = (schema: Schema, path: string): Problem[] => {
  const names = Object.keys(schema.properties ?? {})
  const text =
    'must not specify anything other than name and generateName, but metadata is implicitly specified'
  if (names.some((name) => name !== 'name' && name !== 'generateName')) return [forbidden(path, text)]
  const problems: Problem[] = []
  check(schema, path, 'field', problems)
  return problems
}

/** A default must be what the schema would accept, unknown fields included. */
const defaultProblems = (schema: Schema, path: string): Problem[] => {
  const given = schema.default
  if (given === undefined || (given === null && schema.nullable)) return []
  const field = `${path}.default`
  const found = validateSchema(given, undefined, schema).map((problem) => ({
    ...problem,
    field: problem.field === '' ? field : problem.field === '<nil>' ? '<nil>' : `${field}.${problem.field}`,
  }))
  if (found.length > 0 || !isObject(given)) return found
  const pruned = structuredClone(given)
  prune(pruned, schema)
  return isEqual(pruned, given) ? [] : [invalid(field, given, 'must not have unknown fields')]
}
