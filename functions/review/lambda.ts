/** Reviews behind a Lambda function URL. Needs FAIRLEAD_REVIEW_KEYS; review functions read from FAIRLEAD_CLUSTERS. */
import type { Clusters } from '../../lib/clusters.ts'
import { systemClock as clock, type Kube } from '../../lib/index.ts'
import { lazyKube } from '../../lib/kube/lazy.ts'
import { isReference } from '../../lib/reference.ts'
import { parseKeys } from '../../lib/review/capability.ts'
import { reviewApp } from '../../lib/review/http.ts'
import { reviewHandler } from '../../lib/review/lambda.ts'
import { readClusters, readReviewKeys } from '../env.ts'
import { operator } from '../operator.ts'

type Handler = ReturnType<typeof reviewHandler>

const report = (happening: object) => console.log(JSON.stringify(happening))

let opening: Promise<Clusters> | undefined
/** What connects is loaded when a review first reads: conversions, and most reviews, never do. */
async function open(cluster: string): Promise<Kube> {
  opening ??= import('../clusters.ts')
    .then(({ openFunctionClusters }) => openFunctionClusters('fairlead-review'))
    .catch((error: unknown) => {
      opening = undefined
      throw error
    })
  return await (await opening).api(cluster)
}

const api = readClusters() === undefined ? undefined : (cluster: string) => lazyKube(() => open(cluster))
const serve = (keys: string): Handler =>
  reviewHandler(reviewApp(operator, { keys: parseKeys(keys), clock, report, api }))

const setting = readReviewKeys() ?? ''
const aws = isReference(setting) ? (await import('../clusters.ts')).openAws() : undefined
let current = { keys: setting, handle: aws === undefined ? serve(setting) : undefined }

export const handler: Handler = async (...asked) => {
  // Keys that are kept elsewhere are exchanged while this lives.
  const keys = aws === undefined ? setting : await aws.readReference(setting)
  if (current.handle === undefined || current.keys !== keys) current = { keys, handle: serve(keys) }
  return await (current.handle ?? serve(keys))(...asked)
}
