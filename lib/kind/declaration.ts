/**
 * What an author declares of a custom kind, and the checks of everything in it that is not a schema: names, versions,
 * columns, scale, selectable fields. Problems are collected, never thrown here.
 */
import type * as z from 'zod'
import { isLabel, isLetterLabel, isSubdomain, shown } from './names.ts'
import type { Rule, Schema } from './structure.ts'

/** A column of `kubectl get`. */
export interface Column {
  readonly name: string
  /** `.status.readyReplicas`, `.status.conditions[?(@.type=="Ready")].status` */
  readonly path: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format?: 'int32' | 'int64' | 'float' | 'double' | 'byte' | 'date' | 'date-time' | 'password'
  readonly description?: string
  /** Above 0: shown only with `-o wide`. */
  readonly priority?: number
}

/** The scale subresource: where `kubectl scale` and autoscalers read and write. */
export interface Scale {
  /** `.spec.replicas` */
  readonly spec: string
  /** `.status.replicas` */
  readonly status: string
  /** A label selector of the pods, as text: `.status.selector`. Autoscalers need it. */
  readonly selector?: string
}

/** One version of a kind. */
export interface VersionDefinition {
  /** Objects are stored in this version. Exactly one; where there is only one version it is that. */
  readonly storage?: boolean
  /** Default true. */
  readonly served?: boolean
  /** True, or the warning that clients get. */
  readonly deprecated?: boolean | string
  readonly spec: z.ZodType<object>
  /**
   * Makes the status subresource. All its top-level fields are optional: a status grows. `observedGeneration` and
   * `conditions` are added.
   */
  readonly status?: z.ZodObject
  readonly columns?: readonly Column[]
  readonly scale?: Scale
  /** Fields that `kubectl get --field-selector` takes: `.spec.image`. At most 8, scalars. */
  readonly selectableFields?: readonly string[]
  /** CEL rules over the whole object. */
  readonly rules?: readonly Rule[]
}

/** A custom kind as an author declares it. */
export interface KindDefinition<V extends Readonly<Record<string, VersionDefinition>>> {
  /** A domain that you own: `apps.example.com`. */
  readonly group: string
  /** UpperCamelCase, singular. */
  readonly kind: string
  /** Default: the kind in lower case, in the plural. */
  readonly plural?: string
  /** Default: the kind in lower case. */
  readonly singular?: string
  readonly scope: 'Namespaced' | 'Cluster'
  readonly shortNames?: readonly string[]
  /** `kubectl get <category>` lists the kind with others: `all`. */
  readonly categories?: readonly string[]
  readonly versions: V
}

export type Definition = KindDefinition<Readonly<Record<string, VersionDefinition>>>
export type Problem = (text: string) => void

const DEFINITION_FIELDS = [
  'group',
  'kind',
  'plural',
  'singular',
  'scope',
  'shortNames',
  'categories',
  'versions',
]
const VERSION_FIELDS = [
  'storage',
  'served',
  'deprecated',
  'spec',
  'status',
  'columns',
  'scale',
  'selectableFields',
  'rules',
]

/** Checks names, scope and the set of versions. */
export function checkNames(definition: Definition, plural: string, problem: Problem): void {
  const { group, kind, scope, versions } = definition
  const singular = definition.singular ?? kind.toLowerCase()
  for (const field of Object.keys(definition))
    if (!DEFINITION_FIELDS.includes(field))
      problem(`${field} is no field of a kind: use ${DEFINITION_FIELDS.join(', ')}`)
  if (!isSubdomain(group) || !group.includes('.'))
    problem(`group must be a domain with a dot (apps.example.com), got ${shown(group)}`)
  else if (/(^|\.)(k8s|kubernetes)\.io$/.test(group))
    problem(`group must not be under k8s.io or kubernetes.io, which need an approval, got ${shown(group)}`)
  if (!/^[A-Z][A-Za-z0-9]{0,62}$/.test(kind))
    problem(`kind must be UpperCamelCase, 63 at most, got ${shown(kind)}`)
  if (scope !== 'Namespaced' && scope !== 'Cluster')
    problem(`scope must be "Namespaced" or "Cluster", got ${shown(scope)}`)
  const names = {
    plural: [plural],
    singular: [singular],
    shortNames: definition.shortNames ?? [],
    categories: definition.categories ?? [],
  }
  for (const [field, values] of Object.entries(names))
    for (const value of values)
      if (!isLetterLabel(value)) problem(`${field} must be RFC 1035 labels, lower case, got ${shown(value)}`)
  checkVersions(versions, problem)
}

function checkVersions(versions: Definition['versions'], problem: Problem): void {
  const entries = Object.entries(versions)
  const storing = entries.filter(([, version]) => version.storage === true)
  if (entries.length === 0) problem('versions must name at least one version')
  else if (storing.length !== 1 && !(entries.length === 1 && entries[0]?.[1].storage === undefined))
    problem(`exactly one version must have storage: true, got ${shown(storing.map(([name]) => name))}`)
  if (entries.length > 0 && entries.every(([, version]) => version.served === false))
    problem('at least one version must be served')
  for (const [name, version] of entries) {
    if (!isLabel(name) || !isLetterLabel(name))
      problem(`version names must be RFC 1035 labels (v1, v1beta1), got ${shown(name)}`)
    for (const field of Object.keys(version))
      if (!VERSION_FIELDS.includes(field))
        problem(`${name} ${field} is no field of a version: use ${VERSION_FIELDS.join(', ')}`)
    if (
      typeof version.deprecated === 'string' &&
      (version.deprecated === '' || version.deprecated.length > 256)
    )
      problem(
        `${name} deprecated must be true or a warning of 1 to 256 characters, got ${shown(version.deprecated)}`,
      )
  }
}

const COLUMN_TYPES = ['string', 'integer', 'number', 'boolean', 'date']
const COLUMN_FORMATS = ['int32', 'int64', 'float', 'double', 'byte', 'date', 'date-time', 'password']

/** Checks what stands beside the schema of a version, against that schema. */
export function checkVersion(version: VersionDefinition, schema: Schema, problem: Problem): void {
  for (const [index, column] of (version.columns ?? []).entries())
    checkColumn(column, schema, (text) => problem(`columns[${index}] ${text}`))
  if (version.scale) checkScale(version.scale, schema, (text) => problem(`scale.${text}`))
  const fields = version.selectableFields ?? []
  if (fields.length > 8) problem(`selectableFields must be 8 at most, got ${fields.length}`)
  if (new Set(fields).size < fields.length)
    problem(`selectableFields must be different, got ${shown(fields)}`)
  for (const path of fields) {
    const type = fieldAt(path, schema)?.type
    if (path.startsWith('.metadata') || !['string', 'boolean', 'integer'].includes(type ?? ''))
      problem(
        `selectableFields must lead to a string, boolean or integer of spec or status, got ${shown(path)}`,
      )
  }
}

function checkColumn(column: Column, schema: Schema, problem: Problem): void {
  if (typeof column.name !== 'string' || column.name === '')
    problem(`name must not be empty, got ${shown(column.name)}`)
  if (!COLUMN_TYPES.includes(column.type))
    problem(`type must be one of ${COLUMN_TYPES.join(', ')}, got ${shown(column.type)}`)
  if (column.format !== undefined && !COLUMN_FORMATS.includes(column.format))
    problem(`format must be one of ${COLUMN_FORMATS.join(', ')}, got ${shown(column.format)}`)
  if (column.priority !== undefined && !(Number.isInteger(column.priority) && column.priority >= 0))
    problem(`priority must be an integer >= 0, got ${shown(column.priority)}`)
  // Past a bracket it is a query, which only the server can judge.
  const plain = String(column.path).split('[')[0] ?? ''
  if (!/^(\.[^.[\]{}]+)+(\[|$)/.test(String(column.path)))
    problem(`path must be a JSON path that starts with a dot, got ${shown(column.path)}`)
  else if (!plain.startsWith('.metadata') && fieldAt(plain, schema) === undefined)
    problem(`path must lead to a field of the object, got ${shown(column.path)}`)
}

function checkScale(scale: Scale, schema: Schema, problem: Problem): void {
  const under = (path: unknown, root: string, types: readonly string[]): boolean =>
    typeof path === 'string' && path.startsWith(root) && types.includes(fieldAt(path, schema)?.type ?? '')
  if (!under(scale.spec, '.spec.', ['integer']))
    problem(`spec must lead to an integer under .spec, got ${shown(scale.spec)}`)
  if (!under(scale.status, '.status.', ['integer']))
    problem(`status must lead to an integer under .status, got ${shown(scale.status)}`)
  const { selector } = scale
  if (
    selector !== undefined &&
    !under(selector, '.spec.', ['string']) &&
    !under(selector, '.status.', ['string'])
  )
    problem(`selector must lead to a string under .spec or .status, got ${shown(selector)}`)
}

/** The schema at a plain path (`.spec.image`); undefined where there is no such field. */
function fieldAt(path: string, schema: Schema): Schema | undefined {
  if (!/^(\.[^.[\]]+)+$/.test(path)) return undefined
  return path
    .slice(1)
    .split('.')
    .reduce<Schema | undefined>((at, name) => {
      if (at?.['x-kubernetes-preserve-unknown-fields'] && !at.properties?.[name]) return at
      return at?.properties?.[name] ?? at?.additionalProperties
    }, schema)
}
