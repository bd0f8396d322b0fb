/** Changes by webhook, behind a Lambda function URL. Needs FAIRLEAD_INGRESS and FAIRLEAD_SQS_*. */
import { ingressApp } from '../../lib/ingress/http.ts'
import { ingressHandler } from '../../lib/ingress/lambda.ts'
import { parseSenders } from '../../lib/ingress/senders.ts'
import { sqsQueue } from '../../lib/queue/sqs.ts'
import { openSqs, reportJson as report } from '../aws.ts'
import { readIngress } from '../env.ts'
import { operator } from '../operator.ts'
import { servedBy } from '../served.ts'

const using = openSqs()
const serving = { queue: sqsQueue(using), clock: using.clock, report }

export const handler = await servedBy(readIngress() ?? '', (text) =>
  ingressHandler(ingressApp(operator, { ...serving, senders: parseSenders(text) })),
)
