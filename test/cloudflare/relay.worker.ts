/**
 * A Worker for tests: relays in Durable Objects as in `functions/relay/cloudflare.ts`, whose messages and happenings go to the
 * test's own server, and whose turns the test can end, count and kill.
 */
import { DurableObject } from 'cloudflare:workers'
import { takeTurn } from '../../functions/relay/turn.ts'
import { relayTurns, wakeRelays } from '../../functions/relay/turns.ts'
import type { Clock } from '../../lib/clock.ts'
import { durableDatabase } from '../../lib/database/durable.ts'
import { type Happening, type Message, systemClock } from '../../lib/index.ts'
import { connect } from '../../lib/kube/rest.ts'
import { fetchTransport } from '../../lib/kube/fetch.ts'
import { defineOperator } from '../../lib/operator.ts'
import { apps } from '../relay.run.ts'

export const operator = defineOperator('test', [apps({ quietSeconds: 0 })])

/** How a relay is to be in a test. */
export interface Setting {
  /** Where messages (`/send`), happenings (`/report`) and clusters whose turn begins (`/turn`) are posted. */
  readonly sink: string
  /** By cluster: its API server, and how many calls a turn has. */
  readonly clusters: Readonly<Record<string, { readonly server: string; readonly calls: number }>>
}

interface Env {
  readonly SETTING: Setting
  readonly RELAY: { getByName(name: string): Relay }
}

/** A turn ends when the test says so. */
const TURN_MS = 600_000

export class Relay extends DurableObject<Env> {
  #endTurn = () => {}
  #clock: Clock = {
    now: systemClock.now,
    after: (milliseconds, task) => {
      if (milliseconds !== TURN_MS) return systemClock.after(milliseconds, task)
      this.#endTurn = task
      return () => {}
    },
  }
  readonly #using = {
    clock: this.#clock,
    random: () => 0,
    report: (happening: Happening) => this.ctx.waitUntil(this.#post('/report', happening)),
  }
  readonly #turns = relayTurns(this.ctx, {
    ...this.#using,
    longestMs: 900_000,
    backoff: { baseSeconds: 0.01, capSeconds: 0.1 },
    clusters: () => ({
      names: Object.keys(this.env.SETTING.clusters),
      api: async (name) => this.#api(name),
    }),
    turn: async (cluster, clusters) => {
      await this.#post('/turn', cluster)
      await takeTurn(operator, {
        ...this.#using,
        cluster,
        clusters,
        queue: { send: (messages: readonly Message[]) => this.#post('/send', messages) },
        database: durableDatabase(this.ctx.storage),
        limits: { milliseconds: TURN_MS, listMilliseconds: 60_000, calls: this.#setting(cluster).calls },
      })
    },
  })

  ensure(cluster: string): Promise<void> {
    return this.#turns.ensure(cluster)
  }

  alarm(): Promise<void> {
    return this.#turns.alarm()
  }

  /** As the test asks for it by its path. */
  async command(name: string): Promise<unknown> {
    switch (name) {
      case 'ensure':
        return await this.ensure(this.ctx.id.name ?? '')
      case 'end':
        return this.#endTurn()
      case 'kill':
        return this.ctx.abort('killed')
      case 'alarm':
        return await this.ctx.storage.getAlarm()
      default:
        throw new Error(`there is no command ${name}`)
    }
  }

  #api(name: string) {
    return connect(fetchTransport({ server: this.#setting(name).server }), { userAgent: 'relay' })
  }

  #setting(name: string) {
    return this.env.SETTING.clusters[name] ?? { server: '', calls: 0 }
  }

  async #post(path: string, body: unknown): Promise<void> {
    const response = await fetch(this.env.SETTING.sink + path, { method: 'POST', body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`the test's queue answers ${response.status}`)
  }
}

export default {
  /** `/CLUSTER/COMMAND` */
  async fetch(request: Request, { RELAY }: Env): Promise<Response> {
    const [, cluster = '', command = ''] = new URL(request.url).pathname.split('/')
    return Response.json((await RELAY.getByName(cluster).command(command)) ?? null)
  },

  async scheduled(_controller: unknown, { RELAY, SETTING }: Env): Promise<void> {
    await wakeRelays(Object.keys(SETTING.clusters), RELAY, (happening) =>
      console.log(JSON.stringify(happening)),
    )
  },
}
