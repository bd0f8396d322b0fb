/** Moves what waited on to the ready queue: triggered by the delay queue and by the background queue. Needs FAIRLEAD_SQS_*. */
import { promote } from '../../lib/queue/sqs.ts'
import { deliveries, isFrom, response, type SqsEvent } from '../../lib/queue/sqs/lambda.ts'
import { openSqs, reportJson as report } from '../aws.ts'

const using = { ...openSqs(), report }

export const handler = async (event: SqsEvent) => {
  const from = isFrom(event, using.queues.background) ? 'background' : 'delay'
  return response(await promote(deliveries(event), { ...using, from }))
}
