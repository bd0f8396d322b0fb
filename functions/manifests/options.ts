/** The command line of `npm run manifests`. */
import { readFileSync } from 'node:fs'
import { type RelayPod, type ReviewAddress, RELAY_TOKEN_FILE } from '../../lib/index.ts'
import { parseOptions, refuse } from '../program.ts'

const HELP = `Generates the CRDs and the least-privilege RBAC of the operator of functions/operator.ts.

  npm run manifests                   writes infra/kube/crds/<plural>.<group>.yaml and infra/kube/rbac.yaml
  npm run manifests -- --print        prints them instead
  npm run manifests -- --check        ends with 1 where the written ones are not these

Options
  --review-url BASE  also writes infra/kube/webhooks.yaml, and has the CRDs convert there: https, as
                     "npm run review" prints it, up to the operation
  --review-service NAMESPACE/NAME[:PORT]
                     the same for a Service in the cluster (default port: 443)
  --review-path PATH the path up to the operation, for a Service
  --review-ca FILE   PEM of the authority to trust (default: what the API server's system trusts)
  --groups           also writes infra/kube/access.yaml: what relay and work may do outside of the cluster, as members
                     of the groups <operator>-relay and <operator>-work
  --relay-image IMAGE
                     also writes infra/kube/relay.yaml: the relay as a Deployment (infra/kube/Dockerfile)
  --relay-cluster NAME
                     the cluster's name in messages (default: default)
  --relay-replicas N 1 (default) or 2: what both send, the queue takes once
  --relay-env NAME=VALUE
                     a setting of the relay; may be repeated. No secrets
  --ingress-url URL  where the relay sends to: https, with its path; it proves who it is by a token of its service account
  --ingress-audience TEXT
                     whom the token is for (default: the URL up to its path)
  --namespace NAME   where the service accounts live (default: <operator>-system)
  -h, --help         this text
`

const OPTIONS = {
  print: { type: 'boolean' },
  check: { type: 'boolean' },
  namespace: { type: 'string' },
  groups: { type: 'boolean' },
  'review-url': { type: 'string' },
  'review-service': { type: 'string' },
  'review-path': { type: 'string' },
  'review-ca': { type: 'string' },
  'relay-image': { type: 'string' },
  'relay-cluster': { type: 'string' },
  'relay-replicas': { type: 'string' },
  'relay-env': { type: 'string', multiple: true },
  'ingress-url': { type: 'string' },
  'ingress-audience': { type: 'string' },
} as const

type Values = ReturnType<typeof parseOptions<typeof OPTIONS>>

/** Reads the command line; ends the process with help, or with 2 on what cannot be meant. */
export function parseManifestOptions(operator: string) {
  const values = parseOptions(OPTIONS, HELP)
  const { print = false, check = false, groups = false, namespace = `${operator}-system` } = values
  return { print, check, groups, namespace, address: addressOf(values), pod: podOf(values) }
}

/** Options that mean nothing without an image. */
const RELAY = ['relay-cluster', 'relay-replicas', 'relay-env', 'ingress-url', 'ingress-audience'] as const

function podOf(values: Values): RelayPod | undefined {
  const { 'relay-image': image, 'relay-replicas': replicas = '1', 'relay-cluster': cluster } = values
  if (image === undefined) {
    const stray = RELAY.find((name) => values[name] !== undefined)
    if (stray !== undefined) refuse(`--${stray} goes with --relay-image\n`)
    return undefined
  }
  if (!/^[A-Za-z0-9]\S*$/.test(image)) refuse(`--relay-image must be an image, got "${image}"\n`)
  if (replicas !== '1' && replicas !== '2') refuse(`--relay-replicas must be 1 or 2, got ${replicas}\n`)
  if (cluster !== undefined && !/^[A-Za-z0-9._-]{1,63}$/.test(cluster))
    refuse(`--relay-cluster must be 1 to 63 letters, digits, dots, dashes, got ${cluster}\n`)
  const env = variablesOf(values['relay-env'] ?? [])
  if (replicas === '2' && 'FAIRLEAD_INVENTORY' in env)
    refuse('--relay-replicas 2: an inventory (FAIRLEAD_INVENTORY) is for one relay\n')
  const { url, audience } = ingressOf(values)
  const args = [
    ...(cluster === undefined ? [] : ['--cluster', cluster]),
    ...(url === undefined ? [] : ['--to', url, '--token-file', RELAY_TOKEN_FILE]),
  ]
  return { image, args, env, replicas: Number(replicas), audience }
}

function ingressOf({ 'ingress-url': url, 'ingress-audience': audience }: Values) {
  if (url === undefined) {
    if (audience !== undefined) refuse('--ingress-audience goes with --ingress-url\n')
    return {}
  }
  if (!/^https:\/\/[^/?#@]+\/[^?#]+$/.test(url))
    refuse('--ingress-url must be https, with a path and without a query\n')
  return { url, audience: audience ?? new URL(url).origin }
}

function variablesOf(settings: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    settings.map((setting) => {
      const [, name, value = ''] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(setting) ?? []
      if (name === undefined) refuse('--relay-env must be NAME=VALUE, the name in capitals\n')
      return [name, value]
    }),
  )
}

function addressOf(values: Values): ReviewAddress | undefined {
  const { 'review-url': url, 'review-service': service, 'review-path': path, 'review-ca': file } = values
  const ca = file === undefined ? {} : { ca: readFileSync(file, 'utf8') }
  if (url !== undefined && service !== undefined)
    refuse('--review-url and --review-service exclude each other\n')
  if (url !== undefined) {
    if (!/^https:\/\/[^?#@]+[^/]$/.test(url))
      refuse('--review-url must be https, without a query and a slash at its end\n')
    return { url, ...ca }
  }
  if (service === undefined) return undefined
  const [, place = '', name = '', port] = /^([a-z0-9-]+)\/([a-z0-9-]+)(?::(\d+))?$/.exec(service) ?? []
  if (name === '') refuse(`--review-service must be NAMESPACE/NAME[:PORT], got ${service}\n`)
  if (path === undefined || !/^(\/[^/?#]+)+$/.test(path))
    refuse(`--review-path must be a path without a slash at its end, got ${path ?? 'none'}\n`)
  const at = { namespace: place, name, ...(port !== undefined && { port: Number(port) }) }
  return { service: at, path, ...ca }
}
