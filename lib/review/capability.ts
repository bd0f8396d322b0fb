/**
 * Capability paths: whoever knows the path may ask. Managed control planes send webhooks no credentials, so the path is one:
 * `/v1/<cluster>/<key id>/<mac>`, the mac an HMAC-SHA256 under one of the keys that are live. Two live keys are a rotation
 * without a gap. Web Crypto only: the same on Node, Lambda and Workers.
 */
import { type Bytes, type Keys, macOf, macVerifier, parseLiveKeys } from '../mac.ts'

export type { Keys } from '../mac.ts'

const messageOf = (cluster: string, keyId: string): Bytes =>
  new TextEncoder().encode(`fairlead review v1|${cluster}|${keyId}`)

/** Keys as configured, see {@link parseLiveKeys}. Throws an Error that names the id and the rule, never the secret. */
export const parseKeys = (text: string): Keys => parseLiveKeys(text, 'review keys')

/** The path under which a cluster asks, without a slash at the end. Its key is the first that is live. */
export async function capabilityPath(keys: Keys, cluster: string): Promise<string> {
  const [first] = keys
  if (first === undefined) throw new Error('review keys: there must be one or two, got 0')
  const [id, secret] = first
  return `/v1/${encodeURIComponent(cluster)}/${id}/${await macOf(secret, messageOf(cluster, id))}`
}

/** What a request claims to be allowed. */
export interface Claim {
  readonly cluster: string
  readonly keyId: string
  readonly mac: string
}

/** A check of claims, which takes the same time whatever is wrong with one. */
export function verifier(keys: Keys): (claim: Claim) => Promise<boolean> {
  const verify = macVerifier(keys)
  return ({ cluster, keyId, mac }) => verify({ keyId, mac, message: messageOf(cluster, keyId) })
}
