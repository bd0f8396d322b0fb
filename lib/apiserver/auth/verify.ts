/**
 * Whom a token of a service account proves: it has to be signed by this server, in its time, for one of the wanted audiences,
 * and its account and the object that it is bound to have to be there (kubernetes/pkg/serviceaccount, claims.go and jwt.go).
 */
import { createHash } from 'node:crypto'
import { metadataText } from '../metadata.ts'
import { findKind } from '../registry.ts'
import type { JsonObject } from '../resource.ts'
import { listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { findEntry, type Server } from '../server.ts'
import { notFound } from '../status.ts'
import { parseToken, type Token } from './keys.ts'
import { ISSUER, type Reference } from './token.ts'
import { serviceAccount, type User } from './user.ts'

/** Clocks may differ by this much (go-jose, jwt.DefaultLeeway). */
const LEEWAY_SECONDS = 60

/** Whom a token proves and for which of the wanted audiences, or why it proves nobody. */
export type Verdict =
  | { readonly type: 'proved'; readonly user: User; readonly audiences: readonly string[] }
  | { readonly type: 'refused'; readonly why: string }

const refused = (why: string): Verdict => ({ type: 'refused', why })

const NO_TOKEN = 'invalid bearer token'

/** What has been proved, by a hash of the token and the audiences: the token itself is not kept. */
export type Proofs = Map<string, { readonly verdict: Verdict; readonly until: number }>

/** A proof holds this long, even when the account is gone by then (`TokenSuccessCacheTTL` of kube-apiserver). */
const BELIEVED_MILLISECONDS = 10_000

const MAX_PROOFS = 4_096

/** Looks at a token for these audiences. The texts are told to clients: nothing of the token is in them. */
export function verifyToken(server: Server, text: string, audiences: readonly string[]): Verdict {
  const key = createHash('sha256')
    .update(JSON.stringify([text, audiences]))
    .digest('base64')
  const now = server.clock.now()
  const known = server.proofs.get(key)
  if (known !== undefined && now < known.until) return known.verdict
  const verdict = verdictOf(server, text, audiences)
  server.proofs.delete(key)
  if (verdict.type === 'refused') return verdict
  if (server.proofs.size >= MAX_PROOFS) server.proofs.clear()
  server.proofs.set(key, { verdict, until: now + BELIEVED_MILLISECONDS })
  return verdict
}

function verdictOf(server: Server, text: string, audiences: readonly string[]): Verdict {
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
  const now = Math.floor(server.clock.now() / 1000)
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
