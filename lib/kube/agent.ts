/**
 * Connections to one API server: a keep-alive agent for http, https and https through an HTTP proxy, with its TLS set up once.
 * Certificates and keys go in; nothing of a request is known here.
 */
import * as http from 'node:http'
import * as https from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import * as tls from 'node:tls'

/** PEM text. */
export type Pem = string | Buffer

export interface ClientCertificate {
  readonly cert: Pem
  readonly key: Pem
}

export interface ConnectionConfig {
  /** `https://host:port/prefix`; http is meant for loopback. */
  readonly server: string
  /** Who may vouch for the server; without it the machine's own authorities. */
  readonly ca?: Pem | undefined
  /** The name to expect in the server's certificate instead of the host's. */
  readonly serverName?: string | undefined
  readonly insecureSkipTlsVerify?: boolean | undefined
  /** `http://[user:password@]host:port`, or https. */
  readonly proxy?: string | undefined
  /** Connections at a time; a watch holds one for as long as it lasts. No limit by default. */
  readonly maxSockets?: number | undefined
}

/** client-go's delay before TCP keep-alive probes: a peer that vanished is noticed although nothing is sent. */
const PROBE_AFTER_MS = 30_000

/** An agent whose idle connections close after `idleMs`. Throws for a proxy scheme that is not supported. */
export function toAgent(
  config: ConnectionConfig,
  certificate: ClientCertificate | undefined,
  idleMs: number,
): http.Agent {
  const pool: http.AgentOptions = {
    keepAlive: true,
    keepAliveMsecs: PROBE_AFTER_MS,
    timeout: idleMs,
    maxSockets: config.maxSockets ?? Number.POSITIVE_INFINITY,
  }
  const proxy = config.proxy === undefined ? undefined : toProxy(config.proxy)
  if (!config.server.startsWith('https:')) return new http.Agent(pool)
  const secure = toSecure(config, certificate)
  const agent = new https.Agent({ ...pool, ...secure })
  if (proxy !== undefined)
    agent.createConnection = (_options, done) => {
      tunnel(proxy, { ...secure, ...addressOf(config.server) }, done ?? (() => {}))
      return undefined
    }
  return agent
}

function toSecure(config: ConnectionConfig, certificate: ClientCertificate | undefined) {
  return {
    // One context for all connections: the agent would otherwise parse the PEM texts, and hash them for every request.
    secureContext: tls.createSecureContext({ ca: config.ca, ...certificate }),
    rejectUnauthorized: !config.insecureSkipTlsVerify,
    ...(config.serverName === undefined ? {} : { servername: config.serverName }),
  }
}

/** Host and port of an http(s) URL, as sockets want them. */
export function addressOf(server: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(server)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) }
}

/** The proxy's address. Credentials in it never get into a message. */
export function toProxy(address: string): URL {
  const proxy = URL.canParse(address) ? new URL(address) : undefined
  if (proxy?.protocol === 'http:' || proxy?.protocol === 'https:') return proxy
  const scheme = proxy === undefined ? 'is not a URL' : `has the scheme ${proxy.protocol.slice(0, -1)}`
  throw new Error(`The proxy of the API server ${scheme}; http and https proxies are supported`)
}

/** `Proxy-Authorization` for a proxy whose address has credentials. */
export function proxyHeaders(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {}
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` }
}

/** TLS inside a CONNECT tunnel (RFC 9110, 9.3.6). `target` is the API server. */
function tunnel(
  proxy: URL,
  target: tls.ConnectionOptions & { host: string },
  done: (error: Error | null, socket: Duplex) => void,
) {
  const { host, port } = target
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const request = (proxy.protocol === 'https:' ? https : http).request({
    ...addressOf(proxy.href),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...proxyHeaders(proxy) },
    agent: false,
  })
  // Node takes an error without a socket, which its types do not say.
  const fail = done as (error: Error) => void
  request.once('error', (error) => fail(new Error(`proxy ${proxy.host}: ${error.message}`, { cause: error })))
  request.once('connect', (response, socket) => {
    // Without a name to expect, TLS checks the certificate against the host, which may be an address.
    const servername = target.servername ?? (isIP(host) === 0 ? host : undefined)
    if (response.statusCode === 200)
      return done(
        null,
        tls.connect({ ...target, socket, ...(servername === undefined ? {} : { servername }) }),
      )
    socket.destroy()
    fail(new Error(`proxy ${proxy.host} answered CONNECT with ${response.statusCode}`))
  })
  request.end()
}
