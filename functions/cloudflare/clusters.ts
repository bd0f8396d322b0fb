/** The clusters of a Worker's bindings. Apart from what all Workers share: a review loads it when it first reads. */
import { systemClock as clock } from '../../lib/clock.ts'
import { type Clusters, parseClusters } from '../../lib/clusters.ts'
import { fetchClusters } from '../../lib/kube/fetch/clusters.ts'
import { perIsolate } from '../cloudflare.ts'
import { readClusters, readFetcher, readNamed } from '../env.ts'

type Env = Readonly<Record<string, unknown>>

/** By program, since one isolate may run several in tests. */
const readers = new Map<string, (env: Env) => Clusters>()

/**
 * The clusters of FAIRLEAD_CLUSTERS, made once of each isolate's bindings; `userAgent` names the program to them. Throws an Error
 * that names the setting where it is missing or cannot be meant, or says what a Worker cannot do; never a value.
 */
export function clustersOf(env: Env, userAgent: string): Clusters {
  const read = readers.get(userAgent) ?? perIsolate((bindings: Env) => open(bindings, userAgent))
  readers.set(userAgent, read)
  return read(env)
}

function open(env: Env, userAgent: string): Clusters {
  const setting = readClusters(env)
  if (setting === undefined)
    throw new Error('FAIRLEAD_CLUSTERS is not set: it names the clusters and says how each is reached')
  return fetchClusters(parseClusters(setting), {
    clock,
    userAgent,
    readEnv: (name) => readNamed(name, env),
    fetchOf(name) {
      const binding = readFetcher(name, env)
      return binding && ((url, init) => binding.fetch(url, init))
    },
  })
}
