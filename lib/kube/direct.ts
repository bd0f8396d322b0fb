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
    value: await headerText(token, read, refused),
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

/** https://developers.cloudflare.com/cloudflare-one/identity/service-tokens/ */
const toAccess = async (access: { id: string; secret: string }, read: ReadText): Promise<Headers> => ({
  'cf-access-client-id': await headerText(access.id, read, false),
  'cf-access-client-secret': await headerText(access.secret, read, false),
})

async function headerText(reference: string, read: ReadText, refused: boolean): Promise<string> {
  const value = (await read(reference, refused)).trim()
  // A header's value; what it is instead must not be quoted.
  if (!/^[\x21-\x7e]+$/.test(value)) throw new Error(`${reference} is no token`)
  return value
}
