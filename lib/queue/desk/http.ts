/**
 * The desk over HTTP, for people and their tools: `GET /queue` (how many keys are where), `GET /queue/parked` and `/queue/pending` (`?limit=&after=`), `POST
 * /queue/redrive` and `/queue/drop` with `{"keys": [...]}` or `{"all": true}`, all with a key as a bearer token, and `/healthz`.
 * Whoever shows no key hears 401, whatever was asked for, and nothing else.
 */
import type { Context } from 'hono'
import { Hono } from 'hono/tiny'
import * as z from 'zod'
import { BodyError, parseJson, readBytes } from '../../body.ts'
import type { Clock } from '../../clock.ts'
import { errorText } from '../../fleet.ts'
import type { Keys } from '../../mac.ts'
import type { Report } from '../../report.ts'
import type { Desk } from '../desk.ts'
import { bearerVerifier } from './bearer.ts'

export interface DeskServing {
  /** Secrets by key id: FAIRLEAD_QUEUE_KEYS. */
  readonly keys: Keys
  readonly clock: Clock
  readonly queue: Desk
  /** Hears why the queue did not answer (`store`). */
  readonly report: Report
}

/** Of a page: each key is asked how it stands. */
const MOST_ITEMS = 100
/** Of an order. */
const MOST_KEYS = 1_000

/** Of a body: more than {@link MOST_KEYS} keys. */
const MOST_BYTES = 1024 * 1024
const DEEPEST = 4
const BODY_SECONDS = 10

/** Until whoever asks tries again what the queue could not do. */
const RETRY_SECONDS = 5

const limitRule = `must be a whole number from 1 to ${MOST_ITEMS}`
const querySchema = z.object({
  limit: z.coerce
    .number(limitRule)
    .int(limitRule)
    .min(1, limitRule)
    .max(MOST_ITEMS, limitRule)
    .default(MOST_ITEMS),
  after: z.string().optional(),
})

const orderSchema = z
  .strictObject({
    keys: z.array(z.string(), 'must be a list of keys').min(1).max(MOST_KEYS).optional(),
    all: z.literal(true, 'must be true').optional(),
  })
  .refine(({ keys, all }) => (keys === undefined) !== (all === undefined), 'must have either keys or all')

/** What is asked for breaks a rule of ours. */
class Refused extends Error {}

/** The answers of a desk. An order that is given twice is carried out once. */
export function queueApp({ keys, clock, queue, report }: DeskServing): Hono {
  const isKnown = bearerVerifier(keys)
  const app = new Hono()
  app.get('/healthz', (context) => context.text('ok'))
  app.use(async (context, next) => {
    if (!(await isKnown(context.req.header('authorization') ?? ''))) return stranger(context)
    context.header('cache-control', 'no-store')
    return await next()
  })
  app.get('/queue', async (context) => context.json({ clusters: await queue.depths() }))
  app.all('/queue', (context) => context.body(null, 405, { allow: 'GET, HEAD' }))
  for (const list of ['parked', 'pending'] as const) {
    app.get(`/queue/${list}`, async (context) => {
      const query = checked(querySchema, context.req.query())
      return context.json(await queue[list](query))
    })
    app.all(`/queue/${list}`, (context) => context.body(null, 405, { allow: 'GET, HEAD' }))
  }
  for (const verb of ['redrive', 'drop'] as const) {
    app.post(`/queue/${verb}`, async (context) => {
      const { keys: named = 'all' } = await readOrder(context.req.raw, clock)
      return context.json({ count: await carryOut(queue, verb, named) })
    })
    app.all(`/queue/${verb}`, (context) => context.body(null, 405, { allow: 'POST' }))
  }
  app.notFound((context) => context.body(null, 404))
  app.onError((error, context) => failed(context, error, report))
  return app
}

/** No word about what was wrong with a key. */
const stranger = (context: Context): Response => context.body(null, 401, { 'www-authenticate': 'Bearer' })

async function readOrder(request: Request, clock: Clock): Promise<z.output<typeof orderSchema>> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type))
    throw new BodyError(415, 'UnsupportedMediaType', 'content type must be application/json')
  const bytes = await readBytes(request, { mostBytes: MOST_BYTES, seconds: BODY_SECONDS, clock })
  return checked(orderSchema, parseJson(bytes, DEEPEST))
}

/** All: page by page, each from where the one before ended, whatever became of its keys. */
async function carryOut(
  queue: Desk,
  verb: 'redrive' | 'drop',
  keys: readonly string[] | 'all',
): Promise<number> {
  if (keys !== 'all') return await queue[verb](keys)
  let count = 0
  let after: string | undefined
  do {
    const { items, next } = await queue.parked({ limit: MOST_ITEMS, after })
    if (items.length > 0) count += await queue[verb](items.map(({ key }) => key))
    after = next
  } while (after !== undefined)
  return count
}

/** Throws {@link Refused} with a rule, never with a value. */
function checked<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(input)
  if (error === undefined) return data
  const [{ path, message } = { path: [], message: 'must be another' }] = error.issues
  throw new Refused(`${path.map(String).join('.') || 'body'}: ${message}`)
}

function failed(context: Context, error: Error, report: Report): Response {
  if (error instanceof Refused) return context.json({ error: error.message }, 422)
  if (error instanceof BodyError) {
    const code = ([408, 413, 415] as const).find((known) => known === error.code) ?? 400
    // What is left of a body that was not read to its end is nobody's.
    if (code === 408 || code === 413) context.header('connection', 'close')
    return context.json({ error: error.message }, code)
  }
  report({ type: 'store', store: 'queue', state: 'refusing', detail: errorText(error) })
  context.header('retry-after', String(RETRY_SECONDS))
  return context.json({ error: 'the queue does not answer' }, 503)
}
