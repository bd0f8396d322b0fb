/**
 * A function URL: HTTP (or HTTPS) on loopback, each request an invocation in payload format 2.0.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { LambdaFunctionURLEvent } from 'aws-lambda'
import * as z from 'zod'
import { type Listening, listen, type Where } from '../../local/listen.ts'
import type { LocalFunction } from './function.ts'

interface UrlSettings extends Where {
  readonly fn: Pick<LocalFunction, 'invoke'>
}

const MOST_BYTES = 6 * 1024 * 1024

/** Listens on 127.0.0.1 until closed. */
export const startUrl = ({ fn, ...where }: UrlSettings): Promise<Listening> =>
  listen((request, response) => serve(fn, request, response), where)

async function serve(
  fn: Pick<LocalFunction, 'invoke'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await buffer(request)
  if (body.length > MOST_BYTES) return refuse(response, 413, 'Request Entity Too Large')
  const outcome = await fn.invoke(eventOf(request, body))
  if (outcome.type === 'returned') answer(response, outcome.value)
  // Who asks learns nothing of what went wrong.
  else refuse(response, 502, 'Internal Server Error')
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ Message: message }))
}

const isText = (type: string): boolean =>
  /^(text\/|application\/(.+\+)?(json|xml|javascript|x-www-form-urlencoded))/.test(type)

function eventOf(request: IncomingMessage, body: Buffer): LambdaFunctionURLEvent {
  const { pathname, search, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const { cookie, ...headers } = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values = []]) => [name, values.join(',')]),
  )
  const query = [...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name).join(',')])
  const type = headers['content-type'] ?? ''
  const isBase64Encoded = body.length > 0 && !isText(type)
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(query.length > 0 && { queryStringParameters: Object.fromEntries(query) }),
    requestContext: contextOf(request, pathname),
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  }
}

function contextOf(request: IncomingMessage, path: string): LambdaFunctionURLEvent['requestContext'] {
  const now = new Date()
  const { host = '', 'user-agent': userAgent = '' } = request.headers
  return {
    accountId: 'anonymous',
    apiId: 'local',
    domainName: host,
    domainPrefix: 'local',
    http: {
      method: request.method ?? 'GET',
      path,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: request.socket.remoteAddress ?? '',
      userAgent,
    },
    requestId: randomUUID(),
    routeKey: '$default',
    stage: '$default',
    time: now.toUTCString(),
    timeEpoch: now.getTime(),
  }
}

const structured = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
})

function answer(response: ServerResponse, value: unknown): void {
  const { success, data } = structured.safeParse(value)
  if (!success) {
    // Without a status it is a body.
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(typeof value === 'string' ? value : JSON.stringify(value))
    return
  }
  for (const [name, value] of Object.entries(data.headers ?? {})) response.setHeader(name, String(value))
  if (data.cookies?.length) response.setHeader('set-cookie', data.cookies)
  response.writeHead(data.statusCode)
  response.end(Buffer.from(data.body ?? '', data.isBase64Encoded ? 'base64' : 'utf8'))
}
