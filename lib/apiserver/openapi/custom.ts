/**
 * Custom kinds as OpenAPI components: the schema of the CRD with what every object has. Version 2 knows less (no choices,
 * no null, nothing about fields that are not named), and says less rather than anything false.
 */
import { type Components, META, referTo } from './component.ts'
import { componentName } from './names.ts'
import { EMBEDDED_TEXTS, itemsText, LIST_METADATA_TEXT, METADATA_TEXT, TYPE_TEXTS } from './texts.ts'
import type { Json, JsonObject, ResourceType, Schema } from '../resource.ts'

type Body = (components: Components) => JsonObject

/** The components of a custom kind by name: the kind and its list. */
export function customComponents(type: ResourceType): Map<string, Body> {
  const name = componentName(type, type.kind)
  return new Map([
    [name, (components) => kindBody(components, type)],
    [componentName(type, type.listKind), (components) => listBody(components, type, name)],
  ])
}

const tail = (type: ResourceType, kind: string): JsonObject => {
  const paths = Object.keys(type.selectableFields)
  return {
    'x-kubernetes-group-version-kind': [{ group: type.group, kind, version: type.version }],
    ...(paths.length === 0
      ? {}
      : { 'x-kubernetes-selectable-fields': paths.map((fieldPath) => ({ fieldPath })) }),
  }
}

const typeFields = (texts: Readonly<Record<string, string>>): JsonObject => ({
  apiVersion: { description: texts.apiVersion ?? '', type: 'string' },
  kind: { description: texts.kind ?? '', type: 'string' },
})

/** `metadata`, as each version refers to it. */
function metadataOf(components: Components, type: string, description: string): JsonObject {
  const reference = referTo(components, `${META}.${type}`)
  return components.version === 2 ? { description, ...reference } : { description, allOf: [reference] }
}

function kindBody(components: Components, type: ResourceType): JsonObject {
  const { version } = components
  const { schema } = type
  const end = tail(type, type.kind)
  // A client that knew some fields of it would refuse all others.
  if (version === 2 && schema['x-kubernetes-preserve-unknown-fields'] === true)
    return { type: 'object', ...end }
  const { apiVersion: _, kind: __, metadata: ___, ...properties } = schema.properties ?? {}
  const body = schemaOf(components, { ...schema, properties })
  return {
    ...body,
    properties: {
      ...(body.properties as JsonObject | undefined),
      ...typeFields(TYPE_TEXTS),
      metadata: metadataOf(components, 'ObjectMeta', METADATA_TEXT),
    },
    ...end,
  }
}

const listBody = (components: Components, type: ResourceType, name: string): JsonObject => ({
  description: `${type.listKind} is a list of ${type.kind}`,
  type: 'object',
  required: ['items'],
  properties: {
    ...typeFields(TYPE_TEXTS),
    items: { description: itemsText(type.plural), type: 'array', items: referTo(components, name) },
    metadata: metadataOf(components, 'ListMeta', LIST_METADATA_TEXT),
  },
  ...tail(type, type.listKind),
})

const JUNCTORS = ['allOf', 'anyOf', 'oneOf'] as const

/** What stands in a schema as it is, where it says anything. */
const PLAIN = [
  'description',
  'type',
  'format',
  'title',
  'default',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'enum',
  'maxProperties',
  'minProperties',
  'required',
  'nullable',
  'externalDocs',
  'example',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
]

const says = (value: Json | undefined): boolean =>
  value !== undefined && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0)

/** `default: false` and `example: ""` say something, `nullable: false` does not. */
const isSaid = (key: string, value: Json | undefined): boolean =>
  key === 'default' || key === 'example' ? value !== undefined && value !== null : says(value)

function plainOf(schema: Schema): JsonObject {
  const given: Readonly<Record<string, unknown>> = { ...schema }
  const entries = PLAIN.map((key) => [key, given[key] as Json | undefined] as const)
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => isSaid(...entry)))
}

function schemaOf(components: Components, given: Schema): JsonObject {
  const schema = components.version === 2 ? lessOf(given) : unfolded(given)
  const result = plainOf(schema)
  for (const key of JUNCTORS) if (schema[key] !== undefined) result[key] = schema[key].map(validationOf)
  if (schema.not !== undefined) result.not = validationOf(schema.not)
  if (schema.items !== undefined) result.items = schemaOf(components, schema.items)
  const { additionalProperties } = schema
  if (additionalProperties !== undefined)
    result.additionalProperties =
      typeof additionalProperties === 'boolean'
        ? additionalProperties
        : schemaOf(components, additionalProperties)
  const properties = Object.entries(schema.properties ?? {})
  if (properties.length > 0)
    result.properties = Object.fromEntries(properties.map(([name, one]) => [name, schemaOf(components, one)]))
  return isEmbedded(components, schema) ? withEmbedded(components, result) : result
}

const isEmbedded = ({ version }: Components, schema: Schema): boolean =>
  schema['x-kubernetes-embedded-resource'] === true &&
  !(version === 2 && schema['x-kubernetes-preserve-unknown-fields'] === true)

function withEmbedded(components: Components, schema: JsonObject): JsonObject {
  const required = (schema.required ?? []) as string[]
  return {
    ...schema,
    required: [...required, ...['kind', 'apiVersion'].filter((name) => !required.includes(name))],
    properties: {
      ...(schema.properties as JsonObject | undefined),
      ...typeFields(EMBEDDED_TEXTS),
      metadata: metadataOf(components, 'ObjectMeta', METADATA_TEXT),
    },
  }
}

/** A schema below a junctor only validates. */
function validationOf(schema: Schema): JsonObject {
  const result = plainOf(schema)
  for (const key of JUNCTORS) if (schema[key] !== undefined) result[key] = schema[key].map(validationOf)
  if (schema.not !== undefined) result.not = validationOf(schema.not)
  if (schema.items !== undefined) result.items = validationOf(schema.items)
  const properties = Object.entries(schema.properties ?? {})
  if (properties.length > 0)
    result.properties = Object.fromEntries(properties.map(([name, one]) => [name, validationOf(one)]))
  return result
}

const EITHER: Schema[] = [{ type: 'integer' }, { type: 'string' }]

const isEither = (list: Schema[] | undefined): boolean =>
  list?.length === 2 && list[0]?.type === 'integer' && list[1]?.type === 'string'

/** An integer or a string is told as a choice of the two, unless the CRD says so itself. */
function unfolded(schema: Schema): Schema {
  if (schema['x-kubernetes-int-or-string'] !== true) return schema
  if (isEither(schema.anyOf) || isEither(schema.allOf?.[0]?.anyOf)) return schema
  if (schema.anyOf === undefined) return { ...schema, anyOf: EITHER }
  return { ...schema, allOf: [{ anyOf: EITHER }, ...(schema.allOf ?? [])] }
}

/** What version 2 can say of a schema. */
function lessOf(schema: Schema): Schema {
  const {
    allOf: _,
    anyOf: __,
    oneOf: ___,
    not: ____,
    default: _____,
    nullable,
    items,
    properties,
    type,
    ...rest
  } = schema
  const { required, ...others } = rest
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true
  // A value without a type breaks clients if it has items or properties; an open object if it has a type.
  const isBare = isOpen || nullable === true
  const kept = isBare
    ? {}
    : { ...(items === undefined ? {} : { items }), ...(properties === undefined ? {} : { properties }) }
  const isUntyped =
    nullable === true || (isOpen && type === 'object') || (type === 'array' && !('items' in kept))
  return {
    ...others,
    ...kept,
    ...(isUntyped || type === undefined ? {} : { type }),
    ...requiredOf(required, isBare ? {} : (properties ?? {}), others.additionalProperties),
  }
}

/** What may be null is not required. */
function requiredOf(
  required: string[] | undefined,
  properties: Readonly<Record<string, Schema>>,
  others: Schema['additionalProperties'],
): Pick<Schema, 'required'> {
  if (required === undefined || (typeof others === 'object' && others.nullable === true)) return {}
  return { required: required.filter((name) => properties[name]?.nullable !== true) }
}
