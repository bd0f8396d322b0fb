/**
 * SQS by the AWS client, which is imported when the first call is made: it costs 42 ms of a cold start, and most reconciles
 * send nothing. Retries of throttled and failed calls are the client's.
 */
import type { SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs'
import {
  MOST_MESSAGES,
  NOTE,
  type Received,
  type Receiving,
  type Refusal,
  type Sending,
  type Sqs,
} from './calls.ts'
import { explained, refuseOtherRegion } from './trouble.ts'

export interface AwsSqsOptions {
  /** The client's own rules otherwise (`AWS_REGION`, the profile). */
  readonly region?: string | undefined
  /** Which setting each queue's URL comes from, for messages. */
  readonly settings?: ReadonlyMap<string, string> | undefined
}

type Sdk = typeof import('@aws-sdk/client-sqs')

/** Calls to AWS. Nothing is loaded, and no credentials are looked for, before the first. */
export function awsSqs({ region, settings = new Map() }: AwsSqsOptions = {}): Sqs {
  let loading: Promise<{ readonly sdk: Sdk; readonly client: SQSClient }> | undefined
  const call = async <T>(queue: string, make: (sdk: Sdk, client: SQSClient) => Promise<T>): Promise<T> => {
    try {
      loading ??= load(region).catch((error: unknown) => {
        loading = undefined
        throw error
      })
      const { sdk, client } = await loading
      refuseOtherRegion(queue, await client.config.region())
      return await make(sdk, client)
    } catch (error) {
      throw explained(error, { queue, setting: settings.get(queue) })
    }
  }
  return {
    send: (queue, messages) =>
      call(queue, async (sdk, client) => {
        const Entries = messages.map(toEntry)
        const command = new sdk.SendMessageBatchCommand({ QueueUrl: queue, Entries })
        const { Failed = [] } = await client.send(command)
        return Failed.map(toRefusal)
      }),
    receive: (queue, how) => call(queue, (sdk, client) => receive(sdk, client, queue, how)),
    remove: (queue, handles) =>
      call(queue, (sdk, client) =>
        inBatches(handles, async (Entries) => {
          const { Failed = [] } = await client.send(
            new sdk.DeleteMessageBatchCommand({ QueueUrl: queue, Entries }),
          )
          if (Failed[0] !== undefined) throw Object.assign(new Error(), { name: Failed[0].Code })
        }),
      ),
    release: (queue, handles) =>
      call(queue, (sdk, client) =>
        inBatches(handles, async (entries) => {
          const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: 0 }))
          await client.send(new sdk.ChangeMessageVisibilityBatchCommand({ QueueUrl: queue, Entries }))
        }),
      ),
    depth: (queue) =>
      call(queue, async (sdk, client) => {
        const { Attributes = {} } = await client.send(
          new sdk.GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: [...DEPTH] }),
        )
        const [visible, inFlight] = DEPTH.map((name) => Number(Attributes[name] ?? 0))
        return { visible: visible ?? 0, inFlight: inFlight ?? 0 }
      }),
  }
}

const DEPTH = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const

async function load(region: string | undefined) {
  const sdk = await import('@aws-sdk/client-sqs')
  const client = new sdk.SQSClient({
    ...(region === undefined ? {} : { region }),
    maxAttempts: 5,
    // A call that hangs must fail while there is time to say so; a long poll takes 20 s.
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 30_000 },
  })
  return { sdk, client }
}

const toEntry = (sending: Sending, index: number): SendMessageBatchRequestEntry => ({
  Id: String(index),
  MessageBody: sending.body,
  DelaySeconds: sending.delaySeconds,
  MessageGroupId: sending.group,
  MessageDeduplicationId: sending.deduplicationId,
  ...(sending.note !== undefined && {
    MessageAttributes: { [NOTE]: { DataType: 'String', StringValue: sending.note } },
  }),
})

interface Failed {
  readonly Id?: string | undefined
  readonly Code?: string | undefined
  readonly SenderFault?: boolean | undefined
}

const toRefusal = ({ Id, Code = 'Unknown', SenderFault = false }: Failed): Refusal => ({
  index: Number(Id),
  code: Code,
  isFinal: SenderFault && !/throttl/i.test(Code),
})

async function receive(sdk: Sdk, client: SQSClient, queue: string, how: Receiving): Promise<Received[]> {
  const { most, waitSeconds, visibilitySeconds, signal } = how
  const command = new sdk.ReceiveMessageCommand({
    QueueUrl: queue,
    MaxNumberOfMessages: most,
    WaitTimeSeconds: waitSeconds,
    VisibilityTimeout: visibilitySeconds,
    MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp', 'MessageGroupId'],
    MessageAttributeNames: [NOTE],
  })
  try {
    const { Messages = [] } = await client.send(command, signal === undefined ? {} : { abortSignal: signal })
    return Messages.map(({ MessageId = '', ReceiptHandle = '', Body = '', Attributes = {}, ...more }) => ({
      id: MessageId,
      handle: ReceiptHandle,
      body: Body,
      note: more.MessageAttributes?.[NOTE]?.StringValue,
      group: Attributes.MessageGroupId,
      sentAt: Number(Attributes.SentTimestamp ?? 0),
      receives: Number(Attributes.ApproximateReceiveCount ?? 1),
    }))
  } catch (error) {
    if (signal?.aborted) return []
    throw error
  }
}

async function inBatches(
  handles: readonly string[],
  send: (entries: { readonly Id: string; readonly ReceiptHandle: string }[]) => Promise<void>,
): Promise<void> {
  for (let i = 0; i < handles.length; i += MOST_MESSAGES) {
    const batch = handles.slice(i, i + MOST_MESSAGES)
    await send(batch.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })))
  }
}
