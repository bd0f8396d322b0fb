/** `fairlead COMMAND`: the programs of this folder by one name. */
import { refuse } from './program.ts'

const HELP = `Kubernetes operators as serverless functions.

  fairlead start       the operator of functions/operator.ts: relay, queue and work in one process
  fairlead dead        the keys that were given up: list, show, redrive, drop
  fairlead relay       the relay alone: what changes in clusters to SQS or to an ingress
  fairlead review      the reviews alone: admission and conversion webhooks on a port
  fairlead reviews     their registration in a cluster: register, off, on, remove
  fairlead apiserver   the embedded API server alone
  fairlead manifests   CRDs and RBAC, generated into infra/kube/

"fairlead COMMAND --help" tells more. Run it as "npx fairlead", or as "npm run fairlead --".
`

const COMMANDS: Readonly<Record<string, () => Promise<unknown>>> = {
  start: () => import('./embedded.ts'),
  dead: () => import('./dead.ts'),
  relay: () => import('./relay/node.ts'),
  review: () => import('./review/node.ts'),
  reviews: () => import('./reviews.ts'),
  apiserver: () => import('./apiserver.ts'),
  manifests: () => import('./manifests.ts'),
}

const [name = '--help'] = process.argv.splice(2, 1)
const command = COMMANDS[name]
if (command !== undefined) await command()
else if (name === '--help' || name === '-h') process.stdout.write(HELP)
else refuse(`fairlead: there is no command "${name}"\n\n${HELP}`)
