/** A Worker for tests: Durable Objects that ask for a cluster, and one that dies as soon as it has asked. */
import { DurableObject } from 'cloudflare:workers'
import { clustersOf } from '../../functions/cloudflare/clusters.ts'

type Env = Readonly<Record<string, unknown>> & { readonly ASKERS: { getByName(name: string): Asker } }

export class Asker extends DurableObject<Env> {
  async ask(): Promise<string> {
    await clustersOf(this.env, 'test').api('east')
    return 'there'
  }

  async die(): Promise<void> {
    void this.ask()
    this.ctx.abort('dead')
  }
}

export default {
  async fetch(request: Request, { ASKERS }: Env): Promise<Response> {
    const asker = ASKERS.getByName(request.url)
    if (request.url.endsWith('/die')) await asker.die()
    return new Response(await asker.ask())
  },
}
