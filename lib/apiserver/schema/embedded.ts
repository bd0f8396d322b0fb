/**
 * Objects inside objects (`x-kubernetes-embedded-resource`): they need a type, and metadata like any other.
 */

import type { Json, JsonObject, Problem, Schema } from '../resource.ts'
import { isObject, stringAt } from './equal.ts'
import { commonProblems } from './metadata.ts'
import { label1035Problems } from './names.ts'
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
    const declared = schema.properties?.[name] ?? schema.additionalProperties
    if (typeof declared !== 'object') continue
    own.push(...embeddedProblems(member, declared, path === '' ? name : `${path}.${name}`))
  }
  return own
}

/** The wording of a kind that is no name. */
export const kindProblems = (kind: string, field: string): Problem[] =>
  label1035Problems(kind.toLowerCase()).map((text) =>
    invalid(field, kind, `may have mixed case, but should otherwise match: ${text}`),
  )

const typeProblems = (object: JsonObject, path: string): Problem[] => {
  const apiVersion = stringAt(object, 'apiVersion')
  const kind = stringAt(object, 'kind')
  const metadata = object.metadata
  const version =
    apiVersion === ''
      ? [required(`${path}.apiVersion`)]
      : apiVersion.split('/').length > 2
        ? [invalid(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
        : []
  const named = kind === '' ? [required(`${path}.kind`)] : kindProblems(kind, `${path}.kind`)
  return [...version, ...named, ...(isObject(metadata) ? commonProblems(metadata, `${path}.metadata`) : [])]
}
