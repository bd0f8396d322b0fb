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

/** Where to connect to, and what to ask for there. */
export interface Address {
  /** Without a query. */
  readonly url: URL
  readonly host: string
  readonly port: number
  /** The name that the certificate has to be for. */
  readonly servername: string
}

const HTTPS_PORT = 443

/** The URL of a `clientConfig`, as failures name it. */
export function urlOf(config: JsonObject): URL {
  const { service } = config
  const url = isObject(service)
    ? new URL(`https://${serverNameOf(service)}:${portOf(service)}`)
    : new URL(stringAt(config, 'url'))
  // Go's client joins paths, which drops a slash at the end.
  const path = isObject(service) ? `/${stringAt(service, 'path').replace(/^\/+/, '')}` : url.pathname
  url.pathname = path.replace(/\/+$/, '') || '/'
  return url
}

/** Throws {@link WebhookFailure}. */
export function addressOf(server: Server, config: JsonObject): Address {
  const url = urlOf(config)
  const { service } = config
  if (isObject(service)) return { url, servername: serverNameOf(service), ...resolve(server, service) }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return { url, host, port: url.port === '' ? HTTPS_PORT : Number(url.port), servername: host }
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
