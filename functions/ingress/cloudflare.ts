/**
 * Changes by webhook, as a Worker: held by a Cloudflare Queue when the sender is answered, then sent on to the Durable Objects.
 * Needs the secret FAIRLEAD_INGRESS, the queue CHANGES as producer and consumer, and the bindings KEYS and INDEX.
 */
import { systemClock as clock } from '../../lib/index.ts'
import { ingressApp } from '../../lib/ingress/http.ts'
import { parseSenders } from '../../lib/ingress/senders.ts'
import { type Buffered, bufferedQueue, type Producer, unbuffer } from '../../lib/queue/buffered.ts'
import type { QueueBindings } from '../../lib/queue/durable/calls.ts'
import { durableQueue } from '../../lib/queue/durable/send.ts'
import { perIsolate, reportJson as report } from '../cloudflare.ts'
import { readIngress } from '../env.ts'
import { operator } from '../operator.ts'

type Env = QueueBindings & { readonly CHANGES: Producer } & Readonly<Record<string, unknown>>

const app = perIsolate((env: Env) => {
  const senders = parseSenders(readIngress(env) ?? '')
  return ingressApp(operator, { senders, queue: bufferedQueue(env.CHANGES), clock, report })
})

export default {
  fetch: (request: Request, env: Env) => app(env).fetch(request),
  queue: (batch: { readonly messages: readonly Buffered[] }, env: Env) =>
    unbuffer(batch, durableQueue(env), { report, random: Math.random }),
}
