/**
 * The keys by which this server signs tokens of service accounts: made when the first token is asked for, kept in memory,
 * gone with the server. A token is a JWT in compact form (RFC 7515, ES256).
 */
import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { isObject } from '../schema/equal.ts'
import type { Json, JsonObject } from '../resource.ts'

/** Signs and verifies. The keys themselves are never handed out. */
export interface TokenKeys {
  /** A token with these claims. */
  sign(claims: JsonObject): string
  /** Is the signature of a token one of ours? Why not, else undefined. */
  problemOf(token: Token): string | undefined
  /** The public keys as a JWK set. */
  jwks(): JsonObject
}

/** A token taken apart; nothing in it is to be believed yet. */
export interface Token {
  readonly signed: string
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly signature: Buffer
}

interface Pair {
  readonly id: string
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const ALGORITHM = 'ES256'

/** Keys that are not made yet. */
export function createTokenKeys(): TokenKeys {
  let pair: Pair | undefined
  const own = (): Pair => {
    pair ??= newPair()
    return pair
  }
  return {
    sign(claims) {
      const { id, privateKey } = own()
      const signed = `${encoded({ alg: ALGORITHM, kid: id })}.${encoded(claims)}`
      const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return `${signed}.${signature.toString('base64url')}`
    },
    problemOf({ signed, header, signature }) {
      const { id, publicKey } = own()
      if (header.kid !== undefined && header.kid !== '' && header.kid !== id)
        return 'invalid signature, no keys found'
      const key = { key: publicKey, dsaEncoding: 'ieee-p1363' as const }
      const isOurs = header.alg === ALGORITHM && verify('sha256', Buffer.from(signed), key, signature)
      return isOurs ? undefined : 'go-jose/go-jose: error in cryptographic primitive'
    },
    jwks() {
      const { id, publicKey } = own()
      const { kty = '', crv = '', x = '', y = '' } = publicKey.export({ format: 'jwk' })
      return { keys: [{ use: 'sig', kty, kid: id, crv, alg: ALGORITHM, x, y }] }
    },
  }
}

/** The id is a hash of the public key, as the real server makes it. */
function newPair(): Pair {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const der = keys.publicKey.export({ format: 'der', type: 'spki' })
  return { ...keys, id: createHash('sha256').update(der).digest('base64url') }
}

const encoded = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token in its parts, or undefined for what is none. */
export function parseToken(text: string): Token | undefined {
  const [head = '', body = '', signature = '', ...rest] = text.split('.')
  const header = decodedPart(head)
  const claims = decodedPart(body)
  if (rest.length > 0 || header === undefined || claims === undefined) return undefined
  return { signed: `${head}.${body}`, header, claims, signature: Buffer.from(signature, 'base64url') }
}

function decodedPart(part: string): JsonObject | undefined {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Json
    return isObject(value) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
