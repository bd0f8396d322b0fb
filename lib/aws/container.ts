/**
 * Credentials of a task (ECS, Fargate) or a pod (EKS Pod Identity): asked for at the address that its environment names, as the
 * SDKs do it (container credential provider), and remembered until they are about to end.
 */
import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import type { AwsCredentials, CredentialsProvider } from '../aws.ts'

export interface ContainerPlace {
  readonly url: string
  /** What the address wants to be shown: a file that is renewed, or the token itself. */
  readonly tokenFile?: string | undefined
  readonly token?: string | undefined
}

interface ContainerOptions {
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
}

/** New ones are there long before the old ones end. */
const MARGIN_MS = 5 * 60_000
/** The address is on this host. */
const ANSWER_MS = 2_000

/** The hosts to which the SDKs send such a token without TLS. */
const LOCAL = ['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]', 'localhost', '127.0.0.1', '[::1]']

const answered = z.object({
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  Token: z.string().min(1),
  Expiration: z.iso.datetime({ offset: true }),
})

/**
 * Concurrent questions are one request. Where new credentials cannot be had, the known ones serve until they end; then it rejects
 * with an Error that names the host and the status, never what was answered.
 */
export function containerCredentials(
  place: ContainerPlace,
  { fetch = globalThis.fetch, now = Date.now }: ContainerOptions = {},
): CredentialsProvider {
  let known: (AwsCredentials & { readonly expiration: Date }) | undefined
  let asking: Promise<AwsCredentials> | undefined
  const lasting = (marginMs: number) =>
    known !== undefined && now() < known.expiration.getTime() - marginMs ? known : undefined
  const ask = async () => {
    try {
      known = await credentialsAt(place, fetch)
      return known
    } catch (error) {
      const still = lasting(0)
      if (still === undefined) throw error
      return still
    }
  }
  return async () => {
    const fresh = lasting(MARGIN_MS)
    if (fresh !== undefined) return fresh
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return await asking
  }
}

async function credentialsAt({ url, tokenFile, token }: ContainerPlace, fetch: typeof globalThis.fetch) {
  const { protocol, hostname, host } = new URL(url)
  if (protocol !== 'https:' && !LOCAL.includes(hostname))
    throw new Error(`credentials of the container: ${host} must be https, or an address of this host`)
  const shown = tokenFile === undefined ? token : (await readFile(tokenFile, 'utf8')).trim()
  const response = await fetch(url, {
    headers: shown === undefined ? {} : { authorization: shown },
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch((cause: unknown) => {
    throw new Error(`credentials of the container: ${host} does not answer`, { cause })
  })
  const { data } = answered.safeParse(await response.json().catch(() => undefined))
  if (!response.ok || data === undefined)
    throw new Error(`credentials of the container: ${host} answers ${response.status}, and has none`)
  return {
    accessKeyId: data.AccessKeyId,
    secretAccessKey: data.SecretAccessKey,
    sessionToken: data.Token,
    expiration: new Date(data.Expiration),
  }
}
