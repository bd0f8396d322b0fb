/** What an event source mapping passes between SQS and a function: messages as the records of an event, and the answer to it. */
import type { Message } from '@aws-sdk/client-sqs'
import type { SQSEvent, SQSMessageAttributes, SQSRecord } from 'aws-lambda'
import * as z from 'zod'
import { REGION } from './environment.ts'
import type { Outcome } from './instance.ts'

/** The event of a batch. */
export const eventOf = (messages: readonly Message[], arn: string): SQSEvent => ({
  Records: messages.map((message) => recordOf(message, arn)),
})

function recordOf(message: Message, arn: string): SQSRecord {
  const { Attributes: given = {}, MD5OfMessageAttributes: md5 } = message
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: {
      ...given,
      ApproximateReceiveCount: given.ApproximateReceiveCount ?? '1',
      SentTimestamp: given.SentTimestamp ?? '0',
      SenderId: given.SenderId ?? '',
      ApproximateFirstReceiveTimestamp: given.ApproximateFirstReceiveTimestamp ?? '0',
    },
    messageAttributes: attributesOf(message),
    ...(md5 !== undefined && { md5OfMessageAttributes: md5 }),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: arn,
    awsRegion: REGION,
  }
}

const attributesOf = ({ MessageAttributes = {} }: Message): SQSMessageAttributes =>
  Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        ...(StringValue !== undefined && { stringValue: StringValue }),
        ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
        stringListValues: [],
        binaryListValues: [],
        dataType: DataType ?? 'String',
      },
    ]),
  )

const answer = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish()

/**
 * The messages that a function has done: all of them, those that it does not name, or none where it failed, where its answer
 * is none, or where it names a message that is not in the batch.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function doneOf(messages: readonly Message[], outcome: Outcome): readonly Message[] {
  if (outcome.type === 'failed') return []
  const { success, data } = answer.safeParse(typeof outcome.value === 'string' ? {} : outcome.value)
  if (!success) return []
  const failed = new Set(data?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier))
  const known = new Set(messages.map(({ MessageId }) => MessageId))
  if ([...failed].some((id) => !known.has(id))) return []
  return messages.filter(({ MessageId }) => !failed.has(MessageId ?? ''))
}
