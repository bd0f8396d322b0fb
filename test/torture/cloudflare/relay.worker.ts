/** The Worker of `functions/relay/cloudflare.ts` under torture: as there, but that the relay of the default cluster can be told to die. */
import type { DurableObjectState } from '@cloudflare/workers-types'
import * as relay from '../../../functions/relay/cloudflare.ts'
import type { QueueBindings } from '../../../lib/queue/durable/calls.ts'
import { died, hastened, KILLED } from './life.ts'

type Env = QueueBindings & { readonly RELAY: { getByName(name: string): Relay } } & Readonly<
    Record<string, unknown>
  >

export class Relay extends relay.Relay {
  constructor(ctx: DurableObjectState, env: Env) {
    // Turns of ten minutes do not end here, so that each death seems to follow those before it.
    super(hastened(ctx, env.TORTURE_RELAY_ALARM_MS), env)
  }
  async die(): Promise<void> {
    this.ctx.abort(KILLED)
  }
}

export default {
  ...relay.default,
  fetch: (_: Request, env: Env) => died(env.RELAY.getByName('default').die()),
}
