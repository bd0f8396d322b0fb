/**
 * The whole path in one process: the relay fills a queue that this process itself works off. For laptops, tests, and
 * clusters that are content with one pod; the same stations run apart as functions.
 */
import type { Clock } from './clock.ts'
import type { Inventory } from './inventory.ts'
import type { Kube } from './kube.ts'
import { ONLY_CLUSTER } from './message.ts'
import { limitsOf, type Operator } from './operator.ts'
import type { ControllerLimit, Handle, Queue } from './queue.ts'
import type { Recorder } from './record.ts'
import { relay } from './relay.ts'
import type { Report } from './report.ts'
import { work } from './work.ts'

/** A queue that hands its deliveries to a handler in this process. */
interface ConsumableQueue extends Queue {
  consume(
    handle: Handle,
    options: {
      readonly concurrency: number
      readonly controllerLimits?: ReadonlyMap<string, ControllerLimit>
      readonly signal: AbortSignal
      readonly graceSeconds?: number
    },
  ): Promise<void>
}

export interface Residing {
  readonly api: Kube
  readonly queue: ConsumableQueue
  readonly inventory: Inventory
  readonly record: Recorder
  readonly report: Report
  readonly clock: Clock
  readonly random: () => number
  /** How long reconciles that run at a stop may go on. The queue's default otherwise. */
  readonly graceSeconds?: number | undefined
  /** When it aborts, reconciles that run end at once: somebody else is about to do their work. */
  readonly abandoned?: AbortSignal | undefined
}

/**
 * Runs an operator until `signal` aborts, then lets running reconciles end (the queue's grace) and resolves. Troubles of the
 * API server are waited out and reported, never thrown; a queue or an inventory that cannot keep its promise any more
 * (a full disk, a damaged file) ends everything, and its error is thrown.
 */
export async function reside(operator: Operator, using: Residing, signal: AbortSignal): Promise<void> {
  const limits = limitsOf(operator)
  const concurrency = [...limits.values()].reduce((sum, limit) => sum + limit.concurrency, 0)
  const { abandoned, graceSeconds } = using
  const handle: Handle = (deliveries, stop) =>
    work(deliveries, operator, using, abandoned ? AbortSignal.any([stop, abandoned]) : stop)
  const grace = graceSeconds === undefined ? {} : { graceSeconds }
  await together(
    (stop) => relay(operator, { ...using, cluster: ONLY_CLUSTER }, stop),
    (stop) => using.queue.consume(handle, { concurrency, controllerLimits: limits, signal: stop, ...grace }),
    signal,
  )
}

/** Two that cannot do without each other: when one fails the other is told to stop, and waited for. */
async function together(
  one: (signal: AbortSignal) => Promise<void>,
  other: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const parts = [one(stop), other(stop)]
  try {
    await Promise.all(parts)
  } catch (error) {
    failed.abort(error)
    await Promise.allSettled(parts)
    throw error
  }
}
