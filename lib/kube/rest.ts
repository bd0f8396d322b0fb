/**
 * The REST logic of the port: calls of `Kube` in, requests of a `Transport` out, answers parsed. It runs wherever a
 * transport does (Node, workerd), so nothing of a platform is imported here. It keeps nothing between calls.
 */
import { type Clock, systemClock } from '../clock.ts'
import {
  ApiError,
  apiVersionOf,
  type DeleteOptions,
  type GetOptions,
  type Key,
  type Kube,
  type ListOptions,
  type Page,
  type Patch,
  type Resource,
  type Transport,
  type WatchLine,
  type WatchOptions,
  type WriteOptions,
} from '../kube.ts'
import { badAnswer, isRecord, readText } from './failure.ts'
import { readLines } from './lines.ts'
import { badRequest, pathOf, queryOf } from './path.ts'
import {
  bodyOf,
  deleteBody,
  listQuery,
  patchBody,
  patchQuery,
  placeOf,
  toHeaders,
  watchQuery,
  writeQuery,
} from './request.ts'
import { type Call, failureOf, type Line, type SentCall, send } from './send.ts'

export type { SentCall } from './send.ts'

export interface ConnectOptions {
  readonly clock?: Clock
  /** Names the program to the server; also the field manager of writes that name none. */
  readonly userAgent?: string
  /** How long answers with Retry-After are waited for, from the first of them on. */
  readonly retryBudgetSeconds?: number
  /** In [0, 1). */
  readonly random?: () => number
  /** Told of each request as it was answered or failed, repeated ones included. Must not throw. */
  readonly onCall?: (call: SentCall) => void
  /** Characters of an answer at most. Default 256 Mi: V8 ends at 512 Mi. */
  readonly answerLimit?: number | undefined
}

interface Connection extends Line {
  readonly headers: ReturnType<typeof toHeaders>
  readonly answerLimit: number
}

/** More than the largest list that a worker should hold. */
const ANSWER_LIMIT = 256 * 1024 * 1024

/** The client that talks through `transport`. Opens nothing until it is called; closing the transport is the caller's. */
export function connect(transport: Transport, options: ConnectOptions = {}): Kube {
  const connection: Connection = {
    transport,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    retryBudgetSeconds: options.retryBudgetSeconds ?? 10,
    onCall: options.onCall,
    headers: toHeaders(options.userAgent ?? 'fairlead'),
    answerLimit: options.answerLimit ?? ANSWER_LIMIT,
  }
  return {
    get: (resource, key, choice = {}) => get(connection, resource, key, choice),
    list: (resource, choice = {}) => list(connection, resource, choice),
    watch: (resource, choice) => watch(connection, resource, choice),
    create: (resource, object, choice = {}) => create(connection, resource, object, choice),
    update: (resource, object, choice = {}) => update(connection, resource, object, choice),
    patch: (resource, key, change, choice = {}) => patch(connection, { resource, key }, change, choice),
    delete: (resource, key, choice = {}) => remove(connection, resource, key, choice),
  }
}

async function get<T>(connection: Connection, resource: Resource<T>, key: Key, options: GetOptions) {
  const query = options.notOlderThan === undefined ? '' : queryOf({ resourceVersion: options.notOlderThan })
  const { object, metadata } = connection.headers
  const request = {
    method: 'GET' as const,
    path: pathOf(resource, key) + query,
    headers: options.as === 'metadata' ? metadata : object,
    signal: options.signal,
  }
  try {
    return await answerOf<T>(connection, { verb: 'get', resource, key, request })
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

async function list<T>(
  connection: Connection,
  resource: Resource<T>,
  options: ListOptions,
): Promise<Page<T>> {
  const { object, metadataList } = connection.headers
  const request = {
    method: 'GET' as const,
    path: pathOf(resource, options) + queryOf(listQuery(options)),
    headers: options.as === 'metadata' ? metadataList : object,
    signal: options.signal,
  }
  const call = { verb: 'list' as const, resource, key: { namespace: options.namespace }, request }
  return toPage<T>(call, await answerOf<object>(connection, call))
}

async function* watch<T>(
  connection: Connection,
  resource: Resource<T>,
  options: WatchOptions,
): AsyncGenerator<WatchLine<T>, void, undefined> {
  const { watch: whole, watchMetadata } = connection.headers
  const request = {
    method: 'GET' as const,
    path: pathOf(resource, options) + queryOf(watchQuery(options)),
    headers: options.as === 'metadata' ? watchMetadata : whole,
    signal: options.signal,
  }
  const call = { verb: 'watch' as const, resource, key: { namespace: options.namespace }, request }
  const response = await send(connection, call)
  try {
    for await (const line of readLines<T>(response.body, call)) {
      options.signal?.throwIfAborted()
      yield line
    }
  } catch (error) {
    throw failureOf(connection, call, error)
  }
  options.signal?.throwIfAborted()
}

async function create<T>(
  connection: Connection,
  resource: Resource<T>,
  object: object,
  options: WriteOptions,
) {
  const { namespace, name } = placeOf(object)
  if (resource.namespaced && namespace === undefined)
    throw badRequest(resource, 'metadata.namespace is missing, and the kind is namespaced')
  // A subresource is created at its object's path (`pods/eviction`); an object at its collection's.
  const { subresource } = options
  const place = subresource === undefined ? { namespace } : { namespace, name, subresource }
  const request = {
    method: 'POST' as const,
    path: pathOf(resource, place) + queryOf(writeQuery(options)),
    headers: connection.headers.write,
    body: bodyOf(resource, object, options),
    signal: options.signal,
  }
  return answerOf<T>(connection, { verb: 'create', resource, key: { namespace, name }, request })
}

async function update<T>(
  connection: Connection,
  resource: Resource<T>,
  object: object,
  options: WriteOptions,
) {
  const { namespace, name } = placeOf(object)
  if (name === undefined) throw badRequest(resource, 'metadata.name is missing')
  const request = {
    method: 'PUT' as const,
    path:
      pathOf(resource, { namespace, name, subresource: options.subresource }) + queryOf(writeQuery(options)),
    headers: connection.headers.write,
    body: bodyOf(resource, object, options),
    signal: options.signal,
  }
  return answerOf<T>(connection, { verb: 'update', resource, key: { namespace, name }, request })
}

async function patch<T>(
  connection: Connection,
  { resource, key }: { resource: Resource<T>; key: Key },
  change: Patch,
  options: WriteOptions,
) {
  const path = pathOf(resource, { ...key, subresource: options.subresource })
  const request = {
    method: 'PATCH' as const,
    path: path + queryOf({ ...writeQuery(options), ...patchQuery(change) }),
    headers: connection.headers[change.type],
    body: patchBody(resource, change, options),
    signal: options.signal,
  }
  if (change.type === 'apply' && options.fieldManager === undefined)
    throw badRequest(resource, 'apply needs a fieldManager')
  return answerOf<T>(connection, { verb: 'patch', resource, key, request })
}

async function remove(connection: Connection, resource: Resource<unknown>, key: Key, options: DeleteOptions) {
  const request = {
    method: 'DELETE' as const,
    path: pathOf(resource, key),
    headers: connection.headers.write,
    body: deleteBody(options),
    signal: options.signal,
  }
  try {
    return await answerOf<object>(connection, { verb: 'delete', resource, key, request })
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

async function answerOf<T>(connection: Connection, call: Call): Promise<T> {
  const response = await send(connection, call)
  let text: string
  try {
    text = await readText(response.body, connection.answerLimit)
  } catch (error) {
    if (error instanceof RangeError) throw badAnswer(call, response.status, error.message)
    throw failureOf(connection, call, error)
  }
  try {
    return JSON.parse(text) as T
  } catch {
    // V8's message quotes the text, which may be a Secret's: it is not passed on.
    throw badAnswer(call, response.status, `answered ${response.status} with something that is not JSON`)
  }
}

/**
 * The server said that this object is absent. A 404 that names no object is about the kind (not installed, or not served
 * yet by this replica) or comes from a proxy; taking that for "deleted" would lose a change.
 */
const isAbsence = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 404 && error.details?.name !== undefined

/** Items of built-in kinds come without apiVersion and kind, which only the list itself carries. */
function toPage<T>(call: Call, answer: object): Page<T> {
  if (!isPage<T>(answer)) throw badAnswer(call, 200, 'answered with something that is not a list')
  const { apiVersion, kind } = { apiVersion: apiVersionOf(call.resource), kind: call.resource.kind }
  const items = answer.items ?? []
  return {
    items: items.map((item) =>
      isRecord(item) && item.kind === undefined ? { apiVersion, kind, ...item } : item,
    ),
    resourceVersion: answer.metadata.resourceVersion ?? '',
    ...(answer.metadata.continue ? { continue: answer.metadata.continue } : {}),
  }
}

/** A list as it is on the wire; an empty one may have null for items. */
interface WireList<T> {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items: readonly T[] | null
}

const isPage = <T>(answer: object): answer is WireList<T> =>
  isRecord(answer) && isRecord(answer.metadata) && (Array.isArray(answer.items) || answer.items === null)
