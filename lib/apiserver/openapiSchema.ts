/** The schemas of kinds as OpenAPI writes them. */
import type { Json, JsonObject, Schema } from './resource.ts'
import { objectMeta } from './schema/objectmeta.ts'

const FORMATS: Record<string, string> = { 'micro-time': 'date-time' }

/** The schema without what only this server reads. */
export function openApiSchema(schema: Schema): JsonObject {
  const result: JsonObject = {}
  for (const [key, value] of Object.entries(schema)) {
    if (key.startsWith('x-go-') || value === undefined) continue
    result[key] = converted(key, value)
  }
  // A value of two types has none.
  if (schema['x-kubernetes-int-or-string'] === true && schema.type === undefined) delete result.format
  return result
}

function converted(key: string, value: unknown): Json {
  if (key === 'properties') {
    const properties = Object.entries(value as Record<string, Schema>)
    return Object.fromEntries(properties.map(([name, property]) => [name, openApiSchema(property)]))
  }
  if (key === 'items' || key === 'not' || (key === 'additionalProperties' && typeof value === 'object'))
    return openApiSchema(value as Schema)
  if (key === 'allOf' || key === 'anyOf' || key === 'oneOf') return (value as Schema[]).map(openApiSchema)
  if (key === 'format') return FORMATS[String(value)] ?? String(value)
  return value as Json
}

/** ObjectMeta. */
export const metadataSchema = (): JsonObject => ({
  description:
    'ObjectMeta is metadata that all persisted resources must have, which includes all objects users must create.',
  ...openApiSchema(objectMeta),
})
