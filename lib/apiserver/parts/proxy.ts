/** Pods, nodes and Services that requests are to be passed on to: found, and out of reach. */
import { isIP } from 'node:net'
import { hostPort, nodeOf, unreachable } from './node.ts'
import { objectOf } from '../encode.ts'
import { findKind } from '../registry.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import type { Route } from '../route.ts'
import { isObject, listAt, numberAt, stringAt } from '../schema/equal.ts'
import { findEntry, type Server } from '../server.ts'
import { badRequest, notFound, StatusError } from '../status.ts'

/** `name`, `name:port` or `scheme:name:port`. */
interface Address {
  readonly name: string
  readonly port: string
}

/** Throws 400, 404, 500 and 503. */
export function proxyTo(server: Server, route: Route): never {
  const word = route.type.kind.toLowerCase()
  const address = parseAddress(route.name)
  if (address === undefined) throw badRequest(`invalid ${word} request ${JSON.stringify(route.name)}`)
  if (word === 'service') throw serviceProblem(server, route, address)
  const place = word === 'node' ? nodePlace(server, route, address) : podPlace(server, route, address)
  if (!isGlobal(place.host)) throw badRequest('address not allowed')
  throw unavailable(`error trying to reach service: ${unreachable(place.address)}`)
}

const unavailable = (message: string): StatusError =>
  new StatusError(503, message, { reason: 'ServiceUnavailable' })

function parseAddress(text: string): Address | undefined {
  const parts = text.split(':')
  if (parts.length > 3) return undefined
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts]
  return ['', 'http', 'https'].includes(scheme) && name !== '' ? { name, port } : undefined
}

function found(server: Server, type: ResourceType, namespace: string, name: string): JsonObject {
  const entry = findEntry(server, type, namespace, name)
  if (entry === undefined) throw notFound(type, name)
  return objectOf(type, entry)
}

interface Place {
  readonly host: string
  readonly address: string
}

function podPlace(server: Server, { type, namespace }: Route, { name, port }: Address): Place {
  const pod = found(server, type, namespace, name)
  const host = stringAt(pod, 'status', 'podIP')
  const ports = listAt(pod, 'spec', 'containers').flatMap((one) => listAt(one, 'ports'))
  const first = numberAt(ports[0], 'containerPort')
  return { host, address: hostPort(host, port || String(first ?? 80)) }
}

function nodePlace(server: Server, { type }: Route, { name, port }: Address): Place {
  const { host, address } = nodeOf(server, name, type)
  return { host, address: port === '' ? address : hostPort(host, port) }
}

/** Neither the machine itself nor its neighbours nor everybody. */
function isGlobal(host: string): boolean {
  if (isIP(host) === 4) {
    const first = Number(host.split('.')[0])
    return first !== 127 && first < 224 && host !== '0.0.0.0' && !host.startsWith('169.254.')
  }
  return isIP(host) === 6 && !/^(::1?|fe[89ab].*|ff.*)$/i.test(host)
}

function serviceProblem(server: Server, { type, namespace, name: id }: Route, asked: Address): StatusError {
  const { name } = asked
  let { port } = asked
  if (/^\d+$/.test(port)) {
    const ports = listAt(found(server, type, namespace, name), 'spec', 'ports').filter(isObject)
    const match = ports.find((one) => one.port === Number(port))
    if (match === undefined)
      return unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`)
    port = stringAt(match, 'name')
  }
  const endpoints = findKind(server.registry, 'v1', 'Endpoints')
  const entry = endpoints === undefined ? undefined : findEntry(server, endpoints, namespace, name)
  // Told as if the Service itself were not there.
  if (entry === undefined) return notFound(type, name)
  const subsets = listAt(entry.object, 'subsets').filter(isObject)
  if (subsets.length === 0) return unavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  const reached = subsets.flatMap((subset) => placesOf(server, subset, namespace, port))[0]
  return unavailable(
    reached === undefined
      ? `no endpoints available for service ${JSON.stringify(id)}`
      : `error trying to reach service: ${unreachable(reached)}`,
  )
}

/** Where pods of the namespace answer at a port of that name. */
function placesOf(server: Server, subset: JsonObject, namespace: string, port: string): string[] {
  const pods = findKind(server.registry, 'v1', 'Pod')
  const ports = listAt(subset, 'ports')
    .filter(isObject)
    .filter((one) => stringAt(one, 'name') === port)
  return listAt(subset, 'addresses').flatMap((one) => {
    const target = stringAt(one, 'targetRef', 'name')
    const isPod =
      pods !== undefined &&
      stringAt(one, 'targetRef', 'namespace') === namespace &&
      findEntry(server, pods, namespace, target) !== undefined
    return isPod ? ports.map((each) => hostPort(stringAt(one, 'ip'), String(each.port))) : []
  })
}
