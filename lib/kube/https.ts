/**
 * The transport on Node: requests over kept-alive connections of `node:http`/`node:https`. It adds credentials, asks for
 * fresh ones once when the server refuses them, and repeats a request whose idle connection turned out to be dead. It knows
 * nothing of Kubernetes.
 */
import { once } from 'node:events'
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import * as http from 'node:http'
import * as https from 'node:https'
import type { Transport, TransportRequest, TransportResponse } from '../kube.ts'
import { parseAddress } from './address.ts'
import {
  addressOf,
  type ClientCertificate,
  type ConnectionConfig,
  type Pem,
  proxyHeaders,
  toAgent,
  toProxy,
} from './agent.ts'
import { type Answers, authorized, type Credentials, type Headers } from './credentials.ts'

export interface HttpsConfig extends ConnectionConfig {
  /** A client certificate for as long as the transport lives. */
  readonly cert?: Pem | undefined
  readonly key?: Pem | undefined
  readonly headers?: Credentials | undefined
  /**
   * A client certificate that may be renewed, asked for after `headers`. The same object means the same certificate; with
   * another one new connections are made.
   */
  readonly certificate?: (() => ClientCertificate | undefined) | undefined
  /** How long a request may wait for the head of its answer, and a connection idle. */
  readonly answerSeconds?: number | undefined
  /** How long making a connection may take, TLS and all. Without it as long as an answer. */
  readonly connectSeconds?: number | undefined
}

/**
 * The API server ends its own requests after 60 s and closes connections that were idle for 90 s: between the two neither
 * a slow answer is cut off nor a connection reused that is being closed.
 */
const ANSWER_SECONDS = 75

/**
 * A transport to one server. Opens nothing until it is used. Throws for a server or proxy that is no http(s) URL, and
 * for certificates that are none.
 */
export function httpsTransport(config: HttpsConfig): Transport {
  const wire = toWire(config)
  // Certificates that cannot be read are a mistake of now, not of the first request.
  agentOf(wire)
  return {
    server: wire.server,
    send: (request) => send(wire, request),
    close: () => wire.agent?.destroy(),
  }
}

/** One server's address, parsed once, and the agent of the certificate in use. */
interface Wire {
  readonly config: HttpsConfig
  readonly server: string
  readonly protocol: typeof http | typeof https
  readonly options: { readonly host: string; readonly port: number; readonly timeout: number }
  /** Before every path: what the server's URL has, and all of it for a proxy of plain http. */
  readonly prefix: string
  readonly fixed: Headers
  readonly certificate: () => ClientCertificate | undefined
  agent: Agent | undefined
  agentCertificate: ClientCertificate | undefined
}

function toWire(config: HttpsConfig): Wire {
  const { origin, host, isSecure, path } = parseAddress(config.server)
  const proxy = config.proxy === undefined || isSecure ? undefined : toProxy(config.proxy)
  const { cert, key } = config
  const fixed = cert === undefined || key === undefined ? undefined : { cert, key }
  const timeout = (config.answerSeconds ?? ANSWER_SECONDS) * 1000
  return {
    config,
    server: origin,
    protocol: isSecure ? https : http,
    options: { ...addressOf(proxy?.href ?? config.server), timeout },
    prefix: proxy === undefined ? path : `${origin}${path}`,
    fixed: { host, ...(proxy === undefined ? {} : proxyHeaders(proxy)) },
    certificate: config.certificate ?? (() => fixed),
    agent: undefined,
    agentCertificate: undefined,
  }
}

const ANSWERS: Answers<IncomingMessage> = {
  isRefused: ({ statusCode }) => statusCode === 401,
  discard: (response) => once(response.resume(), 'end'),
}

async function send(wire: Wire, request: TransportRequest): Promise<TransportResponse> {
  const ask = (credentials: Headers) => exchange(wire, request, credentials)
  return toResponse(await authorized(wire.config.headers, ask, ANSWERS))
}

/** `headers` is parsed only if somebody looks; the body is a string stream that closes the connection when abandoned. */
function toResponse(response: IncomingMessage): TransportResponse {
  return {
    status: response.statusCode ?? 0,
    get headers() {
      return Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
      )
    },
    body: response.setEncoding('utf8'),
  }
}

async function exchange(
  wire: Wire,
  request: TransportRequest,
  credentials: Headers,
): Promise<IncomingMessage> {
  const agent = agentOf(wire)
  const first = start(wire, agent, request, credentials)
  try {
    return await answerOf(first, request, wire)
  } catch (error) {
    const isStale = first.reusedSocket && isLostConnection(error) && isRepeatable(request)
    if (!isStale || request.signal?.aborted) throw error
  }
  // A server that closed one idle connection has mostly closed them all: the second try gets a new one.
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
  return answerOf(start(wire, agent, request, credentials), request, wire)
}

function agentOf(wire: Wire): Agent {
  const certificate = wire.certificate()
  if (wire.agent !== undefined && wire.agentCertificate === certificate) return wire.agent
  for (const sockets of Object.values(wire.agent?.freeSockets ?? {}))
    for (const socket of sockets ?? []) socket.destroy()
  wire.agentCertificate = certificate
  wire.agent = toAgent(wire.config, certificate, wire.options.timeout)
  return wire.agent
}

function start(wire: Wire, agent: Agent, request: TransportRequest, credentials: Headers): ClientRequest {
  const { method, path, body } = request
  const headers: Record<string, string | number> = { ...wire.fixed, ...request.headers, ...credentials }
  // Node frames the body of a DELETE in no way at all unless it is told its length.
  if (body !== undefined) headers['content-length'] = Buffer.byteLength(body)
  const { host, port, timeout } = wire.options
  const sent = wire.protocol.request({
    host,
    port,
    timeout,
    agent,
    method,
    path: wire.prefix + path,
    headers,
  })
  sent.end(body)
  return sent
}

/** Resolves with the head of the answer. An abort ends the request at once, and its body too while that is read. */
function answerOf(sent: ClientRequest, { signal }: TransportRequest, wire: Wire): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let isAnswered = false
    sent.on('error', reject)
    boundConnecting(sent, wire.config.connectSeconds)
    sent.on('response', (response) => {
      isAnswered = true
      resolve(response)
    })
    sent.on('timeout', () => {
      // A watch may be silent for as long as it likes once it is answered.
      if (!isAnswered) sent.destroy(new Error(`nothing came within ${wire.options.timeout / 1000} s`))
    })
    if (signal === undefined) return
    const abort = () => {
      reject(signal.reason)
      sent.destroy()
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort)
    sent.on('close', () => signal.removeEventListener('abort', abort))
  })
}

/** Ends a request whose connection is not made in time; one that is kept alive is there already. */
function boundConnecting(sent: ClientRequest, seconds: number | undefined): void {
  if (seconds === undefined) return
  const timer = setTimeout(() => sent.destroy(new Error(`no connection within ${seconds} s`)), seconds * 1000)
  const done = () => clearTimeout(timer)
  sent.on('close', done)
  sent.on('socket', (socket) => {
    if (sent.reusedSocket) return done()
    socket.once('getCipher' in socket ? 'secureConnect' : 'connect', done)
  })
  sent.on('response', done)
}

const isLostConnection = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')

/** Doing it twice is doing it once. A JSON Patch may append, a POST may create. */
const isRepeatable = ({ method, headers }: TransportRequest): boolean =>
  method !== 'POST' && headers['content-type'] !== 'application/json-patch+json'
