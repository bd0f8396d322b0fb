/**
 * What most tests stand on: a fresh embedded API server, the real client connected to it, the operator's CRDs installed, and
 * the whole path running on the real clock or on a fake one. Each test has its own; nothing is shared.
 */
import { type ApiServer, startApiServer } from '../lib/apiserver/index.ts'
import { type Clock, type Happening, type Kube, type Operator, recorder, systemClock } from '../lib/index.ts'
import { memoryInventory } from '../lib/inventory/memory.ts'
import { httpsTransport } from '../lib/kube/https.ts'
import { connect } from '../lib/kube/rest.ts'
import { installCrds } from '../lib/manifest/install.ts'
import { type EmbeddedQueue, embeddedQueue } from '../lib/queue/embedded.ts'
import { reside } from '../lib/resident.ts'

export interface Cluster extends AsyncDisposable {
  readonly server: ApiServer
  readonly api: Kube
}

/** An API server and a client. `operator`: its CRDs are installed. */
export async function startCluster(operator?: Operator): Promise<Cluster> {
  const server = await startApiServer()
  const transport = httpsTransport({ server: server.url })
  const api = connect(transport, { userAgent: 'test' })
  if (operator !== undefined) await installCrds(api, operator, { clock: systemClock })
  return {
    server,
    api,
    async [Symbol.asyncDispose]() {
      transport.close()
      await server.close()
    },
  }
}

export interface Path extends Cluster {
  readonly queue: EmbeddedQueue
  readonly happenings: Happening[]
  /** Resolves with the first happening, past or coming, that `matches`. */
  seen(matches: (happening: Happening) => boolean): Promise<Happening>
  /** Resolves with the next happening. */
  next(): Promise<Happening>
  /** Stops relay and work, leaves the API server. */
  stop(): Promise<void>
}

/** A cluster with the operator running in it. */
export async function startPath(
  operator: Operator,
  options: { clock?: Clock; cluster?: Cluster } = {},
): Promise<Path> {
  const { clock = systemClock } = options
  const cluster = options.cluster ?? (await startCluster(operator))
  const happenings: Happening[] = []
  const waiters = new Set<(happening: Happening) => void>()
  const report = (happening: Happening) => {
    happenings.push(happening)
    for (const waiter of waiters) waiter(happening)
  }
  const queue = embeddedQueue({ clock, report })
  const stopping = new AbortController()
  const record = recorder(cluster.api, operator.name, { clock, report })
  const using = {
    ...cluster,
    queue,
    inventory: memoryInventory(),
    record,
    report,
    clock,
    random: Math.random,
  }
  const running = reside(operator, using, stopping.signal)
  const coming = (matches: (happening: Happening) => boolean) => {
    const { promise, resolve } = Promise.withResolvers<Happening>()
    const waiter = (happening: Happening) => {
      if (!matches(happening)) return
      waiters.delete(waiter)
      resolve(happening)
    }
    waiters.add(waiter)
    return promise
  }
  const stop = async () => {
    stopping.abort(new Error('the test is over'))
    await running
  }
  return {
    ...cluster,
    queue,
    happenings,
    stop,
    seen: async (matches) => happenings.find(matches) ?? coming(matches),
    next: () => coming(() => true),
    async [Symbol.asyncDispose]() {
      await stop()
      await cluster[Symbol.asyncDispose]()
    },
  }
}
