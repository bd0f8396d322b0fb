/** What probes and Prometheus ask a resident process: does it live, is it ready, what has it counted. Plain HTTP, GET only. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Health {
  /** What it is not ready for, a line each; nothing: it is ready. */
  missing(): readonly string[]
  /** In the text format of Prometheus, 0.0.4. */
  metrics(): string
}

interface HealthServer {
  /** `http://HOST:PORT` */
  readonly url: string
  close(): Promise<void>
}

export interface Listening {
  /** Absent: all interfaces. */
  readonly host?: string | undefined
  /** 0 takes a free one. */
  readonly port: number
}

/** Whoever asks sends no body, and is answered at once. */
const TIMEOUTS = { keepAliveTimeout: 30_000, headersTimeout: 10_000, requestTimeout: 10_000 }

/** Serves /healthz, /readyz (503 and what is missing) and /metrics until closed. Rejects where the port is taken. */
export async function serveHealth(health: Health, { host, port }: Listening): Promise<HealthServer> {
  const server = createServer(TIMEOUTS, (request, response) => answer(health, request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { port: taken, address, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly type?: string
}

function answer(health: Health, { method, url = '' }: IncomingMessage, response: ServerResponse): void {
  const isRead = method === 'GET' || method === 'HEAD'
  const {
    status,
    text,
    type = 'text/plain',
  }: Answer = isRead ? answerTo(health, url.split('?')[0]) : { status: 405, text: 'GET only\n' }
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` })
  response.end(method === 'HEAD' ? '' : text)
}

function answerTo(health: Health, path: string | undefined): Answer {
  switch (path) {
    case '/healthz':
      return { status: 200, text: 'ok\n' }
    case '/readyz': {
      const missing = health.missing()
      return missing.length === 0
        ? { status: 200, text: 'ok\n' }
        : { status: 503, text: `${missing.join('\n')}\n` }
    }
    case '/metrics':
      return { status: 200, text: health.metrics(), type: 'text/plain; version=0.0.4' }
    default:
      return { status: 404, text: 'there are /healthz, /readyz and /metrics\n' }
  }
}
