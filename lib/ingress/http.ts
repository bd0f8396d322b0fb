/**
 * The ingress over HTTP: one app for Node, Lambda and Workers. `POST /changes`, and `/healthz`. A batch is answered 202 once
 * the queue holds all of it; with anything else nothing of it is held for certain, and sending it again is harmless.
 */
import type { Context } from 'hono'
import { Hono } from 'hono/tiny'
import { BodyError, parseJson, readBytes } from '../body.ts'
import type { Clock } from '../clock.ts'
import { errorText } from '../fleet.ts'
import { type Acceptance, accept, type Format, MOST_BYTES, type Problem } from '../ingress.ts'
import type { Operator } from '../operator.ts'
import type { Queue } from '../queue.ts'
import type { Report } from '../report.ts'
import { authenticator } from './authenticate.ts'
import { isSignature } from './hmac.ts'
import type { Sender } from './senders.ts'

export interface IngressServing {
  readonly senders: readonly Sender[]
  readonly queue: Queue
  readonly clock: Clock
  readonly report: Report
  /** See `lib/ingress/oidc.ts`. */
  readonly cooldownSeconds?: number | undefined
}

/** Deeper than any object that an event may carry. */
const DEEPEST = 200

const BODY_SECONDS = 10

/** Until the sender tries again what the queue, or an issuer, could not do. */
const RETRY_SECONDS = 5

/** Problems that an answer names. */
const MOST_PROBLEMS = 16

interface Answer {
  readonly code: 202 | 400 | 401 | 403 | 408 | 413 | 415 | 422 | 503
  readonly body: {
    readonly error?: string
    readonly problems?: readonly Problem[]
    readonly accepted?: number
    readonly ignored?: number
    /** How many were ignored for which reason. */
    readonly because?: Readonly<Record<string, number>>
  }
  readonly sender?: string
  /** For whoever runs the ingress; never a part of the answer. */
  readonly detail?: string
}

/** The answers to whoever tells of changes of an operator's kinds. */
export function ingressApp(operator: Operator, serving: IngressServing): Hono {
  const receive = receiver(operator, serving)
  const app = new Hono()
  app.get('/healthz', (context) => context.text('ok'))
  app.post('/changes', async (context) => {
    const answer = await receive(context.req.raw)
    const { code, sender, detail = answer.body.error } = answer
    const { accepted = 0, ignored = 0 } = answer.body
    const told = { ...(sender !== undefined && { sender }), ...(detail !== undefined && { detail }) }
    serving.report({ type: 'received', code, accepted, ignored, ...told })
    return respond(context, answer)
  })
  app.notFound((context) => context.body(null, 404))
  return app
}

function respond(context: Context, { code, body }: Answer): Response {
  if (code === 401) context.header('www-authenticate', 'Bearer, Fairlead-HMAC-SHA256')
  if (code === 503) context.header('retry-after', String(RETRY_SECONDS))
  // What is left of a body that was not read to its end is nobody's.
  if (code === 408 || code === 413) context.header('connection', 'close')
  return context.json(body, code)
}

function receiver(operator: Operator, serving: IngressServing): (request: Request) => Promise<Answer> {
  const authenticate = authenticator(serving)
  const limits = { mostBytes: MOST_BYTES, seconds: BODY_SECONDS, clock: serving.clock }
  return async (request) => {
    let sender: Sender | undefined
    try {
      const body = await readBytes(request, limits)
      const format = formatOf(request.headers)
      if (format === undefined) return { code: 415, body: { error: CONTENT_RULE } }
      try {
        sender = await authenticate(authorizationOf(request.headers), { body, format })
      } catch (error) {
        return later('who is asking cannot be checked now', error)
      }
      // No word about what was wrong with credentials.
      if (sender === undefined) return { code: 401, body: { error: 'who is asking is not known' } }
      const answer = await answered(request.headers, { body, format, sender, operator, queue: serving.queue })
      return { ...answer, sender: sender.name }
    } catch (error) {
      if (!(error instanceof BodyError)) throw error
      const { code, message } = error
      const whose = sender === undefined ? {} : { sender: sender.name }
      return { code: code === 408 || code === 413 ? code : 400, body: { error: message }, ...whose }
    }
  }
}

const later = (error: string, cause: unknown): Answer => ({
  code: 503,
  body: { error },
  detail: `${error}: ${errorText(cause)}`,
})

interface Batch {
  readonly body: Uint8Array
  readonly format: Format | 'binary'
  readonly sender: Sender
  readonly operator: Operator
  readonly queue: Queue
}

/** Throws {@link BodyError}. */
async function answered(headers: Headers, { body, format, sender, operator, queue }: Batch): Promise<Answer> {
  const parsed = parseJson(body, DEEPEST)
  const acceptance =
    format === 'binary'
      ? accept(eventOf(headers, parsed), 'cloudevent', operator, sender.cluster)
      : accept(parsed, format, operator, sender.cluster)
  if (acceptance.type === 'refused') return refusal(acceptance)
  const { messages, ignored } = acceptance
  try {
    if (messages.length > 0) await queue.send(messages)
  } catch (error) {
    return later('the queue does not take it', error)
  }
  const count = Object.values(ignored).reduce((sum, one) => sum + one, 0)
  const because = count === 0 ? {} : { because: ignored }
  return { code: 202, body: { accepted: messages.length, ignored: count, ...because } }
}

function refusal({ code, problems }: Extract<Acceptance, { type: 'refused' }>): Answer {
  const error = `nothing is taken: ${problems.slice(0, 1).map(problemText).join()}`
  return { code, body: { error, problems: problems.slice(0, MOST_PROBLEMS) } }
}

const problemText = ({ index, field, rule }: Problem): string =>
  `${index === undefined ? '' : `entry ${index}: `}${field}: ${rule}`

const CONTENT_RULE =
  'content type must be application/json, application/cloudevents+json or application/cloudevents-batch+json, in UTF-8 and not encoded; a signed event has no attributes in headers'

/** `binary`: a CloudEvent whose attributes are headers, which no signature covers. */
function formatOf(headers: Headers): Format | 'binary' | undefined {
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') return undefined
  const pattern =
    /^application\/(json|cloudevents\+json|cloudevents-batch\+json)\s*(?:;\s*charset="?utf-8"?\s*)?$/i
  const [, type] = pattern.exec(headers.get('content-type') ?? '') ?? []
  if (type?.toLowerCase() === 'cloudevents+json') return 'cloudevent'
  if (type?.toLowerCase() === 'cloudevents-batch+json') return 'cloudevents'
  if (type === undefined) return undefined
  if (!headers.has('ce-specversion')) return 'json'
  return isSignature(authorizationOf(headers)) ? undefined : 'binary'
}

const authorizationOf = (headers: Headers): string => headers.get('authorization') ?? ''

/** The structured form of an event in binary mode. */
const eventOf = (headers: Headers, data: unknown): object => ({
  ...Object.fromEntries(
    ['specversion', 'id', 'source', 'type'].map((name) => [name, headers.get(`ce-${name}`)]),
  ),
  data,
})
