/** The resident relay: one for each cluster, each begun again when it fails, all into one queue. */
import { backoffSeconds } from '../../lib/backoff.ts'
import { sleep } from '../../lib/clock.ts'
import { errorText, type Fleet } from '../../lib/fleet.ts'
import { type Clock, DatabaseError, type Operator, type Report, relay } from '../../lib/index.ts'
import type { Inventory } from '../../lib/inventory.ts'
import type { Queue } from '../../lib/queue.ts'
import type { RelayMetrics } from '../../lib/relay/metrics.ts'
import { planSources } from '../../lib/relay/plan.ts'
import { unlessAborted } from '../../lib/reconcile/deadline.ts'

export interface Relays {
  readonly clusters: Fleet
  readonly queue: Queue
  readonly inventory: Inventory
  readonly metrics: RelayMetrics
  /** Who is told of what happens in a cluster. */
  reportOf(cluster: string): Report
  readonly clock: Clock
  readonly random: () => number
}

/** A secret that is not there yet is asked for soon, a cluster that is gone for long is left alone. */
const BACKOFF = { baseSeconds: 1, capSeconds: 60 }

/**
 * Relays every cluster until `signal` aborts; then each sends what its quiet windows hold (for at most 5 s), and it resolves.
 * A cluster that cannot be reached is tried again and holds up no other. Rejects only with a DatabaseError, when all have
 * stopped: an inventory that is full or damaged wants a person.
 */
export async function runRelay(operator: Operator, relays: Relays, signal: AbortSignal): Promise<void> {
  const broken = new AbortController()
  const stop = AbortSignal.any([signal, broken.signal])
  const running = relays.clusters.names.map((cluster) =>
    relayOne(operator, cluster, relays, stop).catch((error: unknown) => broken.abort(error)),
  )
  await Promise.all(running)
  broken.signal.throwIfAborted()
}

async function relayOne(
  operator: Operator,
  cluster: string,
  { clusters, metrics, reportOf, ...using }: Relays,
  signal: AbortSignal,
): Promise<void> {
  const told = reportOf(cluster)
  const counted = metrics.of(
    cluster,
    planSources(operator, cluster).map(({ name }) => name),
  )
  const report: Report = (happening) => {
    counted(happening)
    told(happening)
  }
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      const api = await connected(clusters, cluster, signal)
      if (api !== undefined) await relay(operator, { ...using, api, cluster, report }, signal)
    } catch (error) {
      if (error instanceof DatabaseError) throw error
      report({ type: 'failed', controller: 'relay', key: cluster, error: errorText(error) })
      metrics.restarted(cluster)
      const seconds = backoffSeconds(failures, using.random, BACKOFF)
      await sleep(using.clock, 1000 * seconds, signal).catch(() => undefined)
    }
  }
}

/** Undefined: there was no more time for it. */
async function connected(clusters: Fleet, cluster: string, signal: AbortSignal) {
  try {
    return await unlessAborted(clusters.api(cluster), signal)
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}
