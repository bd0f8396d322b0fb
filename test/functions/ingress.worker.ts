/**
 * The queue's Durable Objects, whose handler does nothing but tell: GET / for what has run, POST / with how often each object's key is
 * to fail before it takes messages.
 */
import type { DurableObjectState } from '@cloudflare/workers-types'
import { durableDatabase } from '../../lib/database/durable.ts'
import { operator } from '../../functions/operator.ts'
import { limitsOf, type Message } from '../../lib/index.ts'
import type { QueueBindings } from '../../lib/queue/durable/calls.ts'
import { DurableIndex, DurableKey } from '../../lib/queue/durable.ts'

/** Objects and requests share an isolate. */
const ran: unknown[] = []
const failures = new Map<string, number>()
let inVain = 0
const report = () => {}

export class KeyQueue extends DurableKey<QueueBindings> {
  readonly #name: string

  constructor(ctx: DurableObjectState, env: QueueBindings) {
    super(ctx, env, {
      report,
      async handle(deliveries) {
        ran.push(...deliveries.map(({ body }) => body))
        return new Map(deliveries.map(({ id }) => [id, { type: 'ack' }]))
      },
    })
    this.#name = ctx.id.name ?? ''
  }
  override async add(messages: readonly Message[]) {
    const object = this.#name.split('|').at(-1) ?? ''
    const left = failures.get(object) ?? 0
    failures.set(object, left - 1)
    if (left > 0) {
      inVain += 1
      throw new Error('overloaded')
    }
    return await super.add(messages)
  }
}

export class QueueIndex extends DurableIndex<QueueBindings> {
  constructor(ctx: DurableObjectState, env: QueueBindings) {
    super(ctx, env, { report, database: durableDatabase(ctx.storage), limits: limitsOf(operator) })
  }
}

export default {
  async fetch(request: Request): Promise<Response> {
    if (request.method === 'POST')
      for (const [name, count] of Object.entries((await request.json()) as Record<string, number>))
        failures.set(name, count)
    return Response.json({ ran, inVain })
  },
}
