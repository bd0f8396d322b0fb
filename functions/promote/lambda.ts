/** Moves what waited on to the ready queue: triggered by the delay queue and by the background queue. Needs FAIRLEAD_SQS_*. */
import { promote } from '../../lib/queue/sqs.ts'
import {
  deliveries,
  isFrom,
  type LambdaContext,
  response,
  type SqsEvent,
} from '../../lib/queue/sqs/lambda.ts'
import { openSqs, reportJson as report } from '../aws.ts'

/** A batch of the background waits so long for room in the ready queue. */
const PATIENCE_MS = 20_000
/** What is left for SQS after that. */
const MARGIN_MS = 3_000

const using = { ...openSqs(), report }

export const handler = async (event: SqsEvent, context: LambdaContext) => {
  const from = isFrom(event, using.queues.background) ? 'background' : 'delay'
  const patienceMs = Math.min(PATIENCE_MS, context.getRemainingTimeInMillis() - MARGIN_MS)
  return response(await promote(deliveries(event), { ...using, from, patienceMs }))
}
