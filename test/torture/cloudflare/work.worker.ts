/**
 * The Worker of `functions/work/cloudflare.ts` under torture. All is as there, but that its objects can be told to die
 * (`/torture/KEYS/NAME`, `/torture/INDEX/NAME`), that alarms may be hastened, and that each run knows in which life it is.
 */
import type { DurableObjectState } from '@cloudflare/workers-types'
import * as work from '../../../functions/work/cloudflare.ts'
import type { Grant, IndexCalls, KeyCalls, Namespace } from '../../../lib/queue/durable/calls.ts'
import type { QueueBindings } from '../../../lib/queue/durable/calls.ts'
import { died, hastened, KILLED, life, newLife } from './life.ts'

interface Env extends QueueBindings {
  readonly KEYS: Namespace<KeyCalls & Mortal>
  readonly INDEX: Namespace<IndexCalls & Mortal>
  readonly [name: string]: unknown
}

interface Mortal {
  die(): Promise<void>
}

export class KeyQueue extends work.KeyQueue {
  readonly #life = newLife()

  constructor(ctx: DurableObjectState, env: Env) {
    super(hastened(ctx, env.TORTURE_KEY_ALARM_MS), env)
  }
  override run(grant: Grant) {
    return life.run(this.#life, () => super.run(grant))
  }
  async die(): Promise<void> {
    this.ctx.abort(KILLED)
  }
}

export class QueueIndex extends work.QueueIndex {
  async die(): Promise<void> {
    this.ctx.abort(KILLED)
  }
}

export default {
  fetch(request: Request, env: Env) {
    const [, torture, binding, name = ''] = new URL(request.url).pathname.split('/')
    if (torture !== 'torture') return work.default.fetch(request, env)
    const mortals: Namespace<Mortal> = binding === 'KEYS' ? env.KEYS : env.INDEX
    return died(mortals.getByName(decodeURIComponent(name)).die())
  },
}
