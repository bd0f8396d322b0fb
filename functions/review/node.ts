/** `npm run review`: the reviews alone, on a port, until told to stop. */
import { randomBytes } from 'node:crypto'
import { systemClock as clock } from '../../lib/index.ts'
import { connect } from '../../lib/kube/rest.ts'
import { capabilityPath, parseKeys } from '../../lib/review/capability.ts'
import { reviewApp } from '../../lib/review/http.ts'
import { reviewMetrics } from '../../lib/review/metrics.ts'
import { serveReviews } from '../../lib/review/node.ts'
import { readEnv, readReviewKeys } from '../env.ts'
import { operator } from '../operator.ts'
import { printer } from '../print.ts'
import { runProgram } from '../program.ts'
import { namesOf, parseReviewOptions } from './options.ts'

const options = parseReviewOptions()

await runProgram(async (signal) => {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const told = printer(print, { ...readEnv(), now: clock.now })
  const metrics = reviewMetrics()
  const report: typeof told = (happening) => {
    metrics.report(happening)
    told(happening)
  }
  const keys = parseKeys(readReviewKeys() ?? `k1=${randomBytes(32).toString('base64url')}`)
  const transport = options.isConnected ? await connectTransport() : undefined
  const api = transport && connect(transport, { userAgent: 'fairlead-review' })
  const app = reviewApp(operator, { keys, clock, report, api, metrics: metrics.text })
  const onReload = (error: unknown) => print(`certificates were not read again: ${String(error)}`)
  const server = await serveReviews(app, { ...options, clock, onReload })
  print(`url: ${server.url}${await capabilityPath(keys, options.cluster)}`)
  for (const name of namesOf(operator)) print(name)
  print('ready')
  await new Promise<void>((stop) => signal.addEventListener('abort', () => stop(), { once: true }))
  await server.close()
  transport?.close()
})

/** Only who reads from a cluster pays for what loads its credentials. */
async function connectTransport() {
  const { httpsTransport } = await import('../../lib/kube/https.ts')
  const { loadCredentials } = await import('../../lib/kube/kubeconfig.ts')
  return httpsTransport(await loadCredentials(options))
}
