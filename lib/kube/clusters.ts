/**
 * Clients of many clusters on Node: each is connected when it is first asked for, by its own transport, and what is wrong with
 * one (credentials, network) is that one's trouble alone.
 */
import { readFile } from 'node:fs/promises'
import type { Aws } from '../aws.ts'
import type { Clock } from '../clock.ts'
import type { ClusterConfig, Clusters, ClustersConfig, DirectCluster, EksCluster } from '../clusters.ts'
import { ApiError, type Kube, type Transport } from '../kube.ts'
import { bearer, type Token } from './bearer.ts'
import { describeEks, makeEksToken } from './eks.ts'
import { type HttpsConfig, httpsTransport } from './https.ts'
import { failingFast } from './reachable.ts'
import { connect, type ConnectOptions } from './rest.ts'

export interface ClustersOptions extends ConnectOptions {
  readonly clock: Clock
  /** For EKS clusters. */
  readonly aws?: Aws | undefined
  /** The value of `ssm:` and `secretsmanager:`; 0 seconds asks for the newest. */
  readonly readReference?: ((reference: string, maxAgeSeconds: number) => Promise<string>) | undefined
  /** The value of `env:NAME`. */
  readonly readEnv?: ((name: string) => string | undefined) | undefined
  /** How long making a connection may take, and how long an answer may be waited for. */
  readonly connectSeconds?: number | undefined
  readonly answerSeconds?: number | undefined
}

/** A cluster that is not there is noticed soon. */
const CONNECT_SECONDS = 5
/** An admission webhook may take 30 s (`timeoutSeconds`), and the write that waits for it with it. */
const ANSWER_SECONDS = 35
/** A failure to get credentials or an address is an answer to whoever else asks within this time. */
const FAILED_MS = 3_000
/** Kubelets renew projected tokens long before they end; secrets are rotated with an overlap. */
const TOKEN_FRESH_MS = 5 * 60_000

/** A client that is there or on its way, or the failure to get one, and until when it is the answer. */
interface Opening {
  kube: Promise<Kube>
  until: number
}

/** Opens nothing until it is asked. `api` rejects with an Error that names FAIRLEAD_CLUSTERS and the names for an unknown one. */
export function openClusters(config: ClustersConfig, options: ClustersOptions): Clusters {
  const names = Object.keys(config)
  const transports: Transport[] = []
  const opened = new Map<string, Opening>()
  let isClosed = false

  const open = async (one: ClusterConfig): Promise<Kube> => {
    const transport = failingFast(httpsTransport(await toHttps(one, options)), options.clock)
    if (isClosed) transport.close()
    transports.push(transport)
    return connect(transport, options)
  }
  const openOnce = (name: string, one: ClusterConfig): Opening => {
    const known = opened.get(name)
    if (known !== undefined && options.clock.now() < known.until) return known
    const opening: Opening = { until: Number.POSITIVE_INFINITY, kube: open(one) }
    opening.kube = opening.kube.catch((error: unknown) => {
      opening.until = options.clock.now() + FAILED_MS
      throw unreachable(name, error)
    })
    opened.set(name, opening)
    return opening
  }
  return {
    names,
    async api(name) {
      const one = Object.hasOwn(config, name) ? config[name] : undefined
      if (one === undefined)
        throw new Error(
          `cluster "${name.slice(0, 63)}" is not in FAIRLEAD_CLUSTERS, which has ${names.slice(0, 20).join(', ')}`,
        )
      return await openOnce(name, one).kube
    },
    close() {
      isClosed = true
      for (const transport of transports) transport.close()
    },
  }
}

function unreachable(name: string, error: unknown): ApiError {
  const why = (error instanceof Error ? error.message : String(error)).slice(0, 500)
  return new ApiError(0, 'Unreachable', `cluster "${name}": ${why}`, undefined, { cause: error })
}

async function toHttps(one: ClusterConfig, options: ClustersOptions): Promise<HttpsConfig> {
  const { connectSeconds = CONNECT_SECONDS, answerSeconds = ANSWER_SECONDS, clock } = options
  const bounds = { connectSeconds, answerSeconds }
  if ('kubeconfig' in one) {
    const { loadCredentials } = await import('./kubeconfig.ts')
    return { ...(await loadCredentials({ ...one, clock })), ...bounds }
  }
  return { ...('eks' in one ? await toEks(one, options) : await toDirect(one, options)), ...bounds }
}

async function toEks({ eks, ...one }: EksCluster, { aws, clock }: ClustersOptions): Promise<HttpsConfig> {
  if (aws === undefined) throw new Error(`"${eks}" is in EKS: that needs AWS credentials and AWS_REGION`)
  const place = { eks, region: one.region ?? aws.region }
  const found = one.server === undefined || one.ca === undefined ? await describeEks(aws, place) : undefined
  const server = one.server ?? found?.server ?? ''
  const ca = one.ca ?? found?.ca ?? ''
  return { server, ca: toPem(ca), headers: bearer(() => makeEksToken(aws, place, clock), clock) }
}

async function toDirect(
  { server, ca, token }: DirectCluster,
  options: ClustersOptions,
): Promise<HttpsConfig> {
  const headers =
    token === undefined ? undefined : bearer((refused) => readToken(token, refused, options), options.clock)
  // What is wrong with a token is said when the cluster is opened.
  await headers?.(false)
  return { server, ca: ca === undefined ? undefined : toPem(ca), headers }
}

/** PEM, or base64 of it. */
function toPem(ca: string): string {
  const pem = ca.includes('BEGIN CERTIFICATE') ? ca : Buffer.from(ca, 'base64').toString()
  if (!pem.includes('BEGIN CERTIFICATE')) throw new Error('"ca" must be a PEM certificate, or base64 of one')
  return pem
}

async function readToken(reference: string, refused: boolean, options: ClustersOptions): Promise<Token> {
  const value = (await tokenText(reference, refused, options)).trim()
  // A header's value; what it is instead must not be quoted.
  if (!/^[\x21-\x7e]+$/.test(value)) throw new Error(`${reference} is no token`)
  return { value, freshUntil: options.clock.now() + TOKEN_FRESH_MS }
}

async function tokenText(reference: string, refused: boolean, options: ClustersOptions): Promise<string> {
  const [scheme, rest] = [
    reference.slice(0, reference.indexOf(':')),
    reference.slice(reference.indexOf(':') + 1),
  ]
  if (scheme === 'env') {
    const value = options.readEnv?.(rest)
    if (value === undefined || value === '')
      throw new Error(`${rest}, which is to hold the token, is not set`)
    return value
  }
  if (scheme === 'file') return await readFile(rest, 'utf8')
  if (options.readReference === undefined) throw new Error(`${scheme}: needs AWS credentials and AWS_REGION`)
  return await options.readReference(reference, refused ? 0 : TOKEN_FRESH_MS / 1000)
}
