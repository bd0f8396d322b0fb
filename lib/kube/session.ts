/**
 * Who we are to the API server, over time: a login in, headers and client certificate out, renewed before they go stale and
 * when the server refuses them. Concurrent requests share one renewal.
 */
import type { Clock } from '../clock.ts'
import type { ClientCertificate } from './agent.ts'
import type { Headers } from './credentials.ts'

export interface Identity {
  readonly headers: Headers
  readonly certificate: ClientCertificate | undefined
}

/** Answers with who we are now; remembers expensive answers (an exec plugin's) for as long as they are valid. */
export type Login = () => Promise<Identity>

export interface Session {
  /** The same object for as long as nothing changed. `refused`: the server answered 401 to the last. */
  headers(refused: boolean): Headers | Promise<Headers>
  certificate(): ClientCertificate | undefined
}

/** Looking at files and expiry times costs little, but not so little that every request should pay it. */
const FRESH_MS = 10_000
/** A user whom the server refuses for good must not run its exec plugin for every request. */
const RELOGIN_MS = 10_000

/** `start` makes a login that remembers nothing of earlier ones. Resolves once it has worked; rejects as it does. */
export async function openSession(start: () => Promise<Login>, clock: Clock): Promise<Session> {
  let login = await start()
  let identity = await login()
  let freshUntil = clock.now() + FRESH_MS
  let reloginAfter = Number.NEGATIVE_INFINITY
  let renewal: Promise<Headers> | undefined

  const renew = async (refused: boolean): Promise<Headers> => {
    if (refused) {
      reloginAfter = clock.now() + RELOGIN_MS
      login = await start()
    }
    const next = await login()
    if (!isSame(identity, next)) identity = next
    freshUntil = clock.now() + FRESH_MS
    return identity.headers
  }

  return {
    headers(refused) {
      const isDue = refused ? clock.now() >= reloginAfter : clock.now() >= freshUntil
      if (!isDue) return renewal ?? identity.headers
      renewal ??= renew(refused).finally(() => {
        renewal = undefined
      })
      return renewal
    },
    certificate: () => identity.certificate,
  }
}

const isSame = (one: Identity, other: Identity): boolean =>
  JSON.stringify(one.headers) === JSON.stringify(other.headers) &&
  String(one.certificate?.cert) === String(other.certificate?.cert) &&
  String(one.certificate?.key) === String(other.certificate?.key)
