/**
 * Where a webhook is: its URL, or the Service that stands for it, resolved as a kube-apiserver without aggregator routing
 * does (k8s.io/apiserver/pkg/util/proxy.ResolveCluster). Addresses of Services lead nowhere in this server, so only
 * Services of type ExternalName can be reached.
 */
import { findKind } from '../registry.ts'
import type { JsonObject } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { findEntry, type Server } from '../server.ts'
import { WebhookFailure } from './failure.ts'

/** What a configuration says, as failures name it. */
export interface Place {
  /** Host, and port where it is given. */
  readonly authority: string
  readonly path: string
}

/** Where to connect to. */
export interface Address extends Place {
  readonly host: string
  readonly port: number
  /** The name that the certificate has to be for. */
  readonly servername: string
}

const HTTPS_PORT = 443

/** The place that a `clientConfig` names. */
export function placeOf({ service, url }: JsonObject): Place {
  if (isObject(service)) {
    const authority = `${serverNameOf(service)}:${portOf(service)}`
    return { authority, path: joined(`/${stringAt(service, 'path').replace(/^\/+/, '')}`) }
  }
  const { pathname } = new URL(String(url))
  // A URL would leave out a port that is the usual one.
  return { authority: /^https:\/\/([^/]*)/i.exec(String(url))?.[1] ?? '', path: joined(pathname) }
}

/** Go's client joins paths, which drops a slash at the end. */
const joined = (path: string): string => path.replace(/\/+$/, '') || '/'

/** Throws {@link WebhookFailure}. */
export function addressOf(server: Server, config: JsonObject): Address {
  const place = placeOf(config)
  const { service } = config
  if (isObject(service)) return { ...place, servername: serverNameOf(service), ...resolve(server, service) }
  const { hostname, port } = new URL(`https://${place.authority}`)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return { ...place, host, port: port === '' ? HTTPS_PORT : Number(port), servername: host }
}

const serverNameOf = (service: JsonObject): string =>
  `${stringAt(service, 'name')}.${stringAt(service, 'namespace')}.svc`

const portOf = (service: JsonObject): number => numberAt(service, 'port') ?? HTTPS_PORT

function resolve(server: Server, service: JsonObject): { host: string; port: number } {
  const name = stringAt(service, 'name')
  const type = findKind(server.registry, 'v1', 'Service')
  const entry = type === undefined ? undefined : findEntry(server, type, stringAt(service, 'namespace'), name)
  if (entry === undefined) throw new WebhookFailure(`service ${JSON.stringify(name)} not found`)
  const port = portOf(service)
  const spec = objectAt(entry.object, 'spec')
  if (spec.type === 'ExternalName') return { host: stringAt(spec, 'externalName'), port }
  if (spec.clusterIP === 'None') throw new WebhookFailure('cannot route to service with ClusterIP "None"')
  if (!listAt(spec, 'ports').some((one) => numberAt(one, 'port') === port))
    throw new WebhookFailure(`no service port ${port} found for service ${JSON.stringify(name)}`)
  throw new WebhookFailure(
    `dial tcp ${stringAt(spec, 'clusterIP')}:${port}: connect: no route to host (Services have no network here: use a url, or a Service of type ExternalName)`,
  )
}
