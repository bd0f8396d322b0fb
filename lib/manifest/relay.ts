/** The relay as a Deployment in the cluster that it watches. Its service account and roles are those of `rbacOf`. */
import type { Operator } from '../operator.ts'
import { labelled, type Manifest } from './rbac.ts'

export interface RelayPod {
  readonly image: string
  /** Of the relay's command line. */
  readonly args?: readonly string[]
  /** Settings of the relay by their names. */
  readonly env?: Readonly<Record<string, string>>
  /** 1 by default. Two may run at once: what they send twice, the queue drops. */
  readonly replicas?: number | undefined
  /** Whom the token is for by which the relay proves which cluster it speaks for; without it there is no such token. */
  readonly audience?: string | undefined
}

/** Where the relay answers /healthz and /readyz unless it is told otherwise. */
const PORT = 8080

const TOKEN_FOLDER = '/var/run/secrets/fairlead'

/** Where the token for the ingress is (`--token-file`). */
export const RELAY_TOKEN_FILE = `${TOKEN_FOLDER}/token`

/** The kubelet renews a token when four fifths of its life are over. */
const TOKEN_SECONDS = 3600

/** The user `node` of the official images; images that name no number cannot be told apart from root's. */
const USER = 1000

/** A pod that the policy `restricted` of Pod Security admits; it writes nowhere. */
export function relayOf(operator: Operator, namespace: string, pod: RelayPod): Manifest {
  const name = `${operator.name}-relay`
  const labels = { 'app.kubernetes.io/part-of': operator.name, 'app.kubernetes.io/component': 'relay' }
  const deployment: Manifest = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: pod.replicas ?? 1,
      strategy: strategyOf(pod),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpecOf(name, pod) },
    },
  }
  return labelled(deployment, operator, 'relay')
}

/** The new one is there before the old one goes; an inventory is for one relay, so with one it is the other way round. */
const strategyOf = ({ env = {} }: RelayPod): object =>
  'FAIRLEAD_INVENTORY' in env
    ? { type: 'Recreate' }
    : { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }

function podSpecOf(account: string, pod: RelayPod): object {
  const tokens = pod.audience === undefined ? [] : [tokenOf(pod.audience)]
  return {
    serviceAccountName: account,
    // Longer than the relay's own grace (20 s): what it has seen is sent and written down.
    terminationGracePeriodSeconds: 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [containerOf(pod)],
    ...(tokens.length > 0 && { volumes: tokens }),
  }
}

function containerOf({ image, args = [], env = {}, audience }: RelayPod): object {
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }))
  return {
    name: 'relay',
    image,
    ...(args.length > 0 && { args }),
    ...(variables.length > 0 && { env: variables }),
    ports: [{ name: 'probes', containerPort: PORT }],
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '512Mi' } },
    // A relay that cannot reach the API server is not ready; starting it again would not help.
    readinessProbe: { httpGet: { path: '/readyz', port: 'probes' }, periodSeconds: 10 },
    livenessProbe: {
      httpGet: { path: '/healthz', port: 'probes' },
      periodSeconds: 20,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    ...(audience !== undefined && {
      volumeMounts: [{ name: 'fairlead-token', mountPath: TOKEN_FOLDER, readOnly: true }],
    }),
  }
}

const tokenOf = (audience: string) => ({
  name: 'fairlead-token',
  projected: {
    sources: [{ serviceAccountToken: { path: 'token', audience, expirationSeconds: TOKEN_SECONDS } }],
  },
})
