/**
 * The network edge: node:http on loopback. Reads requests within limits, turns browsers away, writes answers and streams.
 * Knows nothing of Kubernetes but the shape of a refusal.
 */
import { isUtf8 } from 'node:buffer'
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http'
import { handle } from './api.ts'
import { type Fault, injected } from './faults.ts'
import { fromProtobuf } from './protobuf/decode.ts'
import { errorAnswer } from './render.ts'
import type { Answer, ApiRequest, Server, Sink } from './server.ts'
import { StatusError } from './status.ts'
import { warningsOf } from './warning.ts'

/** The API server's own limit of a request (`MaxRequestBodyBytes`). */
const MAX_BODY_BYTES = 3 * 1024 * 1024

/** An HTTP server that answers for `server`; it does not listen yet. */
export function createHttpServer(server: Server): HttpServer {
  const http = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0, noDelay: true })
  http.on('request', (message, response) => {
    serve(server, message, response).catch((error: unknown) => fail(response, error))
  })
  return http
}

async function serve(server: Server, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const stranger = strangerOf(message)
  if (stranger !== undefined) return send(response, errorAnswer(stranger), message.method)
  let body = ''
  if (message.method !== 'GET' && message.method !== 'HEAD') {
    const read = await readBody(message)
    if (read === undefined) return send(response, errorAnswer(tooLarge()), message.method)
    const text = textOf(message, read)
    if (text instanceof StatusError) return send(response, errorAnswer(text), message.method)
    body = text
  }
  const request = requestOf(message, body)
  if (request === undefined) return send(response, errorAnswer(badPath()), message.method)
  const { fault, answer } = handle(server, request)
  if (fault !== undefined && fault.when !== 'after' && !(await passes(server, fault, response))) return
  const made = await answer()
  if (fault?.when === 'after' && !(await passes(server, fault, response))) return
  if (made.stream === undefined) return send(response, made, message.method)
  if (made.warnings !== undefined) response.setHeader('warning', warningsOf(made.warnings))
  response.writeHead(made.status, { 'content-type': made.contentType, 'cache-control': 'no-cache, private' })
  // The client waits for the headers of a stream even if no line follows for minutes.
  response.flushHeaders()
  made.stream(sinkOf(response))
}

const tooLarge = () =>
  new StatusError(413, `Request entity too large: limit is ${MAX_BODY_BYTES}`, {
    reason: 'RequestEntityTooLarge',
  })

const badPath = () => new StatusError(400, 'the path of the request is malformed', { reason: 'BadRequest' })

/** Undefined when the body is over the limit. It is read to its end all the same: who still writes would not read an answer. */
async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
    else chunks.length = 0
  }
  if (bytes > MAX_BODY_BYTES) return undefined
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
}

/** The body as text; protobuf is turned into JSON here, and its header with it. */
function textOf(message: IncomingMessage, body: Buffer): string | StatusError {
  if (message.headers['content-type']?.startsWith('application/vnd.kubernetes.protobuf') !== true)
    return isYaml(message) && !isUtf8(body) ? badYaml() : body.toString('utf8')
  if (body.length === 0) return ''
  try {
    const object = fromProtobuf(body)
    message.headers['content-type'] = 'application/json'
    return JSON.stringify(object)
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
}

const isYaml = (message: IncomingMessage): boolean => /yaml/.test(message.headers['content-type'] ?? '')

/** JSON takes a broken character for U+FFFD, YAML does not take it. */
const badYaml = () =>
  new StatusError(
    400,
    'error decoding YAML: error converting YAML to JSON: yaml: invalid leading UTF-8 octet',
    { reason: 'BadRequest' },
  )

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * A page in a browser could reach a loopback port: by a rebound name (Host), or across sites (Origin). Neither is a
 * Kubernetes client.
 */
function strangerOf(message: IncomingMessage): StatusError | undefined {
  const { host = '', origin } = message.headers
  if (!LOOPBACK.has(host.replace(/:\d+$/, '').toLowerCase()))
    return new StatusError(403, 'the Host of the request is not a loopback address', { reason: 'Forbidden' })
  if (origin !== undefined && origin !== `http://${host}`)
    return new StatusError(403, 'requests from other origins are not served', { reason: 'Forbidden' })
  return undefined
}

function requestOf(message: IncomingMessage, body: string): ApiRequest | undefined {
  const url = message.url ?? '/'
  const at = url.indexOf('?')
  const path = at < 0 ? url : url.slice(0, at)
  const segments: string[] = []
  for (const part of path.replace(/^\/|\/$/g, '').split('/')) {
    const decoded = part.includes('%') ? decodePart(part) : part
    if (decoded === undefined) return undefined
    // An escaped slash separates like any other.
    segments.push(...decoded.split('/'))
  }
  return {
    method: message.method ?? 'GET',
    path,
    segments,
    query: queryOf(at < 0 ? '' : url.slice(at + 1)),
    headers: message.headers as Record<string, string | undefined>,
    headerLines: () => message.headersDistinct,
    body,
  }
}

/** Go's net/url leaves out what it cannot read: a pair with a semicolon or a broken escape. */
function queryOf(text: string): URLSearchParams {
  if (!/[;%]/.test(text)) return new URLSearchParams(text)
  const pairs = text.split('&').filter((pair) => !/;|%(?![0-9a-fA-F]{2})/.test(pair))
  return new URLSearchParams(pairs.join('&'))
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
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
    'content-length': Buffer.byteLength(answer.body),
  }
  if (answer.warnings !== undefined) headers.warning = warningsOf(answer.warnings)
  if (answer.retryAfterSeconds !== undefined) headers['retry-after'] = answer.retryAfterSeconds
  response.writeHead(answer.status, { ...headers, ...more })
  response.end(method === 'HEAD' ? '' : answer.body)
}

/** A reader may hold back this much before its watch waits for it. */
const sinkOf = (response: ServerResponse): Sink => ({
  write: (line) => response.write(line),
  onDrain: (task) => void response.on('drain', task),
  onClose: (task) => (response.destroyed ? task() : void response.on('close', task)),
  end: () => void response.end(),
  destroy: () => void response.destroy(),
  cut: (text) => void response.write(text, () => response.destroy()),
})

/** A mistake of this server's own: the client gets a 500 without particulars. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy()
  const message = `Internal error occurred: ${error instanceof Error ? error.message : 'unknown'}`
  send(response, errorAnswer(new StatusError(500, message, { reason: 'InternalError' })), 'GET')
}
