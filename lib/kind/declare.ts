/**
 * A definition made whole: defaults filled, schemas turned into structural ones, everything checked that the API server
 * would check. Problems are collected; `defineKind` throws them.
 */
import type * as z from 'zod'
import { checkSchema } from './check.ts'
import { conditions } from './condition.ts'
import {
  checkNames,
  checkVersion,
  type Definition,
  type Problem,
  type VersionDefinition,
} from './declaration.ts'
import { shown } from './names.ts'
import { toSchema } from './schema.ts'
import { isSame } from '../json.ts'
import { REFUSED, type Schema } from './structure.ts'

/** A version as it is declared, with the structural schema of the whole object. */
export interface DeclaredVersion extends VersionDefinition {
  readonly name: string
  readonly storage: boolean
  readonly served: boolean
  readonly schema: Schema
}

/** Everything that a CustomResourceDefinition and an admission function need to know. */
export interface Declaration {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly scope: 'Namespaced' | 'Cluster'
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly versions: readonly DeclaredVersion[]
}

/** The declaration that a definition stands for; meaningless where problems were found. */
export function declarationOf(definition: Definition, problem: Problem): Declaration {
  const { group, kind, scope } = definition
  const plural = definition.plural ?? pluralOf(kind.toLowerCase())
  checkNames(definition, plural, problem)
  const entries = Object.entries(definition.versions)
  return {
    group,
    kind,
    plural,
    singular: definition.singular ?? kind.toLowerCase(),
    scope,
    shortNames: definition.shortNames ?? [],
    categories: definition.categories ?? [],
    versions: entries.map(([name, version]) => ({
      ...version,
      name,
      storage: version.storage ?? entries.length === 1,
      served: version.served ?? true,
      schema: schemaOf(version, (text) => problem(`${name} ${text}`)),
    })),
  }
}

function schemaOf(version: VersionDefinition, problem: Problem): Schema {
  for (const field of ['spec', 'status'] as const)
    if (!(version[field] as Partial<z.ZodType> | undefined)?._zod && (field === 'spec' || version[field])) {
      problem(`${field} must be a zod 4 schema, got ${shown(version[field])}`)
      return REFUSED
    }
  const problems: string[] = []
  const refuse = (path: string, text: string) => problems.push(path === '' ? text : `${path}: ${text}`)
  const spec = toSchema(version.spec, 'spec', refuse)
  const status = version.status && statusOf(version.status, refuse)
  const schema: Schema = {
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec,
      ...(status && { status }),
    },
    ...(version.spec._zod.optin === undefined && { required: ['spec'] }),
    ...(version.rules && { 'x-kubernetes-validations': version.rules }),
  }
  if (problems.length === 0) {
    if (spec.type !== 'object') refuse('spec', 'must be an object')
    checkSchema(schema, '', (path, text) => refuse(path.replace(/^\./, ''), text))
    checkVersion(version, schema, problem)
  }
  for (const text of problems) problem(text)
  return schema
}

/** The status, none of its fields required: the framework writes conditions before the author writes anything. */
function statusOf(status: z.ZodObject, refuse: (path: string, text: string) => void): Schema {
  const schema = toSchema(status, 'status', refuse)
  const { required: _required, ...rest } = schema
  const own = Object.entries(conditions).map(
    ([name, field]) => [name, toSchema(field, `status.${name}`, refuse)] as const,
  )
  for (const [name, field] of own) {
    const other = schema.properties?.[name]
    if (other !== undefined && !isSame(other, field))
      refuse(`status.${name}`, 'is kept by the framework: leave it out, or spread `...conditions`')
  }
  return { ...rest, properties: { ...schema.properties, ...Object.fromEntries(own) } }
}

function pluralOf(singular: string): string {
  if (/(s|x|z|ch|sh)$/.test(singular)) return `${singular}es`
  if (/[^aeiou]y$/.test(singular)) return `${singular.slice(0, -1)}ies`
  return `${singular}s`
}
