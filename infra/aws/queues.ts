/** The queues of an operator. Nothing that waits in them may get lost: what cannot be handled ends where an alarm rings. */
import { Duration } from 'aws-cdk-lib/core'
import * as sqs from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { FUNCTIONS } from './functions.ts'

export interface Queues {
  /** FIFO, high throughput; a key is a group. */
  readonly ready: sqs.Queue
  /** Timers and backoff, in hops of at most 900 s. */
  readonly delay: sqs.Queue
  /** Initial lists and resyncs. */
  readonly background: sqs.Queue
  /** FIFO: keys that were given up, by work or after crashes. */
  readonly dead: sqs.Queue
  /** Standard: what even `promote` cannot forward. Always empty. */
  readonly lost: sqs.Queue
}

export type QueueName = keyof Queues

/** AWS asks for six times the timeout of the function that consumes a queue (services-sqs-configure). */
const PATIENCE = 6

/** A key whose function dies is tried so often before its neighbours in the group go on without it. */
const MOST_CRASHES = 5

/**
 * The most that SQS counts. The consumer only forwards: what it cannot forward now it can once SQS, IAM or the account's
 * concurrency are themselves again, so an outage of two days (1,000 times a visibility of 180 s) buries nothing. Without a
 * limit a message that nobody can read would come round until its retention ends, and be gone without a word.
 */
const MOST_FORWARDS = 1000

/** The longest that SQS keeps anything. In a standard dead-letter queue the days before count too. */
const RETENTION = Duration.days(14)

export function queuesOf(scope: Construct): Queues {
  const dead = new sqs.Queue(scope, 'Dead', { ...KEPT, ...FIFO, visibilityTimeout: Duration.seconds(60) })
  const lost = new sqs.Queue(scope, 'Lost', KEPT)
  const forwarded = {
    ...KEPT,
    visibilityTimeout: patience(FUNCTIONS.promote.timeoutSeconds),
    deadLetterQueue: { queue: lost, maxReceiveCount: MOST_FORWARDS },
  }
  return {
    dead,
    lost,
    delay: new sqs.Queue(scope, 'Delay', forwarded),
    background: new sqs.Queue(scope, 'Background', forwarded),
    ready: new sqs.Queue(scope, 'Ready', {
      ...KEPT,
      ...FIFO,
      visibilityTimeout: patience(FUNCTIONS.work.timeoutSeconds),
      deadLetterQueue: { queue: dead, maxReceiveCount: MOST_CRASHES },
    }),
  }
}

const patience = (timeoutSeconds: number) => Duration.seconds(PATIENCE * timeoutSeconds)

const KEPT: sqs.QueueProps = {
  encryption: sqs.QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  retentionPeriod: RETENTION,
}

/** High throughput: duplicates and throughput are a group's matter, not the queue's. */
const FIFO: sqs.QueueProps = {
  fifo: true,
  deduplicationScope: sqs.DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
}
