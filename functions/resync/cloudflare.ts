/** Every primary object of every cluster looked at once more, by a cron. Needs FAIRLEAD_CLUSTERS and the binding CHANGES. */
import { inEach } from '../../lib/fleet.ts'
import { systemClock as clock } from '../../lib/index.ts'
import { bufferedQueue, type Producer } from '../../lib/queue/buffered.ts'
import { resync } from '../../lib/resync.ts'
import { reportJson as report } from '../cloudflare.ts'
import { clustersOf } from '../cloudflare/clusters.ts'
import { operator } from '../operator.ts'

type Env = { readonly CHANGES: Producer } & Readonly<Record<string, unknown>>

/** A cron may run for 15 minutes (Workers, limits); what is left is to answer with once lists have been told to stop. */
const MILLISECONDS = 14 * 60_000

export default {
  /** Tells counts, what is left and what is wrong, by cluster; the next run goes over all of it again. */
  async scheduled(_: unknown, env: Env): Promise<void> {
    const queue = bufferedQueue(env.CHANGES)
    const resynced = await inEach(
      clustersOf(env, 'fairlead-resync'),
      (api, cluster, signal) => resync(operator, { api, cluster, queue, clock, report }, signal),
      { clock, milliseconds: MILLISECONDS },
    )
    console.log(JSON.stringify({ type: 'resynced', resynced }))
  },
}
