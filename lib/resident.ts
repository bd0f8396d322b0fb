/**
 * The whole path in one process: the relay fills a queue that this process itself works off. For laptops, tests, and
 * clusters that are content with one pod; the same stations run apart as functions.
 */
import type { Clock } from './clock.ts'
import type { Inventory } from './inventory.ts'
import type { Kube } from './kube.ts'
import type { Operator } from './operator.ts'
import type { Handle, Queue } from './queue.ts'
import type { Recorder } from './record.ts'
import { relay } from './relay.ts'
import type { Report } from './report.ts'
import { work } from './work.ts'

/** A queue that hands its deliveries to a handler in this process. */
export interface ConsumableQueue extends Queue {
  consume(
    handle: Handle,
    options: {
      readonly concurrency: number
      readonly controllerLimits?: ReadonlyMap<string, number>
      readonly signal: AbortSignal
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
}

/** The cluster's name in messages where there is only one. */
export const ONLY_CLUSTER = 'default'

/**
 * Runs an operator until `signal` aborts, then lets running reconciles end (the queue's grace) and resolves. Troubles of the API server
 * are waited out and reported, never thrown.
 */
export async function reside(operator: Operator, using: Residing, signal: AbortSignal): Promise<void> {
  const limits = new Map(operator.controllers.map(({ name, concurrency }) => [name, concurrency]))
  const concurrency = [...limits.values()].reduce((sum, limit) => sum + limit, 0)
  const handle: Handle = (deliveries, stop) => work(deliveries, operator, using, stop)
  await Promise.all([
    relay(operator, { ...using, cluster: ONLY_CLUSTER }, signal),
    using.queue.consume(handle, { concurrency, controllerLimits: limits, signal }),
  ])
}
