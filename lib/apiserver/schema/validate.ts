/**
 * Validation of custom resources by their structural schema, in the words of the real server (its go-openapi validator).
 * On updates a value that did not change is not looked at again, so that objects survive a schema that was tightened.
 * CEL rules are not evaluated here.
 */

import type { Json, JsonObject, Problem, Schema } from '../resource.ts'
import { formerly, schemaOf } from './declared.ts'
import { isEqual, isObject } from './equal.ts'
import { formatMatches, isKnownFormat } from './format.ts'
import { type Checked, junctorProblems } from './junctor.ts'
import { listProblems } from './list.ts'
import { invalid, isInt64, notSupported, required, tooLong, tooMany, typeInvalid } from './problem.ts'
import { toRegExp } from './regexp.ts'
import { embeddedProblems } from './embedded.ts'

/**
 * Everything in `object` that its schema refuses, `before` being what an update replaces. Expects a pruned and defaulted
 * object. `path` is where the object stands ('' for a whole resource).
 */
export const validateSchema = (
  object: Json,
  before: Json | undefined,
  schema: Schema,
  path = '',
): Problem[] => {
  const problems: Problem[] = []
  check({ value: object, before, schema, path }, problems)
  if (before === undefined || listProblems(before, schema, path).length === 0)
    problems.push(...listProblems(object, schema, path))
  problems.push(...embeddedProblems(object, schema, path))
  return problems
}

/**
 * The same for a write through the status subresource: only the status is looked at, and its texts (not its fields) leave
 * out that it is one, as those of the real server do.
 */
export const validateStatus = (
  object: JsonObject,
  before: JsonObject | undefined,
  schema: Schema,
): Problem[] => {
  const { status } = object
  const declared = schema.properties?.status
  if (status === undefined || !declared) return []
  return validateSchema(status, before?.status, declared).map((problem) => ({
    ...problem,
    field: problem.field === '' ? 'status' : problem.field === '<nil>' ? '<nil>' : `status.${problem.field}`,
  }))
}

/** Adds the problems of a value and of everything below it, as go-openapi alone sees them. */
const check = (checked: Checked, problems: Problem[]): void => {
  const { value, before, schema, path } = checked
  if (before !== undefined && isEqual(value, before)) return
  if (value === null && isNullAllowed(schema)) return
  checkType(value, schema, path, problems)
  if (schema.enum && !schema.enum.some((one) => isEqual(one, value)))
    problems.push(notSupported(path, value, schema.enum.map(asText)))
  if (typeof value === 'string') checkString(value, schema, path, problems)
  else if (typeof value === 'number') checkNumber(value, schema, path, problems)
  else if (Array.isArray(value)) checkList(checked, value, problems)
  else if (isObject(value)) checkObject(checked, value, problems)
  problems.push(...junctorProblems(checked, problemsOf))
}

const problemsOf = (checked: Checked): Problem[] => {
  const problems: Problem[] = []
  check(checked, problems)
  return problems
}

const isNullAllowed = (schema: Schema): boolean =>
  schema.nullable === true || (schema.type === undefined && !schema['x-kubernetes-int-or-string'])

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** The name of a value's type as the real server prints it. */
export const typeName = (value: Json): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return isInt64(value) ? 'integer' : 'number'
  return typeof value
}

/** The format of a value's type: only numbers have one. */
const formatName = (value: Json): string =>
  typeof value === 'number' ? (isInt64(value) ? 'int64' : 'float64') : ''

const checkType = (value: Json, schema: Schema, path: string, problems: Problem[]): void => {
  const name = typeName(value)
  const type = schema['x-kubernetes-int-or-string'] ? 'integer,string' : schema.type
  if (type === undefined || type === name || (type === 'number' && name === 'integer')) return
  if (type === 'integer,string' && (name === 'integer' || name === 'string')) return
  // Formats that are not known are as good as none.
  const format = isKnownFormat(schema.type, schema.format ?? '') ? (schema.format ?? '') : ''
  if (format !== '' && (typeof value === 'string' || Array.isArray(value))) {
    // Texts with a format are left to that, and so are lists in their place.
    if (type !== 'number' && type !== 'integer') return
  } else if (format !== '' && value !== null) {
    const given = formatName(value)
    problems.push(typeInvalid(path, given, `${path} in body must be of type ${format}: "${given}"`))
    return
  }
  problems.push(typeInvalid(path, name, `${path} in body must be of type ${type}: "${name}"`))
}

const checkString = (value: string, schema: Schema, path: string, problems: Problem[]): void => {
  const { maxLength, minLength, pattern, format } = schema
  const length = maxLength === undefined && minLength === undefined ? 0 : [...value].length
  // Of length and pattern only the first that fails is told.
  if (maxLength !== undefined && length > maxLength) problems.push(tooLong(path, maxLength))
  else if (minLength !== undefined && length < minLength)
    problems.push(invalid(path, value, `${path} in body should be at least ${minLength} chars long`))
  else if (pattern !== undefined && !toRegExp(pattern).test(value))
    problems.push(invalid(path, value, `${path} in body should match '${pattern}'`))
  if (format !== undefined && !formatMatches(format, value))
    problems.push(
      typeInvalid(path, value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`),
    )
}

const checkNumber = (value: number, schema: Schema, path: string, problems: Problem[]): void => {
  // A whole number is compared with whole numbers: what stands behind their point is cut off.
  const bound = (given: number | undefined): number | undefined =>
    given === undefined || !isInt64(value) ? given : Math.trunc(given)
  const [minimum, maximum, multipleOf] = [schema.minimum, schema.maximum, schema.multipleOf].map(bound)
  const range = rangeProblem(value, schema, path)
  if (range) problems.push(range)
  const say = (text: string): number =>
    problems.push(invalid(path, value, `${path} in body should be ${text}`))
  if (multipleOf !== undefined && multipleOf <= 0)
    problems.push(invalid(path, 0, `factor MultipleOf declared for ${path} must be positive: ${multipleOf}`))
  else if (multipleOf !== undefined && !Number.isSafeInteger(value / multipleOf))
    say(`a multiple of ${multipleOf}`)
  if (maximum !== undefined && schema.exclusiveMaximum && value >= maximum) say(`less than ${maximum}`)
  else if (maximum !== undefined && value > maximum) say(`less than or equal to ${maximum}`)
  if (minimum !== undefined && schema.exclusiveMinimum && value <= minimum) say(`greater than ${minimum}`)
  else if (minimum !== undefined && value < minimum) say(`greater than or equal to ${minimum}`)
}

const ranges: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['int32', [-2147483648, 2147483647]],
  ['uint32', [0, 4294967295]],
  ['float', [-3.4028234663852886e38, 3.4028234663852886e38]],
])

const rangeProblem = (value: number, schema: Schema, path: string): Problem | undefined => {
  if (schema.type !== 'integer' && schema.type !== 'number') return undefined
  const format = schema.format ?? ''
  const [low, high] = ranges.get(format) ?? [-Infinity, Infinity]
  const fits = value >= low && value <= high && (schema.type === 'number' || isInt64(value))
  if (fits) return undefined
  const named = format === '' ? '(default format)' : `with format ${format}`
  return invalid('<nil>', '', `Checked value must be of type ${schema.type} ${named} in ${path}`)
}

const checkList = (checked: Checked, list: Json[], problems: Problem[]): void => {
  const { schema, path } = checked
  const { minItems, maxItems, items } = schema
  if (minItems !== undefined && list.length < minItems)
    problems.push(invalid(path, list.length, `${path} in body should have at least ${minItems} items`))
  if (maxItems !== undefined && list.length > maxItems) problems.push(tooMany(path, list.length, maxItems))
  if (schema.uniqueItems && hasDuplicates(list))
    problems.push(invalid(path, list, `${path} in body shouldn't contain duplicates`))
  if (!items) return
  const counterpart = correlated(checked)
  for (const [index, value] of list.entries())
    check({ value, before: counterpart(value), schema: items, path: `${path}[${index}]` }, problems)
}

const hasDuplicates = (list: Json[]): boolean =>
  list.some((item, index) => list.slice(0, index).some((other) => isEqual(item, other)))

/**
 * Finds what an item of a list was before: only keyed lists tell. Answers undefined for items of other lists.
 */
export const correlated = ({
  before,
  schema,
}: Pick<Checked, 'before' | 'schema'>): ((item: Json) => Json | undefined) => {
  const keys = schema['x-kubernetes-list-map-keys']
  if (!Array.isArray(before) || schema['x-kubernetes-list-type'] !== 'map' || !keys) return () => undefined
  // By their keys, which are scalars: looking through the list for each item takes the square of its length.
  const old = new Map<string, Json>()
  for (const other of before) {
    const key = keyText(other, keys)
    if (!old.has(key)) old.set(key, other)
  }
  return (item) => (isObject(item) ? old.get(keyText(item, keys)) : undefined)
}

const keyText = (item: Json, keys: readonly string[]): string =>
  isObject(item) ? JSON.stringify(keys.map((key) => formerly(item, key) ?? null)) : ''

const checkObject = (checked: Checked, object: JsonObject, problems: Problem[]): void => {
  const { before, schema, path } = checked
  const names = Object.keys(object)
  if (schema.minProperties !== undefined && names.length < schema.minProperties)
    problems.push(
      invalid(path, names.length, `${path} in body should have at least ${schema.minProperties} properties`),
    )
  if (schema.maxProperties !== undefined && names.length > schema.maxProperties)
    problems.push(tooMany(path, names.length, schema.maxProperties))
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(object, name)) problems.push(required(below(path, name)))
  for (const name of names) {
    const member = schemaOf(schema, name)
    if (member === undefined) continue
    const old = formerly(before, name)
    check({ value: object[name] ?? null, before: old, schema: member, path: below(path, name) }, problems)
  }
}

const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)
