/** Reconciles the keys that the ready queue hands out. Needs FAIRLEAD_SQS_* and FAIRLEAD_CLUSTERS. */
import { randomUUID } from 'node:crypto'
import { systemClock as clock, limitsOf, work } from '../../lib/index.ts'
import { startConsumer } from '../../lib/queue/sqs.ts'
import { deliveries, type LambdaContext, response, type SqsEvent } from '../../lib/queue/sqs/lambda.ts'
import { openSqs, reportJson as report } from '../aws.ts'
import { clustersReader } from '../clusters.ts'
import { operator } from '../operator.ts'
import { everywhere } from './everywhere.ts'

/** What is left for SQS once reconciles have been told to stop: so long, or a quarter of a short time. */
const MARGIN_MS = 4_000

const using = { ...openSqs({ needsDead: true }), report }
const places = everywhere(clustersReader('fairlead'), { ...using, reporter: operator.name })
const consume = startConsumer({ ...using, identity: randomUUID(), controllerLimits: limitsOf(operator) })

export const handler = async (event: SqsEvent, context: LambdaContext) => {
  const left = context.getRemainingTimeInMillis()
  const on = {
    deadline: clock.now() + left,
    signal: AbortSignal.timeout(Math.floor(left - Math.min(MARGIN_MS, left / 4))),
  }
  return response(
    await consume(deliveries(event), (some, signal) => work(some, operator, places, signal), on),
  )
}
