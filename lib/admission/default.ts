/** The defaults of a custom kind's schema, filled into an object as the API server fills them: absent fields only. */
import type { Schema } from '../kind/structure.ts'
import { isCustom } from '../kind.ts'
import type { Review } from './define.ts'

/** Fills the draft in place. The API server has done so before it asks; whoever asks otherwise gets the same. */
export function fillDefaults({ kind, subresource }: Review<never>, draft: Record<string, unknown>): void {
  if (!isCustom(kind) || subresource !== undefined) return
  const version = kind.declaration.versions.find(({ name }) => name === kind.version)
  // The status is nobody's to fill in on a write of the object.
  const spec = version?.schema.properties?.spec
  if (spec !== undefined) fill(draft, { properties: { spec } })
}

function fill(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    for (const item of value) if (schema.items) fill(item, schema.items)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const object = value as Record<string, unknown>
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (!Object.hasOwn(object, name) && field.default !== undefined)
      object[name] = structuredClone(field.default)
    if (Object.hasOwn(object, name)) fill(object[name], field)
  }
  const { additionalProperties } = schema
  if (additionalProperties) for (const item of Object.values(object)) fill(item, additionalProperties)
}
