/**
 * Capability paths: whoever knows the path may ask. Managed control planes send webhooks no credentials, so the path is one:
 * `/v1/<cluster>/<key id>/<mac>`, the mac an HMAC-SHA256 under one of the keys that are live. Two live keys are a rotation
 * without a gap. Web Crypto only: the same on Node, Lambda and Workers.
 */
import { type Bytes, type Keys, LEAST_BYTES, macOf, macVerifier, parseSecret } from '../mac.ts'

export type { Keys } from '../mac.ts'

const messageOf = (cluster: string, keyId: string): Bytes =>
  new TextEncoder().encode(`fairlead review v1|${cluster}|${keyId}`)

/**
 * Keys as configured: `id=base64url` pairs, separated by commas. Throws an Error that names the id and the rule, never the
 * secret: none, more than two, an id that is no label, fewer than 32 bytes.
 */
export function parseKeys(text: string): Keys {
  const keys = new Map<string, Bytes>()
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [, id, secret] = /^\s*([a-z0-9]{1,16})=([A-Za-z0-9_-]+)=*\s*$/.exec(pair) ?? []
    if (id === undefined || secret === undefined)
      throw new Error(
        'review keys: each must be id=secret, the id of 1 to 16 letters and digits, the secret in base64url',
      )
    const bytes = parseSecret(secret)
    if (bytes === undefined)
      throw new Error(`review keys: the secret of "${id}" must be base64url of ${LEAST_BYTES} bytes at least`)
    keys.set(id, bytes)
  }
  if (keys.size < 1 || keys.size > 2)
    throw new Error(`review keys: there must be one or two, got ${keys.size}`)
  return keys
}

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
