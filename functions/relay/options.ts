/** The command line of `npm run relay`. */
import { parseOptions, parsePort, refuse } from '../program.ts'

const HELP = `Watches for the controllers of functions/operator.ts and sends what changes to a queue; it reconciles nothing.

  npm run relay                                            to SQS, with the settings FAIRLEAD_SQS_*
  npm run relay -- --to URL --token-file FILE              to an ingress, which knows the cluster by its token

What it watches: the clusters of FAIRLEAD_CLUSTERS; without it the one of the kubeconfig, or the one that it runs in.

Options
  --to URL           the ingress to send to, with its path: https://HOST/changes
  --token-file FILE  a projected service account token for the ingress; read again for each request
  --key-file FILE    or a key that is shared with it: SENDER/ID=base64url
  --state DIR        where it is kept what has been seen, for one process at a time; else in FAIRLEAD_INVENTORY
                     (s3://BUCKET/PREFIX), else nowhere: then every object is sent again after a restart
  --kubeconfig FILE  kubeconfig of the cluster to watch
  --context NAME     context to use from it
  --cluster NAME     that cluster's name in messages (default: default)
  --port N           port of /healthz, /readyz and /metrics (default: 8080; 0: any free one)
  --host ADDRESS     address to listen on for them (default: all, probes of a pod come from outside)
  -h, --help         this text

Prints "health: URL", "inventory: WHERE" and "ready" on lines of their own, then one line per thing that happens.
/healthz: the process lives. /readyz: every source of every cluster has been synced once; else 503 and which has not.
SIGTERM ends it with 0, when what it holds back is sent (5 s at most). Two may run at once: a queue that drops duplicates
takes each change once. One inventory is for one relay.
`

const OPTIONS = {
  to: { type: 'string' },
  'token-file': { type: 'string' },
  'key-file': { type: 'string' },
  state: { type: 'string' },
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  cluster: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string' },
} as const

/** Where probes ask, in the manifests too. */
const PORT = '8080'

/** An ingress, and the file that proves who sends. */
export interface IngressOptions {
  readonly url: string
  readonly proof: { readonly type: 'token' | 'key'; readonly file: string }
}

export interface RelayOptions {
  /** Absent: to SQS. */
  readonly ingress: IngressOptions | undefined
  readonly state: string | undefined
  /** One cluster is given; else FAIRLEAD_CLUSTERS says which, if it is set. */
  readonly isGiven: boolean
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  /** The name of the one cluster. */
  readonly cluster: string
  readonly host: string | undefined
  readonly port: number
}

/** Reads the command line; ends the process with help, or with 2 on what cannot be meant. */
export function parseRelayOptions(): RelayOptions {
  const values = parseOptions(OPTIONS, HELP)
  const { kubeconfig, context, cluster = 'default', state, host } = values
  if (!/^[A-Za-z0-9._-]{1,63}$/.test(cluster))
    refuse(`--cluster must be 1 to 63 letters, digits, dots, dashes, got ${cluster}\n`)
  return {
    ingress: ingressOf(values.to, values['token-file'], values['key-file']),
    state,
    isGiven: kubeconfig !== undefined || context !== undefined || values.cluster !== undefined,
    kubeconfig,
    context,
    cluster,
    host,
    port: parsePort(values.port ?? PORT),
  }
}

function ingressOf(
  url: string | undefined,
  tokenFile: string | undefined,
  keyFile: string | undefined,
): IngressOptions | undefined {
  const [file, other] = [tokenFile ?? keyFile, tokenFile === undefined ? undefined : keyFile]
  if (url === undefined) {
    if (file !== undefined) refuse('--token-file and --key-file are of --to, which is not given\n')
    return undefined
  }
  if (file === undefined || other !== undefined)
    refuse('--to takes one of --token-file and --key-file, to prove who sends\n')
  return { url, proof: { type: tokenFile === undefined ? 'key' : 'token', file } }
}
