/** The reviews of a resident process: served here over TLS, registered in the cluster, and kept registered. */
import { randomBytes } from 'node:crypto'
import { keepRegistered, type Operator, type Registering, register, unregister } from '../../lib/index.ts'
import { capabilityPath, parseKeys } from '../../lib/review/capability.ts'
import { reviewApp } from '../../lib/review/http.ts'
import { serveReviews } from '../../lib/review/node.ts'

export interface ServedReviews {
  /** Restores the registration whenever somebody edits it, until the signal aborts. */
  keep(signal: AbortSignal): Promise<void>
  /** Takes the registration away (what fails is reported), then stops serving: what is asked meanwhile is answered. */
  close(): Promise<void>
}

/**
 * Serves the operator's reviews where the API server reaches this process as `host`, with a certificate made for it, and
 * registers them. Rejects where the server refuses the registration.
 */
export async function startReviews(
  operator: Operator,
  { host, namespace, ...using }: Registering & { readonly host: string; readonly namespace: string },
  signal: AbortSignal,
): Promise<ServedReviews> {
  const { clock } = using
  // What makes certificates is loaded where one is made: it takes longer than everything else here.
  const { makeCertificate } = await import('../../lib/review/certificate.ts')
  const { ca, ...tls } = await makeCertificate([host], clock.now())
  // New with each start: nobody else has to know the path.
  const keys = parseKeys(`k1=${randomBytes(32).toString('base64url')}`)
  const server = await serveReviews(reviewApp(operator, { keys, ...using }), {
    clock,
    tls,
    host: listenAt(host),
  })
  const path = await capabilityPath(keys, 'default')
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${new URL(server.url).port}${path}`
  const registration = { operator, address: { url, ca }, namespace }
  const close = async () => {
    await unregister(operator, using, AbortSignal.timeout(UNREGISTER_MS)).catch((error: Error) =>
      using.report({ type: 'failed', controller: 'registration', key: operator.name, error: error.message }),
    )
    await server.close()
  }
  try {
    await register(registration, using, signal)
  } catch (error) {
    // Half a registration would refuse everything at a port where nobody is.
    await close()
    throw error
  }
  return { keep: (until) => keepRegistered(registration, using, until), close }
}

/** Reached from elsewhere: on all interfaces of the host's family. */
function listenAt(host: string): string {
  if (host === 'localhost' || host === '127.0.0.1') return '127.0.0.1'
  if (host === '::1') return host
  return host.includes(':') ? '::' : '0.0.0.0'
}

/** An API server that does not answer must not keep a process from ending. */
const UNREGISTER_MS = 5_000
