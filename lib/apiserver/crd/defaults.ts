/** Defaults of a schema: each must be what the schema itself accepts, with nothing in it that would be pruned. */

import type { Json, JsonObject, Problem, Schema } from '../resource.ts'
import { embeddedProblems } from '../schema/embedded.ts'
import { rulesOf } from '../schema/cel.ts'
import { isEqual, isObject } from '../schema/equal.ts'
import { invalid } from '../schema/problem.ts'
import { prune } from '../schema/prune.ts'
import { validateSchema } from '../schema/validate.ts'
import { ruleProblems } from './rules.ts'
import { itemsOf } from './structural.ts'

/** The problems of all defaults of the structural schema of a version, which stands at `path`. */
export const defaultsProblems = (schema: Schema, path: string): Problem[] =>
  look({ ...schema, 'x-kubernetes-embedded-resource': true }, path, [])

const META = ['metadata', 'kind', 'apiVersion']

/** `within` leads to the schema from its resource, when that part of it is the same for all resources. */
const look = (schema: Schema, path: string, within: readonly string[]): Problem[] => {
  const isResource = schema['x-kubernetes-embedded-resource'] === true
  const items = itemsOf(schema)
  return [
    ...ownProblems(schema, `${path}.default`, isResource ? [] : within),
    ...(items ? look(items, `${path}.items`, []) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, below]) => {
      const isMeta = isResource ? META.includes(name) : within.length > 0
      return look(below, `${path}.properties[${name}]`, isMeta ? [...within, name] : [])
    }),
  ]
}

const ownProblems = (schema: Schema, field: string, within: readonly string[]): Problem[] => {
  const given = schema.default
  if (given === undefined || (given === null && schema.nullable)) return []
  if (within.length > 0) {
    const problems = embeddedProblems(
      resourceWith(given, within),
      { 'x-kubernetes-embedded-resource': true },
      '',
    )
    if (problems.length > 0) {
      const texts = problems.map((problem) => `${problem.field.replace(/^\./, '')}: ${problem.message}`)
      const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
      return [invalid(field, given, `must result in valid metadata: ${text}`)]
    }
    return valueProblems(schema, given, field)
  }
  const embedded = embeddedProblems(given, schema, field)
  return [
    ...unknownProblems(schema, given, field),
    ...(embedded.length > 0 ? embedded : valueProblems(schema, given, field)),
  ]
}

/** A resource that has nothing but the default. */
const resourceWith = (given: Json, within: readonly string[]): JsonObject => {
  const placed = within.reduceRight<Json>((value, name) => ({ [name]: value }), given)
  return { apiVersion: 'validation/v1', kind: 'Validation', ...(isObject(placed) ? placed : {}) }
}

const unknownProblems = (schema: Schema, given: Json, field: string): Problem[] => {
  if (!isObject(given)) return []
  const pruned = structuredClone(given)
  prune(pruned, schema)
  return isEqual(pruned, given) ? [] : [invalid(field, given, 'must not have unknown fields')]
}

const valueProblems = (schema: Schema, given: Json, field: string): Problem[] => {
  const problems = validateSchema(given, undefined, schema).map((problem) => ({
    ...problem,
    field: problem.field === '' ? field : problem.field === '<nil>' ? '<nil>' : `${field}.${problem.field}`,
  }))
  return problems.length > 0 || ruleProblems(schema, '').length > 0
    ? problems
    : brokenRules(schema, given, field)
}

/** Rules are for the members of objects: here the object has the default alone. */
const brokenRules = (schema: Schema, given: Json, field: string): Problem[] => {
  const check = rulesOf({ type: 'object', properties: { value: schema } })
  return (check?.({ value: given }, undefined) ?? []).map((problem) => ({
    ...problem,
    field: problem.field.replace(/^value/, field),
  }))
}
