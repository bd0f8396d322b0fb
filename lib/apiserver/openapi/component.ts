/**
 * The schemas of built-in kinds as OpenAPI components: each Go struct is one, under its name, and whoever has a field of it
 * refers to it. What is written of a field is what the real server's generator writes: the type, whether it is required,
 * how lists are merged, and the zero value as default where the field is always sent.
 */
import type { Json, JsonObject, Schema } from '../resource.ts'
import { LIST_METADATA_TEXT, METADATA_TEXT, TYPE_TEXTS, textsOf } from './texts.ts'

/** Where components are collected, and in which of the two forms. */
export interface Components {
  readonly version: 2 | 3
  readonly found: Map<string, JsonObject>
  /** The component of a kind or of a type of apimachinery, by its name. */
  readonly known: (name: string) => Component | undefined
}

/** A type to be written: the schema of one of Go, or whatever writes it. */
export type Component = Struct | { readonly body: (components: Components) => JsonObject }

interface Struct {
  readonly schema: Schema
  /** Kinds say which they are. */
  readonly kinds?: readonly JsonObject[]
  readonly body?: undefined
}

export const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

const SCALARS: Readonly<Record<string, string>> = {
  'date-time': `${META}.Time`,
  'micro-time': `${META}.MicroTime`,
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  'int-or-string': 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
}

/** A `$ref` to a component of that name, which is added with all that it refers to. */
export function referTo(components: Components, name: string): JsonObject {
  add(components, name, components.known(name))
  return { $ref: `${components.version === 2 ? '#/definitions/' : '#/components/schemas/'}${name}` }
}

function add(components: Components, name: string, given: Component | undefined): void {
  if (components.found.has(name) || given === undefined) return
  // Before what is below: types may hold themselves.
  components.found.set(name, {})
  const made = given.body === undefined ? bodyOf(components, name, given) : given.body(components)
  components.found.set(name, made)
}

/** Types below are of the package of the type that holds them, unless they say otherwise. */
const homeOf = (name: string): string => name.slice(0, name.lastIndexOf('.'))

function bodyOf(components: Components, name: string, { schema, kinds }: Struct): JsonObject {
  const fields = Object.entries(schema.properties ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))
  const required = Object.entries(schema.properties ?? {}).filter(([, one]) => isRequired(one))
  const texts = textsOf(name)
  const description = texts['']
  const properties = fields.map(([field, one]) => [
    field,
    propertyOf(components, one, texts[field] ?? (kinds && kindText(name, field)), homeOf(name)),
  ])
  return {
    ...(description === undefined ? {} : { description }),
    ...typeOf(schema, components.version),
    ...(required.length === 0 ? {} : { required: required.map(([field]) => field) }),
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    // A field says that it is not atomic where its type is.
    ...(schema['x-kubernetes-map-type'] === undefined ? {} : { 'x-kubernetes-map-type': 'atomic' }),
    ...(schema['x-go-union'] === undefined ? {} : { 'x-kubernetes-unions': [schema['x-go-union']] }),
    ...(kinds === undefined ? {} : { 'x-kubernetes-group-version-kind': [...kinds] }),
  }
}

/** What kinds and their lists have in common. */
function kindText(name: string, field: string): string | undefined {
  if (field !== 'metadata') return TYPE_TEXTS[field]
  return name.endsWith('List') || name.endsWith('.Status') ? LIST_METADATA_TEXT : METADATA_TEXT
}

/** Scalars with a component of their own are of one type in version 2, which knows no choice. */
function typeOf(schema: Schema, version: 2 | 3): JsonObject {
  const { format } = schema
  if (format === 'quantity')
    return version === 2 ? { type: 'string' } : { oneOf: [{ type: 'string' }, { type: 'number' }] }
  if (format === 'int-or-string')
    return version === 2
      ? { type: 'string', format }
      : { format, oneOf: [{ type: 'integer' }, { type: 'string' }] }
  if (format === 'micro-time') return { type: 'string', format: 'date-time' }
  const values = schema['x-go-enum']
  return {
    ...(values === undefined ? {} : { enum: values }),
    ...(schema.type === undefined ? {} : { type: schema.type }),
    ...(format === undefined ? {} : { format }),
  }
}

const isRequired = (schema: Schema): boolean =>
  schema['x-go-required'] ?? (schema['x-go-zero'] !== undefined && !isStruct(published(schema)))

const published = (schema: Schema): Schema => schema['x-go-published'] ?? schema

/** Structs, and what stands for one type of Go whatever it holds. */
const isStruct = (schema: Schema): boolean =>
  schema['x-go-package'] !== undefined ||
  (schema.type === 'object' && schema['x-go-type'] !== undefined && schema.additionalProperties === undefined)

const EXTENSIONS = [
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-patch-merge-key',
  'x-kubernetes-patch-strategy',
] as const

function propertyOf(
  components: Components,
  schema: Schema,
  text: string | undefined,
  home: string,
): JsonObject {
  const shown = published(schema)
  const value = shapeOf(components, shown, home)
  const zero = components.version === 3 ? defaultOf(schema, shown) : undefined
  const extensions = EXTENSIONS.flatMap((key) => (schema[key] === undefined ? [] : [[key, schema[key]]]))
  return {
    ...(text === undefined ? {} : { description: text }),
    ...(zero === undefined ? {} : { default: zero }),
    ...('$ref' in value && components.version === 3 ? { allOf: [value] } : value),
    ...Object.fromEntries(extensions),
    ...mapTypeOf(shown),
  }
}

/** Of a map; a struct says itself that it is atomic, and a field only that it is not. */
function mapTypeOf(schema: Schema): JsonObject {
  const type = schema['x-kubernetes-map-type']
  if (type === undefined || (isStruct(schema) && type === 'atomic')) return {}
  return { 'x-kubernetes-map-type': type }
}

/** What a field, an item or a member is, without what is said of it there. */
function shapeOf(components: Components, schema: Schema, home: string): JsonObject {
  const scalar = schema.format === undefined ? undefined : SCALARS[schema.format]
  if (scalar !== undefined) return referTo(components, scalar)
  if (isStruct(schema)) return referToStruct(components, schema, home)
  if (schema.items !== undefined)
    return { type: 'array', items: shapeOf(components, published(schema.items), home) }
  if (typeof schema.additionalProperties === 'object')
    return {
      type: 'object',
      additionalProperties: shapeOf(components, published(schema.additionalProperties), home),
    }
  return typeOf(schema, components.version)
}

function referToStruct(components: Components, schema: Schema, home: string): JsonObject {
  const name = `${schema['x-go-package'] ?? home}.${schema['x-go-type']}`
  add(components, name, components.known(name) ?? { schema })
  return referTo(components, name)
}

const ZEROS: Readonly<Record<string, Json>> = { string: '', integer: 0, number: 0, boolean: false }

function defaultOf(schema: Schema, shown: Schema): Json | undefined {
  if (schema['x-go-default'] !== undefined) return schema['x-go-default'] ?? undefined
  const zero = schema['x-go-zero']
  if (zero === undefined || zero === null || SCALARS[shown.format ?? ''] !== undefined) return undefined
  return isStruct(shown) ? {} : ZEROS[shown.type ?? '']
}
