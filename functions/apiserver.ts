/** `npm run apiserver`: the embedded API server alone, until it is told to stop. */
import { resolve } from 'node:path'
import { startApiServer } from '../lib/apiserver/index.ts'
import { openObjects } from './own.ts'
import { parseOptions, parsePort, parseSeconds, runProgram } from './program.ts'
import { writeKubeconfig } from './start.ts'

const HELP = `Serves a Kubernetes API on 127.0.0.1, without TLS, to an administrator who needs no credentials.

  npm run apiserver -- [options]

Options
  --port N           port to listen on (default: any free one)
  --kubeconfig FILE  where to write the kubeconfig (default: .fairlead/PORT.kubeconfig)
  --data FILE        where objects are kept across restarts, for one process at a time (default: in memory)
  --no-controllers   no garbage collection, no emptying of namespaces, no aggregated roles, like a bare kube-apiserver
  --workloads        runs Deployments, StatefulSets, DaemonSets, Jobs and their pods, on a node that is not there
  --ready-after N    seconds until such a pod is ready, or has ended (default: 0); what becomes of one can be told by its
                     annotation fairlead.dev/outcome: ready, never or fail
  -h, --help         this text

Prints "server: URL", "kubeconfig: PATH" and "compact: COMMAND" on lines of their own. Ctrl-C stops it.
Compacting, as etcd does it, answers lists of older versions with 410: curl -fsS -X POST URL/fairlead/compact
`

const {
  port,
  kubeconfig,
  data,
  controllers,
  workloads,
  'ready-after': readyAfter,
} = parseOptions(
  {
    port: { type: 'string' },
    kubeconfig: { type: 'string' },
    data: { type: 'string' },
    controllers: { type: 'boolean' },
    workloads: { type: 'boolean' },
    'ready-after': { type: 'string' },
  },
  HELP,
)
const serverPort = parsePort(port)
const readyAfterSeconds = parseSeconds('--ready-after', readyAfter)

await runProgram(async (signal) => {
  const database =
    data === undefined ? undefined : openObjects(resolve(data), 'choose another file with --data')
  const server = await startApiServer({
    port: serverPort,
    controllers: controllers !== false,
    workloads: workloads === true && { readyAfterSeconds },
    ...(database !== undefined && { database }),
  })
  const lines = [
    `server: ${server.url}`,
    `kubeconfig: ${writeKubeconfig(server, kubeconfig)}`,
    `compact: curl -fsS -X POST ${server.url}/fairlead/compact`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  await new Promise<void>((stop) => signal.addEventListener('abort', () => stop(), { once: true }))
  await server.close()
  database?.close()
})
