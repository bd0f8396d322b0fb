/** What the API server makes of an object by its structural schema: absent fields get their defaults, unknown ones go. */
import { isObject } from '../json.ts'
import type { Schema } from './structure.ts'

/** Fills defaults in place. */
export function fillDefaults(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) for (const item of value) fillDefaults(item, schema.items ?? {})
  if (!isObject(value)) return
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (!Object.hasOwn(value, name) && field.default !== undefined)
      value[name] = structuredClone(field.default)
    if (Object.hasOwn(value, name)) fillDefaults(value[name], field)
  }
  const { additionalProperties } = schema
  if (additionalProperties) for (const item of Object.values(value)) fillDefaults(item, additionalProperties)
}

/** Takes out in place what the schema does not know. */
export function prune(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) for (const item of value) prune(item, schema.items ?? {})
  if (!isObject(value)) return
  for (const [name, part] of Object.entries(value)) {
    const known = schema.properties ?? {}
    const field = Object.hasOwn(known, name) ? known[name] : schema.additionalProperties
    if (field) prune(part, field)
    else if (!schema['x-kubernetes-preserve-unknown-fields']) delete value[name]
  }
}
