/**
 * From what went wrong to the one error that others see: a Status of the API server, an answer that is none, or no answer
 * at all become an ApiError whose message is bounded and names the call. No body, object or token gets into it.
 */
import { ApiError, type ApiErrorDetails, type Resource, type TransportResponse } from '../kube.ts'

/** What was asked, for messages and for those who count calls. */
export interface Asked {
  readonly verb: Verb
  readonly resource: Resource<unknown>
  readonly key?: Target | undefined
}

/** The object, or as much of it as the call names: a list has a namespace, a create may have no name yet. */
export interface Target {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'

const MESSAGE_LIMIT = 1024
const VALUE_LIMIT = 120
const CAUSES_LIMIT = 32
/** A refusal may quote the refused object (an object has up to 1.5 MiB), so its text is longer than its message will be. */
const TEXT_LIMIT = 4 * 1024 * 1024

/** Reasons for answers that give none (client-go `NewGenericServerResponse`). */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** `patch Deployment default/web`: how messages name a call. */
export function callText({ verb, resource, key }: Asked): string {
  const place = [key?.namespace, key?.name].filter((part) => part !== undefined).join('/')
  return `${verb} ${resource.kind}${place === '' ? '' : ` ${place}`}`
}

/** The whole text of an answer. Throws RangeError when it is longer than `limit` characters. */
export async function readText(body: AsyncIterable<string>, limit: number): Promise<string> {
  let text = ''
  for await (const chunk of body) {
    text += chunk
    if (text.length > limit) throw new RangeError(`the answer is longer than ${limit} characters`)
  }
  return text
}

/** The error of an answer outside 2xx; reads its body. `now` (ms) turns a Retry-After date into seconds. */
export async function refusal(asked: Asked, response: TransportResponse, now: number): Promise<ApiError> {
  const text = await readText(response.body, TEXT_LIMIT).catch((error: unknown) => {
    if (error instanceof RangeError) return ''
    throw error
  })
  const { status } = response
  const after = retryAfterSeconds(response.headers['retry-after'], now)
  return fromStatus(parseJson(text), status, after) ?? strangeRefusal(asked, status, after)
}

/**
 * No API server answers 403 without a Status: what does stands before it (a firewall, an access policy, a challenge), and no
 * permission of ours is missing.
 */
function strangeRefusal(asked: Asked, status: number, after: number | undefined): ApiError {
  const text = `${callText(asked)}: answered ${status} without a Status`
  const details = after === undefined ? undefined : { retryAfterSeconds: after }
  if (status !== 403) return new ApiError(status, REASONS[status] ?? 'Unknown', text, details)
  return new ApiError(0, 'Unreachable', `${text}, which comes from something before the API server`, details)
}

/**
 * The error that a Status stands for, whether it was an answer or an ERROR line of a watch; undefined when `status` is no
 * Status. `code` serves when it names none; `after` are the seconds of a Retry-After header.
 */
export function fromStatus(status: unknown, code: number, after?: number): ApiError | undefined {
  if (!isRecord(status) || status.kind !== 'Status') return undefined
  const actual = typeof status.code === 'number' ? status.code : code
  const reason = textOf(status.reason) ?? REASONS[actual] ?? 'Unknown'
  const message = textOf(status.message) ?? `the server answered ${actual} ${reason}`
  return new ApiError(actual, reason, withoutObjects(message), toDetails(status.details, after))
}

/** No answer: the connection failed or broke. An ApiError stays what it is. */
export function unreachable(asked: Asked, server: string | undefined, error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const problem = error instanceof Error ? error.message : 'the connection failed'
  const message = `${callText(asked)}: no answer from ${server ?? 'the API server'}: ${problem}`
  return new ApiError(0, 'Unreachable', cut(message), undefined, { cause: error })
}

/** A success that is not what was asked for: a login page, half a line. The text itself stays out of the message. */
export const badAnswer = (asked: Asked, code: number, problem: string): ApiError =>
  new ApiError(code, 'BadAnswer', `${callText(asked)}: ${problem}`)

/** Seconds of a Retry-After header: a number or an HTTP date. One that cannot be read counts as 1 s. */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header)) return Math.max(1, Number(header))
  const date = Date.parse(header)
  return Number.isNaN(date) ? 1 : Math.max(1, Math.ceil((date - now) / 1000))
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const cut = (text: string): string =>
  text.length <= MESSAGE_LIMIT ? text : `${text.slice(0, MESSAGE_LIMIT - 1)}…`

/**
 * Validation errors quote the value that they refuse, and for some patches that is the whole object. A webhook that cannot be
 * reached is named by its URL, whose path may be a secret.
 */
const withoutObjects = (message: string): string =>
  cut(
    message
      .replace(/"(https:\/\/[^/"]+)\/[^"]*"/g, '"$1/..."')
      .replace(/Invalid value: ("(?:[^"\\]|\\.)*"|\{.*\}(?=: ))/g, (quoted: string, value: string) =>
        value.length <= VALUE_LIMIT ? quoted : `Invalid value: (${value.length} characters)`,
      ),
  )

function toDetails(details: unknown, after: number | undefined): ApiErrorDetails | undefined {
  const known = isRecord(details) ? details : {}
  const seconds = after ?? (Number(known.retryAfterSeconds) || undefined)
  const causes = Array.isArray(known.causes)
    ? known.causes.filter(isRecord).slice(0, CAUSES_LIMIT).map(toCause)
    : undefined
  const some = {
    ...pick(known, ['name', 'group', 'kind']),
    ...(causes === undefined ? {} : { causes }),
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  }
  return Object.keys(some).length === 0 ? undefined : some
}

const toCause = (cause: Readonly<Record<string, unknown>>) => pick(cause, ['reason', 'field', 'message'])

function pick<K extends string>(from: Readonly<Record<string, unknown>>, names: readonly K[]) {
  const picked: { [name in K]?: string } = {}
  for (const name of names) {
    const text = textOf(from[name])
    if (text !== undefined) picked[name] = withoutObjects(text)
  }
  return picked
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is an expected answer of proxies and of paths that are not served; the caller says so.
    return undefined
  }
}
