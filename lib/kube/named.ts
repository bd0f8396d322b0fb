/**
 * Clients of many clusters by name, whatever reaches them: each is connected when it is first asked for, by its own transport,
 * and what is wrong with one (credentials, network) is that one's trouble alone.
 */
import type { Clock } from '../clock.ts'
import type { Clusters } from '../clusters.ts'
import { ApiError, type Kube, type Transport } from '../kube.ts'
import { failingFast } from './reachable.ts'
import { connect, type ConnectOptions } from './rest.ts'

export interface NamedOptions extends ConnectOptions {
  readonly clock: Clock
}

/** An admission webhook may take 30 s (`timeoutSeconds`), and the write that waits for it with it. */
export const ANSWER_SECONDS = 35
/** A failure to get credentials or an address is an answer to whoever else asks within this time. */
const FAILED_MS = 3_000

/** What came of opening a cluster, and until when it is the answer. */
interface Opening {
  /** The client, there or on its way; throws why there is none. */
  kube: () => Kube | Promise<Kube>
  until: number
}

/**
 * Clients over what `reach` makes for each cluster. Opens nothing until it is asked. `api` rejects with an Error that names
 * FAIRLEAD_CLUSTERS and the names for an unknown one, and with ApiError `Unreachable` where `reach` throws or rejects. A promise
 * of `reach` is waited for by all who ask: where one ends with the request that made it (Workers), `reach` must give none.
 */
export function namedClusters<One>(
  config: Readonly<Record<string, One>>,
  reach: (one: One) => Transport | Promise<Transport>,
  options: NamedOptions,
): Clusters {
  const { clock } = options
  const names = Object.keys(config)
  const transports: Transport[] = []
  const opened = new Map<string, Opening>()
  let isClosed = false

  const toKube = (reached: Transport): Kube => {
    const transport = failingFast(reached, clock)
    if (isClosed) transport.close()
    transports.push(transport)
    return connect(transport, options)
  }
  const open = (one: One): Kube | Promise<Kube> => {
    const reached = reach(one)
    return reached instanceof Promise ? reached.then(toKube) : toKube(reached)
  }
  const openOnce = (name: string, one: One): Opening => {
    const known = opened.get(name)
    if (known !== undefined && clock.now() < known.until) return known
    const fail = (error: unknown): never => {
      const failure = unreachable(name, error)
      opening.until = clock.now() + FAILED_MS
      opening.kube = () => {
        throw failure
      }
      throw failure
    }
    const opening: Opening = { until: Number.POSITIVE_INFINITY, kube: () => open(one) }
    opened.set(name, opening)
    try {
      const kube = opening.kube()
      const given = kube instanceof Promise ? kube.catch(fail) : kube
      opening.kube = () => given
    } catch (error) {
      fail(error)
    }
    return opening
  }
  return {
    names,
    async api(name) {
      const one = Object.hasOwn(config, name) ? config[name] : undefined
      if (one === undefined)
        throw new Error(
          `cluster "${name.slice(0, 63)}" is not in FAIRLEAD_CLUSTERS, which has ${names.slice(0, 20).join(', ')}`,
        )
      return await openOnce(name, one).kube()
    },
    close() {
      isClosed = true
      for (const transport of transports) transport.close()
    },
  }
}

function unreachable(name: string, error: unknown): ApiError {
  const why = (error instanceof Error ? error.message : String(error)).slice(0, 500)
  return new ApiError(0, 'Unreachable', `cluster "${name}": ${why}`, undefined, { cause: error })
}
