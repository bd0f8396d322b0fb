/**
 * As much of an API server as a relay sees, in memory and without time: metadata of objects, versions, streaming lists,
 * watches with selectors, lost connections and expired versions.
 */
import {
  ApiError,
  INITIAL_END,
  type Key,
  type Kube,
  type KubeObject,
  type ListOptions,
  type Metadata,
  type Page,
  type Resource,
  type WatchLine,
  type WatchOptions,
} from '../lib/kube.ts'
import { matchesLabels } from '../lib/selector.ts'
import { type OpenWatch, openWatch, refuse } from './watch.script.ts'

export interface MetadataServer {
  readonly api: Kube
  /** Creates an object, or changes it: fields of `metadata` replace the old ones, the version is new. */
  put(resource: Resource, metadata: Partial<Metadata> & Pick<Metadata, 'name'>): Metadata
  remove(resource: Resource, key: Key): void
  /** What is done in it reaches no open stream, as if a server had a defect. */
  missed(work: () => void): void
  /** Ends all streams with an error. */
  disconnect(): void
  /** Versions up to now are no more: watches from them are answered 410. */
  compact(): void
  /** From now on calls for these resources fail; `undefined`: work again. */
  refuse(plural: string, error: ApiError | undefined): void
  /** How many watches were opened, with their options. */
  readonly opened: readonly OpenWatch[]
}

interface Entry {
  readonly version: number
  readonly plural: string
  readonly before: Metadata | undefined
  readonly after: Metadata | undefined
}

type Scope = Pick<WatchOptions, 'namespace' | 'labelSelector'>

const isIn = (metadata: Metadata | undefined, { namespace, labelSelector }: Scope): boolean =>
  metadata !== undefined &&
  (namespace === undefined || metadata.namespace === namespace) &&
  matchesLabels(labelSelector, metadata.labels)

const wrap = (metadata: Metadata): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PartialObjectMetadata',
  metadata,
})

/** What a watch with this scope sees of a write: leaving the selection is seen as the end. */
function lineOf({ version, before, after }: Entry, scope: Scope): WatchLine[] {
  if (after !== undefined && isIn(after, scope))
    return [{ type: isIn(before, scope) ? 'MODIFIED' : 'ADDED', object: wrap(after) }]
  if (before === undefined || !isIn(before, scope)) return []
  return [{ type: 'DELETED', object: wrap({ ...before, resourceVersion: `${version}` }) }]
}

/** A server that is empty. `streams: false`: one that refuses streaming lists. */
export function metadataServer({ streams = true } = {}): MetadataServer {
  let version = 100
  let compactedAt = 0
  let uids = 0
  const objects = new Map<string, Metadata>()
  const history: Entry[] = []
  const opened: OpenWatch[] = []
  let isMissed = false
  const refused = new Map<string, ApiError>()
  const idOf = (plural: string, key: Key) => [plural, key.namespace ?? '', key.name].join(' ')

  const store = (plural: string, key: Key, after: Metadata | undefined) => {
    const before = objects.get(idOf(plural, key))
    const entry = { version, plural, before, after }
    if (!isMissed) history.push(entry)
    if (after === undefined) objects.delete(idOf(plural, key))
    else objects.set(idOf(plural, key), after)
    for (const stream of isMissed ? [] : opened)
      if (stream.resource.plural === plural && stream.isOpen()) stream.send(...lineOf(entry, stream.options))
  }
  const select = (plural: string, scope: Scope) =>
    [...objects]
      .filter(([id, metadata]) => id.startsWith(`${plural} `) && isIn(metadata, scope))
      .map(([, m]) => wrap(m))
  const check = (plural: string) => {
    const error = refused.get(plural)
    if (error) throw error
  }
  const firstLines = ({ plural }: Resource<unknown>, options: WatchOptions): WatchLine[] => {
    check(plural)
    if (options.initial) {
      if (!streams) throw new ApiError(422, 'Invalid', 'sendInitialEvents is forbidden')
      const end = { ...wrap({ name: '', uid: '', resourceVersion: `${version}`, creationTimestamp: '' }) }
      const annotated = { ...end, metadata: { ...end.metadata, annotations: { [INITIAL_END]: 'true' } } }
      const added = select(plural, options).map((object): WatchLine => ({ type: 'ADDED', object }))
      return [...added, { type: 'BOOKMARK', object: annotated }]
    }
    const from = Number(options.resourceVersion)
    if (from < compactedAt)
      throw new ApiError(410, 'Expired', `too old resource version: ${from} (${compactedAt})`)
    return history
      .filter((entry) => entry.plural === plural && entry.version > from)
      .flatMap((entry) => lineOf(entry, options))
  }
  const api: Kube = {
    get: refuse('get'),
    create: refuse('create'),
    update: refuse('update'),
    patch: refuse('patch'),
    delete: refuse('delete'),
    async list<T>(resource: Resource<T>, options: ListOptions = {}) {
      check(resource.plural)
      const items: unknown[] = select(resource.plural, options)
      return { items, resourceVersion: `${version}` } as Page<T>
    },
    async *watch<T>(resource: Resource<T>, options: WatchOptions) {
      const lines = firstLines(resource, options)
      const { open, next } = openWatch(resource, options)
      opened.push(open)
      open.send(...lines)
      for (let line = await next(); line !== undefined; line = await next()) yield line as WatchLine<T>
    },
  }
  return {
    api,
    opened,
    put(resource, metadata) {
      version += 1
      const key = { namespace: metadata.namespace, name: metadata.name }
      const before = objects.get(idOf(resource.plural, key))
      uids += before ? 0 : 1
      const fresh = { uid: `uid-${uids}`, creationTimestamp: '2026-01-01T00:00:00Z', generation: 1 }
      const after = { ...fresh, ...before, ...metadata, resourceVersion: `${version}` }
      store(resource.plural, key, after)
      return after
    },
    remove(resource, key) {
      version += 1
      store(resource.plural, key, undefined)
    },
    missed(work) {
      isMissed = true
      work()
      isMissed = false
    },
    disconnect() {
      for (const stream of opened)
        if (stream.isOpen()) stream.fail(new ApiError(0, 'Unreachable', 'socket hang up'))
    },
    compact() {
      compactedAt = version
    },
    refuse(plural, error) {
      if (error) refused.set(plural, error)
      else refused.delete(plural)
    },
  }
}
