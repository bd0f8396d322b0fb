/**
 * The clusters of a deployment by name: how each is reached and with whose credentials, as the setting FAIRLEAD_CLUSTERS says,
 * and the port that answers with a client for one of them. No network here:
 * `lib/kube/clusters.ts` connects on Node, `lib/kube/fetch/clusters.ts` on Workers.
 */
import * as z from 'zod'
import type { Kube } from './kube.ts'

/** The name of a cluster: as in messages, sources and capability paths. */
const name = z.string().regex(/^[A-Za-z0-9._-]{1,63}$/, 'must be 1 to 63 letters, digits, dots, dashes')

const server = z
  .string()
  .refine((text) => /^https?:\/\/[^/?#@]+(\/[^?#]*)?$/.test(text), 'must be an http or https URL')
const ca = z.string().min(1)

const eks = z.strictObject({
  /** The cluster's name in EKS. */
  eks: z.string().min(1),
  /** The function's own where it is absent. */
  region: z.string().optional(),
  /** Both absent: EKS is asked (`eks:DescribeCluster`). */
  server: server.optional(),
  /** PEM, or base64 of it. */
  ca: ca.optional(),
})

const REFERENCE = /^(ssm|secretsmanager|env|file):./

/** Where a secret is, of those that every platform has. */
const variable = z.string().regex(/^env:./, 'must be env:NAME: a setting is no place for a secret')

const direct = z
  .strictObject({
    server,
    ca: ca.optional(),
    /** The name of a binding through which a Worker's requests go: a Workers VPC service. `server` may then be private. */
    via: z
      .string()
      .regex(/^[A-Za-z_$][\w$]*$/, 'must be the name of a binding')
      .optional(),
    /** The service token of Cloudflare Access, where that is in front of the server. */
    access: z.strictObject({ id: variable, secret: variable }).optional(),
    token: z
      .string()
      .regex(
        REFERENCE,
        'must say where the token is (ssm:/PATH, secretsmanager:ID, env:NAME or file:PATH): a setting is no place for a secret',
      )
      .optional(),
  })
  .refine(
    (one) => one.token !== undefined || (one.server.startsWith('http:') && isLoopback(one.server)),
    'needs a token: without one only plain http on loopback is reached',
  )
  .refine(
    (one) => one.token === undefined || one.server.startsWith('https:') || isLoopback(one.server),
    'must be https where a token is sent',
  )

const isLoopback = (url: string): boolean => {
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]'
}

const kubeconfig = z.strictObject({
  /** A file; Node alone reads it. */
  kubeconfig: z.string().min(1),
  context: z.string().optional(),
})

/** What reaches one cluster. */
export type ClusterConfig = EksCluster | DirectCluster | KubeconfigCluster
export type EksCluster = z.output<typeof eks>
export type DirectCluster = z.output<typeof direct>
export type KubeconfigCluster = z.output<typeof kubeconfig>

/** By name. */
export type ClustersConfig = Readonly<Record<string, ClusterConfig>>

/** Clients of the clusters that are configured. */
export interface Clusters {
  readonly names: readonly string[]
  /**
   * The client of one cluster, made when it is first asked for. Rejects for a name that is not configured, and where
   * credentials cannot be had now: that concerns this cluster only, and is tried again a few seconds later.
   */
  api(name: string): Promise<Kube>
  /** Ends idle connections. */
  close(): void
}

/** The value of FAIRLEAD_CLUSTERS. Throws an Error that names the setting, the cluster and the rule, never a value. */
export function parseClusters(text: string): ClustersConfig {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's message quotes the text.
    throw new Error('FAIRLEAD_CLUSTERS must be JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    throw new Error('FAIRLEAD_CLUSTERS must be a JSON object with one cluster at least, by name')
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, parseCluster(key, one)]))
}

function parseCluster(key: string, value: unknown): ClusterConfig {
  const given = typeof value === 'object' && value !== null ? value : {}
  const schema =
    'eks' in given ? eks : 'kubeconfig' in given ? kubeconfig : 'server' in given ? direct : undefined
  const named = name.safeParse(key)
  if (!named.success) throw refusedCluster(key.slice(0, 80), [], named.error.issues[0]?.message ?? '')
  if (schema === undefined) throw refusedCluster(key, [], 'must have "eks", "server" or "kubeconfig"')
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw refusedCluster(key, issue?.path ?? [], issue?.message ?? '')
}

/** What is wrong with one cluster of the setting; also for who connects, where a platform cannot do what it says. */
export const refusedCluster = (key: string, path: readonly PropertyKey[], rule: string): Error =>
  new Error(`FAIRLEAD_CLUSTERS: cluster "${key}"${path.map((step) => `.${String(step)}`).join('')}: ${rule}`)
