/**
 * The port to a Kubernetes API server: raw JSON in, raw JSON out, nothing converted and no field dropped. `Kube` is what
 * stations and authors call; `Transport` is the one thing that differs by platform (`lib/kube/https.ts` on Node, `fetch`
 * in workerd). The REST logic between the two is `lib/kube/rest.ts`. No caching, no watching loop, no conflict policy.
 */

/** Metadata of an object as the server returns it. Times are RFC 3339 strings. */
export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly generateName?: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation?: number
  readonly creationTimestamp: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly ManagedFields[]
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** One manager's entry of `metadata.managedFields` (KEP-555). */
export interface ManagedFields {
  readonly manager?: string
  readonly operation?: 'Apply' | 'Update'
  readonly apiVersion?: string
  readonly time?: string
  readonly fieldsType?: string
  readonly fieldsV1?: FieldsV1
  readonly subresource?: string
}

/** A set of fields as a tree: `f:name`, `k:{keys}`, `v:value`, `.`; an empty node is a leaf. */
export interface FieldsV1 {
  readonly [step: string]: FieldsV1
}

/** Any object read from the server. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
}

/** What identifies an object within its resource; cluster-scoped objects have no namespace. */
export interface Key {
  readonly namespace?: string | undefined
  readonly name: string
}

/**
 * Where objects of one kind live in the API: `/apis/<group>/<version>/[namespaces/<ns>/]<plural>`, the core group being
 * the empty string. `T` is the type of its objects; it exists for the compiler only.
 */
export interface Resource<T = KubeObject> {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  /** Never set: carries `T`. */
  readonly $object?: T
}

/** The parts of an answer that every call may want. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface GetOptions extends CallOptions {
  /**
   * "Not older than" this resourceVersion: served from the watch cache (3x cheaper than a quorum read). `'0'` takes any
   * cached state. Without it the read is the newest (quorum).
   */
  readonly notOlderThan?: string | undefined
  /** `metadata` asks for PartialObjectMetadata: no spec, no data, no status leaves the server. */
  readonly as?: 'metadata'
}

export interface ListOptions extends CallOptions {
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  /** Page size; the page then has `continue` while there is more. */
  readonly limit?: number
  /** The token of the page before. An expired one throws ApiError 410 `Expired`: start again. */
  readonly continue?: string
  readonly notOlderThan?: string | undefined
  readonly as?: 'metadata'
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly resourceVersion: string
  readonly continue?: string
}

export interface WatchOptions extends CallOptions {
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  /** Where to go on from. With `initial` it may be absent: the newest state. */
  readonly resourceVersion?: string | undefined
  /** Asks for the streaming list (KEP-3157): everything as ADDED, then a BOOKMARK that carries {@link INITIAL_END}. */
  readonly initial?: boolean
  /** The server ends the stream after this long. */
  readonly timeoutSeconds: number
  readonly as?: 'metadata'
}

/** The annotation on the bookmark that ends the initial state of a streaming list. */
export const INITIAL_END = 'k8s.io/initial-events-end'

/** One line of a watch stream. An in-band ERROR line is thrown as ApiError instead. */
export interface WatchLine<T = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: T
}

export interface WriteOptions extends CallOptions {
  /** Who is named in managedFields. Required for apply. */
  readonly fieldManager?: string | undefined
  /** `status`, `scale`, ... */
  readonly subresource?: string
  /** Validate and admit, but store nothing. */
  readonly dryRun?: boolean
}

/** A change of an existing object. `apply` creates an absent one; the others throw ApiError 404 for it. */
export type Patch =
  | { readonly type: 'apply'; readonly object: object; readonly force: boolean }
  | { readonly type: 'merge'; readonly body: object }
  | { readonly type: 'json'; readonly operations: readonly object[] }

export interface DeleteOptions extends CallOptions {
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan'
  readonly gracePeriodSeconds?: number
}

/**
 * A connection to one API server.
 *
 * Guarantees: absence of the object is `undefined` (get, delete) and never an error; every other failure, a kind that the
 * server does not serve included, is an {@link ApiError}; 429 and 5xx answers with `Retry-After` are retried within a budget
 * before they are thrown; `signal` aborts at once and rejects with its reason. Objects are what the server sent.
 */
export interface Kube {
  get<T>(resource: Resource<T>, key: Key, options?: GetOptions): Promise<T | undefined>
  /** One page. */
  list<T>(resource: Resource<T>, options?: ListOptions): Promise<Page<T>>
  /** Yields lines until the server ends the stream (returns normally) or it breaks (throws ApiError). */
  watch<T>(resource: Resource<T>, options: WatchOptions): AsyncGenerator<WatchLine<T>, void, undefined>
  create<T>(resource: Resource<T>, object: object, options?: WriteOptions): Promise<T>
  /** Replaces; a `metadata.resourceVersion` in `object` is the precondition (409 `Conflict` when it is not the newest). */
  update<T>(resource: Resource<T>, object: object, options?: WriteOptions): Promise<T>
  patch<T>(resource: Resource<T>, key: Key, patch: Patch, options?: WriteOptions): Promise<T>
  /** `undefined` when it was absent already; otherwise what the server answered (a Status or the object). */
  delete(resource: Resource<unknown>, key: Key, options?: DeleteOptions): Promise<object | undefined>
}

/** One HTTP request: `path` is absolute and carries the query. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Its answer: header names in lower case; `body` yields decoded text as it arrives and may be abandoned by `return()`. */
export interface TransportResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: AsyncIterable<string>
}

/** Sends requests to one server, with its address, TLS and credentials. Network failures are thrown as they come. */
export interface Transport {
  /** Where requests go (`https://host:port`), for messages. */
  readonly server?: string
  send(request: TransportRequest): Promise<TransportResponse>
  /** Ends idle connections. */
  close(): void
}

/**
 * The API server's answer to a failed call; or the failure to get an answer (`code` 0, reason `Unreachable`); or an answer
 * that is none, such as a proxy's page (reason `BadAnswer`). Messages are bounded and carry no whole object and no token.
 */
export class ApiError extends Error {
  /** HTTP status, 0 when no answer came. */
  readonly code: number
  /** `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `Expired`, `TooManyRequests`, `Unreachable`, ... */
  readonly reason: string
  readonly details: ApiErrorDetails | undefined

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: ApiErrorDetails,
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = 'ApiError'
    this.code = code
    this.reason = reason
    this.details = details
  }
}

/** `details` of a Kubernetes Status. */
export interface ApiErrorDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly causes?: readonly {
    readonly reason?: string
    readonly field?: string
    readonly message?: string
  }[]
  readonly retryAfterSeconds?: number
}

/** The write lost a race, or a uid/resourceVersion precondition failed: read again and decide again. */
export const isConflict = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.code === 409 && error.reason === 'Conflict'

export const isAlreadyExists = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.reason === 'AlreadyExists'

/** 404: for a write, the object (or its namespace, or its kind) is absent. */
export const isNotFound = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.code === 404

/** `v1`, `apps/v1`: the apiVersion of a resource's objects. */
export const apiVersionOf = (resource: Pick<Resource, 'group' | 'version'>): string =>
  resource.group === '' ? resource.version : `${resource.group}/${resource.version}`

/** `apps/Deployment`, core: `ConfigMap`. One word for a kind whatever its version (owner mapping ignores versions). */
export const groupKindOf = (resource: Pick<Resource, 'group' | 'kind'>): string =>
  resource.group === '' ? resource.kind : `${resource.group}/${resource.kind}`

/** The group of an apiVersion: `apps/v1` -> `apps`, `v1` -> ``. */
export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
