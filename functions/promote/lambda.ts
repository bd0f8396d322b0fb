/** Moves what waited on to the ready queue: triggered by the delay queue and by the background queue. Needs FAIRLEAD_SQS_*. */
import { systemClock as clock } from '../../lib/index.ts'
import { awsSqs, promote } from '../../lib/queue/sqs.ts'
import { deliveries, isFrom, response, type SqsEvent } from '../../lib/queue/sqs/lambda.ts'
import { reportJson } from '../aws.ts'
import { readQueues } from '../env.ts'

const { queues, settings } = readQueues()
const using = { queues, sqs: awsSqs({ settings }), clock, random: Math.random, report: reportJson }

export const handler = async (event: SqsEvent) =>
  response(
    await promote(deliveries(event), {
      ...using,
      from: isFrom(event, queues.background) ? 'background' : 'delay',
    }),
  )
