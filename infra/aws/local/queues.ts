/** The queues of an operator, as the local SQS has them, and the settings that name them. */
import { CREDENTIALS, REGION } from './environment.ts'
import type { LocalQueue, LocalSqs } from './fauxqs.ts'

export type QueueName = 'ready' | 'delay' | 'background' | 'dead'

export const BUCKET = 'fairlead'
/** After that many receives a message is left to the dead-letter queue. */
const MOST_RECEIVES = 5

/** `ready.fifo` with its dead-letter queue, `delay` and `background`: as `infra/aws` deploys them. */
export function createQueues(
  sqs: LocalSqs,
  visibilitySeconds: { readonly ready: number; readonly others: number },
): Record<QueueName, LocalQueue> {
  const fifo = { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' }
  const others = { VisibilityTimeout: String(visibilitySeconds.others) }
  const dead = sqs.createQueue('dead.fifo', { ...fifo, MessageRetentionPeriod: String(14 * 24 * 3600) })
  const ready = sqs.createQueue('ready.fifo', {
    ...fifo,
    VisibilityTimeout: String(visibilitySeconds.ready),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: MOST_RECEIVES }),
  })
  return {
    ready,
    dead,
    delay: sqs.createQueue('delay', others),
    background: sqs.createQueue('background', others),
  }
}

/** What functions read of all this (`functions/env.ts`), and where the AWS client of each finds it. */
export const settingsOf = (
  { url }: LocalSqs,
  queues: Readonly<Record<QueueName, LocalQueue>>,
  {
    clusters,
    settings,
  }: { readonly clusters: string; readonly settings?: Readonly<Record<string, string>> | undefined },
): Record<string, string> => ({
  ...CREDENTIALS,
  AWS_REGION: REGION,
  AWS_ENDPOINT_URL_SQS: url,
  AWS_ENDPOINT_URL_S3: url,
  FAIRLEAD_SQS_READY: queues.ready.url,
  FAIRLEAD_SQS_DELAY: queues.delay.url,
  FAIRLEAD_SQS_BACKGROUND: queues.background.url,
  FAIRLEAD_SQS_DEAD: queues.dead.url,
  FAIRLEAD_CLUSTERS: clusters,
  FAIRLEAD_INVENTORY: `s3://${BUCKET}/inventory`,
  ...settings,
})
