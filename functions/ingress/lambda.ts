/** Changes by webhook, behind a Lambda function URL. Needs FAIRLEAD_INGRESS and FAIRLEAD_SQS_*. */
import { ingressApp } from '../../lib/ingress/http.ts'
import { ingressHandler } from '../../lib/ingress/lambda.ts'
import { parseSenders } from '../../lib/ingress/senders.ts'
import { sqsQueue } from '../../lib/queue/sqs.ts'
import { isReference } from '../../lib/reference.ts'
import { openSqs, reportJson as report } from '../aws.ts'
import { readIngress } from '../env.ts'
import { operator } from '../operator.ts'

const using = openSqs()
const setting = readIngress() ?? ''
// What reads references is loaded where there is one.
const text = isReference(setting) ? await (await import('../clusters.ts')).resolveSetting(setting) : setting

export const handler = ingressHandler(
  ingressApp(operator, { senders: parseSenders(text), queue: sqsQueue(using), clock: using.clock, report }),
)
