/** Functions for tests in place of relay, work and promote: they move messages about with the real client. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { SQSBatchResponse, SQSEvent, ScheduledEvent } from 'aws-lambda'

const client = new SQSClient({})
const { AWS_LAMBDA_FUNCTION_NAME: name, FAIRLEAD_SQS_READY: ready, FAIRLEAD_SQS_DELAY: delay } = process.env

/** Once: the next ones find that it ran. */
let hasRun = false

export async function handler(event: SQSEvent | ScheduledEvent): Promise<SQSBatchResponse> {
  if (!('Records' in event)) {
    console.log(`${event['detail-type']} ${hasRun ? 'again' : 'first'}`)
    if (!hasRun) await toReady('new')
    hasRun = true
    return { batchItemFailures: [] }
  }
  for (const { body } of event.Records) {
    console.log(`${name} ${body}`)
    if (name === 'promote') await toReady(`promoted ${body}`)
    else if (body === 'new') await client.send(new SendMessageCommand({ QueueUrl: delay, MessageBody: body }))
  }
  return { batchItemFailures: [] }
}

const toReady = (body: string) =>
  client.send(
    new SendMessageCommand({
      QueueUrl: ready,
      MessageBody: body,
      MessageGroupId: 'g',
      MessageDeduplicationId: body,
    }),
  )
