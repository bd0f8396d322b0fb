/** A Worker for tests: Durable Objects that ask for what is made once of an isolate, and those that die as soon as they have asked. */
import { DurableObject } from 'cloudflare:workers'
import { perIsolate } from '../../functions/cloudflare.ts'
import { clustersOf } from '../../functions/cloudflare/clusters.ts'
import { systemClock as clock } from '../../lib/clock.ts'
import { authenticator } from '../../lib/ingress/authenticate.ts'
import { macVerifier } from '../../lib/mac.ts'
import { bearerVerifier } from '../../lib/queue/desk/bearer.ts'

type Env = Readonly<Record<string, unknown>> & { readonly ASKERS: { getByName(name: string): Asker } }

const nothing = new Uint8Array()
const keys = new Map([['k1', new Uint8Array(32)]])
const oidc = { issuer: 'https://issuer', audience: 'fairlead', subject: 'relay', jwks: { keys: [{}] } }

const desk = perIsolate((_: Env) => bearerVerifier(keys))
const macs = perIsolate((_: Env) => macVerifier(keys))
const senders = perIsolate((_: Env) => authenticator({ senders: [{ name: 'a', cluster: 'a', oidc }], clock }))

const QUESTIONS: Readonly<Record<string, (env: Env) => Promise<unknown>>> = {
  cluster: (env) => clustersOf(env, 'test').api('east'),
  desk: (env) => desk(env)('Bearer x'),
  mac: (env) => macs(env)({ keyId: 'k1', mac: 'x', message: nothing }),
  sender: (env) => senders(env)('Bearer x.y.z', { body: nothing, format: 'json' }),
}

export class Asker extends DurableObject<Env> {
  async ask(what: string): Promise<string> {
    await QUESTIONS[what]?.(this.env)
    return `${what} answers`
  }

  async die(what: string): Promise<void> {
    void this.ask(what)
    this.ctx.abort('dead')
  }
}

export default {
  /** `/QUESTION/ask` or `/QUESTION/die` */
  async fetch(request: Request, { ASKERS }: Env): Promise<Response> {
    const [, what = '', how] = new URL(request.url).pathname.split('/')
    const asker = ASKERS.getByName(request.url)
    if (how === 'die') await asker.die(what)
    return new Response(await asker.ask(what))
  },
}
