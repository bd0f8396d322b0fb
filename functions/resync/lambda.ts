/** Every primary object of every cluster looked at once more. Needs FAIRLEAD_SQS_* and FAIRLEAD_CLUSTERS. */
import { inEach } from '../../lib/fleet.ts'
import { systemClock as clock } from '../../lib/index.ts'
import type { LambdaContext } from '../../lib/queue/sqs/lambda.ts'
import { resync } from '../../lib/resync.ts'
import { sqsQueue } from '../../lib/queue/sqs.ts'
import { openSqs, reportJson as report } from '../aws.ts'
import { clustersReader } from '../clusters.ts'
import { operator } from '../operator.ts'

/** What is left to answer with once lists have been told to stop. */
const MARGIN_MS = 10_000

const queue = sqsQueue(openSqs())
const readClusters = clustersReader('fairlead-resync')

/** Resolves with counts, what is left and what is wrong, by cluster; the next run goes over all of it again. */
export const handler = async (_event: unknown, context: LambdaContext) => {
  const milliseconds = Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS)
  return await inEach(
    await readClusters(),
    (api, cluster, signal) => resync(operator, { api, cluster, queue, clock, report }, signal),
    { clock, milliseconds },
  )
}
