/**
 * The rules of the API server for a finished structural schema that zod cannot know: list and map types, CEL rules,
 * embedded resources, defaults. (kubernetes/apiextensions-apiserver, `ValidateCustomResourceDefinitionOpenAPISchema`.)
 * CEL itself is not compiled here.
 */
import type { Refuse } from './schema.ts'
import type { Json, Rule, Schema } from './structure.ts'

interface At {
  readonly path: string
  readonly refuse: Refuse
  /** Old and new value can be told to be the same part: not so inside atomic lists, sets and atomic maps. */
  readonly isCorrelatable: boolean
}

/** Checks a schema and everything inside. */
export function checkSchema(schema: Schema, path: string, refuse: Refuse): void {
  check(schema, { path, refuse, isCorrelatable: true })
}

function check(schema: Schema, at: At): void {
  const problem = (text: string) => at.refuse(at.path, text)
  for (const find of [listProblem, mapProblem, formatProblem, defaultProblem]) {
    const text = find(schema)
    if (text !== undefined) problem(text)
  }
  const rules = schema['x-kubernetes-validations'] ?? []
  if (!Array.isArray(rules)) problem('x-kubernetes-validations must be an array of rules')
  else for (const rule of rules) checkRule(rule, schema, { ...at, refuse: (_path, text) => problem(text) })
  for (const [name, field] of Object.entries(schema.properties ?? {}))
    check(field, {
      ...at,
      path: `${at.path}.${name}`,
      isCorrelatable: at.isCorrelatable && schema['x-kubernetes-map-type'] !== 'atomic',
    })
  if (schema.additionalProperties) check(schema.additionalProperties, { ...at, path: `${at.path}.*` })
  if (schema.items)
    check(schema.items, {
      ...at,
      path: `${at.path}[]`,
      isCorrelatable: at.isCorrelatable && schema['x-kubernetes-list-type'] === 'map',
    })
}

function listProblem(schema: Schema): string | undefined {
  const { 'x-kubernetes-list-type': type, 'x-kubernetes-list-map-keys': keys, items } = schema
  if (type === undefined && keys === undefined) return undefined
  if (schema.type !== 'array')
    return `x-kubernetes-list-type and its keys belong to an array, this is ${nameOf(schema)}`
  if (type !== 'map' && keys !== undefined)
    return `x-kubernetes-list-map-keys needs x-kubernetes-list-type "map", got ${JSON.stringify(type)}`
  if (type === 'atomic') return undefined
  if (items?.nullable) return `items of a list of type "${type}" cannot be nullable`
  if (type === 'set') return setProblem(items ?? {})
  if (type === 'map') return keysProblem(items ?? {}, keys ?? [])
  return `x-kubernetes-list-type must be "atomic", "set" or "map", got ${JSON.stringify(type)}`
}

function setProblem(items: Schema): string | undefined {
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
    return 'objects in a set need x-kubernetes-map-type "atomic": use a list of type "map"'
  if (items.type === 'array' && (items['x-kubernetes-list-type'] ?? 'atomic') !== 'atomic')
    return 'lists in a set must be atomic'
  return undefined
}

function keysProblem(items: Schema, keys: readonly string[]): string | undefined {
  if (items.type !== 'object')
    return `items of a list of type "map" must be objects, this has ${nameOf(items)}`
  if (keys.length === 0 || new Set(keys).size < keys.length)
    return `x-kubernetes-list-map-keys must name at least one field and none twice, got ${JSON.stringify(keys)}`
  for (const key of keys) {
    const field = items.properties?.[key]
    if (field === undefined) return `x-kubernetes-list-map-keys has "${key}", which is no field of the items`
    if (field.type === 'object' || field.type === 'array') return `list key "${key}" must be a scalar`
    if (field.nullable) return `list key "${key}" cannot be nullable`
    if (!items.required?.includes(key) && field.default === undefined)
      return `list key "${key}" must be required or have a default`
  }
  return undefined
}

function mapProblem(schema: Schema): string | undefined {
  const { 'x-kubernetes-map-type': type, 'x-kubernetes-embedded-resource': embedded } = schema
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (type !== undefined && schema.type !== 'object')
    return `x-kubernetes-map-type belongs to an object, this is ${nameOf(schema)}`
  if (type !== undefined && type !== 'granular' && type !== 'atomic')
    return `x-kubernetes-map-type must be "granular" or "atomic", got ${JSON.stringify(type)}`
  if (embedded && (schema.type !== 'object' || schema.additionalProperties))
    return `x-kubernetes-embedded-resource belongs to an object with named fields, this is ${nameOf(schema)}`
  if (embedded && !isOpen && !schema.properties)
    return 'x-kubernetes-embedded-resource needs fields: use z.looseObject({})'
  if (schema['x-kubernetes-int-or-string'] && (schema.type !== undefined || isOpen))
    return `x-kubernetes-int-or-string belongs to a union of z.int() and z.string(), this is ${nameOf(schema)}`
  if (isOpen && schema.type !== undefined && schema.type !== 'object')
    return `x-kubernetes-preserve-unknown-fields belongs to an object, this is ${nameOf(schema)}`
  return undefined
}

const nameOf = (schema: Schema): string => (schema.type === undefined ? 'untyped' : `of type ${schema.type}`)

function formatProblem(schema: Schema): string | undefined {
  const { format, minProperties, maxProperties } = schema
  if (format !== undefined && !['string', 'integer', 'number'].includes(schema.type ?? ''))
    return `format "${format}" belongs to a string or a number, this is ${nameOf(schema)}`
  if ((minProperties ?? maxProperties) !== undefined && schema.type !== 'object')
    return `minProperties and maxProperties belong to an object, this is ${nameOf(schema)}`
  return undefined
}

const REASONS = ['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate']

function checkRule(rule: Rule, schema: Schema, at: At): void {
  const problem = (text: string) => at.refuse(at.path, `rule ${JSON.stringify(rule.rule)}: ${text}`)
  const { rule: text, message, reason, fieldPath, optionalOldSelf } = rule
  if (typeof text !== 'string' || text.trim() === '') {
    problem('must be a CEL expression')
    return
  }
  if (message !== undefined && (message.trim() === '' || /[\r\n]/.test(message.trim())))
    problem('message must be one line that is not empty')
  if (/[\r\n]/.test(text.trim()) && message === undefined)
    problem('message must be given, because the rule has several lines')
  if (reason !== undefined && !REASONS.includes(reason))
    problem(`reason must be one of ${REASONS.join(', ')}, got ${JSON.stringify(reason)}`)
  if (fieldPath !== undefined && !isFieldPath(fieldPath, schema))
    problem(`fieldPath must lead to a field from here (".name"), got ${JSON.stringify(fieldPath)}`)
  const usesOld = /\boldSelf\b/.test(text)
  if (usesOld && !at.isCorrelatable)
    problem(
      'oldSelf is unknown inside a list or a map that is replaced as a whole: use a list of type "map" (listMap)',
    )
  if (optionalOldSelf !== undefined && !usesOld)
    problem('optionalOldSelf must not be set, oldSelf is not used')
}

function isFieldPath(path: string, schema: Schema): boolean {
  const first = /^\.([A-Za-z_][A-Za-z0-9_]*)|^\['([^']+)'\]/.exec(path)
  return first !== null && schema.properties?.[first[1] ?? first[2] ?? ''] !== undefined
}

function defaultProblem(schema: Schema): string | undefined {
  if (schema.default === undefined) return undefined
  const unknown = unknownField(schema.default, schema)
  return unknown === undefined
    ? undefined
    : `the default has the field "${unknown}", which the type does not have: remove it, or use z.looseObject()`
}

/** The first field of a value that the server would prune. */
function unknownField(value: Json, schema: Schema): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return first(value, (item) => unknownField(item, schema.items ?? {}))
  return first(Object.entries(value), ([name, part]) => {
    const field = schema.properties?.[name] ?? schema.additionalProperties
    if (field) return unknownField(part, field)
    return schema['x-kubernetes-preserve-unknown-fields'] ? undefined : name
  })
}

function first<T>(values: readonly T[], find: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const found = find(value)
    if (found !== undefined) return found
  }
  return undefined
}
