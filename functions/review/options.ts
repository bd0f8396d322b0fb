/** The command line of `npm run review`. */
import type { Operator } from '../../lib/index.ts'
import { isMutating, isValidating } from '../../lib/index.ts'
import type { TlsFiles } from '../../lib/review/node.ts'
import { parseOptions, parsePort, refuse } from '../program.ts'

const HELP = `Serves the admission and conversion webhooks of functions/operator.ts, and nothing else.

  npm run review -- --port 9443                        plain HTTP on loopback, for a proxy in front or for trying out
  npm run review -- --host 0.0.0.0 --port 9443 --tls-cert tls.crt --tls-key tls.key

Options
  --port N            port to listen on (default: any free one)
  --host ADDRESS      address to listen on (default: 127.0.0.1)
  --tls-cert FILE     certificate chain in PEM; read again when it changes
  --tls-key FILE      its key
  --client-ca FILE    answer only clients with a certificate of this authority
  --cluster NAME      the cluster that the printed path is for (default: default)
  --kubeconfig FILE   the cluster that review functions may read from (default: none)
  --context NAME      context to use from it
  -h, --help          this text

Prints "url: BASE" and then the names: the API server asks BASE/validate/NAME, BASE/mutate/NAME and BASE/convert/NAME.
The path is the secret. It is made from FAIRLEAD_REVIEW_KEYS (id=base64url, two while they are exchanged; 32 bytes each);
without it from a key that is new each time. GET /healthz, /readyz and /metrics need no path.
`

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'client-ca': { type: 'string' },
  cluster: { type: 'string' },
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
} as const

/** Reads the command line; ends the process with help, or with 2 on what cannot be meant. */
export function parseReviewOptions() {
  const values = parseOptions(OPTIONS, HELP)
  const { host = '127.0.0.1', cluster = 'default', kubeconfig, context } = values
  const { 'tls-cert': cert, 'tls-key': key, 'client-ca': clientCa } = values
  if ((cert === undefined) !== (key === undefined)) refuse('--tls-cert and --tls-key go together\n')
  if (clientCa !== undefined && cert === undefined) refuse('--client-ca needs --tls-cert and --tls-key\n')
  checkCluster(cluster)
  const isLoopback = host === '127.0.0.1' || host === '::1' || host === 'localhost'
  if (cert === undefined && !isLoopback)
    refuse(`--host ${host} can be reached from elsewhere: give --tls-cert and --tls-key\n`)
  const tls: TlsFiles | undefined =
    cert !== undefined && key !== undefined ? { cert, key, clientCa } : undefined
  return {
    host,
    cluster,
    kubeconfig,
    context,
    port: parsePort(values.port),
    isConnected: kubeconfig !== undefined || context !== undefined,
    ...(tls !== undefined && { tls }),
  }
}

/** Ends with 2 for what is no name of a cluster. */
export function checkCluster(cluster: string): void {
  if (!/^[A-Za-z0-9._-]{1,63}$/.test(cluster))
    refuse(`--cluster must be 1 to 63 letters, digits, dots, dashes, got ${cluster}\n`)
}

/** `validate/myapp`, `mutate/myapp`, `convert/myapp` */
export const namesOf = ({ reviews, conversions }: Operator): string[] => [
  ...reviews.filter(isValidating).map(({ name }) => `validate/${name}`),
  ...reviews.filter(isMutating).map(({ name }) => `mutate/${name}`),
  ...conversions.map(({ name }) => `convert/${name}`),
]
