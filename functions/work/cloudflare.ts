/**
 * The queue's Durable Objects, which reconcile their keys, and the queue's desk for people. Needs FAIRLEAD_CLUSTERS; without the
 * secret FAIRLEAD_QUEUE_KEYS nobody is let near the desk.
 */
import type { DurableObjectState } from '@cloudflare/workers-types'
import { durableDatabase } from '../../lib/database/durable.ts'
import { systemClock as clock, limitsOf, work } from '../../lib/index.ts'
import { parseLiveKeys } from '../../lib/mac.ts'
import { queueApp } from '../../lib/queue/desk/http.ts'
import { DurableIndex, DurableKey } from '../../lib/queue/durable.ts'
import type { QueueBindings } from '../../lib/queue/durable/calls.ts'
import { durableDesk } from '../../lib/queue/durable/desk.ts'
import { perIsolate, reportJson as report } from '../cloudflare.ts'
import { clustersOf } from '../cloudflare/clusters.ts'
import { readQueueKeys } from '../env.ts'
import { operator } from '../operator.ts'
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

const desk = perIsolate((env: Env) => {
  const setting = readQueueKeys(env)
  const keys = setting === undefined ? new Map() : parseLiveKeys(setting, 'FAIRLEAD_QUEUE_KEYS')
  return queueApp({ keys, clock, report, queue: durableDesk(env) })
})

export default { fetch: (request: Request, env: Env) => desk(env).fetch(request) }
