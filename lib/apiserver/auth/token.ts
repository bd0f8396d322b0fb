/**
 * Tokens of service accounts: what is written into one, and whom it proves. A token counts as long as its account is there,
 * and the object that it is bound to (kubernetes/pkg/serviceaccount/claims.go, jwt.go).
 */
import { metadataText } from '../metadata.ts'
import { findKind } from '../registry.ts'
import type { JsonObject } from '../resource.ts'
import { listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { findEntry, type Server } from '../server.ts'
import { notFound } from '../status.ts'
import { parseToken, type Token } from './keys.ts'
import { serviceAccount, serviceAccountName, type User } from './user.ts'

/** Who issues tokens (`--service-account-issuer`), and for whom they are where nobody else is named. */
export const ISSUER = 'https://kubernetes.default.svc'

/** The audience of this server (`--api-audiences` is the issuer where it is not given). */
export const AUDIENCES: readonly string[] = [ISSUER]

/** Clocks may differ by this much (go-jose, jwt.DefaultLeeway). */
const LEEWAY_SECONDS = 60

/** A name and the uid that tells it from a later object of that name. */
export interface Reference {
  readonly name: string
  readonly uid: string
}

/** What a token is about. */
export interface Grant {
  readonly namespace: string
  readonly account: Reference
  readonly audiences: readonly string[]
  readonly expirationSeconds: number
  /** Lived longer than this, it is used by somebody who should have fetched a new one. */
  readonly warnAfterSeconds?: number | undefined
  readonly pod?: Reference | undefined
  readonly secret?: Reference | undefined
  readonly node?: Reference | undefined
}

/** A new token. */
export function issueToken(server: Server, grant: Grant): string {
  const { namespace, account, audiences, expirationSeconds, warnAfterSeconds, pod, secret, node } = grant
  const now = secondsOf(server)
  return server.keys.sign({
    aud: [...audiences],
    exp: now + expirationSeconds,
    iat: now,
    iss: ISSUER,
    jti: server.newUid(),
    'kubernetes.io': {
      namespace,
      ...(node === undefined ? {} : { node: claimOf(node) }),
      ...(pod === undefined ? {} : { pod: claimOf(pod) }),
      ...(secret === undefined ? {} : { secret: claimOf(secret) }),
      serviceaccount: claimOf(account),
      ...(warnAfterSeconds === undefined ? {} : { warnafter: now + warnAfterSeconds }),
    },
    nbf: now,
    sub: serviceAccountName(namespace, account.name),
  })
}

const claimOf = ({ name, uid }: Reference): JsonObject => (uid === '' ? { name } : { name, uid })

const secondsOf = (server: Server): number => Math.floor(server.clock.now() / 1000)

/** Whom a token proves and for which of the wanted audiences, or why it proves nobody. */
export type Verdict =
  | { readonly type: 'proved'; readonly user: User; readonly audiences: readonly string[] }
  | { readonly type: 'refused'; readonly why: string }

const refused = (why: string): Verdict => ({ type: 'refused', why })

const NO_TOKEN = 'invalid bearer token'

/** Looks at a token for these audiences. The texts are told to clients: nothing of the token is in them. */
export function verifyToken(server: Server, text: string, audiences: readonly string[]): Verdict {
  const token = parseToken(text)
  if (token === undefined || token.claims.iss !== ISSUER) return refused(NO_TOKEN)
  const problem = server.keys.problemOf(token)
  if (problem !== undefined) return refused(`[${NO_TOKEN}, ${problem}]`)
  const meant = listAt(token.claims, 'aud').map(String)
  const shared = audiences.filter((one) => meant.includes(one))
  const why =
    shared.length === 0
      ? `token audiences ${quoted(meant)} is invalid for the target audiences ${quoted(audiences)}`
      : (timeProblem(server, token) ?? accountProblem(server, token) ?? bindingProblem(server, token))
  // The real server asks two authenticators, and the first one never knows the token.
  return why === undefined
    ? { type: 'proved', user: userOf(token.claims), audiences: shared }
    : refused(`[${NO_TOKEN}, ${why}]`)
}

/** A list of strings as Go's %q prints it. */
const quoted = (texts: readonly string[]): string =>
  `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`

function timeProblem(server: Server, { claims }: Token): string | undefined {
  const now = secondsOf(server)
  const [from = 0, until = 0, made = 0] = ['nbf', 'exp', 'iat'].map((name) => numberAt(claims, name))
  if (now + LEEWAY_SECONDS < from) return 'service account token is not valid yet'
  if (now - LEEWAY_SECONDS > until) return 'service account token has expired'
  return now + LEEWAY_SECONDS < made ? 'service account token is issued in the future' : undefined
}

const privateClaims = (claims: JsonObject): JsonObject => objectAt(claims, 'kubernetes.io')

function accountProblem(server: Server, { claims }: Token): string | undefined {
  const own = privateClaims(claims)
  const namespace = stringAt(own, 'namespace')
  const { name, uid } = referenceAt(own, 'serviceaccount')
  const found = storedObject(server, 'ServiceAccount', namespace, name)
  if (found === undefined)
    return notFound({ group: '', plural: 'serviceaccounts', kind: 'ServiceAccount' }, name).message
  const is = metadataText(found, 'uid')
  if (is !== uid) return `service account UID (${is}) does not match claim (${uid})`
  return isGone(server, found) ? `service account ${namespace}/${name} has been deleted` : undefined
}

const INVALIDATED = 'service account token has been invalidated'

/** What tokens may be bound to. Of a node that comes with a pod only the name is told. */
const BOUND = { secret: 'Secret', pod: 'Pod', node: 'Node' }

function bindingProblem(server: Server, { claims }: Token): string | undefined {
  const own = privateClaims(claims)
  for (const [claim, kind] of Object.entries(BOUND)) {
    if (own[claim] === undefined || (claim === 'node' && own.pod !== undefined)) continue
    const { name, uid } = referenceAt(own, claim)
    const found = storedObject(server, kind, kind === 'Node' ? '' : stringAt(own, 'namespace'), name)
    if (found === undefined) return INVALIDATED
    const is = metadataText(found, 'uid')
    if (is !== uid) return `${claim} UID (${is}) does not match service account ${claim} ref claim (${uid})`
    if (isGone(server, found)) return INVALIDATED
  }
  return undefined
}

const referenceAt = (claims: JsonObject, name: string): Reference => ({
  name: stringAt(claims, name, 'name'),
  uid: stringAt(claims, name, 'uid'),
})

function storedObject(server: Server, kind: string, namespace: string, name: string): JsonObject | undefined {
  const type = findKind(server.registry, 'v1', kind)
  return type && findEntry(server, type, namespace, name)?.object
}

/** Deleted so long ago that no clock can doubt it, though something still holds it. */
function isGone(server: Server, object: JsonObject): boolean {
  const deleted = metadataText(object, 'deletionTimestamp')
  return deleted !== '' && Date.parse(deleted) < server.clock.now() - LEEWAY_SECONDS * 1000
}

const PREFIX = 'authentication.kubernetes.io'

function userOf(claims: JsonObject): User {
  const own = privateClaims(claims)
  const [account, pod, node] = ['serviceaccount', 'pod', 'node'].map((name) => referenceAt(own, name))
  const extra = Object.entries({
    'credential-id': claims.jti === undefined ? '' : `JTI=${stringAt(claims, 'jti')}`,
    'node-name': node?.name,
    'node-uid': node?.uid,
    'pod-name': pod?.name,
    'pod-uid': pod?.uid,
  }).filter(([, value]) => value !== undefined && value !== '')
  return {
    ...serviceAccount(stringAt(own, 'namespace'), account?.name ?? ''),
    uid: account?.uid ?? '',
    extra: Object.fromEntries(extra.map(([name, value]) => [`${PREFIX}/${name}`, [value ?? '']])),
  }
}
