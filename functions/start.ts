/** The words of `npm start`, and the kubeconfig that it leaves for kubectl. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ApiServer } from '../lib/apiserver/index.ts'

export const START_HELP = `Runs the operator of functions/operator.ts: API server, relay, queue and work in one process.

  npm start                                  with an API server of its own, on loopback, in memory
  npm start -- --kubeconfig FILE             against the cluster of a kubeconfig (installs the CRDs there)
  npm start -- --context NAME                against a context of the usual kubeconfig

Options
  --port N           port of the API server of its own (default: any free one)
  --kubeconfig FILE  kubeconfig of the cluster to work in
  --context NAME     context to use from it
  -h, --help         this text

Prints "kubeconfig: PATH" and "ready" on lines of their own, then one line per thing that happens. Ctrl-C stops it.
`

/** Writes a kubeconfig for the server, readable by its owner only, and returns its absolute path. One file per port. */
export function writeKubeconfig(
  server: ApiServer,
  file = `.fairlead/${new URL(server.url).port}.kubeconfig`,
): string {
  const path = resolve(file)
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${JSON.stringify(server.kubeconfig(), null, 2)}\n`, { mode: 0o600 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`the kubeconfig cannot be written to ${path}: ${reason}`, { cause: error })
  }
  return path
}

/** What is printed once everything runs: where to connect, `ready`, and what to type next. */
export function nextSteps({
  kubeconfig,
  context,
}: {
  kubeconfig: string | undefined
  context: string | undefined
}): string {
  const flags = [kubeconfig && `--kubeconfig ${kubeconfig}`, context && `--context ${context}`]
    .filter(Boolean)
    .join(' ')
  const kubectl = `  kubectl ${flags}`
  return [
    ...(kubeconfig === undefined ? [] : [`kubeconfig: ${kubeconfig}`]),
    'ready',
    '',
    'Now, in another terminal:',
    `${kubectl} apply -f infra/kube/samples/myapp.yaml`,
    `${kubectl} get myapps,deployments,services,configmaps`,
    `${kubectl} describe myapp web`,
    `${kubectl} delete myapp web`,
    '',
  ].join('\n')
}
