/** `npm start`: API server (unless a kubeconfig is given), relay, queue and work in one process. */
import { startApiServer } from '../lib/apiserver/index.ts'
import { recorder, reside, systemClock as clock } from '../lib/index.ts'
import { noInventory } from '../lib/inventory/memory.ts'
import { httpsTransport } from '../lib/kube/https.ts'
import { loadCredentials } from '../lib/kube/kubeconfig.ts'
import { connect } from '../lib/kube/rest.ts'
import { installCrds } from '../lib/manifest/install.ts'
import { embeddedQueue } from '../lib/queue/embedded.ts'
import { readEnv } from './env.ts'
import { operator } from './operator.ts'
import { parseOptions, parsePort, stopSignal } from './options.ts'
import { printer } from './print.ts'
import { nextSteps, START_HELP, writeKubeconfig } from './start.ts'

const options = parseOptions(
  { port: { type: 'string' }, kubeconfig: { type: 'string' }, context: { type: 'string' } },
  START_HELP,
)
const print = (line: string) => void process.stdout.write(`${line}\n`)
const report = printer(print, { ...readEnv(), now: clock.now })
const signal = stopSignal()
const isGiven = options.kubeconfig !== undefined || options.context !== undefined

const server = isGiven ? undefined : await startApiServer({ port: parsePort(options.port) })
const kubeconfig = server ? writeKubeconfig(server) : options.kubeconfig
const credentials = await loadCredentials({ kubeconfig, context: options.context })
const transport = httpsTransport(credentials)
const api = connect(transport, { userAgent: 'fairlead' })
await installCrds(api, operator, { clock, signal })

print(nextSteps({ kubeconfig, context: options.context }))
const record = recorder(api, operator.name, { clock, report })
const queue = embeddedQueue({ clock, report })
await reside(
  operator,
  { api, queue, inventory: noInventory, record, report, clock, random: Math.random },
  signal,
)
transport.close()
await server?.close()
