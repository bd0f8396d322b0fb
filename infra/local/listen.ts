/** HTTP (or HTTPS) on loopback, in front of what answers on a local platform. */
import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Where {
  /** 0 (the default) takes a free one. */
  readonly port?: number | undefined
  /** PEM texts; without them it is plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
}

export interface Listening {
  /** `https://127.0.0.1:PORT`, without a slash at its end. */
  readonly url: string
  /** Takes no more requests; running ones are answered. */
  close(): Promise<void>
}

/** Listens on 127.0.0.1 until closed. Where `serve` rejects, the connection is cut. */
export async function listen(
  serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  { port = 0, tls }: Where,
): Promise<Listening> {
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void serve(request, response).catch(() => response.destroy())
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener)
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close')
      server.on('request', (_request, response) => response.setHeader('connection', 'close'))
      server.close()
      const sweeping = setInterval(() => server.closeIdleConnections(), 20)
      server.closeIdleConnections()
      await closed
      clearInterval(sweeping)
    },
  }
}
