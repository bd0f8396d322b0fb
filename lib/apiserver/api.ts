/**
 * The one way in: a request becomes an answer. Listeners hear of it, the fault hook may break it, and every refusal becomes
 * a Status.
 */
import { accessOf } from './auth/access.ts'
import { admitUser } from './auth/admit.ts'
import { handleOpenId } from './auth/openid.ts'
import { handleDiscovery } from './discovery.ts'
import { booleanOf } from './options.ts'
import { errorAnswer, textAnswer } from './render.ts'
import { handleResource } from './resources.ts'
import type { Verb } from './resource.ts'
import { PageNotFound, parseRoute, type Route, verbOf } from './route.ts'
import type { AdmittedRequest, Answer, ApiRequest, Fault, RequestInfo, Server } from './server.ts'
import { methodNotAllowed, StatusError } from './status.ts'

/** What a request turned out to be. */
interface Plan {
  info: RequestInfo
  run: () => Answer | Promise<Answer>
}

/** An answer, and the fault that comes before or instead of it. */
export interface Handling {
  fault: Fault | undefined
  answer: () => Promise<Answer>
}

/** Never throws but for mistakes of this server's own. */
export function handle(server: Server, request: ApiRequest): Handling {
  const plan = planOf(server, request)
  for (const listener of server.listeners) listener(plan.info)
  return { fault: server.fault?.(plan.info), answer: () => answered(plan.run) }
}

async function answered(run: Plan['run']): Promise<Answer> {
  try {
    return await run()
  } catch (error) {
    return refusal(error)
  }
}

function refusal(error: unknown): Answer {
  if (error instanceof StatusError) return errorAnswer(error)
  if (error instanceof PageNotFound) return textAnswer(404, '404 page not found\n')
  throw error
}

function planOf(server: Server, request: ApiRequest): Plan {
  try {
    return admittedPlan(server, { ...request, user: admitUser(server, request) })
  } catch (error) {
    const answer = refusal(error)
    return { info: refusedInfo(request), run: () => answer }
  }
}

/** What somebody who was sent away seems to have wanted. */
function refusedInfo(request: ApiRequest): RequestInfo {
  const { method, path } = request
  const access = accessOf(request)
  if (access.type === 'path') return { method, path, verb: 'other', resource: '' }
  const { verb, resource, subresource, name } = access
  return {
    method,
    path,
    verb,
    resource: subresource === '' ? resource : `${resource}/${subresource}`,
    ...(name === '' ? {} : { name }),
  }
}

function admittedPlan(server: Server, request: AdmittedRequest): Plan {
  const info: RequestInfo = { method: request.method, path: request.path, verb: 'other', resource: '' }
  try {
    const document = handleDiscovery(server, request) ?? handleOpenId(server, request)
    if (document !== undefined) return { info, run: () => document }
    const [root] = request.segments
    if (root !== 'api' && root !== 'apis') throw new PageNotFound()
    const route = parseRoute(server.registry, request.segments)
    const verb = verbOf(route, request.method, route.watch || booleanOf(request.query, 'watch') === true)
    if (verb === undefined) throw methodNotAllowed()
    return { info: infoOf(request, route, verb), run: () => handleResource(server, request, route, verb) }
  } catch (error) {
    const answer = refusal(error)
    return { info, run: () => answer }
  }
}

const infoOf = (request: ApiRequest, route: Route, verb: Verb): RequestInfo => ({
  method: request.method,
  path: request.path,
  verb,
  resource: route.subresource === '' ? route.type.plural : `${route.type.plural}/${route.subresource}`,
  ...(route.name === '' ? {} : { name: route.name }),
})
