/**
 * The API as one run sees it: reads see the run's own writes, every call is counted, and after the run's signal has
 * aborted nothing more is let through, so that a run which outlived its deadline cannot touch what its successor does.
 */
import {
  groupKindOf,
  type Key,
  type Kube,
  type KubeObject,
  type Resource,
  type WriteOptions,
} from '../kube.ts'
import { keyText } from '../message.ts'

/** A run's connection. */
export interface Session {
  readonly api: Kube
  /** Calls made so far. */
  calls(): number
  /** The resourceVersion of an object that this run itself wrote, if it did. */
  written(resource: Resource<unknown>, key: Key): string | undefined
}

/** The bound of reads of what the run has deleted: no version tells, so the newest. */
const NEWEST = 'newest'

/** Opens a session over `api` that ends when `signal` aborts. */
export function openSession(api: Kube, signal: AbortSignal): Session {
  /** The version that a cached read must have reached, by object and by kind. */
  const bounds = new Map<string, string>()
  let calls = 0

  const idOf = (resource: Resource<unknown>, key: Key) => `${groupKindOf(resource)} ${keyText(key)}`
  const enter = () => {
    signal.throwIfAborted()
    calls++
  }
  const wrote = <T>(resource: Resource<T>, result: T, options: WriteOptions | undefined): T => {
    const metadata = options?.dryRun ? undefined : versionedIn(result)
    if (metadata === undefined) return result
    const kind = groupKindOf(resource)
    bounds.set(idOf(resource, metadata), metadata.resourceVersion)
    bounds.set(kind, newer(bounds.get(kind), metadata.resourceVersion))
    return result
  }
  const joined = (own: AbortSignal | undefined) =>
    own === undefined ? signal : AbortSignal.any([signal, own])

  const session: Kube = {
    async get(resource, key, options) {
      enter()
      const bound = bounds.get(idOf(resource, key))
      return api.get(resource, key, bounded({ ...options, signal: joined(options?.signal) }, bound))
    },
    async list(resource, options) {
      enter()
      return api.list(
        resource,
        bounded({ ...options, signal: joined(options?.signal) }, bounds.get(groupKindOf(resource))),
      )
    },
    async *watch(resource, options) {
      enter()
      yield* api.watch(resource, { ...options, signal: joined(options.signal) })
    },
    async create(resource, object, options) {
      enter()
      const result = await api.create(resource, object, { ...options, signal: joined(options?.signal) })
      return wrote(resource, result, options)
    },
    async update(resource, object, options) {
      enter()
      const result = await api.update(resource, object, { ...options, signal: joined(options?.signal) })
      return wrote(resource, result, options)
    },
    async patch(resource, key, patch, options) {
      enter()
      const result = await api.patch(resource, key, patch, { ...options, signal: joined(options?.signal) })
      return wrote(resource, result, options)
    },
    async delete(resource, key, options) {
      enter()
      bounds.set(idOf(resource, key), NEWEST)
      bounds.set(groupKindOf(resource), NEWEST)
      return api.delete(resource, key, { ...options, signal: joined(options?.signal) })
    },
  }
  const written = (resource: Resource<unknown>, key: Key) => {
    const bound = bounds.get(idOf(resource, key))
    return bound === NEWEST ? undefined : bound
  }
  return { api: session, calls: () => calls, written }
}

/** Not every answer to a write is the object (an Eviction's is a Status, a TokenRequest has no version). */
function versionedIn(answer: unknown): (Key & { readonly resourceVersion: string }) | undefined {
  const { metadata } = (answer ?? {}) as Partial<KubeObject>
  return metadata?.name && metadata.resourceVersion ? metadata : undefined
}

/** A read that may be cached must not be older than the run's own write; a newest (quorum) read needs no bound. */
function bounded<O extends { readonly notOlderThan?: string | undefined }>(
  options: O,
  own: string | undefined,
): O {
  if (own === undefined || options.notOlderThan === undefined) return options
  return { ...options, notOlderThan: own === NEWEST ? undefined : newer(options.notOlderThan, own) }
}

/** The greater of two resourceVersions; comparable as numbers within a resource (KEP-5504). */
function newer(left: string | undefined, right: string): string {
  if (left === undefined) return right
  if (left === NEWEST) return left
  return left.length > right.length || (left.length === right.length && left > right) ? left : right
}
