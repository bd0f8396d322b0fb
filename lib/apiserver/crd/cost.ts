/**
 * Rules that would cost too much. The real server estimates the cost of every rule from the sizes that values may have;
 * here only loops are counted, from below: what is refused here would be refused there, by a factor of more than 100.
 */

import type { Problem, Schema } from '../resource.ts'
import { declared } from '../schema/declared.ts'
import { forbidden } from '../schema/problem.ts'

/** The largest body that the real server takes, in bytes. */
const maxBytes = 3 * 1024 * 1024

/** 100 times what all rules of a schema may cost together (apiextensions, StaticEstimatedCRDCostLimit). */
const farTooMuch = 100 * 100_000_000

const advice =
  'by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'

/** The problems of all rules of a schema whose cost is beyond any doubt. */
export const costProblems = (schema: Schema, path: string): Problem[] => {
  const problems: Problem[] = []
  visit(schema, path, 1, problems)
  if (problems.length === 0) return []
  const total = `x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget ${advice}`
  return [...problems, forbidden(path, total)]
}

/** `times`: how often a value of this schema may occur in one object. */
const visit = (schema: Schema, path: string, times: number, problems: Problem[]): void => {
  for (const [index, { rule }] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    if (times * loopsOf(rule ?? '', schema) <= farTooMuch) continue
    const field = `${path}.x-kubernetes-validations[${index}].rule`
    problems.push(forbidden(field, `estimated rule cost exceeds budget ${advice}`))
    problems.push(
      forbidden(
        field,
        'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      ),
    )
  }
  for (const [name, below] of Object.entries(schema.properties ?? {}))
    visit(below, `${path}.properties[${name}]`, times, problems)
  if (schema.items) visit(schema.items, `${path}.items`, times * sizeOf(schema), problems)
  if (typeof schema.additionalProperties === 'object')
    visit(schema.additionalProperties, `${path}.additionalProperties`, times * sizeOf(schema), problems)
}

/** How many members a list or map may have; 1 for everything else. */
const sizeOf = (schema: Schema): number => {
  if (schema.type === 'array')
    return schema.maxItems ?? Math.floor(maxBytes / (bytesOf(schema.items ?? {}) + 1))
  if (typeof schema.additionalProperties !== 'object') return 1
  return schema.maxProperties ?? Math.floor(maxBytes / (bytesOf(schema.additionalProperties) + '"":,'.length))
}

/** How few bytes a value may take as JSON. */
const bytesOf = (schema: Schema): number => {
  if (schema.type === 'boolean') return 'true'.length
  if (schema.type !== 'object') return schema.type === 'string' || schema.type === 'array' ? 2 : 1
  const required = schema.required ?? []
  return required.reduce(
    (total, name) => total + name.length + '"":,'.length + bytesOf(declared(schema, name) ?? {}),
    2,
  )
}

// From the beginning of a word only: a long one would else be looked through from each of its characters.
const loop = /(?<![\w.])([A-Za-z_][\w.]*)\.(?:all|exists|exists_one|map|filter)\(|[()]/g

/** How often the innermost loop of a rule may run. Loops over what is no field of `self` count once. */
const loopsOf = (rule: string, schema: Schema): number => {
  const sizes: number[] = []
  let most = 1
  for (const [text, iterated] of rule.matchAll(loop)) {
    if (text === ')') sizes.pop()
    else sizes.push(iterated === undefined ? 1 : sizeOf(schemaAt(schema, iterated)))
    most = Math.max(
      most,
      sizes.reduce((product, size) => product * size, 1),
    )
  }
  return most
}

const schemaAt = (schema: Schema, path: string): Schema => {
  const [first, ...names] = path.split('.')
  if (first !== 'self') return {}
  return names.reduce<Schema>((found, name) => declared(found, name) ?? {}, schema)
}
