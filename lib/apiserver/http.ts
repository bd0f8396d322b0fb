/**
 * The network edge: node:http on loopback. Reads requests within limits, turns browsers away, writes answers and streams.
 * Knows nothing of Kubernetes but the shape of a refusal.
 */
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http'
import { addressOf } from './address.ts'
import { handle } from './api.ts'
import { NO_BODY, readBody } from './body.ts'
import { brokenBy, NO_TUNNEL, plain, refuse } from './edge.ts'
import { type Fault, injected } from './faults.ts'
import { errorAnswer } from './render.ts'
import type { Answer, Server } from './server.ts'
import { createTurn, sinkOf, type Turn } from './sink.ts'
import { StatusError } from './status.ts'
import { warningsOf } from './warning.ts'

/** Go's `http.Server` takes this and a little for the request line (`MaxHeaderBytes`, and 4096 of slop). */
const MAX_HEAD_BYTES = 1024 * 1024 + 4096

const SECOND = 1000

/** An HTTP server that answers for `server`; it does not listen yet. */
export function createHttpServer(server: Server): HttpServer {
  const http = createServer({
    noDelay: true,
    // Told with Go's words, below.
    requireHostHeader: false,
    maxHeaderSize: MAX_HEAD_BYTES,
    // Those of the real server: how long to wait for the next request, for the head of one, for all of it.
    keepAliveTimeout: 90 * SECOND,
    headersTimeout: 32 * SECOND,
    requestTimeout: 60 * SECOND,
  })
  // Else node drops the headers beyond 2000 silently. Their size is bounded above.
  http.maxHeadersCount = 0
  const edge = { server, turn: createTurn() }
  http.on('request', (message, response) => {
    serve(edge, message, response).catch((error: unknown) => fail(response, error))
  })
  http.on('clientError', refuse)
  http.on('connect', (_message, socket) => void socket.end(NO_TUNNEL))
  return http
}

interface Edge {
  readonly server: Server
  readonly turn: Turn
}

async function serve(
  { server, turn }: Edge,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const broken = brokenBy(message)
  if (broken !== undefined) return void response.socket?.end(broken)
  const stranger = strangerOf(message)
  if (stranger !== undefined) return send(response, errorAnswer(stranger), message.method)
  if (message.url === '*' && message.method === 'OPTIONS') return void response.end()
  const address = addressOf(message.url ?? '/')
  if (address === undefined) return void response.socket?.end(plain(400))
  const hasBody = message.method !== 'GET' && message.method !== 'HEAD'
  const body = hasBody ? await readBody(message) : NO_BODY
  if (!body.isWhole) response.shouldKeepAlive = false
  const { method = 'GET' } = message
  const headerLines = () => message.headersDistinct
  const request = { ...address, method, headers: headersOf(message), headerLines, body }
  const { fault, answer } = handle(server, request)
  if (fault !== undefined && fault.when !== 'after' && !(await passes(server, fault, response))) return
  const made = await answer()
  if (fault?.when === 'after' && !(await passes(server, fault, response))) return
  if (made.stream === undefined) return send(response, made, message.method)
  if (made.warnings !== undefined) response.setHeader('warning', warningsOf(made.warnings))
  response.writeHead(made.status, { 'content-type': made.contentType, 'cache-control': 'no-cache, private' })
  // The client waits for the headers of a stream even if no line follows for minutes.
  response.flushHeaders()
  made.stream(sinkOf(response, turn))
}

const headersOf = ({ headers }: IncomingMessage) => headers as Record<string, string | undefined>

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * A page in a browser could reach a loopback port: by a rebound name (Host), or across sites (Origin). Neither is a
 * Kubernetes client.
 */
function strangerOf(message: IncomingMessage): StatusError | undefined {
  const { host, origin } = message.headers
  // A client of HTTP/1.0 may leave it out; a browser never does.
  if (host !== undefined && !LOOPBACK.has(host.replace(/:\d+$/, '').toLowerCase()))
    return new StatusError(403, 'the Host of the request is not a loopback address', { reason: 'Forbidden' })
  if (origin !== undefined && origin !== `http://${host}`)
    return new StatusError(403, 'requests from other origins are not served', { reason: 'Forbidden' })
  return undefined
}

/** Does what the fault says; true when the true answer is still to be given. */
async function passes(server: Server, fault: Fault, response: ServerResponse): Promise<boolean> {
  const { delay, drop, status, body, headers, retryAfterSeconds } = fault
  if (delay !== undefined) await waited(server, delay)
  if (drop === true) response.destroy()
  else if (status !== undefined) {
    const answer = errorAnswer(injected(status, retryAfterSeconds))
    const text = typeof body === 'object' ? JSON.stringify(body) : body
    send(response, text === undefined ? answer : { ...answer, body: text }, undefined, headers)
  }
  return drop !== true && status === undefined
}

/** Not beyond the server's end. */
const waited = (server: Server, milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    const cancel = server.clock.after(milliseconds, () => {
      server.ends.delete(cancel)
      resolve()
    })
    server.ends.add(cancel)
  })

function send(
  response: ServerResponse,
  answer: Answer,
  method: string | undefined,
  more: Readonly<Record<string, string>> = {},
): void {
  const headers: Record<string, string | number | string[]> = {
    ...(answer.contentType === '' ? {} : { 'content-type': answer.contentType }),
    'cache-control': 'no-cache, private',
    ...answer.headers,
    'content-length': Buffer.byteLength(answer.body),
  }
  if (answer.warnings !== undefined) headers.warning = warningsOf(answer.warnings)
  if (answer.retryAfterSeconds !== undefined) headers['retry-after'] = answer.retryAfterSeconds
  response.writeHead(answer.status, { ...headers, ...more })
  // Node would write the bytes of a header as those of the body's encoding if both went out as one text.
  const body = answer.warnings === undefined ? answer.body : Buffer.from(answer.body)
  response.end(method === 'HEAD' ? '' : body)
}

/** A mistake of this server's own: the client gets a 500 without particulars. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy()
  const message = `Internal error occurred: ${error instanceof Error ? error.message : 'unknown'}`
  send(response, errorAnswer(new StatusError(500, message, { reason: 'InternalError' })), 'GET')
}
