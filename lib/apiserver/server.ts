/**
 * What one embedded API server consists of. Plain state that the handlers are given; `index.ts` makes it, `http.ts` feeds it
 * with requests.
 */
import type { Agent } from 'node:https'
import type { Clock } from '../clock.ts'
import type { HookCache } from './admission/hooks.ts'
import type { Turns } from './allocations.ts'
import type { Way } from './auth/impersonate.ts'
import type { TokenKeys } from './auth/keys.ts'
import type { User } from './auth/user.ts'
import type { Proofs } from './auth/verify.ts'
import type { FaultHooks } from './faults.ts'
import type { SentBody } from './body.ts'
import type { Documents } from './documents.ts'
import type { Registry } from './registry.ts'
import type { Allocations, JsonObject, ResourceType } from './resource.ts'
import { keyOf, type Store, type Table, tableOf } from './store.ts'
import { timeText } from './time.ts'

/** A request as handlers see it. */
export interface ApiRequest {
  readonly method: string
  /** As it came, without the query. */
  readonly path: string
  /** The path's decoded parts. */
  readonly segments: readonly string[]
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The same with every line that was sent, by lower-case name. */
  readonly headerLines: () => Readonly<Record<string, readonly string[] | undefined>>
  /** Read it by `textOf` of `body.ts`. */
  readonly body: SentBody
}

/** A request of somebody who may make it. */
export interface AdmittedRequest extends ApiRequest {
  readonly user: User
}

/** An answer. A watch has a `stream` instead of a body. */
export interface Answer {
  status: number
  body: string | Buffer
  contentType: string
  /** Further headers, by their names in lower case. */
  headers?: Readonly<Record<string, string>>
  warnings?: readonly string[]
  retryAfterSeconds?: number
  stream?: (sink: Sink) => void
}

/** Where a watch writes its lines. */
export interface Sink {
  /** False when the reader is behind: wait for `onDrain`. */
  write(line: string): boolean
  onDrain(task: () => void): void
  onClose(task: () => void): void
  end(): void
  /** Cuts the connection without an orderly end. */
  destroy(): void
  /** The same, once `text` is on its way. */
  cut(text: string): void
}

/** What is told of a request to listeners and to the fault hook. */
export interface RequestInfo {
  /** Counted from 1 since the server was started. */
  readonly number: number
  readonly method: string
  readonly path: string
  /** `get`, `list`, `watch`, `create`, ...; `other` for discovery and the like. */
  readonly verb: string
  /** `deployments`, with its subresource: `deployments/status`; empty for other paths. */
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
}

export interface Server {
  readonly store: Store
  readonly registry: Registry
  readonly clock: Clock
  readonly allocations: Allocations
  /** Where `allocations` is. */
  readonly turns: Turns
  newUid(): string
  /** Numbers in [0, 1). */
  random(): number
  /** The CRDs that are served, as they were when that began. */
  readonly definitions: Map<string, JsonObject>
  /** What ends each open watch, and what it watches. */
  readonly watches: Map<() => void, ResourceType>
  readonly listeners: Set<(request: RequestInfo) => void>
  /** Documents of discovery and OpenAPI that were asked for; emptied when the served kinds change. */
  readonly documents: Documents
  /** Keeps the connections to webhooks. */
  readonly agent: Agent
  readonly hooks: HookCache
  /** Signs the tokens of service accounts. */
  readonly keys: TokenKeys
  /** Tokens that were looked at a moment ago. */
  readonly proofs: Proofs
  /** How each user acted for others last. */
  readonly impersonations: Map<string, Way>
  /** Cancels what is still to be tried again; called when the server closes. */
  readonly ends: Set<() => void>
  isClosed: boolean
  faults: FaultHooks
  /** How many requests there were. */
  requests: number
  /** Lists of revisions below this are answered with 410; watches may go on from them. */
  compacted: number
}

/** The table that holds the objects of a type. */
export const tableFor = (server: Server, type: ResourceType): Table => tableOf(server.store, type.storage)

/** One stored object, or undefined. */
export const findEntry = (server: Server, type: ResourceType, namespace: string, name: string) =>
  tableFor(server, type).byKey.get(keyOf(namespace, name))

/** Now, as `metadata` writes it: RFC 3339 in whole seconds. */
export const timestamp = (server: Server): string => timeText(server.clock.now())

/** Forgets the states before this one. */
export function compact(server: Server): void {
  server.compacted = server.store.revision
}
