/** `npm start`: API server (unless a kubeconfig is given), relay, queue and work in one process. */
import { startApiServer } from '../lib/apiserver/index.ts'
import { connect, installCrds, recorder, reside, systemClock as clock } from '../lib/index.ts'
import { noInventory } from '../lib/inventory/memory.ts'
import { httpsTransport } from '../lib/kube/https.ts'
import { loadCredentials } from '../lib/kube/kubeconfig.ts'
import { embeddedQueue } from '../lib/queue/embedded.ts'
import { readEnv } from './env.ts'
import { operator } from './operator.ts'
import { printer } from './print.ts'
import { parseOptions, parsePort, refuse, runProgram } from './program.ts'
import { nextSteps, START_HELP, writeKubeconfig } from './start.ts'

const { port, kubeconfig, context } = parseOptions(
  { port: { type: 'string' }, kubeconfig: { type: 'string' }, context: { type: 'string' } },
  START_HELP,
)
const isGiven = kubeconfig !== undefined || context !== undefined
const serverPort = parsePort(port)
if (isGiven && port !== undefined) refuse('--port is of the API server of its own, and a cluster is given\n')

await runProgram(async (signal) => {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const report = printer(print, { ...readEnv(), now: clock.now })
  const server = isGiven ? undefined : await startApiServer({ port: serverPort })
  const path = server ? writeKubeconfig(server) : kubeconfig
  const transport = httpsTransport(await loadCredentials({ kubeconfig: path, context }))
  const api = connect(transport, { userAgent: 'fairlead' })
  const using = { api, clock, report, random: Math.random }
  await installCrds(api, operator, { ...using, signal })
  print(nextSteps({ kubeconfig: path, context }))
  const record = recorder(api, operator.name, { clock, report })
  const queue = embeddedQueue({ clock, report })
  await reside(operator, { ...using, queue, inventory: noInventory, record }, signal)
  transport.close()
  await server?.close()
})
