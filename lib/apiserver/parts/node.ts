/** Where a node would answer. */
import { objectOf } from '../encode.ts'
import { findKind } from '../registry.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import { isObject, listAt, numberAt, stringAt } from '../schema/equal.ts'
import { findEntry, type Server } from '../server.ts'
import { internal, notFound } from '../status.ts'

/** The kinds of addresses that a kubelet is asked at, the first that there is. */
const PREFERRED = ['Hostname', 'InternalDNS', 'InternalIP', 'ExternalDNS', 'ExternalIP']

const KUBELET_PORT = 10_250

/** The host and `host:port` of a node's kubelet. Throws 404 as of `asked`, and 500 for a node without an address. */
export function nodeOf(
  server: Server,
  name: string,
  asked: ResourceType,
): { readonly host: string; readonly address: string } {
  const type = findKind(server.registry, 'v1', 'Node')
  const entry = type === undefined ? undefined : findEntry(server, type, '', name)
  if (type === undefined || entry === undefined) throw notFound(asked, name)
  const node = objectOf(type, entry)
  const host = hostOf(node)
  const port = numberAt(node, 'status', 'daemonEndpoints', 'kubeletEndpoint', 'Port') ?? 0
  return { host, address: hostPort(host, String(port === 0 ? KUBELET_PORT : port)) }
}

function hostOf(node: JsonObject): string {
  const addresses = listAt(node, 'status', 'addresses').filter(isObject)
  for (const type of PREFERRED)
    for (const one of addresses) if (one.type === type) return stringAt(one, 'address')
  const known = addresses.map((one) => `{${stringAt(one, 'type')} ${stringAt(one, 'address')}}`)
  throw internal(`no preferred addresses found; known addresses: [${known.join(' ')}]`)
}

/** Addresses of version 6 stand in brackets. */
export const hostPort = (host: string, port: string): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Nobody is there. */
export const unreachable = (address: string): string => `dial tcp ${address}: connect: connection refused`
