/**
 * The one way in: a request becomes an answer. Listeners hear of it, the fault hooks may break it, and every refusal becomes
 * a Status.
 */
import { accessOf } from './auth/access.ts'
import { admitUser } from './auth/admit.ts'
import { handleOpenId } from './auth/openid.ts'
import { handleControl } from './control.ts'
import { handleDiscovery } from './discovery.ts'
import { type Fault, faultySink } from './faults.ts'
import { handleOpenApi } from './openapi/handle.ts'
import { booleanOf } from './options.ts'
import { handlePlain } from './plain.ts'
import { errorAnswer, textAnswer } from './render.ts'
import { handleResource } from './resources.ts'
import type { Verb } from './resource.ts'
import { PageNotFound, parseRoute, type Route, verbOf } from './route.ts'
import type { AdmittedRequest, Answer, ApiRequest, RequestInfo, Server } from './server.ts'
import { methodNotAllowed, StatusError } from './status.ts'

/** What a request turned out to be. */
interface Plan {
  info: RequestInfo
  run: () => Answer | Promise<Answer>
}

/** An answer, and the fault that comes before or after it, or instead. */
export interface Handling {
  fault: Fault | undefined
  answer: () => Promise<Answer>
}

/** Never throws but for mistakes of this server's own. */
export function handle(server: Server, request: ApiRequest): Handling {
  const plan = planOf(server, request)
  for (const listener of server.listeners) listener(plan.info)
  return { fault: server.faults.request?.(plan.info), answer: () => answered(server, plan) }
}

async function answered(server: Server, { info, run }: Plan): Promise<Answer> {
  try {
    const answer = await run()
    const { stream } = answer
    return stream === undefined
      ? answer
      : { ...answer, stream: (sink) => stream(faultySink(server, info, sink)) }
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
  const { method, path } = request
  const info: RequestInfo = { number: ++server.requests, method, path, verb: 'other', resource: '' }
  try {
    return admittedPlan(server, { ...request, user: admitUser(server, request) }, info)
  } catch (error) {
    const answer = refusal(error)
    return { info: refusedInfo(request, info), run: () => answer }
  }
}

/** What somebody who was sent away seems to have wanted. */
function refusedInfo(request: ApiRequest, info: RequestInfo): RequestInfo {
  const access = accessOf(request)
  if (access.type === 'path') return info
  const { verb, resource, subresource, namespace, name } = access
  return {
    ...info,
    verb,
    resource: subresource === '' ? resource : `${resource}/${subresource}`,
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
  }
}

function admittedPlan(server: Server, request: AdmittedRequest, info: RequestInfo): Plan {
  try {
    const document =
      handleControl(server, request) ??
      handleDiscovery(server, request) ??
      handlePlain(server, request) ??
      handleOpenApi(server, request) ??
      handleOpenId(server, request)
    if (document !== undefined) return { info, run: () => document }
    const [root] = request.segments
    if (root !== 'api' && root !== 'apis') throw new PageNotFound()
    const route = parseRoute(server.registry, request.segments)
    const verb = verbOf(route, request.method, route.watch || booleanOf(request.query, 'watch') === true)
    if (verb === undefined) throw methodNotAllowed()
    return { info: infoOf(info, route, verb), run: () => handleResource(server, request, route, verb) }
  } catch (error) {
    const answer = refusal(error)
    return { info, run: () => answer }
  }
}

const infoOf = (info: RequestInfo, route: Route, verb: Verb): RequestInfo => ({
  ...info,
  verb,
  resource: route.subresource === '' ? route.type.plural : `${route.type.plural}/${route.subresource}`,
  ...(route.namespace === '' ? {} : { namespace: route.namespace }),
  ...(route.name === '' ? {} : { name: route.name }),
})
