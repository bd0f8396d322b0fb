/**
 * POST: an object that is not there yet. Also the end of an apply and of a PUT that found nothing.
 */
import { trackUpdate } from '../fields/managed.ts'
import { generateName, metadataOf, metadataText, withMetadata } from '../metadata.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import { applyDefaults } from '../schema/default.ts'
import { findEntry, type Server, tableFor } from '../server.ts'
import { alreadyExists, internal, StatusError } from '../status.ts'
import { commit } from '../store.ts'
import { admitIntoNamespace, checkValid, placeInNamespace } from './check.ts'
import type { Outcome, Writing } from './outcome.ts'

/** Where an object is created, and as what. */
export interface Creation {
  type: ResourceType
  namespace: string
  /** Its managedFields are made already (by apply). */
  isTracked?: boolean
}

/** The real server tries this often to find a free name (RetryGenerateName). */
const NAME_ATTEMPTS = 8

/**
 * Creates the object, which is taken over and changed. Throws 400, 403, 404, 409, 422 and 500 as the real server does.
 */
export function createObject(
  server: Server,
  { type, namespace, isTracked = false }: Creation,
  given: JsonObject,
  writing: Writing,
): Outcome {
  placeInNamespace(given, namespace)
  admitIntoNamespace(server, type, namespace, metadataText(given, 'name'))
  let object: JsonObject = { ...given, metadata: { ...metadataOf(given) } }
  if (type.hasStatus) delete object.status
  applyDefaults(object, type.schema)
  type.defaults?.(object)
  object = withSystemMetadata(server, object, writing.now)
  if (!isTracked)
    object = trackUpdate({
      before: undefined,
      after: object,
      type,
      manager: writing.manager,
      now: writing.now,
    })
  type.prepare?.(object, undefined, server.allocations)
  if (type.bumpsGeneration !== undefined) object = withMetadata(object, { generation: 1 })
  object = named(server, type, namespace, object)
  checkValid(type, object, undefined)
  return store(server, type, { namespace, name: metadataText(object, 'name') }, object, writing)
}

const withSystemMetadata = (server: Server, object: JsonObject, now: string): JsonObject =>
  withMetadata(object, {
    uid: server.newUid(),
    creationTimestamp: now,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    selfLink: undefined,
  })

function named(server: Server, type: ResourceType, namespace: string, object: JsonObject): JsonObject {
  const base = metadataText(object, 'generateName')
  if (base === '' || metadataText(object, 'name') !== '') return object
  let name = generateName(base)
  for (let attempt = 1; attempt < NAME_ATTEMPTS; attempt++) {
    if (findEntry(server, type, namespace, name) === undefined) break
    name = generateName(base)
  }
  return withMetadata(object, { name })
}

function store(
  server: Server,
  type: ResourceType,
  identity: { namespace: string; name: string },
  object: JsonObject,
  writing: Writing,
): Outcome {
  const existing = findEntry(server, type, identity.namespace, identity.name)
  if (existing !== undefined) throw taken(type, identity.name, object, existing.object)
  if (metadataText(object, 'resourceVersion') !== '')
    throw internal('resourceVersion should not be set on objects to be created')
  const warnings = type.warnings?.(object) ?? []
  if (writing.options.dryRun) return { status: 201, type, object: withMetadata(object, {}), warnings }
  const stored = type.toStored?.(object) ?? object
  const entry = commit(server.store, tableFor(server, type), identity, (resourceVersion) =>
    withMetadata(stored, { resourceVersion }),
  )
  return { status: 201, type, object: entry.object, entry, warnings }
}

function taken(type: ResourceType, name: string, object: JsonObject, existing: JsonObject): StatusError {
  const error = alreadyExists(type, name)
  const prefix = metadataText(existing, 'deletionTimestamp') === '' ? '' : 'object is being deleted: '
  const details = error.details ?? {}
  if (metadataText(object, 'generateName') === '')
    return new StatusError(409, prefix + error.message, { reason: 'AlreadyExists', details })
  return new StatusError(
    409,
    `${prefix}${error.message}, the server was not able to generate a unique name for the object`,
    { reason: 'AlreadyExists', details, retryAfterSeconds: 1 },
  )
}
