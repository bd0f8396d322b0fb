/** A Worker for tests in the place of the queue's: what comes to the Durable Objects, or out of `fairlead-changes`, is posted on. */
import { DurableObject } from 'cloudflare:workers'
import type { Message } from '../../lib/index.ts'

interface Env {
  readonly SINK: string
}

const post = async (sink: string, path: string, body: unknown): Promise<void> =>
  void (await fetch(sink + path, { method: 'POST', body: JSON.stringify(body) }))

export class KeyQueue extends DurableObject<Env> {
  async add(messages: readonly Message[]) {
    await post(this.env.SINK, '/send', messages)
    return { key: `${messages[0]?.cluster}|`, place: 'ready' }
  }
}

export class QueueIndex extends DurableObject<Env> {
  note(): void {}
}

export default {
  fetch: () => new Response('ok'),
  queue: (batch: { readonly messages: readonly { readonly body: Message }[] }, env: Env) =>
    post(
      env.SINK,
      '/buffered',
      batch.messages.map(({ body }) => body),
    ),
}
