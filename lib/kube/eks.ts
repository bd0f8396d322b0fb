/**
 * EKS: a cluster's name in, its address and tokens for it out. A token is a signed STS URL, made without a request, by which
 * the API server learns from STS who we are (aws-iam-authenticator, "API Authorization from Outside a Cluster").
 */
import * as z from 'zod'
import { type Aws, awsFailure, domainOf, endpointOf } from '../aws.ts'
import type { Clock } from '../clock.ts'
import type { Token } from './bearer.ts'

interface EksPlace {
  readonly eks: string
  readonly region: string
}

/** The authenticator takes a token for 15 minutes from its signature on; kubectl's plugin says 14. */
const TOKEN_MS = 14 * 60_000
/** For clocks that differ and requests that are on their way. */
const MARGIN_MS = 60_000
/** Of the URL as such; the authenticator refuses what is longer than 15 minutes, and looks at the signature's time itself. */
const EXPIRES_SECONDS = 60

/** A token for one cluster, fresh for 13 minutes, or less where the credentials end sooner. */
export async function makeEksToken(aws: Aws, { eks, region }: EksPlace, clock: Clock): Promise<Token> {
  const now = clock.now()
  const { expiration } = await aws.credentials()
  const url = await aws.presign('sts', {
    // The regional endpoint, whatever address stands in for STS here: it is the API server that calls it.
    url: `https://sts.${region}.${domainOf(region)}/?Action=GetCallerIdentity&Version=2011-06-15`,
    headers: { 'x-k8s-aws-id': eks },
    expiresSeconds: EXPIRES_SECONDS,
    region,
  })
  const ends = expiration === undefined ? Number.POSITIVE_INFINITY : expiration.getTime()
  return {
    value: `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`,
    freshUntil: Math.min(now + TOKEN_MS, ends) - MARGIN_MS,
  }
}

const described = z.object({
  cluster: z.object({ endpoint: z.url(), certificateAuthority: z.object({ data: z.string().min(1) }) }),
})

/** Where a cluster is, by `eks:DescribeCluster`. Throws where EKS refuses, and while a cluster is being created. */
export async function describeEks(
  aws: Aws,
  { eks, region }: EksPlace,
): Promise<{ server: string; ca: string }> {
  const response = await aws.fetch('eks', {
    method: 'GET',
    url: `${endpointOf(aws, 'eks', region)}/clusters/${encodeURIComponent(eks)}`,
    region,
  })
  if (!response.ok) throw await awsFailure('eks', response, `DescribeCluster ${eks}`)
  const answer = described.safeParse(await response.json().catch(() => undefined))
  if (!answer.success) throw new Error(`eks DescribeCluster ${eks}: the cluster has no endpoint (yet)`)
  const { endpoint, certificateAuthority } = answer.data.cluster
  return { server: endpoint, ca: certificateAuthority.data }
}
