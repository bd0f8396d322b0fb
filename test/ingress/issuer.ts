/** A service-account issuer on loopback: discovery, keys that can be exchanged, and tokens of every sort. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { parseSenders, type Sender } from '../../lib/ingress/senders.ts'

type Pair = Awaited<ReturnType<typeof generateKeyPair>>

export interface Issuer {
  readonly url: string
  /** Paths that were asked for. */
  readonly asked: string[]
  /** What is served under a path; a number is a status alone. */
  readonly serves: Map<string, unknown>
  /** Serves the keys of these ids from now on, made where they are new. */
  publish(...ids: string[]): Promise<void>
  key(id: string): Promise<{ readonly pair: Pair; readonly jwk: JWK }>
  /** A good token, except for what is given. */
  token(claims?: Readonly<Record<string, unknown>>, header?: { alg?: string; kid?: string }): Promise<string>
  close(): Promise<void>
}

export const AUDIENCE = 'https://ingress.example.com'
export const SUBJECT = 'system:serviceaccount:fairlead:relay'

/** Starts one with the key `k1`; `now` gives milliseconds. */
export async function startIssuer(now: () => number = Date.now): Promise<Issuer> {
  const serves = new Map<string, unknown>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const served = serves.get(request.url ?? '') ?? 404
    if (typeof served === 'number') response.writeHead(served, { location: '/elsewhere' }).end()
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(served))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  serves.set('/.well-known/openid-configuration', { issuer: url, jwks_uri: `${url}/openid/v1/jwks` })

  const keys = new Map<string, Promise<{ pair: Pair; jwk: JWK }>>()
  const make = async (id: string) => {
    const alg = id.startsWith('rsa') ? 'RS256' : 'ES256'
    const pair = await generateKeyPair(alg, { extractable: true })
    return { pair, jwk: { ...(await exportJWK(pair.publicKey)), kid: id, alg, use: 'sig' } }
  }
  const key = (id: string) => {
    const known = keys.get(id) ?? make(id)
    keys.set(id, known)
    return known
  }
  const issuer: Issuer = {
    url,
    asked,
    serves,
    key,
    async publish(...ids) {
      const pairs = await Promise.all(ids.map(key))
      serves.set('/openid/v1/jwks', { keys: pairs.map(({ jwk }) => jwk) })
    },
    async token(claims = {}, { alg, kid = 'k1' } = {}) {
      const seconds = Math.floor(now() / 1000)
      const good = {
        iss: url,
        aud: [AUDIENCE],
        sub: SUBJECT,
        iat: seconds,
        nbf: seconds,
        exp: seconds + 3600,
      }
      const { pair, jwk } = await key(kid)
      return await new SignJWT({ ...good, ...claims })
        .setProtectedHeader({ alg: alg ?? jwk.alg ?? 'ES256', kid })
        .sign(pair.privateKey)
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  await issuer.publish('k1')
  return issuer
}

/** The secret of `keyed/k1` in {@link bothSettings}. */
export const SECRET = new Uint8Array(32).fill(1)

/** Two senders of the cluster `east`, as in FAIRLEAD_INGRESS: one with tokens of this issuer, one with a key. */
export const bothSettings = ({ url }: Pick<Issuer, 'url'>): string =>
  JSON.stringify({
    east: { cluster: 'east', oidc: { issuer: url, audience: AUDIENCE, subject: SUBJECT } },
    keyed: { cluster: 'east', hmac: { keys: { k1: Buffer.from(SECRET).toString('base64url') } } },
  })

/** The same as an ingress has them. */
export const bothSenders = (issuer: Issuer): readonly Sender[] => parseSenders(bothSettings(issuer))
