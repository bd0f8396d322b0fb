/**
 * One turn of a relay that lives by turns: what the turn before kept is sent, then changes are relayed until the time is up or
 * the calls of an invocation are used up. Where it stopped is in the database; the next turn goes on from there.
 */
import type { Clock } from '../../lib/clock.ts'
import type { Database } from '../../lib/database.ts'
import type { Fleet } from '../../lib/fleet.ts'
import { type Operator, type Report, relay } from '../../lib/index.ts'
import { sqliteInventory } from '../../lib/inventory/sqlite.ts'
import type { Queue } from '../../lib/queue.ts'
import { boundedQueue } from '../../lib/queue/bounded.ts'
import { unlessAborted } from '../../lib/reconcile/deadline.ts'
import { startBudget } from './budget.ts'

export interface Turn {
  readonly cluster: string
  readonly clusters: Fleet
  readonly queue: Queue
  /** For inventory and kept messages. Only one turn may be under way with it. */
  readonly database: Database
  readonly report: Report
  readonly clock: Clock
  readonly random: () => number
  /** Default: ten minutes and 8,000 calls. */
  readonly limits?: TurnLimits
}

export interface TurnLimits {
  /** How long a turn lasts. */
  readonly milliseconds: number
  /** How much longer where a list is under way then. */
  readonly listMilliseconds: number
  /** How many calls it makes: requests to the API server, messages. */
  readonly calls: number
}

/**
 * An alarm may run for 15 minutes and make 10,000 calls (Durable Objects, limits). A relay that is told to stop takes 5 s more; what
 * is not counted is what the API server asked to repeat (Retry-After), and the requests of a list that is read to its end.
 */
const TURN_LIMITS: TurnLimits = { milliseconds: 600_000, listMilliseconds: 240_000, calls: 8_000 }

/** No turn takes so long: the time of an alarm. */
export const LONGEST_MS = 900_000

/**
 * Relays for one turn. Rejects where nothing could be relayed: no credentials, a queue that refuses what was kept, a full database,
 * nothing to watch.
 */
export async function takeTurn(operator: Operator, turn: Turn): Promise<void> {
  const { cluster, clusters, database, clock, limits = TURN_LIMITS } = turn
  const over = new AbortController()
  const late = new AbortController()
  const budget = startBudget(limits.calls, () => over.abort(new Error('the turn is over')))
  const signal = AbortSignal.any([over.signal, late.signal])
  const cancels = [
    clock.after(limits.milliseconds, budget.finish),
    clock.after(limits.milliseconds + limits.listMilliseconds, () =>
      late.abort(new Error('the turn is late')),
    ),
  ]
  try {
    const queue = boundedQueue(turn.queue, { database, allowance: budget })
    const isDrained = await unlessAborted(queue.drain(), late.signal)
    if (!isDrained || signal.aborted) return
    const api = budget.counted(await unlessAborted(clusters.api(cluster), signal))
    await relay(operator, { ...turn, api, queue, inventory: sqliteInventory(database) }, signal)
    // It would be over at once, and the next turn too, without an end.
    if (!signal.aborted) throw new Error('there is nothing to watch: the operator has no controllers')
  } finally {
    for (const cancel of cancels) cancel()
  }
}
