/**
 * Reviews over HTTP: one app for Node, Lambda and Workers. `POST <capability>/{validate|mutate|convert}/<name>`, and
 * `/healthz`. Everything that is asked on a path that is right is answered 200 with a review that says what is wrong
 * (controller-runtime's way, so that the refusal reaches whoever asked); every other path is 404 and nothing else.
 */
import type { Context } from 'hono'
import { Hono } from 'hono/tiny'
import type { Clock } from '../clock.ts'
import { convert } from '../convert.ts'
import type { Kube } from '../kube.ts'
import type { Operator } from '../operator.ts'
import type { Report } from '../report.ts'
import { review } from '../review.ts'
import { readJson } from './body.ts'
import { type Keys, verifier } from './capability.ts'

export interface ReviewServing {
  readonly keys: Keys
  readonly clock: Clock
  readonly report: Report
  /** What review functions may read with: one client, or one for the cluster that asks, by its name in the path. */
  readonly api?: Kube | ((cluster: string) => Kube | undefined) | undefined
  /** Serves `/metrics` with this text, to whoever can reach the port. */
  readonly metrics?: () => string
}

type Serving = Pick<ReviewServing, 'clock' | 'report' | 'api'>
type Answerer = (asked: Promise<unknown>, request: Request, cluster: string) => Promise<object>

/** The answers to the requests of one operator's webhooks. */
export function reviewApp(operator: Pick<Operator, 'reviews' | 'conversions'>, serving: ReviewServing): Hono {
  const answerers = answerersOf(operator, serving)
  const isCapable = verifier(serving.keys)
  const app = new Hono()
  app.get('/healthz', (context) => context.text('ok'))
  app.get('/readyz', (context) => context.text('ok'))
  const { metrics } = serving
  if (metrics !== undefined) app.get('/metrics', (context) => context.text(metrics()))
  app.post('/v1/:cluster/:key/:mac/:verb/:name', async (context) => {
    const { cluster, key, mac, verb, name } = context.req.param()
    const isAllowed = await isCapable({ cluster, keyId: key, mac })
    const answerer = answerers.get(`${verb}/${name}`)
    if (!isAllowed || answerer === undefined) return nothing(context)
    return await answered(context, { answerer, cluster }, serving.clock)
  })
  app.notFound(nothing)
  return app
}

/** No word about what was wrong with a path. */
const nothing = (context: Context): Response => context.body(null, 404)

async function answered(
  context: Context,
  { answerer, cluster }: { readonly answerer: Answerer; readonly cluster: string },
  clock: Clock,
): Promise<Response> {
  const asked = readJson(context.req.raw, clock)
  // What is left of a body that was not read to its end is nobody's.
  asked.catch(() => context.header('connection', 'close'))
  return context.json(await answerer(asked, context.req.raw, cluster))
}

function answerersOf(
  { reviews, conversions }: Pick<Operator, 'reviews' | 'conversions'>,
  { api, ...serving }: Serving,
): ReadonlyMap<string, Answerer> {
  const answerers = new Map<string, Answerer>()
  for (const one of reviews)
    for (const verb of ['validate', 'mutate'] as const)
      answerers.set(`${verb}/${one.name}`, (asked, { url }, cluster) => {
        const apiHere = typeof api === 'function' ? api(cluster) : api
        return review(asked, verb, one, { ...serving, api: apiHere, timeoutSeconds: timeoutOf(url) })
      })
  for (const one of conversions) answerers.set(`convert/${one.name}`, (asked) => convert(asked, one, serving))
  return answerers
}

/** The API server says how long it waits: `?timeout=5s`. */
function timeoutOf(url: string): number | undefined {
  const seconds = Number(/[?&]timeout=(\d{1,2})s(&|$)/.exec(url)?.[1] ?? Number.NaN)
  return seconds >= 1 && seconds <= 30 ? seconds : undefined
}
