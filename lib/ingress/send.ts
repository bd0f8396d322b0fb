/**
 * The sender's side: a queue that posts its messages to an ingress. It does not retry: a throw is for whoever holds the
 * messages (the relay keeps them and sends them again).
 */
import { parseJson, readBytes } from '../body.ts'
import type { Clock } from '../clock.ts'
import { MOST_BYTES, MOST_ENTRIES } from '../ingress.ts'
import { isObject } from '../json.ts'
import type { Message } from '../message.ts'
import type { Queue } from '../queue.ts'
import { isTrusted, URL_RULE } from './address.ts'
import { type SigningKey, signatureOf } from './hmac.ts'

/** Read for each request: projected tokens are renewed. Or a key that is shared with the ingress. */
export type Credentials = { readonly token: () => Promise<string> } | { readonly key: SigningKey }

export interface Ingress {
  /** With its path: `https://HOST/changes`. */
  readonly url: string
  readonly credentials: Credentials
  readonly clock: Clock
  /** For one request and its answer. Default 30. */
  readonly timeoutSeconds?: number
}

const TIMEOUT_SECONDS = 30

/** Of an answer. */
const MOST_ANSWER = 64 * 1024
const DEEPEST = 16
const LONGEST_REASON = 512

/**
 * A queue at the other end of an ingress. More messages than one request may hold go in several, one after the other: where a
 * later one fails the earlier ones are held, and sending all again is harmless. Throws an Error that names the host, the status
 * and the reason, and never the credentials; at once, for a URL that must not have them.
 */
export function ingressQueue(ingress: Ingress): Queue {
  if (!isTrusted(ingress.url)) throw new Error(`ingress: the URL ${URL_RULE}`)
  return {
    async send(messages) {
      for (const body of bodiesOf(messages)) await post(body, ingress)
    },
  }
}

const HEAD = '{"messages":['
const TAIL = ']}'

/** Bodies within the limits of an ingress. */
export function bodiesOf(messages: readonly Message[]): Uint8Array<ArrayBuffer>[] {
  const encoder = new TextEncoder()
  const batches: string[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const message of messages) {
    const text = JSON.stringify(message)
    const bytes = encoder.encode(text).length + 1
    const last = batches.at(-1)
    if (last === undefined || last.length >= MOST_ENTRIES || size + bytes > MOST_BYTES) {
      batches.push([text])
      size = HEAD.length + TAIL.length + bytes
    } else {
      last.push(text)
      size += bytes
    }
  }
  return batches.map((texts) => encoder.encode(`${HEAD}${texts.join(',')}${TAIL}`))
}

async function post(body: Uint8Array<ArrayBuffer>, ingress: Ingress): Promise<void> {
  const { url, credentials, clock, timeoutSeconds = TIMEOUT_SECONDS } = ingress
  const authorization =
    'token' in credentials
      ? `Bearer ${(await credentials.token()).trim()}`
      : await signatureOf(credentials.key, { body, format: 'json' }, clock.now())
  const late = new AbortController()
  const cancel = clock.after(timeoutSeconds * 1000, () =>
    late.abort(new Error(`no answer within ${timeoutSeconds} s`)),
  )
  const asked = {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body,
    // Credentials go nowhere but to the URL that was given.
    redirect: 'manual' as const,
    signal: late.signal,
  }
  try {
    const response = await fetch(url, asked)
    const reason = await reasonOf(response, clock)
    if (response.status !== 202) throw new Error(`${response.status}${reason}`)
  } catch (error) {
    const { host } = new URL(url)
    throw new Error(`ingress ${host}: ${textOf(late.signal.aborted ? late.signal.reason : error)}`, {
      cause: error,
    })
  } finally {
    cancel()
  }
}

/** What the ingress says, or what its status means here; the body is read in any case, so that the connection is free again. */
async function reasonOf(response: Response, clock: Clock): Promise<string> {
  const limits = { mostBytes: MOST_ANSWER, seconds: TIMEOUT_SECONDS, clock }
  const said = await readBytes(response, limits).then(
    (bytes) => (bytes.length === 0 ? undefined : parsed(bytes)),
    () => undefined,
  )
  if (response.status === 401) return ': the token or key is none that its setting FAIRLEAD_INGRESS allows'
  if (response.status >= 300 && response.status < 400) return ': a redirect, which is not followed'
  return typeof said === 'string' ? `: ${said.slice(0, LONGEST_REASON)}` : ''
}

function parsed(bytes: Uint8Array): unknown {
  try {
    const answer = parseJson(bytes, DEEPEST)
    return isObject(answer) ? answer.error : undefined
  } catch {
    return undefined
  }
}

/** A fetch that failed says why in its cause. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause, message } = error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}
