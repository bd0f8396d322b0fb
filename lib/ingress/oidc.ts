/**
 * Bearer tokens of a cluster's service-account issuer, checked by jose: RS256 or ES256, issuer, audience and subject exactly as
 * configured, not older than a day. Keys are fetched when first needed, kept, and fetched again for a key id that is not known.
 */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import { parseJson, readBytes } from '../body.ts'
import type { Clock } from '../clock.ts'
import { isObject } from '../json.ts'
import { isTrusted, URL_RULE } from './address.ts'
import type { Oidc, Sender } from './senders.ts'

const ALGORITHMS = ['RS256', 'ES256']

/** How far the clocks of issuer and ingress may be apart. */
const SKEW_SECONDS = 60

/** The kubelet renews projected tokens after 24 hours at the latest (`pkg/kubelet/token`, maxTTL); an hour for who reads them. */
const OLDEST_SECONDS = 25 * 3600

/** Far more than any token of an API server, and no work for those who send more. */
const LONGEST_TOKEN = 16_384

/** Of a discovery document or a key set. */
const MOST_BYTES = 256 * 1024
const DEEPEST = 16

interface Verifying {
  readonly clock: Clock
  /** After keys were fetched, an unknown key id has them fetched again no sooner than this. Default 30. */
  readonly cooldownSeconds?: number | undefined
}

/**
 * Tells who sent a token, or undefined where anything about it is wrong. Throws where nobody can tell, because the keys of one
 * who may have sent it cannot be had.
 */
export function oidcVerifier(
  senders: readonly Sender[],
  verifying: Verifying,
): (token: string) => Promise<Sender | undefined> {
  const keySets = new Map<string, JWTVerifyGetKey>()
  const candidates = senders.flatMap((sender) => {
    const { oidc } = sender
    if (oidc === undefined) return []
    const source = JSON.stringify([oidc.issuer, oidc.jwksUri, oidc.jwks])
    const keys = keySets.get(source) ?? keysOf(oidc, verifying)
    keySets.set(source, keys)
    return [{ sender, oidc, keys }]
  })
  return async (token) => {
    const { iss, sub } = claimsOf(token)
    const likely = candidates.filter(({ oidc }) => oidc.issuer === iss && oidc.subject === sub)
    const failures: unknown[] = []
    // Self-managed clusters often share the name of their issuer: then the signature tells.
    for (const { sender, oidc, keys } of likely)
      try {
        if (await isRight(token, oidc, { keys, ...verifying })) return sender
      } catch (error) {
        // One issuer that is down must not shut out who has its name.
        failures.push(error)
      }
    if (failures.length > 0) throw failures[0]
    return undefined
  }
}

/** Not verified: only to choose what to verify with. */
function claimsOf(token: string): { readonly iss?: string; readonly sub?: string } {
  try {
    return token.length > LONGEST_TOKEN ? {} : decodeJwt(token)
  } catch {
    return {}
  }
}

async function isRight(
  token: string,
  { issuer, audience, subject }: Oidc,
  { keys, clock }: Verifying & { readonly keys: JWTVerifyGetKey },
): Promise<boolean> {
  try {
    await jwtVerify(token, keys, {
      issuer,
      audience,
      subject,
      algorithms: ALGORITHMS,
      clockTolerance: SKEW_SECONDS,
      maxTokenAge: OLDEST_SECONDS,
      requiredClaims: ['exp'],
      currentDate: new Date(clock.now()),
    })
    return true
  } catch (error) {
    if (isWrongToken(error)) return false
    throw new Error(`issuer ${new URL(issuer).host}: its keys cannot be had: ${String(error)}`, {
      cause: error,
    })
  }
}

const WRONG = [
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
]

const isWrongToken = (error: unknown): boolean => WRONG.some((type) => error instanceof type)

function keysOf(
  { issuer, jwksUri, jwks }: Oidc,
  { clock, cooldownSeconds = 30 }: Verifying,
): JWTVerifyGetKey {
  if (jwks !== undefined) return createLocalJWKSet(jwks)
  // Discovered at each fetch: an issuer may move its keys.
  const fetchKeys: FetchImplementation = async (_url, { headers, signal }) => {
    const asking = { headers, signal, clock }
    return Response.json(await fetchJson(jwksUri ?? (await discover(issuer, asking)), asking))
  }
  return createRemoteJWKSet(new URL(jwksUri ?? issuer), {
    [customFetch]: fetchKeys,
    cooldownDuration: cooldownSeconds * 1000,
  })
}

interface Asking {
  readonly headers: Headers
  readonly signal: AbortSignal
  readonly clock: Clock
}

/** OpenID Connect Discovery 1.0, section 4: the document must name the issuer that it was asked of. */
async function discover(issuer: string, asking: Asking): Promise<string> {
  const document = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, asking)
  if (!isObject(document) || document.issuer !== issuer)
    throw new Error('the discovery document names another issuer')
  const { jwks_uri: uri } = document
  if (typeof uri !== 'string' || !isTrusted(uri))
    throw new Error(`jwks_uri of the discovery document ${URL_RULE}`)
  return uri
}

async function fetchJson(url: string, { headers, signal, clock }: Asking): Promise<unknown> {
  // 'error' is not to be had on Workers.
  const response = await fetch(url, { headers, signal, redirect: 'manual' })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`answers ${response.status}`)
  }
  return parseJson(await readBytes(response, { mostBytes: MOST_BYTES, seconds: 5, clock }), DEEPEST)
}
