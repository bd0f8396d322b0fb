/** Reviews as a Worker. Needs the secret FAIRLEAD_REVIEW_KEYS; review functions read from FAIRLEAD_CLUSTERS. */
import { systemClock as clock } from '../../lib/index.ts'
import { lazyKube } from '../../lib/kube/lazy.ts'
import { parseKeys } from '../../lib/review/capability.ts'
import { reviewApp } from '../../lib/review/http.ts'
import { perIsolate, reportJson as report } from '../cloudflare.ts'
import { readClusters, readReviewKeys } from '../env.ts'
import { operator } from '../operator.ts'

type Env = Readonly<Record<string, unknown>>

/** What connects is loaded when a review first reads: conversions, and most reviews, never do. */
async function open(env: Env, cluster: string) {
  const { clustersOf } = await import('../cloudflare/clusters.ts')
  return await clustersOf(env, 'fairlead-review').api(cluster)
}

const app = perIsolate((env: Env) => {
  const api =
    readClusters(env) === undefined ? undefined : (cluster: string) => lazyKube(() => open(env, cluster))
  return reviewApp(operator, { keys: parseKeys(readReviewKeys(env) ?? ''), clock, report, api })
})

export default {
  fetch: (request: Request, env: Env) => app(env).fetch(request),
}
