/** What is sent to parts of pods, by the part. */
import { bind } from './bind.ts'
import { evict } from './evict.ts'
import { findType } from '../registry.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import type { Route } from '../route.ts'
import type { Server } from '../server.ts'
import { badRequest } from '../status.ts'
import { metadataText } from '../metadata.ts'
import type { Writing } from '../write/outcome.ts'
import { placeInNamespace } from '../write/check.ts'

/** Is it done, and answered with a Status? Whatever else is sent and not kept is a question. */
export const isOrder = ({ group, kind }: ResourceType): boolean =>
  (group === '' && kind === 'Binding') || (group === 'policy' && kind === 'Eviction')

/** Does what an object that is sent and not kept asks for, and answers with a Status. Rejects with what goes wrong. */
export async function send(
  server: Server,
  route: Route,
  object: JsonObject,
  writing: Writing,
): Promise<JsonObject> {
  placeInNamespace(object, route.namespace)
  if (route.subresource === 'eviction') await evict(server, route, object, writing)
  else await bind(server, podRoute(server, route, object), object, writing)
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
}

/** Bindings may be sent to a collection of their own, too. */
function podRoute(server: Server, route: Route, binding: JsonObject): Route {
  if (route.subresource === 'binding') return route
  const name = metadataText(binding, 'name')
  if (name === '') throw badRequest('Name parameter required.')
  const type = findType(server.registry, '', 'v1', 'pods') ?? route.type
  return { ...route, type, name, subresource: 'binding' }
}
