/** Keywords of schemas that their Go type does not have: they are dropped, and told. */

import type { JsonObject } from '../resource.ts'
import { isObject, listAt, objectAt } from '../schema/equal.ts'

/** What a keyword holds: a value, a schema, several of them by name or in a list. */
type Holds = 'value' | 'schema' | 'byName' | 'list' | 'rules'

/** Below `items` and `additionalProperties` Go does not look for unknown keywords, though it drops them. */
const KEYWORDS: Readonly<Record<string, Holds>> = {
  ...Object.fromEntries(
    [
      [
        'id',
        '$schema',
        '$ref',
        'description',
        'type',
        'format',
        'title',
        'default',
        'maximum',
        'exclusiveMaximum',
      ],
      [
        'minimum',
        'exclusiveMinimum',
        'maxLength',
        'minLength',
        'pattern',
        'maxItems',
        'minItems',
        'uniqueItems',
      ],
      ['multipleOf', 'enum', 'maxProperties', 'minProperties', 'required', 'dependencies', 'additionalItems'],
      [
        'externalDocs',
        'example',
        'nullable',
        'x-kubernetes-preserve-unknown-fields',
        'x-kubernetes-map-type',
      ],
      ['x-kubernetes-embedded-resource', 'x-kubernetes-int-or-string', 'x-kubernetes-list-map-keys'],
      ['x-kubernetes-list-type'],
    ]
      .flat()
      .map((name) => [name, 'value' as const]),
  ),
  items: 'schema',
  additionalProperties: 'schema',
  not: 'schema',
  properties: 'byName',
  patternProperties: 'byName',
  definitions: 'byName',
  allOf: 'list',
  oneOf: 'list',
  anyOf: 'list',
  'x-kubernetes-validations': 'rules',
}

const RULE = ['rule', 'message', 'messageExpression', 'reason', 'fieldPath', 'optionalOldSelf']

/** Drops unknown keywords of all schemas of a CRD in place; resolves with their paths as fieldValidation tells them. */
export function dropUnknownKeywords(crd: JsonObject): string[] {
  const unknown: string[] = []
  for (const [index, version] of listAt(crd, 'spec', 'versions').entries()) {
    const schema = objectAt(version, 'schema', 'openAPIV3Schema')
    drop(schema, `spec.versions[${index}].schema.openAPIV3Schema`, unknown)
  }
  return unknown
}

function drop(schema: JsonObject, path: string, unknown: string[] | undefined): void {
  for (const [name, value] of Object.entries(schema)) {
    const holds = KEYWORDS[name]
    const at = `${path}.${name}`
    if (holds === undefined) {
      unknown?.push(at)
      delete schema[name]
    } else if (holds === 'schema' && isObject(value)) drop(value, at, name === 'not' ? unknown : undefined)
    else if (holds === 'byName' && isObject(value)) {
      for (const [key, below] of Object.entries(value))
        if (isObject(below)) drop(below, `${at}.${key}`, unknown)
    } else if (holds === 'list' && Array.isArray(value)) {
      for (const [index, below] of value.entries())
        if (isObject(below)) drop(below, `${at}[${index}]`, unknown)
    } else if (holds === 'rules' && Array.isArray(value))
      for (const [index, rule] of value.entries())
        if (isObject(rule)) dropOfRule(rule, `${at}[${index}]`, unknown)
  }
}

function dropOfRule(rule: JsonObject, path: string, unknown: string[] | undefined): void {
  for (const name of Object.keys(rule)) {
    if (RULE.includes(name)) continue
    unknown?.push(`${path}.${name}`)
    delete rule[name]
  }
}
