/** The verbs that send one request, or the same one until something holds. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, type Looked, shape } from '../replay/answer.ts'
import type { Connection } from '../replay/connect.ts'
import { isObject, type Json, type JsonObject } from '../replay/json.ts'
import { type Condition, holds, lookup } from '../replay/pointer.ts'
import type { Request } from '../replay/scenario.ts'
import { clean, type Masks, type Notes, type Page, write } from './page.ts'

export interface LookOptions extends Notes {
  /** Only these pointers of the body are kept. */
  readonly pick?: readonly string[]
  /** Why the body is not kept. */
  readonly ignoreBody?: string
  readonly mask?: Masks
  readonly accept?: string
}

export interface RequestOptions extends LookOptions {
  /** The content type, where it is not the verb's own. */
  readonly ct?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface ApplyOptions extends RequestOptions {
  /** The field manager (default: `one`); null sends none. */
  readonly fm?: string | null
  readonly force?: boolean
  /** More of the query. */
  readonly q?: string
}

export interface WaitOptions extends LookOptions {
  /** Seconds (default: 30). */
  readonly within?: number
}

/** A body as sources read it: they know what they have asked for. */
export interface Body {
  readonly kind: string
  readonly metadata: { readonly [field: string]: Json }
  readonly spec: { readonly [field: string]: Json }
  readonly [field: string]: unknown
}

/** An answer, with what sources mostly take from it; an empty text is what is not there. */
export interface Reply {
  /** The id of its step. */
  readonly id: string
  readonly status: number
  readonly body: Body
  readonly rv: string
  readonly uid: string
  readonly name: string
  /** What stands at a pointer of the body. Throws where nothing does. */
  at(pointer: string): Json
}

type Verb = (path: string, body?: unknown, options?: RequestOptions) => Promise<Reply>

export interface RequestVerbs {
  req(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Reply>
  get(path: string, options?: RequestOptions): Promise<Reply>
  readonly post: Verb
  readonly put: Verb
  readonly del: Verb
  /** Patches: JSON, merge, strategic merge, apply. */
  readonly json: Verb
  readonly merge: Verb
  readonly smp: Verb
  apply(path: string, body: unknown, options?: ApplyOptions): Promise<Reply>
  /** Repeats a GET until all conditions hold; what does not come true in time is a warning. */
  wait(path: string, until: readonly Condition[], options?: WaitOptions): Promise<Reply>
}

const POLL_MS = 30
const WAIT_SECONDS = 30

/** The verbs, writing on a page. */
export function requestVerbs(connection: Connection, page: Page): RequestVerbs {
  const req = (method: string, path: string, body?: unknown, options: RequestOptions = {}) =>
    send(connection, page, toRequest(method, path, body, options), options)
  const patch =
    (type: string): Verb =>
    (path, body, options) =>
      req('PATCH', path, body, { ct: `application/${type}`, ...options })
  const verb =
    (method: string): Verb =>
    (path, body, options) =>
      req(method, path, body, options)
  const apply = patch('apply-patch+yaml')
  return {
    req,
    get: (path, options) => req('GET', path, undefined, options),
    post: verb('POST'),
    put: verb('PUT'),
    del: verb('DELETE'),
    json: patch('json-patch+json'),
    merge: patch('merge-patch+json'),
    smp: patch('strategic-merge-patch+json'),
    apply: (path, body, options = {}) => apply(path + applyQuery(options), body, options),
    wait: (path, until, options = {}) => wait(connection, page, path, until, options),
  }
}

/** `?fieldManager=one&force=true&...`, as the source writes it: values are not encoded here. */
function applyQuery({ fm = 'one', force, q }: ApplyOptions): string {
  const parts = [
    ...(fm === null ? [] : [`fieldManager=${fm}`]),
    ...(force ? ['force=true'] : []),
    ...(q ? [q] : []),
  ]
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

function toRequest(method: string, path: string, body: unknown, options: RequestOptions): Request {
  const headers = {
    ...(body === undefined ? {} : { 'content-type': options.ct ?? 'application/json' }),
    ...(options.accept ? { accept: options.accept } : {}),
    ...options.headers,
  }
  return {
    method,
    path,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    // As it will stand in the file: members that are undefined are not sent.
    ...(body === undefined ? {} : { body: JSON.parse(JSON.stringify(body)) }),
  }
}

async function send(
  connection: Connection,
  page: Page,
  request: Request,
  options: RequestOptions,
): Promise<Reply> {
  const answer = await connection.request(request)
  const id = write(page, { request, response: looked(answer, options) }, answer.body, options)
  const reply = toReply(id, answer)
  const made = madePath(request, reply)
  if (made !== undefined) clean(page, made)
  return reply
}

/** What a POST has made outside of namespaces, and the namespace itself, is deleted at the end. */
function madePath({ method, path }: Request, { status, name }: Reply): string | undefined {
  if (method !== 'POST' || status !== 201 || name === '' || path.includes('dryRun=')) return undefined
  const [collection = ''] = path.split('?')
  const isShared = /^\/apis?\//.test(collection) && !collection.includes('/namespaces/')
  // Reviews are answered and not kept; what does not end in s is no collection.
  if (!isShared || !collection.endsWith('s') || /reviews?$/.test(collection)) return undefined
  return `${collection}/${name}`
}

async function wait(
  connection: Connection,
  page: Page,
  path: string,
  until: readonly Condition[],
  options: WaitOptions,
): Promise<Reply> {
  const { within = WAIT_SECONDS, accept } = options
  const headers = accept ? { headers: { accept } } : {}
  const end = performance.now() + within * 1000
  const ask = () => connection.request({ method: 'GET', path, ...headers })
  const isThere = (answer: Answer) => until.every((condition) => holds(condition, answer))
  let answer = await ask()
  while (!isThere(answer) && performance.now() < end) {
    await delay(POLL_MS)
    answer = await ask()
  }
  if (!isThere(answer)) page.warnings.push(`wait ${path}: not within ${within} s`)
  const fields = {
    wait: { path, ...headers },
    until,
    withinSeconds: within,
    response: looked(answer, options),
  }
  return toReply(write(page, fields, answer.body, options), answer)
}

/** What of an answer is written down, and that it is not all. */
function looked(answer: Answer, { pick, ignoreBody, mask }: LookOptions): object {
  const wanted: Looked = {
    ...(pick ? { pick: Object.fromEntries(pick.map((pointer) => [pointer, null])) } : {}),
    ...(ignoreBody ? { bodyIgnored: ignoreBody } : {}),
    ...(mask && Object.keys(mask).length > 0 ? { mask } : {}),
  }
  const { pick: _pick, ...said } = wanted
  return { ...shape(answer, wanted), ...said }
}

function toReply(id: string, { status, body }: Answer): Reply {
  const text = (pointer: string): string => {
    const value = lookup(body, pointer)
    return typeof value === 'string' ? value : ''
  }
  return {
    id,
    status,
    body: (isObject(body) ? body : {}) as Body & JsonObject,
    rv: text('/metadata/resourceVersion'),
    uid: text('/metadata/uid'),
    name: text('/metadata/name'),
    at(pointer) {
      const value = lookup(body, pointer)
      if (value === undefined) throw new Error(`step ${id}: the answer has no ${pointer}`)
      return value
    },
  }
}
