/** Reviews behind a Lambda function URL. Needs FAIRLEAD_REVIEW_KEYS; review functions read from FAIRLEAD_CLUSTERS. */
import { systemClock as clock, type Kube } from '../../lib/index.ts'
import { lazyKube } from '../../lib/kube/lazy.ts'
import { parseKeys } from '../../lib/review/capability.ts'
import { reviewApp } from '../../lib/review/http.ts'
import { reviewHandler } from '../../lib/review/lambda.ts'
import { readClusters, readReviewKeys } from '../env.ts'
import type { ReadClusters } from '../clusters.ts'
import { operator } from '../operator.ts'
import { servedBy } from '../served.ts'

const report = (happening: object) => console.log(JSON.stringify(happening))

let reading: Promise<ReadClusters> | undefined
/** What connects is loaded when a review first reads: conversions, and most reviews, never do. */
async function open(cluster: string): Promise<Kube> {
  reading ??= import('../clusters.ts').then(({ clustersReader }) => clustersReader('fairlead-review'))
  const clusters = await (await reading)()
  return await clusters.api(cluster)
}

const api = readClusters() === undefined ? undefined : (cluster: string) => lazyKube(() => open(cluster))

export const handler = await servedBy(readReviewKeys() ?? '', (keys) =>
  reviewHandler(reviewApp(operator, { keys: parseKeys(keys), clock, report, api })),
)
