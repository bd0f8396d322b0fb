/** The path on a local Cloudflare: the Workers of `wrangler.toml` against an embedded API server, and what they tell. */
import { localSecrets } from '../../infra/cloudflare/local/secrets.ts'
import {
  type LocalWorkers,
  type LocalWorkersSettings,
  startLocalWorkers,
} from '../../infra/cloudflare/local/workers.ts'
import { happeningOf } from '../../infra/local/told.ts'
import type { Operator } from '../../lib/index.ts'
import { type Cluster, startCluster } from '../cluster.ts'
import { type Witness, witness } from '../witness.ts'

export interface CloudflarePath extends Cluster, Witness {
  readonly workers: LocalWorkers
}

interface Options extends Omit<LocalWorkersSettings, 'secrets' | 'log'> {
  /** Whose CRDs are installed. */
  readonly kinds: Operator
}

/** FAIRLEAD_REVIEW_KEYS of tests. */
export const REVIEW_KEYS = `k1=${Buffer.alloc(32, 7).toString('base64url')}`

/** FAIRLEAD_QUEUE_KEY of tests. */
export const QUEUE_KEY = Buffer.alloc(32, 8).toString('base64url')

/** Starts both. */
export async function startCloudflarePath({ kinds, ...settings }: Options): Promise<CloudflarePath> {
  const cluster = await startCluster(kinds)
  const { tell, ...seeing } = witness()
  const log = (line: string) => {
    const happening = happeningOf(line)
    if (happening !== undefined) tell(happening)
  }
  const secrets = localSecrets(cluster.server.url, { review: REVIEW_KEYS, queue: QUEUE_KEY })
  const workers = await startLocalWorkers({ secrets, log, ...settings }).catch(async (error) => {
    await cluster[Symbol.asyncDispose]()
    throw error
  })
  return {
    ...cluster,
    ...seeing,
    workers,
    async [Symbol.asyncDispose]() {
      await workers.close()
      await cluster[Symbol.asyncDispose]()
    },
  }
}
