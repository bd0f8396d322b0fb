/**
 * HMAC-SHA256 under one of the keys that are live (two are a rotation without a gap), and base64url, in which keys and
 * macs are written. Web Crypto only: the same on Node, Lambda and Workers.
 */

/** A secret of fewer bytes is no key. */
export const LEAST_BYTES = 32

export type Bytes = Uint8Array<ArrayBuffer>

/** Secrets by key id, {@link LEAST_BYTES} at least each. */
export type Keys = ReadonlyMap<string, Bytes>

const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' } as const

const importKey = (secret: Bytes) =>
  crypto.subtle.importKey('raw', secret, ALGORITHM, false, ['sign', 'verify'])

/** The mac of a message, in base64url. */
export async function macOf(secret: Bytes, message: Bytes): Promise<string> {
  const mac = await crypto.subtle.sign(ALGORITHM, await importKey(secret), message)
  return toBase64url(new Uint8Array(mac))
}

/** What a mac (in base64url) is claimed to be of. */
export interface Claim {
  readonly keyId: string
  readonly mac: string
  readonly message: Bytes
}

/**
 * A check of macs. It takes the same time whatever is wrong with one: an unknown key id is checked against a key that
 * nobody has, and the comparison is Web Crypto's, which looks at every byte.
 */
export function macVerifier(keys: Keys): (claim: Claim) => Promise<boolean> {
  const live = new Map([...keys].map(([id, secret]) => [id, importKey(secret)]))
  let nobodys: ReturnType<typeof importKey> | undefined
  return async ({ keyId, mac, message }) => {
    // Workers may draw random numbers only while they answer.
    nobodys ??= importKey(crypto.getRandomValues(new Uint8Array(LEAST_BYTES)))
    const key = await (live.get(keyId) ?? nobodys)
    return await crypto.subtle.verify(ALGORITHM, key, parseBase64url(mac) ?? new Uint8Array(32), message)
  }
}

/** A secret as configured (base64url); undefined where it is none or too short. */
export function parseSecret(text: string): Bytes | undefined {
  const bytes = parseBase64url(text.replace(/=+$/, ''))
  return bytes !== undefined && bytes.length >= LEAST_BYTES ? bytes : undefined
}

/**
 * Keys as configured: `id=base64url` pairs, separated by commas. Throws an Error that names the setting (`what`), the id and
 * the rule, never the secret: none, more than two, an id that is no label, fewer than {@link LEAST_BYTES} bytes.
 */
export function parseLiveKeys(text: string, what: string): Keys {
  const keys = new Map<string, Bytes>()
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [, id, secret] = /^\s*([a-z0-9]{1,16})=([A-Za-z0-9_-]+)=*\s*$/.exec(pair) ?? []
    if (id === undefined || secret === undefined)
      throw new Error(
        `${what}: each must be id=secret, the id of 1 to 16 letters and digits, the secret in base64url`,
      )
    const bytes = parseSecret(secret)
    if (bytes === undefined)
      throw new Error(`${what}: the secret of "${id}" must be base64url of ${LEAST_BYTES} bytes at least`)
    keys.set(id, bytes)
  }
  if (keys.size < 1 || keys.size > 2) throw new Error(`${what}: there must be one or two, got ${keys.size}`)
  return keys
}

/** Without padding. */
const toBase64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')

/** Undefined for what is no base64url without padding, and for more than 4096 characters. */
function parseBase64url(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length > 4096) return undefined
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  } catch {
    return undefined
  }
}
