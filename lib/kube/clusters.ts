/** The clusters of a deployment on Node: in EKS, by address, or by kubeconfig, over kept-alive connections. */
import { readFile } from 'node:fs/promises'
import type { Aws } from '../aws.ts'
import {
  type ClusterConfig,
  type Clusters,
  type ClustersConfig,
  type DirectCluster,
  type EksCluster,
  refusedCluster,
} from '../clusters.ts'
import { bearer } from './bearer.ts'
import { readVariable, toCredentials, TOKEN_FRESH_MS } from './direct.ts'
import { describeEks, makeEksToken } from './eks.ts'
import { type HttpsConfig, httpsTransport } from './https.ts'
import { ANSWER_SECONDS, type NamedOptions, namedClusters } from './named.ts'

export interface ClustersOptions extends NamedOptions {
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

/**
 * Opens nothing until it is asked. `api` rejects with an Error that names FAIRLEAD_CLUSTERS and the names for an unknown one.
 * Throws for a cluster that only a Worker can reach.
 */
export function openClusters(config: ClustersConfig, options: ClustersOptions): Clusters {
  for (const [name, one] of Object.entries(config))
    if ('via' in one && one.via !== undefined)
      throw refusedCluster(name, ['via'], 'is a binding of a Worker: elsewhere "server" is reached itself')
  return namedClusters(config, async (one) => httpsTransport(await toHttps(one, options)), options)
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

async function toDirect(one: DirectCluster, options: ClustersOptions): Promise<HttpsConfig> {
  const { server, ca } = one
  const read = (reference: string, refused: boolean) => readText(reference, refused, options)
  const headers = await toCredentials(one, read, options.clock)
  return { server, ca: ca === undefined ? undefined : toPem(ca), headers }
}

/** PEM, or base64 of it. */
function toPem(ca: string): string {
  const pem = ca.includes('BEGIN CERTIFICATE') ? ca : Buffer.from(ca, 'base64').toString()
  if (!pem.includes('BEGIN CERTIFICATE')) throw new Error('"ca" must be a PEM certificate, or base64 of one')
  return pem
}

async function readText(reference: string, refused: boolean, options: ClustersOptions): Promise<string> {
  const [scheme, rest] = [
    reference.slice(0, reference.indexOf(':')),
    reference.slice(reference.indexOf(':') + 1),
  ]
  if (scheme === 'env') return readVariable(reference, options.readEnv)
  if (scheme === 'file') return await readFile(rest, 'utf8')
  if (options.readReference === undefined) throw new Error(`${scheme}: needs AWS credentials and AWS_REGION`)
  return await options.readReference(reference, refused ? 0 : TOKEN_FRESH_MS / 1000)
}
