/**
 * The embedded API server alone: `npm run apiserver -- --port 8001`. Prints where it listens and where its kubeconfig is,
 * and serves until it is told to stop.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startApiServer } from '../lib/apiserver/index.ts'

const HELP = `Usage: npm run apiserver -- [--port N] [--kubeconfig FILE] [--no-controllers]

Serves a Kubernetes API on 127.0.0.1, in memory, without TLS or authorization.

  --port N            port to listen on (default: a free one)
  --kubeconfig FILE   where to write the kubeconfig (default: .fairlead/PORT.kubeconfig)
  --no-controllers    no garbage collection and no emptying of namespaces, like a bare kube-apiserver
  --help              this text`

const { values } = parseArgs({
  allowNegative: true,
  options: {
    port: { type: 'string', default: '0' },
    kubeconfig: { type: 'string' },
    controllers: { type: 'boolean', default: true },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(HELP)
} else {
  const server = await startApiServer({ port: Number(values.port), controllers: values.controllers })
  const path = resolve(values.kubeconfig ?? `.fairlead/${new URL(server.url).port}.kubeconfig`)
  mkdirSync(resolve(path, '..'), { recursive: true })
  writeFileSync(path, `${JSON.stringify(server.kubeconfig(), null, 2)}\n`, { mode: 0o600 })
  console.log(`server: ${server.url}`)
  console.log(`kubeconfig: ${path}`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void server.close())
}
