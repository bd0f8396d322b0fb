/**
 * The clusters of a deployment on Cloudflare Workers: by address alone, over `fetch`, with tokens that are secrets of the Worker.
 * Clients may be shared by all requests of an isolate: to open one takes no network, and none keeps anything of a request.
 */
import {
  type ClusterConfig,
  type Clusters,
  type ClustersConfig,
  type DirectCluster,
  refusedCluster,
} from '../../clusters.ts'
import type { Transport } from '../../kube.ts'
import type { Credentials, Headers } from '../credentials.ts'
import { accessHeaders, headerText, readVariable } from '../direct.ts'
import { type Fetch, fetchTransport } from '../fetch.ts'
import { ANSWER_SECONDS, type NamedOptions, namedClusters } from '../named.ts'

export interface FetchClustersOptions extends NamedOptions {
  /** The value of `env:NAME`: a secret of the Worker. */
  readonly readEnv: (name: string) => string | undefined
  /** The `fetch` of the binding that `via` names; undefined where the Worker has none of that name. */
  readonly fetchOf: (binding: string) => Fetch | undefined
  /** How long an answer may be waited for. */
  readonly answerSeconds?: number | undefined
}

/**
 * Opens nothing until it is asked. Throws an Error that names FAIRLEAD_CLUSTERS, the cluster, the rule and the way out for a
 * cluster that cannot be reached from a Worker; a secret that is missing concerns its cluster only, when that is opened.
 */
export function fetchClusters(config: ClustersConfig, options: FetchClustersOptions): Clusters {
  const reachable = Object.entries(config).map(([name, one]) => [name, toReachable(name, one, options)])
  const connecting = { answerLimit: ANSWER_LIMIT, ...options }
  return namedClusters<Reachable>(Object.fromEntries(reachable), (one) => reach(one, options), connecting)
}

/** Characters: an isolate has 128 MB for all that run in it, and one that takes more ends all of them. */
const ANSWER_LIMIT = 32 * 1024 * 1024

interface Reachable extends DirectCluster {
  readonly fetch: Fetch | undefined
}

const INSTEAD = 'give "server" and "token": "env:NAME", a service account\'s as a secret of the Worker'

/** Throws for what a Worker cannot do, and says what to do instead. */
function toReachable(name: string, one: ClusterConfig, { fetchOf }: FetchClustersOptions): Reachable {
  const refused = (field: string, rule: string) => refusedCluster(name, [field], rule)
  if ('eks' in one) throw refused('eks', `nobody signs tokens of EKS on Workers: ${INSTEAD}`)
  if ('kubeconfig' in one) throw refused('kubeconfig', `Workers have no files: ${INSTEAD}`)
  const { server, ca, token, via } = one
  if (ca !== undefined)
    throw refused(
      'ca',
      '`fetch` knows public authorities only: give it to a Workers VPC service, and name its binding as "via"',
    )
  if (token !== undefined && !token.startsWith('env:'))
    throw refused('token', 'must be env:NAME on Workers, a secret of the Worker (wrangler secret put NAME)')
  if (via === undefined && isBareAddress(server))
    throw refused(
      'server',
      'must be a name: `fetch` asks no IP address. Give it a record in DNS, or go through a Workers VPC service ("via")',
    )
  const fetch = via === undefined ? undefined : fetchOf(via)
  if (via !== undefined && fetch === undefined)
    throw refused('via', 'must name a binding of the Worker, one of [[vpc_services]] in wrangler.toml')
  return { ...one, fetch }
}

/** https://developers.cloudflare.com/workers/platform/known-issues/#fetch-to-ip-addresses; loopback is where workerd is alone. */
const isBareAddress = (server: string): boolean =>
  /^https?:\/\/(\[|\d+(\.\d+){3}(:|\/|$))/.test(server) && !/\/\/(127\.|\[::1\])/.test(server)

function reach(one: Reachable, { readEnv, answerSeconds = ANSWER_SECONDS }: FetchClustersOptions): Transport {
  return fetchTransport({
    server: one.server,
    fetch: one.fetch,
    headers: credentialsOf(one, readEnv),
    answerSeconds,
  })
}

/**
 * Secrets are at hand, and nothing is waited for: workerd ends promises with the request, or the Durable Object, that made them,
 * and whoever else waits for one waits for ever.
 */
function credentialsOf(
  { token, access }: DirectCluster,
  readEnv: FetchClustersOptions['readEnv'],
): Credentials {
  const text = (reference: string) => headerText(reference, readVariable(reference, readEnv))
  const read = (): Headers => ({
    ...(access !== undefined && accessHeaders(text(access.id), text(access.secret))),
    ...(token !== undefined && { authorization: `Bearer ${text(token)}` }),
  })
  let headers = read()
  return (refused) => {
    const newest = refused ? read() : headers
    if (newest.authorization !== headers.authorization) headers = newest
    return headers
  }
}
