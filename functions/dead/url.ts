/** The keys that were given up by a queue elsewhere, whose desk (`lib/queue/desk/http.ts`) is asked over HTTP. */
import * as z from 'zod'
import { parseJson, readBytes } from '../../lib/body.ts'
import { systemClock as clock, type Parked } from '../../lib/index.ts'
import { isTrusted, URL_RULE } from '../../lib/ingress/address.ts'
import { readQueueKey } from '../env.ts'
import type { DeadPlace } from './state.ts'

const TIMEOUT_SECONDS = 30
/** Of an answer: a page of 100 messages, each as large as Cloudflare Queues takes it (128 KB). */
const MOST_BYTES = 16 * 1024 * 1024
const DEEPEST = 200
/** Keys of one request. */
const MOST_KEYS = 500

const pageSchema = z.object({
  items: z.array(z.object({ key: z.string(), body: z.unknown(), reason: z.string(), since: z.number() })),
  next: z.string().optional(),
})
const countSchema = z.object({ count: z.int().min(0) })

/** Asks with the key of FAIRLEAD_QUEUE_KEY. Throws, before anything is sent, for a URL that must not have it. */
export function openUrl(base: string): DeadPlace {
  if (!isTrusted(base)) throw new Error(`--url ${URL_RULE}`)
  const using = { base: new URL(base.endsWith('/') ? base : `${base}/`), key: readQueueKey() }
  return {
    name: using.base.host,
    list: () => list(using),
    async order(verb, keys) {
      let count = 0
      for (let from = 0; from < keys.length; from += MOST_KEYS) {
        const body = JSON.stringify({ keys: keys.slice(from, from + MOST_KEYS) })
        count += (await ask(using, `queue/${verb}`, countSchema, body)).count
      }
      return count
    },
    close() {},
  }
}

interface Using {
  readonly base: URL
  readonly key: string
}

/** The oldest first. */
async function list(using: Using): Promise<readonly Parked[]> {
  const parked: Parked[] = []
  let after: string | undefined
  do {
    const query = new URLSearchParams(after === undefined ? {} : { after })
    const { items, next } = await ask(using, `queue/parked?${query}`, pageSchema)
    parked.push(...items)
    after = next
  } while (after !== undefined)
  return parked.toSorted((one, other) => one.since - other.since)
}

/** A GET, or the POST of a body. Throws an Error that names the host and what is wrong, never the key. */
async function ask<Schema extends z.ZodType>(
  { base, key }: Using,
  path: string,
  schema: Schema,
  body?: string,
): Promise<z.output<Schema>> {
  try {
    const response = await fetch(new URL(path, base), {
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      // The key goes nowhere but to the URL that was given.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_SECONDS * 1000),
      ...(body !== undefined && { method: 'POST', body }),
    })
    const bytes = await readBytes(response, { mostBytes: MOST_BYTES, seconds: TIMEOUT_SECONDS, clock })
    if (response.status !== 200) throw new Error(problemOf(response.status, bytes))
    return schema.parse(parseJson(bytes, DEEPEST))
  } catch (error) {
    throw new Error(`${base.host}: ${textOf(error)}`, { cause: error })
  }
}

function problemOf(status: number, bytes: Uint8Array): string {
  if (status === 401) return '401: FAIRLEAD_QUEUE_KEY is none of the keys in its FAIRLEAD_QUEUE_KEYS'
  if (status === 404) return '404: there is no queue at this URL'
  if (status >= 300 && status < 400) return `${status}: a redirect, which is not followed`
  const said = z.object({ error: z.string() }).safeParse(tryParse(bytes))
  return said.success ? `${status}: ${said.data.error.slice(0, 512)}` : String(status)
}

function tryParse(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes, DEEPEST)
  } catch {
    return undefined
  }
}

function textOf(error: unknown): string {
  if (error instanceof z.ZodError) return 'what answers is not the desk of a queue'
  if (!(error instanceof Error)) return String(error)
  // A fetch that failed says why in its cause.
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
