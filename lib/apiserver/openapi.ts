/** OpenAPI documents, made from the schemas of the served kinds. */
import type { Answer, ApiRequest, Server } from './server.ts'

export function handleOpenApi(_server: Server, request: ApiRequest): Answer | undefined {
  if (request.segments[0] !== 'openapi') return undefined
  return undefined
}
