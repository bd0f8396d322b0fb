/**
 * The schema of a custom kind as OpenAPI tells of it (JSONSchemaProps of apiextensions.k8s.io/v1). It is not decoded by
 * this: what a schema may hold is checked elsewhere, in better words.
 */

import type { Schema } from '../resource.ts'
import { choice, listOf, mapOf, struct } from './dsl.ts'

/** Types that are told by their names alone, or hold themselves. */
const named = (name: string): Schema => ({
  'x-go-type': name,
  'x-go-package': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
})

const json = named('JSON')
const orBool = named('JSONSchemaPropsOrBool')

const nested = named('JSONSchemaProps')
const many = mapOf(nested)

/** The type itself; within, it is known by its name. */
export const schemaProps: Schema = struct('JSONSchemaProps', {
  id: 'string',
  $schema: 'string',
  $ref: 'string?',
  description: 'string',
  type: 'string',
  format: 'string',
  title: 'string',
  default: json,
  maximum: 'float?',
  exclusiveMaximum: 'bool',
  minimum: 'float?',
  exclusiveMinimum: 'bool',
  maxLength: 'int64?',
  minLength: 'int64?',
  pattern: 'string',
  maxItems: 'int64?',
  minItems: 'int64?',
  uniqueItems: 'bool',
  multipleOf: 'float?',
  enum: listOf(json),
  maxProperties: 'int64?',
  minProperties: 'int64?',
  required: 'string[]',
  items: named('JSONSchemaPropsOrArray'),
  allOf: listOf(nested),
  oneOf: listOf(nested),
  anyOf: listOf(nested),
  not: nested,
  properties: many,
  additionalProperties: orBool,
  patternProperties: many,
  dependencies: mapOf(named('JSONSchemaPropsOrStringArray')),
  additionalItems: orBool,
  definitions: many,
  externalDocs: struct('ExternalDocumentation', { description: 'string', url: 'string' }),
  example: json,
  nullable: 'bool',
  'x-kubernetes-preserve-unknown-fields': 'bool?',
  'x-kubernetes-embedded-resource': 'bool',
  'x-kubernetes-int-or-string': 'bool',
  'x-kubernetes-list-map-keys': 'string[]',
  'x-kubernetes-list-type': 'string?',
  'x-kubernetes-map-type': 'string?',
  'x-kubernetes-validations': {
    ...listOf(
      struct('ValidationRule', {
        rule: 'string!',
        message: 'string',
        messageExpression: 'string',
        reason: choice(
          'string?',
          'FieldValueDuplicate',
          'FieldValueForbidden',
          'FieldValueInvalid',
          'FieldValueRequired',
        ),
        fieldPath: 'string',
        optionalOldSelf: 'bool?',
      }),
    ),
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['rule'],
    'x-kubernetes-patch-merge-key': 'rule',
    'x-kubernetes-patch-strategy': 'merge',
  },
})
