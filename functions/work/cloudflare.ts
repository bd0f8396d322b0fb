/** The queue's Durable Objects, which reconcile their keys, and its desk for people. Needs FAIRLEAD_CLUSTERS. */
import type { DurableObjectState } from '@cloudflare/workers-types'
import { durableDatabase } from '../../lib/database/durable.ts'
import { systemClock as clock, limitsOf, work } from '../../lib/index.ts'
import { DurableIndex, DurableKey } from '../../lib/queue/durable.ts'
import type { QueueBindings } from '../../lib/queue/durable/calls.ts'
import { reportJson as report } from '../cloudflare.ts'
import { clustersOf } from '../cloudflare/clusters.ts'
import { operator } from '../operator.ts'
import { deskOf } from './desk.ts'
import { everywhere } from './everywhere.ts'

type Env = QueueBindings & Readonly<Record<string, unknown>>

/** Of clusters, as all objects of the isolate know: none of them lives as long as one is waited for. */
const missingSince = new Map<string, number>()

export class KeyQueue extends DurableKey<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    // Of each object its own: what one has under way must not wait for another.
    const using = { clock, report, random: Math.random, reporter: operator.name, missingSince }
    const places = everywhere(async () => clustersOf(env, 'fairlead'), using)
    super(ctx, env, { report, handle: (deliveries, signal) => work(deliveries, operator, places, signal) })
  }
}

export class QueueIndex extends DurableIndex<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, { report, database: durableDatabase(ctx.storage), limits: limitsOf(operator) })
  }
}

export default { fetch: (request: Request, env: Env) => deskOf(env).fetch(request) }
