/** The whole path in one process, as a program: options, API server or cluster, the state folder, leader election, stop. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { openState } from '../lib/database/node.ts'
import { installCrds, lead, type Operator, type Registering, recorder, reside } from '../lib/index.ts'
import { type Residing, systemClock as clock } from '../lib/index.ts'
import { sqliteInventory } from '../lib/inventory/sqlite.ts'
import { httpsTransport } from '../lib/kube/https.ts'
import { loadCredentials } from '../lib/kube/kubeconfig.ts'
import { connect } from '../lib/kube/rest.ts'
import { embeddedQueue } from '../lib/queue/embedded.ts'
import { followRequests } from '../lib/queue/requests.ts'
import { sqliteStore } from '../lib/queue/sqlite.ts'
import { readEnv } from './env.ts'
import { startOwn } from './own.ts'
import { printer } from './print.ts'
import { runProgram } from './program.ts'
import { type ServedReviews, startReviews } from './review/serve.ts'
import { addressLines, nextSteps, parseStart, type StartOptions } from './start.ts'

/** Runs an operator as the command line says, until it is told to stop; then it ends the process. */
export async function runResident(operator: Operator): Promise<void> {
  const options = parseStart(operator)
  await runProgram((signal) => run(operator, options, signal))
}

async function run(operator: Operator, options: StartOptions, signal: AbortSignal): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const report = printer(print, { ...readEnv(), now: clock.now })
  const own = options.isGiven ? undefined : await startOwn(options)
  const kubeconfig = own?.kubeconfig ?? options.kubeconfig
  const transport = httpsTransport(await loadCredentials({ kubeconfig, context: options.context }))
  const api = connect(transport, { userAgent: 'fairlead' })
  const using = { api, clock, report, random: Math.random, graceSeconds: options.graceSeconds }
  const reviews = await reviewsOf(operator, { ...using, host: options.reviewHost }, signal)
  const state = own?.state ?? { folder: options.state, owner: transport.server ?? 'this cluster' }
  print(addressLines({ kubeconfig, state: state.folder }))
  if (reviews === undefined && isReviewing(operator))
    print('reviews and conversions are not served by this process: --review-host does')
  const ready = () => print(nextSteps({ kubeconfig, context: options.context }))
  const ended = new AbortController()
  const kept = reviews
    ?.keep(ended.signal)
    .catch((error: unknown) => print(`registration is kept no more: ${String(error)}`))
  try {
    if (options.lease === undefined) await act(operator, { ...using, state, ready }, signal)
    else {
      ready()
      const identity = `${hostname()}_${randomUUID()}`
      const leading = { ...using, ...options.lease, identity }
      await lead(
        (held) => actWhileHeld(operator, { ...using, state, ready() {} }, { held, signal }),
        leading,
        signal,
      )
    }
  } finally {
    // Also when it fails: who is gone must not stand in the way of others.
    ended.abort()
    await Promise.allSettled([kept])
    await reviews?.close()
  }
  transport.close()
  await own?.close()
}

const isReviewing = ({ reviews, conversions }: Operator): boolean => reviews.length + conversions.length > 0

/** The kinds come into the cluster, and with them the reviews, where this process is to serve them. */
async function reviewsOf(
  operator: Operator,
  { host, ...using }: Registering & { readonly host: string | undefined },
  signal: AbortSignal,
): Promise<ServedReviews | undefined> {
  if (host !== undefined && isReviewing(operator))
    return await startReviews(operator, { ...using, host, namespace: `${operator.name}-system` }, signal)
  await installCrds(using.api, operator, { ...using, signal })
  return undefined
}

interface Acting extends Omit<Residing, 'queue' | 'inventory' | 'record'> {
  readonly state: { readonly folder: string; readonly owner: string }
  /** Called once everything is open. */
  ready(): void
}

/** Opens what outlives the process, and works with it until `signal` aborts. Throws where it cannot be kept any more. */
async function act(operator: Operator, acting: Acting, signal: AbortSignal): Promise<void> {
  const { api, report, state, ready } = acting
  const database = openState(state)
  const broken = new AbortController()
  const ending = AbortSignal.any([signal, broken.signal])
  try {
    const queue = embeddedQueue({ clock, report, store: sqliteStore(database) })
    followRequests({ database, queue, clock }, (error) => broken.abort(error), ending)
    const record = recorder(api, operator.name, { clock, report })
    ready()
    const inventory = sqliteInventory(database)
    await reside(operator, { ...acting, queue, inventory, record }, ending)
    broken.signal.throwIfAborted()
  } finally {
    broken.abort()
    database.close()
  }
}

/** A leader that has lost its lease ends at once: its successor is about to begin. One that is told to stop has its grace. */
async function actWhileHeld(
  operator: Operator,
  acting: Acting,
  { held, signal }: { held: AbortSignal; signal: AbortSignal },
): Promise<void> {
  const abandoned = new AbortController()
  const onEnd = () => signal.aborted || abandoned.abort(held.reason)
  held.addEventListener('abort', onEnd, { once: true })
  await act(operator, { ...acting, abandoned: abandoned.signal }, held)
}
