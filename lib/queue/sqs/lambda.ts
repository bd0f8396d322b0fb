/** The event of an SQS event source mapping, and the answer to it (`ReportBatchItemFailures`). */
import { NOTE, type Received } from './calls.ts'

/** As much of the event as is used (`SQSEvent` of AWS). */
export interface SqsEvent {
  readonly Records: readonly SqsRecord[]
}

interface SqsRecord {
  readonly messageId: string
  readonly receiptHandle: string
  readonly body: string
  readonly attributes: {
    readonly ApproximateReceiveCount: string
    readonly SentTimestamp: string
    readonly MessageGroupId?: string | undefined
  }
  readonly messageAttributes?: Readonly<Record<string, { readonly stringValue?: string | undefined }>>
  /** `arn:aws:sqs:region:account:name` */
  readonly eventSourceARN: string
}

/** What the platform says of an invocation. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number
}

interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

/** The batch of an event: records in their order, which is that of each group. */
export const deliveries = ({ Records }: SqsEvent): Received[] =>
  Records.map(({ messageId, receiptHandle, body, attributes, messageAttributes }) => ({
    id: messageId,
    handle: receiptHandle,
    body,
    note: messageAttributes?.[NOTE]?.stringValue,
    group: attributes.MessageGroupId,
    sentAt: Number(attributes.SentTimestamp),
    receives: Number(attributes.ApproximateReceiveCount),
  }))

/** Every message that is not done: of a key that failed, all of them, or a later one would be deleted before an earlier one. */
export const response = (failed: readonly string[]): BatchResponse => ({
  batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })),
})

/** Which of two queues an event comes from. A mapping's batch is always of one queue. */
export function isFrom({ Records }: SqsEvent, queueUrl: string): boolean {
  const name = Records[0]?.eventSourceARN.split(':').at(-1)
  return name !== undefined && name === queueUrl.split('/').at(-1)
}
