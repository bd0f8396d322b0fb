/**
 * CRDs as the real server validates them: in its internal form, where what all versions have in common stands at the top,
 * and printed with the names of Go fields. Paths and values in texts come from there.
 */

import type { Json, JsonObject } from '../resource.ts'
import { isEqual, isObject, listAt, objectAt } from '../schema/equal.ts'

/** Versions of a CRD. */
export const versionsOf = (crd: JsonObject): JsonObject[] => listAt(crd, 'spec', 'versions').filter(isObject)

/** Do all versions say the same here? Then the internal form has it once, at the top of spec. */
export const isShared = (crd: JsonObject, field: string): boolean => {
  const [first, ...others] = versionsOf(crd)
  return first !== undefined && others.every((one) => isEqual(one[field] ?? null, first[field] ?? null))
}

/** A place in a CRD, and what stands there. */
export interface Placed {
  readonly path: string
  readonly value: Json | undefined
}

/** Where the internal form keeps a field of the versions: once where they agree, else in each. */
export const placesOf = (crd: JsonObject, field: string): Placed[] => {
  const top = field === 'schema' ? 'spec.validation' : `spec.${field}`
  const versions = versionsOf(crd)
  if (isShared(crd, field)) return [{ path: top, value: versions[0]?.[field] }]
  return versions.map((version, index) => ({
    path: `spec.versions[${index}].${field}`,
    value: version[field],
  }))
}

/** `spec.versions` as Go prints it. */
export const printVersions = (crd: JsonObject): string => {
  if (!Array.isArray(objectAt(crd, 'spec').versions)) return 'null'
  const kept = (version: JsonObject, field: string): Json | undefined =>
    isShared(crd, field) ? null : version[field]
  const printed = versionsOf(crd).map((version) => ({
    Name: version.name ?? '',
    Served: version.served ?? false,
    Storage: version.storage ?? false,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: printValidation(kept(version, 'schema')),
    Subresources: printSubresources(kept(version, 'subresources')),
    AdditionalPrinterColumns: printList(kept(version, 'additionalPrinterColumns'), columnFields),
    SelectableFields: printList(kept(version, 'selectableFields'), { JSONPath: ['jsonPath', ''] }),
  }))
  return JSON.stringify(printed)
}

/** Go field -> JSON field and zero value. */
type Fields = Readonly<Record<string, readonly [string, Json]>>

const columnFields: Fields = {
  Name: ['name', ''],
  Type: ['type', ''],
  Format: ['format', ''],
  Description: ['description', ''],
  Priority: ['priority', 0],
  JSONPath: ['jsonPath', ''],
}

const printFields = (value: JsonObject, fields: Fields): JsonObject =>
  Object.fromEntries(Object.entries(fields).map(([name, [field, zero]]) => [name, value[field] ?? zero]))

const printList = (value: Json | undefined, fields: Fields): Json =>
  Array.isArray(value) ? value.filter(isObject).map((item) => printFields(item, fields)) : null

const printValidation = (value: Json | undefined): Json =>
  isObject(value) ? { OpenAPIV3Schema: printSchema(value.openAPIV3Schema) } : null

const printSubresources = (value: Json | undefined): Json => {
  if (!isObject(value)) return null
  const scale: Fields = {
    SpecReplicasPath: ['specReplicasPath', ''],
    StatusReplicasPath: ['statusReplicasPath', ''],
    LabelSelectorPath: ['labelSelectorPath', null],
  }
  const { status } = value
  return {
    Status: isObject(status) ? status : null,
    Scale: isObject(value.scale) ? printFields(objectAt(value, 'scale'), scale) : null,
  }
}

const schemaFields: Fields = {
  ID: ['id', ''],
  Schema: ['$schema', ''],
  Ref: ['$ref', null],
  Description: ['description', ''],
  Type: ['type', ''],
  Nullable: ['nullable', false],
  Format: ['format', ''],
  Title: ['title', ''],
  Default: ['default', null],
  Maximum: ['maximum', null],
  ExclusiveMaximum: ['exclusiveMaximum', false],
  Minimum: ['minimum', null],
  ExclusiveMinimum: ['exclusiveMinimum', false],
  MaxLength: ['maxLength', null],
  MinLength: ['minLength', null],
  Pattern: ['pattern', ''],
  MaxItems: ['maxItems', null],
  MinItems: ['minItems', null],
  UniqueItems: ['uniqueItems', false],
  MultipleOf: ['multipleOf', null],
  Enum: ['enum', null],
  MaxProperties: ['maxProperties', null],
  MinProperties: ['minProperties', null],
  Required: ['required', null],
  Items: ['items', null],
  AllOf: ['allOf', null],
  OneOf: ['oneOf', null],
  AnyOf: ['anyOf', null],
  Not: ['not', null],
  Properties: ['properties', null],
  AdditionalProperties: ['additionalProperties', null],
  PatternProperties: ['patternProperties', null],
  Dependencies: ['dependencies', null],
  AdditionalItems: ['additionalItems', null],
  Definitions: ['definitions', null],
  ExternalDocs: ['externalDocs', null],
  Example: ['example', null],
  XPreserveUnknownFields: ['x-kubernetes-preserve-unknown-fields', null],
  XEmbeddedResource: ['x-kubernetes-embedded-resource', false],
  XIntOrString: ['x-kubernetes-int-or-string', false],
  XListMapKeys: ['x-kubernetes-list-map-keys', null],
  XListType: ['x-kubernetes-list-type', null],
  XMapType: ['x-kubernetes-map-type', null],
  XValidations: ['x-kubernetes-validations', null],
}

/** A schema as Go prints it. */
export const printSchema = (value: Json | undefined): Json => {
  if (!isObject(value)) return null
  const printed = printFields(value, schemaFields)
  for (const name of ['AllOf', 'OneOf', 'AnyOf']) {
    const list = printed[name]
    if (Array.isArray(list)) printed[name] = list.map(printSchema)
  }
  const { Not, Items, Properties, AdditionalProperties, XValidations } = printed
  printed.Not = printSchema(Not)
  if (isObject(Items)) printed.Items = { Schema: printSchema(Items), JSONSchemas: null }
  if (isObject(Properties))
    printed.Properties = Object.fromEntries(
      Object.entries(Properties).map(([name, one]) => [name, printSchema(one)]),
    )
  if (isObject(AdditionalProperties))
    printed.AdditionalProperties = { Allows: true, Schema: printSchema(AdditionalProperties) }
  else if (typeof AdditionalProperties === 'boolean')
    printed.AdditionalProperties = { Allows: AdditionalProperties, Schema: null }
  if (Array.isArray(XValidations)) printed.XValidations = XValidations.filter(isObject).map(printRuleFields)
  return printed
}

const ruleFields: Fields = {
  Rule: ['rule', ''],
  Message: ['message', ''],
  MessageExpression: ['messageExpression', ''],
  Reason: ['reason', null],
  FieldPath: ['fieldPath', ''],
  OptionalOldSelf: ['optionalOldSelf', null],
}

const printRuleFields = (rule: JsonObject): JsonObject => printFields(rule, ruleFields)

/** A rule as Go prints it. */
export const printRule = (rule: JsonObject): string => JSON.stringify(printRuleFields(rule))
