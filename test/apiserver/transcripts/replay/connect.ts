/**
 * A connection to the server under test: sends requests as they are written, and gives answers as they came. It repeats nothing
 * but a request whose kept connection had just been closed, and hides nothing: a 401 is an answer.
 */
import * as http from 'node:http'
import * as https from 'node:https'
import { type ConnectionConfig, type ClientCertificate, toAgent } from '../../../../lib/kube/agent.ts'
import type { Credentials } from '../../../../lib/kube/credentials.ts'
import { type Answer, readText, toAnswer } from './answer.ts'
import type { Request } from './scenario.ts'
import { type Stream, toStream } from './stream.ts'

/** Where to, and as whom. */
export interface Target extends ConnectionConfig {
  readonly certificate?: ClientCertificate | undefined
  readonly headers?: Credentials | undefined
}

export interface Connection {
  /** Throws where there is no answer. */
  request(request: Request): Promise<Answer>
  /** Opens a watch; an answer other than 200 is read whole. */
  watch(request: Request): Promise<Stream>
  close(): void
}

/** Most managers of the transcripts are called `transcripts` because of it. */
const USER_AGENT = 'transcripts/1.0'
/** A server ends its own requests after 60 s. */
const ANSWER_MS = 75_000

/** Opens nothing until it is used. Throws for an address that is no http(s) URL. */
export function connectTo(target: Target): Connection {
  const agent = toAgent(target, target.certificate, ANSWER_MS)
  const wire = { target, agent, url: new URL(target.server) }
  return {
    async request(request) {
      const message = await exchange(wire, request)
      return toAnswer(message, await readText(message))
    },
    async watch(request) {
      const message = await exchange(wire, request)
      const text = message.statusCode === 200 ? '' : await readText(message)
      return toStream(message, toAnswer(message, text))
    },
    close: () => agent.destroy(),
  }
}

interface Wire {
  readonly target: Target
  readonly agent: http.Agent
  readonly url: URL
}

async function exchange(wire: Wire, request: Request): Promise<http.IncomingMessage> {
  const text = textOf(request)
  const headers = await headersOf(wire.target, request, text)
  const first = start(wire, request, headers, text)
  try {
    return await answered(first)
  } catch (error) {
    // A kept connection may be closed by the server just as it is used again.
    const isStale =
      first.reusedSocket && error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
    if (!isStale) throw error
    return answered(start(wire, request, headers, text))
  }
}

/** A body that is a string is sent as it stands. */
const textOf = ({ body }: Request): string | undefined =>
  body === undefined || typeof body === 'string' ? body : JSON.stringify(body)

type Headers = Record<string, string | number>

async function headersOf(target: Target, request: Request, text: string | undefined): Promise<Headers> {
  const headers: Headers = { accept: 'application/json', 'user-agent': USER_AGENT }
  if (text !== undefined) headers['content-type'] = 'application/json'
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    const key = name.toLowerCase()
    // null: the header that is otherwise sent is left out.
    if (value === null) delete headers[key]
    else headers[key] = value
  }
  if (text !== undefined) headers['content-length'] = Buffer.byteLength(text)
  return { ...headers, ...(await target.headers?.(false)) }
}

function start(
  { target, agent, url }: Wire,
  { method, path }: Request,
  headers: Headers,
  text: string | undefined,
): http.ClientRequest {
  const protocol = target.server.startsWith('https:') ? https : http
  const sent = protocol.request({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : Number(url.port),
    method,
    path: url.pathname.replace(/\/$/, '') + path,
    headers,
    agent,
  })
  sent.end(text)
  return sent
}

function answered(sent: http.ClientRequest): Promise<http.IncomingMessage> {
  const seconds = ANSWER_MS / 1000
  const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${seconds} s`)), ANSWER_MS)
  return new Promise<http.IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve)
    sent.on('error', reject)
  }).finally(() => clearTimeout(timer))
}
