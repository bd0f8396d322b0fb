/**
 * What a request carries besides its path: headers, query parameters and bodies, made from the options of the port. Pure.
 */
import {
  apiVersionOf,
  type DeleteOptions,
  type ListOptions,
  type Patch,
  type Resource,
  type WatchOptions,
  type WriteOptions,
} from '../kube.ts'
import { isRecord, type Target } from './failure.ts'

const JSON_TYPE = 'application/json'
const METADATA = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
const METADATA_LIST = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

/** The headers that requests choose from, made once per connection so that no call copies any. */
export function toHeaders(userAgent: string) {
  const object = { accept: JSON_TYPE, 'user-agent': userAgent }
  const metadata = { ...object, accept: `${JSON_TYPE};${METADATA}` }
  // A compressor holds a change back until its window fills, so a watch asks for none.
  const identity = { 'accept-encoding': 'identity' }
  return {
    object,
    metadata,
    metadataList: { ...object, accept: `${JSON_TYPE};${METADATA_LIST}` },
    watch: { ...object, ...identity },
    watchMetadata: { ...metadata, ...identity },
    write: { ...object, 'content-type': JSON_TYPE },
    apply: { ...object, 'content-type': 'application/apply-patch+yaml' },
    merge: { ...object, 'content-type': 'application/merge-patch+json' },
    json: { ...object, 'content-type': 'application/json-patch+json' },
  }
}

/** A continue token carries its own resourceVersion, and the server refuses the two together. */
export const listQuery = (options: ListOptions) => ({
  labelSelector: options.labelSelector,
  fieldSelector: options.fieldSelector,
  limit: options.limit,
  ...(options.continue !== undefined
    ? { continue: options.continue }
    : options.notOlderThan !== undefined
      ? { resourceVersion: options.notOlderThan, resourceVersionMatch: 'NotOlderThan' }
      : {}),
})

/** Bookmarks are always asked for: without them a quiet watch cannot be resumed after compaction. */
export const watchQuery = (options: WatchOptions) => ({
  watch: 'true',
  allowWatchBookmarks: 'true',
  timeoutSeconds: options.timeoutSeconds,
  labelSelector: options.labelSelector,
  fieldSelector: options.fieldSelector,
  resourceVersion: options.resourceVersion,
  ...(options.initial ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' } : {}),
})

/** What every write may say. */
export const writeQuery = (options: WriteOptions) => ({
  fieldManager: options.fieldManager,
  dryRun: options.dryRun ? 'All' : undefined,
})

/** `fieldValidation=Strict`: a field that the server does not know is a mistake of the author, and silently dropping it hides that. */
export const patchQuery = (change: Patch) =>
  change.type === 'apply' ? { force: String(change.force), fieldValidation: 'Strict' } : {}

/** The body that goes with the content type of the patch. */
export function patchBody(resource: Resource<unknown>, change: Patch, options: WriteOptions): string {
  if (change.type === 'apply') return bodyOf(resource, change.object, options)
  return JSON.stringify(change.type === 'merge' ? change.body : change.operations)
}

/** The object as JSON, with apiVersion and kind where the author left them out; `scale` and others have their own. */
export function bodyOf(resource: Resource<unknown>, object: object, options: WriteOptions): string {
  const ownKind = options.subresource === undefined || options.subresource === 'status'
  if (!ownKind || ('kind' in object && 'apiVersion' in object)) return JSON.stringify(object)
  return JSON.stringify({ apiVersion: apiVersionOf(resource), kind: resource.kind, ...object })
}

/** DeleteOptions, or nothing where nothing was asked for. */
export function deleteBody(options: DeleteOptions): string | undefined {
  const { uid, resourceVersion, propagation, gracePeriodSeconds } = options
  if ((uid ?? resourceVersion ?? propagation ?? gracePeriodSeconds) === undefined) return undefined
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion },
    propagationPolicy: propagation,
    gracePeriodSeconds,
  })
}

/** Where an object says that it belongs. */
export function placeOf(object: object): Target {
  const metadata: unknown = 'metadata' in object ? object.metadata : undefined
  const { namespace, name } = isRecord(metadata) ? metadata : {}
  return {
    namespace: typeof namespace === 'string' ? namespace : undefined,
    name: typeof name === 'string' ? name : undefined,
  }
}
