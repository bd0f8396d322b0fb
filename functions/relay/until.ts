/** A relay that is run now and then: it goes on from where the last run stopped, and stops while there is time to store it. */
import { type Clock, type Happening, type Kube, type Operator, type Report, relay } from '../../lib/index.ts'
import { inEach, type Fleet, type Told } from '../../lib/fleet.ts'
import type { Inventory } from '../../lib/inventory.ts'
import type { Queue } from '../../lib/queue.ts'

export interface Scheduled {
  readonly clusters: Fleet
  readonly queue: Queue
  /** Has to outlive the run. */
  readonly inventory: Inventory
  readonly report: Report
  readonly clock: Clock
  readonly random?: () => number
}

/** A run in one cluster, in numbers. */
export interface Run {
  /** Changes that concerned somebody. */
  readonly changed: number
  /** Messages that the queue has accepted. */
  readonly sent: number
  /** Sources that were in trouble at the end, as far as was heard of them. */
  readonly broken: number
  /** 1 each: the queue, the inventory does not take what there is; the next run sends it again. */
  readonly refusing: number
}

/** A run begins every minute: it is over before the next one begins. */
const LONGEST_MS = 55_000

/** After the stop the relay has 5 s to send and store; the rest is for a slow start of the clock. */
const MARGIN_MS = 10_000

/** When a run that may take so long (the platform's remaining milliseconds) has to stop watching, in milliseconds from now. */
export const stopAfterMs = (remainingMs: number): number =>
  Math.max(0, Math.min(LONGEST_MS, remainingMs - MARGIN_MS))

/**
 * Relays in every cluster for `milliseconds`; then it sends what quiet windows held back, and resolves when all that the queue
 * has accepted is stored. Never rejects: a cluster that fails says so in its place. Only one run may be under way at a time.
 */
export async function relayUntil(
  operator: Operator,
  { clusters, ...using }: Scheduled,
  milliseconds: number,
): Promise<Readonly<Record<string, Told<Run>>>> {
  const one = async (api: Kube, cluster: string, signal: AbortSignal) => {
    const count = startCount()
    const report: Report = (happening) => {
      count.report(happening)
      using.report(happening)
    }
    await relay(operator, { ...using, api, cluster, report }, signal)
    return count.run()
  }
  return await inEach(clusters, one, { ...using, milliseconds })
}

function startCount() {
  const counts = { changed: 0, sent: 0 }
  const states = new Map<string, boolean>()
  const amiss = (type: Happening['type']) =>
    [...states].filter(([key, isGood]) => key.startsWith(type) && !isGood).length
  return {
    report(happening: Happening) {
      const { type } = happening
      if (type === 'changed' || type === 'sent') counts[type] += 1
      else if (type === 'watch')
        states.set(`${type} ${happening.source ?? happening.kind}`, happening.state === 'synced')
      else if (type === 'store') states.set(`${type} ${happening.store}`, happening.state === 'accepting')
    },
    run: (): Run => ({ ...counts, broken: amiss('watch'), refusing: amiss('store') }),
  }
}
