/** The credentials of a cluster that is reached by its address: where its secrets are in, headers out. */
import type { Clock } from '../clock.ts'
import type { DirectCluster } from '../clusters.ts'
import { bearer } from './bearer.ts'
import type { Credentials, Headers } from './credentials.ts'

/** The text that a reference stands for; `refused`: the last one was, so the newest is wanted. Rejects with what is wrong with it. */
export type ReadText = (reference: string, refused: boolean) => string | Promise<string>

/** Kubelets renew projected tokens long before they end; secrets are rotated with an overlap. */
export const TOKEN_FRESH_MS = 5 * 60_000

/** Undefined where the cluster asks for none. Rejects at once with what is wrong with them; no message has a value. */
export async function toCredentials(
  { token, access }: DirectCluster,
  read: ReadText,
  clock: Clock,
): Promise<Credentials | undefined> {
  const fixed = access === undefined ? undefined : await toAccess(access, read)
  if (token === undefined) return fixed && (() => fixed)
  const make = async (refused: boolean) => ({
    value: headerText(token, await read(token, refused)),
    freshUntil: clock.now() + TOKEN_FRESH_MS,
  })
  const headers = bearer(make, clock, fixed)
  await headers(false)
  return headers
}

/** `env:NAME`, read by name. Throws where it is not set. */
export function readVariable(reference: string, readEnv: ((name: string) => string | undefined) | undefined) {
  const name = reference.slice('env:'.length)
  const value = readEnv?.(name)
  if (value === undefined || value === '') throw new Error(`${name}, which is to hold the token, is not set`)
  return value
}

const toAccess = async ({ id, secret }: { id: string; secret: string }, read: ReadText): Promise<Headers> =>
  accessHeaders(headerText(id, await read(id, false)), headerText(secret, await read(secret, false)))

/** https://developers.cloudflare.com/cloudflare-one/identity/service-tokens/ */
export const accessHeaders = (id: string, secret: string): Headers => ({
  'cf-access-client-id': id,
  'cf-access-client-secret': secret,
})

/** The text that a reference stands for, as a header's value. Throws where it cannot be one, and quotes nothing of it. */
export function headerText(reference: string, text: string): string {
  const value = text.trim()
  if (!/^[\x21-\x7e]+$/.test(value)) throw new Error(`${reference} is no token`)
  return value
}
