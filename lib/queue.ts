/**
 * The queue port: what every queue promises, whatever holds it (process memory and SQLite, SQS, a Durable Object). The
 * promises are one contract suite, `test/queue.contract.ts`. Deciding what a failure means is not here: see `work`.
 *
 * A queue promises: a key is never handed out twice at once; any number of messages for a key while it waits become one
 * delivery; a message that arrives while its key is handled causes exactly one more delivery, after the current one; the
 * earliest due time wins; a new change goes ahead of backoff and consumes no attempt; nothing is lost (at least once).
 */
import type { Message } from './message.ts'

/** One message handed out, to be answered by one {@link Verdict}. */
export interface Delivery {
  /** Unique within the batch. */
  readonly id: string
  /** What was sent: a `Message`, unless the sender was broken. `work` parses it. */
  readonly body: unknown
  /** Counted failures of this key so far. */
  readonly attempt: number
  /** True when a new change woke the key before its backoff ended: a failure of this run is not counted. */
  readonly early: boolean
  /** Since when it could have been handed out, in milliseconds since the epoch, where the queue knows. */
  readonly readySince?: number
  /** Present when the run before ended without a verdict, and how: the process died, the handler threw. */
  readonly crash?: string
  /** The key runs more often than its controller's rate limit allows, and is being slowed down. */
  readonly isLimited?: boolean
  /** If this run ends without a verdict too, the queue parks the key without being able to say anything to its object. */
  readonly isLastChance?: boolean
  /** How long it had to wait after the run before, where the queue knows and no change brought it. */
  readonly waitedSeconds?: number
  /** The key may have been run elsewhere since this was sent: a read that is not older than the change may miss that run. */
  readonly mustReadNewest?: boolean
}

/**
 * A key that crashes its handler can be judged by nobody but the queue: after so many counted failures it is parked,
 * whatever its controller allows.
 */
export const CRASH_LIMIT = 20

/** How often one key may run: `burst` times at once, `perSecond` times on average. */
export interface RateLimit {
  readonly burst: number
  readonly perSecond: number
}

/** What a consumer may do for one controller at once, and how often for one key. */
export interface ControllerLimit {
  readonly concurrency: number
  readonly rate: RateLimit
}

/** The answer to a delivery. Seconds may be fractions. */
export type Verdict =
  /** Done: forget the key's failures. */
  | { readonly type: 'ack' }
  /** Look again after a while, as the author asked; failures are forgotten. Dropped if a change runs the key before. */
  | { readonly type: 'again'; readonly afterSeconds: number }
  /** Failed: try again after backoff, carrying `attempt` counted failures. */
  | { readonly type: 'retry'; readonly afterSeconds: number; readonly attempt: number }
  /** Give up: park the key where people can see it. A later change revives it with no failures. */
  | { readonly type: 'bury'; readonly reason: string }
  /** Send these, then acknowledge. */
  | { readonly type: 'forward'; readonly messages: readonly Message[] }

/**
 * The producer's half. Resolves once every message is held as safely as the queue holds anything. On a throw none is held or,
 * where the platform takes only so many at once, some are: sending all of them again is always safe.
 */
export interface Queue {
  send(messages: readonly Message[]): Promise<void>
}

/** A key that was given up. */
export interface Parked {
  readonly key: string
  readonly body: unknown
  readonly reason: string
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** Handles deliveries; never rejects for reasons of a single delivery. What it leaves unanswered counts as crashed. */
export type Handle = (
  deliveries: readonly Delivery[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, Verdict>>
