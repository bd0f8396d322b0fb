/** Who sent a batch: by a bearer token of the cluster's issuer, or by a signature with a shared key. */
import type { Clock } from '../clock.ts'
import { hmacVerifier, type Signed } from './hmac.ts'
import type { Sender } from './senders.ts'

interface Authenticating {
  readonly senders: readonly Sender[]
  readonly clock: Clock
  /** See `lib/ingress/oidc.ts`. */
  readonly cooldownSeconds?: number | undefined
}

/** Resolves with nobody for wrong credentials and for none, whatever is wrong; rejects where nobody can tell now. */
type Authenticate = (header: string, signed: Signed) => Promise<Sender | undefined>

/** What checks credentials is loaded where a sender has such. */
export function authenticator({ senders, ...using }: Authenticating): Authenticate {
  const bySignature = hmacVerifier(senders, using.clock)
  const isOidc = senders.some(({ oidc }) => oidc !== undefined)
  let byToken: ((token: string) => Promise<Sender | undefined>) | undefined
  return async (header, signed) => {
    const [, token] = /^Bearer ([\w.-]+)$/i.exec(header) ?? []
    if (token === undefined) return await bySignature(header, signed)
    if (!isOidc) return undefined
    // Each waits for a promise of its own: on Workers one ends with the request that made it.
    const { oidcVerifier } = await import('./oidc.ts')
    byToken ??= oidcVerifier(senders, using)
    return await byToken(token)
  }
}
