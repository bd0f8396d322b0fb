/** The port to AWS by signatures of our own (SigV4, aws4fetch): credentials in, signed requests and signed URLs out. */
import { AwsV4Signer } from 'aws4fetch'
import type { Aws, AwsRequest, CredentialsProvider, Presigning } from '../aws.ts'

export interface SignedAwsOptions {
  readonly region: string
  readonly credentials: CredentialsProvider
  /** Addresses by service (`s3`, `ssm`, `secretsmanager`, `eks`), and `all` for every other one. */
  readonly endpoints?: Readonly<Record<string, string | undefined>> | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
}

/** What answers at all answers sooner; who waits longer holds up what else a function does. */
const ANSWER_MS = 10_000

/** AWS as one set of credentials sees it. */
export function signedAws(options: SignedAwsOptions): Aws {
  const { region, credentials, endpoints = {} } = options
  return {
    region,
    credentials,
    override: (service) => (endpoints[service] ?? endpoints.all)?.replace(/\/+$/, ''),
    fetch: (service, request) => send(options, service, request),
    presign: (service, presigning) => presign(options, service, presigning),
  }
}

async function send(options: SignedAwsOptions, service: string, request: AwsRequest): Promise<Response> {
  const { method, url, body, signal } = request
  const signing = await signer(options, service, request, { method, ...(body !== undefined && { body }) })
  const { headers } = await signing.sign()
  const limit = AbortSignal.timeout(ANSWER_MS)
  const call = options.fetch ?? globalThis.fetch
  return await call(url, {
    method,
    headers,
    ...(body !== undefined && { body }),
    // A redirect would be followed with a signature for somewhere else.
    redirect: 'manual',
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  })
}

async function presign(options: SignedAwsOptions, service: string, request: Presigning): Promise<string> {
  const url = new URL(request.url)
  url.searchParams.set('X-Amz-Expires', String(request.expiresSeconds))
  const signing = await signer(options, service, { ...request, url: url.href }, { signQuery: true })
  return (await signing.sign()).url.href
}

async function signer(
  { region, credentials, now = Date.now }: SignedAwsOptions,
  service: string,
  { url, headers, region: other }: Pick<AwsRequest, 'url' | 'headers' | 'region'>,
  more: {
    readonly method?: string
    readonly body?: string | Uint8Array<ArrayBuffer>
    readonly signQuery?: boolean
  },
): Promise<AwsV4Signer> {
  const { accessKeyId, secretAccessKey, sessionToken } = await credentials()
  const datetime = new Date(now()).toISOString().replace(/[:-]|\.\d{3}/g, '')
  return new AwsV4Signer({
    url,
    service,
    region: other ?? region,
    accessKeyId,
    secretAccessKey,
    datetime,
    ...(headers !== undefined && { headers }),
    ...(sessionToken !== undefined && { sessionToken }),
    ...more,
  })
}
