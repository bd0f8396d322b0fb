/**
 * Asks a webhook, for admission or for conversion: the review is posted, the review in the answer comes back.
 */
import type { JsonObject } from '../resource.ts'
import { stringAt } from '../schema/equal.ts'
import type { Server } from '../server.ts'
import { addressOf, placeOf } from './address.ts'
import { BrokenAnswer, ClientFailure, WebhookFailure } from './failure.ts'
import { post } from './post.ts'
import { type Expected, reviewIn } from './reply.ts'

/** A webhook, and how it is asked. */
export interface Callee {
  /** Its `clientConfig`. */
  readonly config: JsonObject
  readonly timeoutSeconds: number
  /** What Go says after the URL when the time is over. */
  readonly timeoutText: string
}

/**
 * The review that was answered; undefined when it is of another version than `expected`. Rejects with a
 * {@link WebhookFailure} when there is none.
 */
export async function callWebhook(
  server: Server,
  { config, timeoutSeconds, timeoutText }: Callee,
  review: JsonObject,
  expected: Expected,
): Promise<JsonObject | undefined> {
  const ca = authorityOf(config)
  const { authority, path } = placeOf(config)
  const asked = `${path}?timeout=${Math.ceil(timeoutSeconds)}s`
  const reply = await reach().catch((error: unknown) => {
    if (!(error instanceof WebhookFailure) || error instanceof BrokenAnswer) throw error
    throw new WebhookFailure(`Post ${JSON.stringify(`https://${authority}${asked}`)}: ${error.message}`, {
      cause: error,
    })
  })
  return reviewIn(reply, expected)

  async function reach() {
    const body = JSON.stringify(review)
    return post(server, addressOf(server, config), { path: asked, body, ca, timeoutSeconds, timeoutText })
  }
}

/** The certificates of `caBundle`. Throws {@link ClientFailure} when it holds none. */
function authorityOf(config: JsonObject): string | undefined {
  const bundle = stringAt(config, 'caBundle')
  if (bundle === '') return undefined
  const pem = Buffer.from(bundle, 'base64').toString('utf8')
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem
  throw new ClientFailure('unable to load root certificates: unable to parse bytes as PEM block')
}
