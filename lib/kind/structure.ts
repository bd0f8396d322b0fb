/**
 * Structural schemas (apiextensions/v1), the only form in which a CustomResourceDefinition may describe its objects: every
 * field has one type, outside of `allOf`, `anyOf`, `oneOf` and `not`. Plain JSON, nothing else.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A rule in CEL that the API server checks on every write (`x-kubernetes-validations`). */
export interface Rule {
  /** True for valid objects. `self` is the value, `oldSelf` the one before the update. */
  readonly rule: string
  readonly message?: string
  /** CEL that gives the message. */
  readonly messageExpression?: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate'
  /** The field that errors are reported at, from here: `.name`. */
  readonly fieldPath?: string
  readonly optionalOldSelf?: boolean
}

/** The keys of a schema that have no counterpart in zod; given by `.meta({ ... })`. */
export interface KubernetesKeys {
  readonly 'x-kubernetes-validations'?: readonly Rule[]
  /** How server-side apply merges a list: whole (`atomic`, the default), by value (`set`) or by key fields (`map`). */
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: 'granular' | 'atomic'
  readonly 'x-kubernetes-preserve-unknown-fields'?: true
  readonly 'x-kubernetes-embedded-resource'?: true
  readonly 'x-kubernetes-int-or-string'?: true
}

/** One node of a structural schema. */
export interface Schema extends KubernetesKeys {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly format?: string
  readonly title?: string
  readonly description?: string
  readonly nullable?: true
  readonly default?: Json
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema
  readonly required?: readonly string[]
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly enum?: readonly Json[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: true
  readonly exclusiveMaximum?: true
  readonly multipleOf?: number
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

/** What a refused part stands for: the problem is recorded, and the walk goes on to find the others. */
export const REFUSED: Schema = Object.freeze({})

/** A place in a definition's schema: where problems are recorded, and the way to the parts. */
export interface Place {
  /** `spec.ports[].name` */
  readonly path: string
  /** Whether CEL rules stand at this very place, which may say what a refinement says. */
  readonly hasRules: boolean
  /** Records a problem of this place. */
  refuse(problem: string): Schema
}

/** A copy without some keys. */
export const without = (schema: Schema, ...keys: readonly (keyof Schema)[]): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key as keyof Schema)))
