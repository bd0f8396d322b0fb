/**
 * One exchange with a webhook: a POST over TLS, bounded in time by the server's clock and in size, on a kept connection
 * where there is one. What the answer means is not looked at here.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { type RequestOptions, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { Server } from '../server.ts'
import type { Address } from './address.ts'
import { BrokenAnswer, goWords, WebhookFailure } from './failure.ts'

/** What came back. */
export interface Reply {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** What is sent, and how long an answer may take. */
export interface Post {
  readonly path: string
  readonly body: string
  /** PEM; undefined: the roots of this machine. */
  readonly ca: string | undefined
  readonly timeoutSeconds: number
  /** What is said when that is over. */
  readonly timeoutText: string
}

/** The largest answer that is read (the API server's own limit of a body). */
const MAX_REPLY_BYTES = 3 * 1024 * 1024

/** Rejects with a {@link WebhookFailure}. */
export async function post(server: Server, address: Address, sent: Post): Promise<Reply> {
  try {
    return await exchange(server, address, sent)
  } catch (error) {
    // The other side may have closed a kept connection at the moment it was used: that says nothing of the webhook.
    if (!(error instanceof BrokenConnection)) throw error
    return exchange(server, address, sent)
  }
}

class BrokenConnection extends WebhookFailure {}

function exchange(server: Server, address: Address, sent: Post): Promise<Reply> {
  let cancel = () => {}
  let begun = false
  return new Promise<Reply>((resolve, reject) => {
    const request = opened(optionsOf(server, address, sent))
    cancel = server.clock.after(sent.timeoutSeconds * 1000, () => {
      reject(begun ? new BrokenAnswer(sent.timeoutText) : new WebhookFailure(sent.timeoutText))
      request.destroy()
    })
    request.on('error', (error) => reject(failureOf(request, error, address)))
    request.on('response', (message) => {
      begun = true
      read(message).then(resolve, reject)
    })
    request.end(sent.body)
  }).finally(() => cancel())
}

/** Certificates that cannot be read are noticed here. Throws {@link WebhookFailure}. */
function opened(options: RequestOptions): ClientRequest {
  try {
    return httpsRequest(options)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new WebhookFailure(`unable to load root certificates: ${message}`, { cause: error })
  }
}

function failureOf(request: ClientRequest, error: Error, { host, port }: Address): WebhookFailure {
  const words = goWords(error, `${host}:${port}`)
  const isBroken = request.reusedSocket && 'code' in error && error.code === 'ECONNRESET'
  return new (isBroken ? BrokenConnection : WebhookFailure)(words, { cause: error })
}

async function read(message: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > MAX_REPLY_BYTES) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw new BrokenAnswer('unexpected EOF', { cause: error })
  }
  if (bytes > MAX_REPLY_BYTES) throw new BrokenAnswer(`the response is larger than ${MAX_REPLY_BYTES} bytes`)
  return {
    status: message.statusCode ?? 0,
    contentType: message.headers['content-type'] ?? '',
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

const optionsOf = (server: Server, address: Address, { path, body, ca }: Post): RequestOptions => ({
  agent: server.agent,
  method: 'POST',
  host: address.host,
  port: address.port,
  path,
  ...(isIP(address.servername) === 0 ? { servername: address.servername } : {}),
  ...(ca === undefined ? {} : { ca }),
  headers: {
    host: address.authority,
    'user-agent': 'kube-apiserver-admission',
    accept: 'application/json, */*',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  },
})
