/**
 * As much of SQS as the queue on it needs, as plain data. The real client is `client.ts`; limits are checked by whoever calls
 * (a batch is 10 messages and 1 MiB at most; SQS refuses more).
 */

/** One message to be sent. */
export interface Sending {
  readonly body: string
  /** Value of the message attribute {@link NOTE}. */
  readonly note?: string | undefined
  /** Seconds, 0 to 900; standard queues only. */
  readonly delaySeconds?: number | undefined
  /** FIFO queues only, and required there: 1 to 128 characters. */
  readonly group?: string | undefined
  readonly deduplicationId?: string | undefined
}

/** The message attribute in which this queue keeps what is not the message's. */
export const NOTE = 'fairlead'

/** One message as a consumer gets it. */
export interface Received {
  readonly id: string
  /** Good for deleting or releasing this receipt of it, until its visibility ends. */
  readonly handle: string
  readonly body: string
  readonly note: string | undefined
  readonly group: string | undefined
  /** Milliseconds since the epoch, by the queue's clock. A redelivery does not change it. */
  readonly sentAt: number
  /** How often it has been received, this time included. */
  readonly receives: number
}

/** Why one message of a batch was not taken. */
export interface Refusal {
  /** Its place in the batch. */
  readonly index: number
  /** SQS's text is left out: it may quote what was sent. */
  readonly code: string
  /** The message itself is at fault: sending it again cannot help. */
  readonly isFinal: boolean
}

/**
 * Calls to SQS; queues are named by their URLs. A call that fails as a whole throws an Error whose message names the
 * queue and what to do.
 */
export interface Sqs {
  /** A batch. */
  send(queue: string, messages: readonly Sending[]): Promise<readonly Refusal[]>
  /** Long poll: resolves with what there is, at the latest after `waitSeconds`. `signal` ends the waiting with nothing. */
  receive(queue: string, how: Receiving): Promise<readonly Received[]>
  /** Any number; absent ones are no error. */
  remove(queue: string, handles: readonly string[]): Promise<void>
  /** Makes messages visible again at once, any number. */
  release(queue: string, handles: readonly string[]): Promise<void>
  /** Approximate. */
  depth(queue: string): Promise<Depth>
}

export interface Receiving {
  /** 1 to 10. */
  readonly most: number
  /** 0 to 20. */
  readonly waitSeconds: number
  /** The queue's own otherwise. */
  readonly visibilitySeconds?: number
  readonly signal?: AbortSignal
}

export interface Depth {
  readonly visible: number
  readonly inFlight: number
}

/** SQS takes so many messages in one call, and so many bytes (quotas-messages). */
export const MOST_MESSAGES = 10
export const MOST_BYTES = 1_048_576
/** The longest delay of a message, in seconds. */
export const MOST_DELAY = 900
