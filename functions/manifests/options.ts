/** The command line of `npm run manifests`. */
import { readFileSync } from 'node:fs'
import type { RelayPod, ReviewAddress } from '../../lib/index.ts'
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
  --relay-replicas N 1 (default) or 2, which send everything once all the same
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

function podOf(values: Values): RelayPod | undefined {
  const { 'relay-image': image, 'relay-replicas': replicas = '1', 'relay-env': settings = [] } = values
  const { 'ingress-url': url, 'ingress-audience': audience } = values
  if (image === undefined) {
    if ([values['relay-replicas'], url, audience].some(Boolean) || settings.length > 0)
      refuse('--relay-replicas, --relay-env, --ingress-url and --ingress-audience go with --relay-image\n')
    return undefined
  }
  if (!/^[A-Za-z0-9][^\s]*$/.test(image)) refuse(`--relay-image must be an image, got "${image}"\n`)
  if (replicas !== '1' && replicas !== '2') refuse(`--relay-replicas must be 1 or 2, got ${replicas}\n`)
  if (url !== undefined && !/^https:\/\/[^/?#@]+\/[^?#]+$/.test(url))
    refuse('--ingress-url must be https, with a path and without a query\n')
  if (audience !== undefined && url === undefined) refuse('--ingress-audience goes with --ingress-url\n')
  const env = { ...(url !== undefined && { FAIRLEAD_INGRESS_URL: url }), ...variablesOf(settings) }
  return {
    image,
    env,
    replicas: Number(replicas),
    audience: url === undefined ? undefined : (audience ?? new URL(url).origin),
  }
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
