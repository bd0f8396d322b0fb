/**
 * The port to AWS: signed requests to a service by name, and signed URLs. Bodies are the caller's, as is what a status means;
 * an answer that is a refusal becomes an {@link AwsError} by `awsFailure`. No retries, no SDK.
 */

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Temporary credentials have one. */
  readonly sessionToken?: string | undefined
  /** When they end, where it is known. */
  readonly expiration?: Date | undefined
}

/** Answers with credentials that are valid now. Asked for each request: what is expensive it remembers. */
export type CredentialsProvider = () => Promise<AwsCredentials>

/** One request; `url` is absolute. `region` is the port's own unless given. */
export interface AwsRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined
  readonly region?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** A URL that carries its own signature, for whoever holds it, for as long as it says. */
export interface Presigning {
  readonly url: string
  /** Headers that whoever uses it must send as they are given here. */
  readonly headers: Readonly<Record<string, string>>
  readonly expiresSeconds: number
  readonly region?: string | undefined
}

export interface Aws {
  readonly region: string
  readonly credentials: CredentialsProvider
  /** The address that stands in for a service's own (`AWS_ENDPOINT_URL`), without a slash at its end. */
  override(service: string): string | undefined
  /** Resolves with the answer, whatever its status; rejects where none came within 10 s. */
  fetch(service: string, request: AwsRequest): Promise<Response>
  /** A GET, signed in its query. */
  presign(service: string, presigning: Presigning): Promise<string>
}

/** `amazonaws.com`, and in China `amazonaws.com.cn`. */
export const domainOf = (region: string): string =>
  region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'

/** Where a regional service is called, without a slash at the end. */
export const endpointOf = (aws: Pick<Aws, 'override'>, service: string, region: string): string =>
  aws.override(service) ?? `https://${service}.${region}.${domainOf(region)}`

/** A refusal by a service. The message is bounded and has neither the body nor anything of the credentials. */
export class AwsError extends Error {
  readonly service: string
  /** `AccessDenied`, `ParameterNotFound`, ...; `Unknown` where the answer names none. */
  readonly code: string
  readonly status: number

  constructor(service: string, { code, status }: { code: string; status: number }, message: string) {
    super(message)
    this.name = 'AwsError'
    this.service = service
    this.code = code
    this.status = status
  }
}

const MESSAGE_LIMIT = 300
const TEXT_LIMIT = 64 * 1024

/** The error of an answer outside 2xx, XML or JSON; reads its body. `doing` names the call: `GetParameter /a/b`. */
export async function awsFailure(service: string, response: Response, doing: string): Promise<AwsError> {
  const text = (await response.text().catch(() => '')).slice(0, TEXT_LIMIT)
  const type =
    response.headers.get('x-amzn-errortype') ??
    /"__type"\s*:\s*"([^"]+)"/.exec(text)?.[1] ??
    /"code"\s*:\s*"([^"]+)"/.exec(text)?.[1] ??
    /<Code>([^<]+)<\/Code>/.exec(text)?.[1]
  // `com.amazonaws.ssm#ParameterNotFound:http://...`
  const code = (type ?? '').replace(/^.*#/, '').replace(/:.*$/, '').slice(0, 80) || 'Unknown'
  const { status } = response
  return new AwsError(
    service,
    { code, status },
    `${service} ${doing}: ${code} (${status})${detailOf(code, text)}`,
  )
}

/** A service that refuses a signature quotes what it was made of, tokens too: of such answers nothing is passed on. */
function detailOf(code: string, text: string): string {
  if (/signature|token|credential/i.test(code)) return ''
  const said = /"[Mm]essage"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? /<Message>([^<]*)/.exec(text)?.[1]
  const line = said?.split(/\n|\\n/)[0]?.trim() ?? ''
  return line === '' ? '' : `: ${line.slice(0, MESSAGE_LIMIT)}`
}
