/**
 * The review app on a port of this machine: plain HTTP on loopback, or TLS with certificates that are read anew when their
 * files change. Slow and silent clients are bounded; stopping lets what is asked be answered.
 */
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Clock } from '../clock.ts'

/** Files in PEM. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
  /** Only clients with a certificate of this authority are answered. */
  readonly clientCa?: string | undefined
}

/** PEM texts. */
export interface TlsTexts {
  readonly cert: string
  readonly key: string
}

export interface Listening {
  readonly clock: Clock
  readonly host?: string
  /** 0 (the default) takes a free one. */
  readonly port?: number
  readonly tls?: TlsFiles | TlsTexts
  /** Told when certificates could not be read again; the old ones stay. */
  readonly onReload?: (error: unknown) => void
}

export interface ReviewServer {
  /** `https://HOST:PORT` */
  readonly url: string
  /** Takes no new connections, lets running requests end for `graceSeconds` (default 10), then cuts what is left. */
  close(graceSeconds?: number): Promise<void>
}

/** controller-runtime's certwatcher looks this often. */
const RELOAD_SECONDS = 10

/** controller-runtime's `IdleTimeout` and `ReadHeaderTimeout`; requests are bounded by the app's own limit of a body. */
const TIMEOUTS = { keepAliveTimeout: 90_000, headersTimeout: 32_000, requestTimeout: 40_000 }

/** Serves until closed. Rejects where the port is taken or the certificates cannot be read. */
export async function serveReviews(app: Hono, listening: Listening): Promise<ReviewServer> {
  const { clock, host = '127.0.0.1', port = 0, tls } = listening
  const listener = getRequestListener(app.fetch)
  // Before they are read: what is swapped in between is then seen as a change.
  const known = tls !== undefined && isFiles(tls) ? fingerprint(tls) : ''
  const server =
    tls === undefined
      ? createHttpServer(TIMEOUTS, listener)
      : createHttpsServer({ ...TIMEOUTS, ...contextOf(tls) }, listener)
  const stopReloading =
    tls !== undefined && isFiles(tls) ? reload(server as HttpsServer, { tls, known }, listening) : () => {}
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    async close(graceSeconds = 10) {
      stopReloading()
      await closed(server, clock, graceSeconds)
    },
  }
}

/** How often connections that have become idle are closed while the server stops. */
const SWEEP_MS = 50

function closed(server: Server | HttpsServer, clock: Clock, graceSeconds: number): Promise<void> {
  // An API server keeps its connections: each goes when what it asked last is answered.
  server.on('request', (_request, response) => response.setHeader('connection', 'close'))
  const sweeping = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
  return new Promise((resolve, reject) => {
    const cancel = clock.after(graceSeconds * 1000, () => server.closeAllConnections())
    server.close((error) => {
      clearInterval(sweeping)
      cancel()
      if (error === undefined) resolve()
      else reject(error)
    })
    server.closeIdleConnections()
  })
}

const isFiles = (tls: TlsFiles | TlsTexts): tls is TlsFiles => !tls.cert.startsWith('-----BEGIN')

function contextOf(tls: TlsFiles | TlsTexts) {
  if (!isFiles(tls)) return tls
  const { cert, key, clientCa } = tls
  return {
    cert: readFileSync(cert),
    key: readFileSync(key),
    ...(clientCa !== undefined && {
      ca: readFileSync(clientCa),
      requestCert: true,
      rejectUnauthorized: true,
    }),
  }
}

/** Looks at the files now and then: a watch on a file misses the swap of a symbolic link, which is how a Secret is renewed. */
function reload(
  server: HttpsServer,
  { tls, ...read }: { readonly tls: TlsFiles; readonly known: string },
  { clock, onReload }: Listening,
): () => void {
  let { known } = read
  let cancel = () => {}
  const look = () => {
    try {
      const now = fingerprint(tls)
      if (now !== known) server.setSecureContext(contextOf(tls))
      known = now
    } catch (error) {
      onReload?.(error)
    }
    cancel = clock.after(RELOAD_SECONDS * 1000, look)
  }
  cancel = clock.after(RELOAD_SECONDS * 1000, look)
  return () => cancel()
}

const fingerprint = ({ cert, key, clientCa }: TlsFiles): string =>
  [cert, key, ...(clientCa === undefined ? [] : [clientCa])].map((file) => readFileSync(file, 'utf8')).join()
