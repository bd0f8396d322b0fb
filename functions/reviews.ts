/** `fairlead reviews`: the registration of the operator's webhooks in a cluster, by hand. */
import { readFileSync } from 'node:fs'
import { register, switchReviews, systemClock as clock, unregister } from '../lib/index.ts'
import { httpsTransport } from '../lib/kube/https.ts'
import { loadCredentials } from '../lib/kube/kubeconfig.ts'
import { connect } from '../lib/kube/rest.ts'
import { capabilityPath, parseKeys } from '../lib/review/capability.ts'
import { readEnv, readReviewKeys } from './env.ts'
import { operator } from './operator.ts'
import { printer } from './print.ts'
import { parseCommand, refuse, runProgram } from './program.ts'
import { checkCluster } from './review/options.ts'

const HELP = `Registers the reviews and conversions of functions/operator.ts in a cluster, or takes them away.

  npx fairlead reviews register --url BASE [--ca FILE]    BASE as "npm run review" prints it, https
  npx fairlead reviews off      the emergency switch: nothing is reviewed from now on, and nobody puts it back
  npx fairlead reviews on       allows it again: a running process restores it, or register again
  npx fairlead reviews remove   takes the registration away; kinds are served in the version that is stored alone

Options
  --url BASE         where the API server reaches the reviews, up to the operation
  --cluster NAME     BASE is the URL of a function or a Worker: its path is made from FAIRLEAD_REVIEW_KEYS, for this cluster
  --ca FILE          PEM of the authority to trust (default: what the API server's system trusts)
  --namespace NAME   the operator's own namespace, which is exempt (default: OPERATOR-system)
  --kubeconfig FILE  kubeconfig of the cluster
  --context NAME     context to use from it
  -h, --help         this text

Without this program the switch is the following, and the same for mutatingwebhookconfiguration:
  kubectl patch validatingwebhookconfiguration ${operator.name} --type merge \\
    -p '{"metadata":{"annotations":{"fairlead.dev/reviews":"off"}},"webhooks":[]}'
`

const OPTIONS = {
  url: { type: 'string' },
  cluster: { type: 'string' },
  ca: { type: 'string' },
  namespace: { type: 'string' },
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
} as const
const VERBS = ['register', 'off', 'on', 'remove'] as const

const { values, positionals } = parseCommand(OPTIONS, HELP)
const [given, ...rest] = positionals
const verb = VERBS.find((known) => known === given)
if (verb === undefined || rest.length > 0) refuse(`reviews: say what to do: ${VERBS.join(', ')}\n\n${HELP}`)
const { url = '', cluster, ca, kubeconfig, context } = values
if (verb === 'register' && !/^https:\/\/[^?#@]+[^/]$/.test(url))
  refuse(
    `reviews register: --url must be an https URL without a query and a slash at its end, got ${shownUrl(url)}\n`,
  )

if (cluster !== undefined) checkCluster(cluster)

/** A path may be a secret. */
function shownUrl(text: string): string {
  return /^[a-z]+:\/\/[^/?#]*/.exec(text)?.[0] ?? (text === '' ? 'none' : 'something else')
}

await runProgram(async (signal) => {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const transport = httpsTransport(await loadCredentials({ kubeconfig, context }))
  const api = connect(transport, { userAgent: 'fairlead' })
  const report = printer(print, { ...readEnv(), now: clock.now })
  const using = { api, clock, report, random: Math.random }
  if (verb === 'register') {
    const address = {
      url: `${url}${await pathOf(cluster)}`,
      ...(ca !== undefined && { ca: readFileSync(ca, 'utf8') }),
    }
    const namespace = values.namespace ?? `${operator.name}-system`
    await register({ operator, address, namespace }, using, signal)
    print(`${operator.name}: reviews and conversions registered`)
  } else if (verb === 'remove') {
    await unregister(operator, using, signal)
    print(`${operator.name}: registration removed`)
  } else {
    const count = await switchReviews(operator, verb, { api, signal })
    print(`${operator.name}: ${count} webhook configuration${count === 1 ? '' : 's'} switched ${verb}`)
  }
  transport.close()
})

/** Of the function that has the same keys; none where the URL has its path already. */
async function pathOf(cluster: string | undefined): Promise<string> {
  if (cluster === undefined) return ''
  const keys = readReviewKeys()
  if (keys === undefined)
    throw new Error('--cluster needs FAIRLEAD_REVIEW_KEYS, with the keys of the function')
  return await capabilityPath(parseKeys(keys), cluster)
}
