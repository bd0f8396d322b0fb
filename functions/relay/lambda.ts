/** Watches for most of a minute, every minute. Needs FAIRLEAD_SQS_*, FAIRLEAD_CLUSTERS and FAIRLEAD_INVENTORY. */
import { systemClock as clock } from '../../lib/index.ts'
import type { LambdaContext } from '../../lib/queue/sqs/lambda.ts'
import { sqsQueue } from '../../lib/queue/sqs.ts'
import { openSqs, reportJson as report } from '../aws.ts'
import { clustersReader } from '../clusters.ts'
import { openFunctionInventory } from '../inventory.ts'
import { operator } from '../operator.ts'
import { relayUntil, stopAfterMs } from './until.ts'

const queue = sqsQueue(openSqs())
const inventory = openFunctionInventory((error) => console.log(JSON.stringify({ inventory: String(error) })))
const readClusters = clustersReader('fairlead-relay')

/** Resolves with what happened, in numbers, by cluster. */
export const handler = async (_event: unknown, context: LambdaContext) => {
  const using = { clusters: await readClusters(), queue, inventory, report, clock }
  return await relayUntil(operator, using, stopAfterMs(context.getRemainingTimeInMillis()))
}
