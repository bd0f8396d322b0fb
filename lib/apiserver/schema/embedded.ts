/**
 * Objects inside objects (`x-kubernetes-embedded-resource`): they need a type, and metadata like any other.
 */

import type { Json, JsonObject, Problem, Schema } from '../resource.ts'
import { memberPath, schemaOf } from './declared.ts'
import { isObject, listAt, stringAt } from './equal.ts'
import { commonProblems } from './metadata.ts'
import { label1035Problems, labelProblems, pathProblems } from './names.ts'
import { invalid, required } from './problem.ts'

/** What embedded objects below a value lack. */
export const embeddedProblems = (value: Json, schema: Schema, path: string): Problem[] => {
  if (Array.isArray(value)) {
    const { items } = schema
    return items ? value.flatMap((item, index) => embeddedProblems(item, items, `${path}[${index}]`)) : []
  }
  if (!isObject(value)) return []
  const own = schema['x-kubernetes-embedded-resource'] ? typeProblems(value, path) : []
  for (const [name, member] of Object.entries(value)) {
    if (typeof member !== 'object') continue
    const declared = schemaOf(schema, name)
    if (declared === undefined) continue
    own.push(...embeddedProblems(member, declared, memberPath(schema, path, name)))
  }
  return own
}

/** The wording of a kind that is no name. */
export const kindProblems = (kind: string, field: string): Problem[] =>
  label1035Problems(kind.toLowerCase()).map((text) =>
    invalid(field, kind, `may have mixed case, but should otherwise match: ${text}`),
  )

const typeProblems = (object: JsonObject, path: string): Problem[] => {
  const { metadata } = object
  return [
    ...typeFieldProblems(object, `${path}.apiVersion`, 'apiVersion', versionProblems),
    ...typeFieldProblems(object, `${path}.kind`, 'kind', kindProblems),
    ...(isObject(metadata) ? metadataProblems(metadata, `${path}.metadata`) : []),
  ]
}

const typeFieldProblems = (
  object: JsonObject,
  field: string,
  name: string,
  look: (value: string, field: string) => Problem[],
): Problem[] => {
  if (object[name] === undefined) return [required(field)]
  const value = stringAt(object, name)
  return value === '' ? [invalid(field, value, 'must not be empty')] : look(value, field)
}

const versionProblems = (apiVersion: string, field: string): Problem[] =>
  apiVersion.split('/').length > 2
    ? [invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
    : []

/** Metadata of an object inside: it may do without a name, and its managers are looked at. */
const metadataProblems = (metadata: JsonObject, field: string): Problem[] => {
  const text = (name: string, look: (value: string) => string[]): Problem[] => {
    const value = stringAt(metadata, name)
    return value === '' ? [] : look(value).map((why) => invalid(`${field}.${name}`, value, why))
  }
  return [
    ...text('generateName', pathProblems),
    ...text('name', pathProblems),
    ...text('namespace', labelProblems),
    ...commonProblems(metadata, field),
    ...listAt(metadata, 'managedFields')
      .filter(isObject)
      .flatMap((entry, index) => managerProblems(entry, `${field}.managedFields[${index}]`)),
  ]
}

const MAX_MANAGER_BYTES = 128
const MAX_SUBRESOURCE_BYTES = 256

const managerProblems = (entry: JsonObject, field: string): Problem[] => {
  const operation = stringAt(entry, 'operation')
  const fieldsType = stringAt(entry, 'fieldsType')
  return [
    ...(['Apply', 'Update'].includes(operation)
      ? []
      : [invalid(`${field}.operation`, operation, 'must be `Apply` or `Update`')]),
    ...(['', 'FieldsV1'].includes(fieldsType)
      ? []
      : [invalid(`${field}.fieldsType`, fieldsType, 'must be `FieldsV1`')]),
    ...tooLong(stringAt(entry, 'manager'), `${field}.manager`, MAX_MANAGER_BYTES),
    ...tooLong(stringAt(entry, 'subresource'), `${field}.subresource`, MAX_SUBRESOURCE_BYTES),
  ]
}

const tooLong = (text: string, field: string, most: number): Problem[] =>
  Buffer.byteLength(text) <= most
    ? []
    : [{ reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${most} bytes` }]
