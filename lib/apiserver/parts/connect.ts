/**
 * Requests that a real server passes on to nodes and pods: logs, commands, ports, proxies. There are none behind this one, so
 * they end where the real one's end without them: at what is wrong with the request, or at a node that does not answer.
 */
import { parsePorts } from './ports.ts'
import { containerOf, logOptions, logQuery } from './log.ts'
import { nodeOf, unreachable } from './node.ts'
import { proxyTo } from './proxy.ts'
import { objectOf } from '../encode.ts'
import type { JsonObject } from '../resource.ts'
import type { Route } from '../route.ts'
import { stringAt } from '../schema/equal.ts'
import { type Answer, type ApiRequest, findEntry, type Server } from '../server.ts'
import { badRequest, internal, notFound } from '../status.ts'

/** Throws what the real server answers. */
export function connect(server: Server, request: ApiRequest, route: Route): Answer {
  switch (route.subresource) {
    case 'log':
      return readLog(server, request, route)
    case 'proxy':
      return proxyTo(server, route)
    default:
      return upgrade(server, request, route)
  }
}

function podOf(server: Server, { type, namespace, name }: Route): JsonObject {
  const entry = findEntry(server, type, namespace, name)
  if (entry === undefined) throw notFound(type, name)
  return objectOf(type, entry)
}

function readLog(server: Server, { query }: ApiRequest, route: Route): Answer {
  const options = logOptions(query, route.name)
  const pod = podOf(server, route)
  const container = containerOf(pod, options.container)
  const node = stringAt(pod, 'spec', 'nodeName')
  // A pod that has not run anywhere has said nothing.
  if (node === '') return { status: 204, body: '', contentType: '' }
  const { address } = nodeOf(server, node, route.type)
  const path = `/containerLogs/${route.namespace}/${route.name}/${container}`
  const search = logQuery(options)
  const url = `https://${address}${path}${search === '' ? '' : `?${search}`}`
  throw internal(`Get ${JSON.stringify(url)}: ${unreachable(address)}`)
}

function upgrade(server: Server, { query, headers }: ApiRequest, route: Route): never {
  if (route.subresource === 'portforward') parsePorts(query.getAll('ports'))
  const pod = podOf(server, route)
  if (route.subresource !== 'portforward') containerOf(pod, query.get('container') ?? '')
  const node = stringAt(pod, 'spec', 'nodeName')
  if (node === '') throw badRequest(`pod ${route.name} does not have a host assigned`)
  const { address } = nodeOf(server, node, route.type)
  if (headers.upgrade === undefined) throw badRequest('Upgrade request required')
  throw internal(`error dialing backend: ${unreachable(address)}`)
}
