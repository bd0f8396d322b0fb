/**
 * The API as one run sees it: reads see the run's own writes, every call is counted, and after the run's signal has
 * aborted nothing more is let through, so that a run which outlived its deadline cannot touch what its successor does.
 */
import { groupKindOf, type Key, type Kube, type KubeObject, type Resource } from '../kube.ts'
import { keyText } from '../message.ts'

/** A run's connection. */
export interface Session {
  readonly api: Kube
  /** Calls made so far. */
  calls(): number
  /** The newest version of an object that this run itself wrote, if it did. */
  written(resource: Resource<unknown>, key: Key): KubeObject | undefined
}

/** Opens a session over `api` that ends when `signal` aborts. */
export function openSession(api: Kube, signal: AbortSignal): Session {
  const writes = new Map<string, KubeObject>()
  const newest = new Map<string, string>()
  let calls = 0

  const idOf = (resource: Resource<unknown>, key: Key) => `${groupKindOf(resource)} ${keyText(key)}`
  const enter = () => {
    signal.throwIfAborted()
    calls++
  }
  const wrote = <T>(resource: Resource<T>, result: T): T => {
    if (!isObject(result)) return result
    writes.set(idOf(resource, result.metadata), result)
    const kind = groupKindOf(resource)
    newest.set(kind, newer(newest.get(kind), result.metadata.resourceVersion))
    return result
  }
  const joined = (own: AbortSignal | undefined) =>
    own === undefined ? signal : AbortSignal.any([signal, own])

  const session: Kube = {
    async get(resource, key, options) {
      enter()
      const own = writes.get(idOf(resource, key))?.metadata.resourceVersion
      return api.get(resource, key, bounded({ ...options, signal: joined(options?.signal) }, own))
    },
    async list(resource, options) {
      enter()
      return api.list(
        resource,
        bounded({ ...options, signal: joined(options?.signal) }, newest.get(groupKindOf(resource))),
      )
    },
    async *watch(resource, options) {
      enter()
      yield* api.watch(resource, { ...options, signal: joined(options.signal) })
    },
    async create(resource, object, options) {
      enter()
      return wrote(
        resource,
        await api.create(resource, object, { ...options, signal: joined(options?.signal) }),
      )
    },
    async update(resource, object, options) {
      enter()
      return wrote(
        resource,
        await api.update(resource, object, { ...options, signal: joined(options?.signal) }),
      )
    },
    async patch(resource, key, patch, options) {
      enter()
      return wrote(
        resource,
        await api.patch(resource, key, patch, { ...options, signal: joined(options?.signal) }),
      )
    },
    async delete(resource, key, options) {
      enter()
      writes.delete(idOf(resource, key))
      return api.delete(resource, key, { ...options, signal: joined(options?.signal) })
    },
  }
  return { api: session, calls: () => calls, written: (resource, key) => writes.get(idOf(resource, key)) }
}

const isObject = (value: unknown): value is KubeObject =>
  typeof value === 'object' && value !== null && 'metadata' in value

/** A read that may be cached must not be older than the run's own write; a newest (quorum) read needs no bound. */
function bounded<O extends { readonly notOlderThan?: string | undefined }>(
  options: O,
  own: string | undefined,
): O {
  if (own === undefined || options.notOlderThan === undefined) return options
  return { ...options, notOlderThan: newer(options.notOlderThan, own) }
}

/** The greater of two resourceVersions; comparable as numbers within a resource (KEP-5504). */
function newer(left: string | undefined, right: string): string {
  if (left === undefined) return right
  return left.length > right.length || (left.length === right.length && left > right) ? left : right
}
