/**
 * Watches, one Durable Object per cluster of FAIRLEAD_CLUSTERS, each turn in an alarm; the cron starts them, and again should one
 * ever stop. Needs the bindings RELAY (its own), KEYS and INDEX (the queue's).
 */
import { DurableObject } from 'cloudflare:workers'
import { durableDatabase } from '../../lib/database/durable.ts'
import { systemClock as clock } from '../../lib/index.ts'
import type { QueueBindings } from '../../lib/queue/durable/calls.ts'
import { durableQueue } from '../../lib/queue/durable/send.ts'
import { reportJson as report } from '../cloudflare.ts'
import { clustersOf } from '../cloudflare/clusters.ts'
import { operator } from '../operator.ts'
import { newsOnly } from './news.ts'
import { LONGEST_MS, takeTurn } from './turn.ts'
import { type Relays, relayTurns, wakeRelays } from './turns.ts'

type Env = QueueBindings & { readonly RELAY: Relays } & Readonly<Record<string, unknown>>

const clustersIn = (env: Env) => clustersOf(env, 'fairlead-relay')

export class Relay extends DurableObject<Env> {
  readonly #told = { report: newsOnly(report), clock, random: Math.random }
  readonly #kept = { queue: durableQueue(this.env), database: durableDatabase(this.ctx.storage) }
  readonly #turns = relayTurns(this.ctx, {
    ...this.#told,
    clusters: () => clustersIn(this.env),
    turn: (cluster, clusters) => takeTurn(operator, { ...this.#told, ...this.#kept, cluster, clusters }),
    longestMs: LONGEST_MS,
  })

  ensure(cluster: string): Promise<void> {
    return this.#turns.ensure(cluster)
  }

  alarm(): Promise<void> {
    return this.#turns.alarm()
  }
}

export default { scheduled: (_: unknown, env: Env) => wakeRelays(clustersIn(env).names, env.RELAY, report) }
