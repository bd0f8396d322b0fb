/** The reviews of a local platform: keys and a certificate for where they are asked, and the registration in the cluster. */
import { randomBytes } from 'node:crypto'
import { type Operator, type Registering, register } from '../../lib/index.ts'
import { capabilityPath, parseKeys } from '../../lib/review/capability.ts'
import { makeCertificate } from '../../lib/review/certificate.ts'

interface LocalReviews {
  /** FAIRLEAD_REVIEW_KEYS: new each time, so that nobody else knows the path. */
  readonly keys: string
  readonly tls: { readonly cert: string; readonly key: string }
  /** Registers them at a URL. Rejects where the API server refuses. */
  register(url: string, using: Registering, signal: AbortSignal): Promise<void>
}

/** API servers ask webhooks over TLS only; platforms have certificates, here one is made. */
export async function localReviews(operator: Operator, now: number): Promise<LocalReviews> {
  const { ca, ...tls } = await makeCertificate(['127.0.0.1'], now)
  const keys = `k1=${randomBytes(32).toString('base64url')}`
  return {
    keys,
    tls,
    async register(url, using, signal) {
      const path = await capabilityPath(parseKeys(keys), 'default')
      const namespace = `${operator.name}-system`
      await register({ operator, address: { url: `${url}${path}`, ca }, namespace }, using, signal)
    },
  }
}
