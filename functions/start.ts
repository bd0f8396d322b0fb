/** The words of `npm start`: its command line, the kubeconfig that it leaves for kubectl, and what it prints first. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ApiServer } from '../lib/apiserver/index.ts'
import type { Operator } from '../lib/index.ts'
import { leaseNameOf } from '../lib/manifest/rules.ts'
import { parseOptions, parsePort, refuse } from './program.ts'

const START_HELP = `Runs the operator of functions/operator.ts: API server, relay, queue and work in one process.

  npm start                                  with an API server of its own, on loopback
  npm start -- --kubeconfig FILE             against the cluster of a kubeconfig (installs the CRDs there)
  npm start -- --context NAME                against a context of the usual kubeconfig

Options
  --port N           port of the API server of its own (default: any free one)
  --kubeconfig FILE  kubeconfig of the cluster to work in
  --context NAME     context to use from it
  --state DIR        where queue, inventory and the objects of an API server of its own are kept across restarts, for
                     one process at a time (default: .fairlead/state; with an API server of its own .fairlead/own.state)
  --memory           the API server of its own forgets everything when it ends, and the rest with it
  --grace SECONDS    how long running reconciles may go on after SIGTERM (default: 20)
  --review-host NAME serve and register the reviews where the cluster's API server reaches this process as NAME
                     (with an API server of its own: always, on loopback)
  --leader-elect     act only while holding the Lease OPERATOR-relay; others that do the same stand by
  --leader-elect-namespace NAME
                     where that Lease is (default: OPERATOR-system)
  -h, --help         this text

Prints "kubeconfig: PATH", "state: PATH" and "ready" on lines of their own, then one line per thing that happens.
Ctrl-C stops it; what waits, is delayed or parked then goes on at the next start. See also: npx fairlead dead --help
`

/** The command line of a resident program, checked. */
export interface StartOptions {
  /** The cluster is given; else there is an API server of its own, at `port`. */
  readonly isGiven: boolean
  readonly port: number
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly graceSeconds: number | undefined
  /** As what the API server reaches this process; undefined where its reviews are served elsewhere, if at all. */
  readonly reviewHost: string | undefined
  readonly lease: { readonly namespace: string; readonly name: string } | undefined
  /** The folder to keep the state in. */
  readonly state: string
  /** Nothing is to outlive this process: with an API server of its own that is in memory. */
  readonly isForgotten: boolean
}

const OPTIONS = {
  port: { type: 'string' },
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  state: { type: 'string' },
  grace: { type: 'string' },
  memory: { type: 'boolean' },
  'review-host': { type: 'string' },
  'leader-elect': { type: 'boolean' },
  'leader-elect-namespace': { type: 'string' },
} as const

/** Reads the command line; ends the process with help, or with 2 on what cannot be meant. */
export function parseStart(operator: Operator): StartOptions {
  const values = parseOptions(OPTIONS, START_HELP)
  const { kubeconfig, context, memory = false } = values
  const isGiven = kubeconfig !== undefined || context !== undefined
  const port = parsePort(values.port)
  if (isGiven && values.port !== undefined)
    refuse('--port is of the API server of its own, and a cluster is given\n')
  if (isGiven && memory) refuse('--memory is of the API server of its own, and a cluster is given\n')
  if (memory && values.state !== undefined) refuse('--memory and --state exclude each other\n')
  if (values['leader-elect-namespace'] !== undefined && !values['leader-elect'])
    refuse('--leader-elect-namespace is of --leader-elect, which is not given\n')
  const reviewHost = values['review-host']
  if (!isGiven && reviewHost !== undefined)
    refuse('--review-host is for a cluster that is given: with an API server of its own it is 127.0.0.1\n')
  if (reviewHost !== undefined && values['leader-elect'])
    refuse(
      '--review-host and --leader-elect exclude each other: each process would register itself (see fairlead reviews)\n',
    )
  if (reviewHost !== undefined && !/^[A-Za-z0-9.:-]+$/.test(reviewHost))
    refuse(`--review-host must be a host name or an address, got ${reviewHost}\n`)
  const namespace = values['leader-elect-namespace'] ?? `${operator.name}-system`
  return {
    isGiven,
    port,
    kubeconfig,
    context,
    graceSeconds: parseSeconds('--grace', values.grace),
    reviewHost: isGiven ? reviewHost : '127.0.0.1',
    lease: values['leader-elect'] ? { namespace, name: leaseNameOf(operator) } : undefined,
    state: resolve(values.state ?? `.fairlead/${isGiven ? '' : memory ? `${process.pid}.` : 'own.'}state`),
    isForgotten: memory,
  }
}

function parseSeconds(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = Number(text)
  if (text.trim() !== '' && Number.isFinite(seconds) && seconds >= 0) return seconds
  return refuse(`${option} must be a number of seconds >= 0, got ${text}\n`)
}

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

/** Where to connect, and where the state is: a line each. */
export function addressLines({
  kubeconfig,
  state,
}: {
  kubeconfig: string | undefined
  state: string
}): string {
  return [...(kubeconfig === undefined ? [] : [`kubeconfig: ${kubeconfig}`]), `state: ${state}`].join('\n')
}

/** What is printed once everything runs: `ready`, and what to type next. */
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
