/**
 * What a schema says about ownership: which values are one field (scalars, atomic lists and maps), which are many (structs,
 * maps, sets, keyed lists), and by which step an item of a list is known. The rules are those by which Kubernetes turns
 * OpenAPI into merge types (k8s.io/kube-openapi/pkg/schemaconv).
 */
import type { Json, JsonObject, ResourceType, Schema } from '../resource.ts'
import { isObject, member } from './json.ts'
import { keyStep, valueStep } from './step.ts'

/** What tracking and merging need to know of a type. */
export type MergedType = Pick<
  ResourceType,
  'group' | 'version' | 'kind' | 'schema' | 'custom' | 'hasStatus' | 'outOfReach'
> &
  Partial<Pick<ResourceType, 'statusKeeps'>>

/** Anything goes: objects are merged member by member, lists and scalars are one field each. */
export const ANYTHING: Schema = {}

const TEXTS: Schema = { type: 'object', additionalProperties: { type: 'string' } }

const TIME: Schema = { type: 'string', format: 'date-time' }

const TEXT: Schema = { type: 'string' }

const OWNER: Schema = {
  type: 'object',
  'x-kubernetes-map-type': 'atomic',
  properties: {
    apiVersion: TEXT,
    kind: TEXT,
    name: TEXT,
    uid: { type: 'string', default: '' },
    controller: { type: 'boolean' },
    blockOwnerDeletion: { type: 'boolean' },
  },
}

/** metav1.ObjectMeta, which every object has whatever its schema says. */
export const METADATA: Schema = {
  type: 'object',
  properties: {
    name: TEXT,
    generateName: TEXT,
    namespace: TEXT,
    selfLink: TEXT,
    uid: TEXT,
    resourceVersion: TEXT,
    generation: { type: 'integer' },
    creationTimestamp: TIME,
    deletionTimestamp: TIME,
    deletionGracePeriodSeconds: { type: 'integer' },
    labels: TEXTS,
    annotations: TEXTS,
    ownerReferences: {
      type: 'array',
      items: OWNER,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'uid',
    },
    finalizers: {
      type: 'array',
      items: TEXT,
      'x-kubernetes-list-type': 'set',
      'x-kubernetes-patch-strategy': 'merge',
    },
    managedFields: { type: 'array', items: ANYTHING },
  },
}

/** The schema of a whole object of this type. */
export const objectSchema = (type: Pick<ResourceType, 'schema'>): Schema => withMetadata(type.schema)

const withMetadata = (schema: Schema): Schema => ({
  ...schema,
  type: 'object',
  properties: { ...schema.properties, apiVersion: TEXT, kind: TEXT, metadata: METADATA },
})

/** Struct and map members: the schema of one, or undefined where it may not be. */
export function memberSchema(schema: Schema, name: string): Schema | undefined {
  if (isDeclared(schema, name)) return nested(schema.properties?.[name] as Schema)
  const { additionalProperties: others } = schema
  if (others === true) return ANYTHING
  if (others === false) return undefined
  if (others !== undefined) return nested(others)
  const isFree = schema['x-kubernetes-preserve-unknown-fields'] === true || schema.properties === undefined
  return isFree ? ANYTHING : undefined
}

const nested = (schema: Schema): Schema =>
  schema['x-kubernetes-embedded-resource'] === true ? withMetadata(schema) : schema

/** A field of a struct, as opposed to a key of a map. */
export const isDeclared = (schema: Schema, name: string): boolean =>
  schema.properties !== undefined && Object.hasOwn(schema.properties, name)

export const itemSchema = (schema: Schema): Schema => schema.items ?? ANYTHING

export type Kind = 'scalar' | 'list' | 'map'

/** How a value is to be treated: by the schema's type, or, where that leaves it open, by the value's own. */
export function kindOf(schema: Schema, value: Json | undefined): Kind {
  switch (schema.type) {
    case 'object':
      return 'map'
    case 'array':
      return 'list'
    case undefined:
      if (Array.isArray(value)) return 'list'
      // Null and absent take whatever form the other side has; a map does where there is none.
      return value === undefined || value === null || typeof value === 'object' ? 'map' : 'scalar'
    default:
      return 'scalar'
  }
}

export const isAtomicMap = (schema: Schema): boolean => schema['x-kubernetes-map-type'] === 'atomic'

/** `atomic`, a `set` of scalars, or the names of the keys of a keyed list. */
export type ListKind = 'atomic' | 'set' | readonly string[]

export function listKind(schema: Schema): ListKind {
  switch (schema['x-kubernetes-list-type']) {
    case 'map':
      return schema['x-kubernetes-list-map-keys'] ?? 'atomic'
    case 'set':
      return 'set'
    case 'atomic':
      return 'atomic'
    default: {
      // Fields of built-in kinds that are older than list types have strategic-merge tags only.
      const strategy = schema['x-kubernetes-patch-strategy']
      if (strategy !== 'merge' && strategy !== 'merge,retainKeys') return 'atomic'
      const key = schema['x-kubernetes-patch-merge-key']
      return key === undefined ? 'set' : [key]
    }
  }
}

/** The step of a list's item, or why it has none. */
export type ItemStep = { readonly step: string } | { readonly problem: string }

export function itemStep(schema: Schema, kind: ListKind, item: Json): ItemStep {
  if (Array.isArray(kind)) return keyedStep(schema, kind, item)
  if (isObject(item)) return { problem: "associative list without keys has an element that's a map type" }
  if (Array.isArray(item)) return { problem: 'not supported: associative list with lists as elements' }
  if (item === null)
    return { problem: "associative list without keys has an element that's an explicit null" }
  return { step: valueStep(item) }
}

function keyedStep(schema: Schema, names: readonly string[], item: Json): ItemStep {
  if (item === null) return { problem: 'associative list with keys may not have a null element' }
  if (!isObject(item)) return { problem: 'associative list with keys may not have non-map elements' }
  const keys: [string, Json][] = []
  for (const name of names) {
    const value = member(item, name) ?? defaultKey(schema, name)
    if (value !== undefined) keys.push([name, value])
  }
  if (keys.length > 0) return { step: keyStep(keys) }
  const listed = names.map((name) => JSON.stringify(name)).join(' ')
  return {
    problem: `associative list with keys has an element that omits all key fields [${listed}] (and doesn't have default values for any key fields)`,
  }
}

/** A key that an item leaves out: the schema's default, or what a built-in kind always writes there. */
function defaultKey(list: Schema, name: string): Json | undefined {
  const key = list.items?.properties?.[name]
  return key?.default ?? key?.['x-go-zero']
}

/**
 * What a new object of a built-in kind looks like before anything is set: the structs and lists that its Go type always
 * writes. They are there before a create, so a create does not own their existence, only what it puts into them.
 */
export function blank(schema: Schema): JsonObject {
  const object: JsonObject = {}
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const zero = field['x-go-zero']
    if (zero === undefined) continue
    const isStruct = field.type === 'object' && field.properties !== undefined && zero !== null
    object[name] = isStruct && !isAtomicMap(field) ? blank(field) : zero
  }
  return object
}
