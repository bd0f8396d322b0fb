/**
 * The schema of a version of a CRD, in the order in which the real server looks at it: structure, defaults, keywords, and
 * when all that is right, its rules.
 */

import type { JsonObject, Problem, Schema } from '../resource.ts'
import { forbidden, invalidPrinted } from '../schema/problem.ts'
import { costProblems } from './cost.ts'
import { defaultsProblems } from './defaults.ts'
import { printSchema } from './internal.ts'
import { isReadable, openApiProblems } from './openapi.ts'
import { ruleProblems } from './rules.ts'
import { structuralProblems } from './structural.ts'

/** The problems of a schema at `path`; `hasStatus`: some version has the status subresource. */
export const schemaProblems = (schema: Schema, path: string, hasStatus: boolean): Problem[] => {
  const problems = [
    ...(hasStatus ? statusProblems(schema, path) : []),
    ...(schema.nullable ? [forbidden(`${path}.nullable`, 'nullable cannot be true at the root')] : []),
  ]
  const structural = isReadable(schema) ? structuralProblems(schema, path) : []
  problems.push(...structural, ...openApiProblems(schema, path))
  if (isReadable(schema) && structural.length === 0) problems.push(...defaultsProblems(schema, path))
  if (problems.length > 0) return problems
  return [...ruleProblems(schema, path), ...costProblems(schema, path)]
}

/** Go field -> JSON field: what may stand at the root of a schema whose status is validated on its own. */
const ROOT: Readonly<Record<string, string>> = {
  Description: 'description',
  Type: 'type',
  Format: 'format',
  Title: 'title',
  Maximum: 'maximum',
  ExclusiveMaximum: 'exclusiveMaximum',
  Minimum: 'minimum',
  ExclusiveMinimum: 'exclusiveMinimum',
  MaxLength: 'maxLength',
  MinLength: 'minLength',
  Pattern: 'pattern',
  MaxItems: 'maxItems',
  MinItems: 'minItems',
  UniqueItems: 'uniqueItems',
  MultipleOf: 'multipleOf',
  Required: 'required',
  Items: 'items',
  Properties: 'properties',
  ExternalDocs: 'externalDocs',
  Example: 'example',
  XPreserveUnknownFields: 'x-kubernetes-preserve-unknown-fields',
  XValidations: 'x-kubernetes-validations',
}

const statusProblems = (schema: Schema, path: string): Problem[] => {
  const allowed = Object.values(ROOT)
  if (Object.keys(schema).every((name) => allowed.includes(name))) return []
  const text = `only [${Object.keys(ROOT).join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`
  const given: JsonObject = { ...schema } as JsonObject
  return [invalidPrinted(path, JSON.stringify(printSchema(given)), text)]
}
