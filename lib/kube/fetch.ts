/**
 * The transport where there is `fetch` and no sockets: Cloudflare Workers, and any other runtime of web standards. The runtime
 * has the connections and checks certificates by its own authorities; here are credentials, limits of time, and the answers that
 * are none: redirects, and what Cloudflare itself answers for a server that it did not reach.
 */
import type { Transport, TransportRequest, TransportResponse } from '../kube.ts'
import { parseAddress } from './address.ts'
import { type Answers, authorized, type Credentials, type Headers } from './credentials.ts'
import { answered } from './fetch/answer.ts'

/** `fetch`, as far as it is used here. It must obey `signal`, while the body is read too. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface FetchConfig {
  /** `https://host:port/prefix`; http is meant for loopback. */
  readonly server: string
  readonly headers?: Credentials | undefined
  /** How long a request may wait for the head of its answer. */
  readonly answerSeconds?: number | undefined
  /** What requests go through instead of the global one: `(url, init) => env.K8S.fetch(url, init)` of a Workers VPC service. */
  readonly fetch?: Fetch | undefined
}

/** The API server ends its own requests after 60 s: no slow answer is cut off. */
const ANSWER_SECONDS = 75

/**
 * A transport to one server. It keeps nothing of a request, so that all requests of an isolate may share it. Throws for a
 * server that is no http(s) URL.
 */
export function fetchTransport(config: FetchConfig): Transport {
  const { origin, path } = parseAddress(config.server)
  const wire: Wire = {
    base: origin + path,
    milliseconds: (config.answerSeconds ?? ANSWER_SECONDS) * 1000,
    // Called as a method of anything else, the runtime's own refuses to work.
    fetch: config.fetch ?? ((url, init) => fetch(url, init)),
  }
  return {
    server: origin,
    async send(request) {
      const ask = (credentials: Headers) => exchange(wire, request, credentials)
      return toResponse(await authorized(config.headers, ask, ANSWERS))
    },
    // Connections are the runtime's.
    close() {},
  }
}

interface Wire {
  readonly base: string
  readonly milliseconds: number
  readonly fetch: Fetch
}

/** The head of an answer, and what lets go of its request: to be called when the body is done with. */
interface Exchange {
  readonly response: Response
  release(): void
}

const ANSWERS: Answers<Exchange> = {
  isRefused: ({ response }) => response.status === 401,
  discard: ({ response, release }) => response.text().finally(release),
}

function toResponse({ response, release }: Exchange): TransportResponse {
  return {
    status: response.status,
    get headers() {
      return Object.fromEntries(response.headers)
    },
    body: textOf(response.body, release),
  }
}

/** Characters that are cut between packets come whole. Whoever leaves early cancels the body, which ends the connection. */
async function* textOf(body: Response['body'], release: () => void): AsyncGenerator<string> {
  try {
    const decoder = new TextDecoder()
    for await (const bytes of body ?? []) yield decoder.decode(bytes, { stream: true })
    yield decoder.decode()
  } finally {
    release()
  }
}

async function exchange(wire: Wire, request: TransportRequest, credentials: Headers): Promise<Exchange> {
  const { signal } = request
  const ending = new AbortController()
  const abort = () => ending.abort(signal?.reason)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  const release = () => signal?.removeEventListener('abort', abort)
  const timer = setTimeout(
    () => ending.abort(new Error(`nothing came within ${wire.milliseconds / 1000} s`)),
    wire.milliseconds,
  )
  try {
    const response = await ask(wire, request, toInit(request, credentials, ending.signal))
    return { response: await answered(response, wire.base), release }
  } catch (error) {
    release()
    throw error
  } finally {
    // A watch may be silent for as long as it likes once it is answered.
    clearTimeout(timer)
  }
}

const toInit = (
  { method, headers, body }: TransportRequest,
  credentials: Headers,
  signal: AbortSignal,
): RequestInit => ({
  method,
  headers: { ...headers, ...credentials },
  ...(body === undefined ? {} : { body }),
  signal,
  // Credentials are for this server alone.
  redirect: 'manual',
  // Cloudflare keeps answers by the path's ending, which may be that of an object's name.
  cache: 'no-store',
})

/** The server may have closed the idle connection that was chosen; nobody tells which those are. */
async function ask(wire: Wire, { method, path }: TransportRequest, init: RequestInit): Promise<Response> {
  const url = wire.base + path
  try {
    return await wire.fetch(url, init)
  } catch (error) {
    if (init.signal?.aborted || !isLost(error)) throw causeOf(error)
    if (method !== 'GET') throw lost(error)
  }
  return wire.fetch(url, init).catch((error: unknown) => {
    throw causeOf(error)
  })
}

/** workerd calls every connection that failed or broke `retryable`; Node has the socket's code. */
function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('retryable' in error && error.retryable === true) return true
  const cause = causeOf(error)
  return cause instanceof Error && 'code' in cause && LOST.includes(String(cause.code))
}

const LOST = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']

/** Node's `fetch` says "fetch failed", and what did is within. */
const causeOf = (error: unknown): unknown =>
  error instanceof TypeError && error.cause instanceof Error ? error.cause : error

/** As a socket would say it: the next connection may well be there (`failingFast`). */
const lost = (error: unknown): Error =>
  Object.assign(new Error('the connection was lost', { cause: error }), { code: 'ECONNRESET' })
