/**
 * Capability paths: whoever knows the path may ask. Managed control planes send webhooks no credentials, so the path is one:
 * `/v1/<cluster>/<key id>/<mac>`, the mac an HMAC-SHA256 under one of the keys that are live. Two live keys are a rotation
 * without a gap. Web Crypto only: the same on Node, Lambda and Workers.
 */
import type { webcrypto } from 'node:crypto'

/** Secrets by key id, 32 bytes at least each. */
export type Keys = ReadonlyMap<string, Uint8Array<ArrayBuffer>>

const LEAST_BYTES = 32
const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' } as const

const messageOf = (cluster: string, keyId: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`fairlead review v1|${cluster}|${keyId}`)

const importKey = (secret: Uint8Array<ArrayBuffer>): Promise<webcrypto.CryptoKey> =>
  crypto.subtle.importKey('raw', secret, ALGORITHM, false, ['sign', 'verify'])

/**
 * Keys as configured: `id=base64url` pairs, separated by commas. Throws an Error that names the id and the rule, never the
 * secret: none, more than two, an id that is no label, fewer than 32 bytes.
 */
export function parseKeys(text: string): Keys {
  const keys = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [, id, secret] = /^\s*([a-z0-9]{1,16})=([A-Za-z0-9_-]+)=*\s*$/.exec(pair) ?? []
    if (id === undefined || secret === undefined)
      throw new Error(
        'review keys: each must be id=secret, the id of 1 to 16 letters and digits, the secret in base64url',
      )
    const bytes = bytesOf(secret)
    if (bytes === undefined || bytes.length < LEAST_BYTES)
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
  const mac = await crypto.subtle.sign(ALGORITHM, await importKey(secret), messageOf(cluster, id))
  return `/v1/${encodeURIComponent(cluster)}/${id}/${textOf(new Uint8Array(mac))}`
}

/** What a request claims to be allowed. */
export interface Claim {
  readonly cluster: string
  readonly keyId: string
  readonly mac: string
}

/**
 * A check of claims. It takes the same time whatever is wrong with one: an unknown key id is checked against a key that
 * nobody has, and the comparison is Web Crypto's, which looks at every byte.
 */
export function verifier(keys: Keys): (claim: Claim) => Promise<boolean> {
  const live = new Map([...keys].map(([id, secret]) => [id, importKey(secret)]))
  let nobodys: Promise<webcrypto.CryptoKey> | undefined
  return async ({ cluster, keyId, mac }) => {
    // Workers may draw random numbers only while they answer.
    nobodys ??= importKey(crypto.getRandomValues(new Uint8Array(LEAST_BYTES)))
    const key = await (live.get(keyId) ?? nobodys)
    const bytes = bytesOf(mac) ?? new Uint8Array(32)
    return await crypto.subtle.verify(ALGORITHM, key, bytes, messageOf(cluster, keyId))
  }
}

const textOf = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')

function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length > 4096) return undefined
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  } catch {
    return undefined
  }
}
