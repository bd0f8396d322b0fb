/** Tokens of service accounts: what is written into one (kubernetes/pkg/serviceaccount/claims.go). */
import type { JsonObject } from '../resource.ts'
import type { Server } from '../server.ts'
import { serviceAccountName } from './user.ts'

/** Who issues tokens (`--service-account-issuer`), and for whom they are where nobody else is named. */
export const ISSUER = 'https://kubernetes.default.svc'

/** The audience of this server (`--api-audiences` is the issuer where it is not given). */
export const AUDIENCES: readonly string[] = [ISSUER]

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
  const now = Math.floor(server.clock.now() / 1000)
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
