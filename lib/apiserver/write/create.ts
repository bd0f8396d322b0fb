/**
 * POST: an object that is not there yet. Also the end of an apply and of a PUT that found nothing.
 */
import { validate } from '../admission/validate.ts'
import type { ResourceAccess } from '../auth/access.ts'
import { refuseEscalation } from '../auth/escalation.ts'
import { demand } from '../auth/rbac.ts'
import { converted } from '../conversion/convert.ts'
import { trackUpdate } from '../fields/managed.ts'
import { generateName, metadataOf, metadataText, withMetadata } from '../metadata.ts'
import { findKind, isServed } from '../registry.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import { applyDefaults } from '../schema/default.ts'
import { findEntry, type Server, tableFor } from '../server.ts'
import { alreadyExists, forbidden, internal, StatusError, unknownResource } from '../status.ts'
import { type Act, attributesOf, mutated } from './admission.ts'
import { Overtaken } from './again.ts'
import { admitIntoNamespace, checkValid, placeInNamespace } from './check.ts'
import { allocationsFor, type Outcome, type Writing } from './outcome.ts'
import { commitForm, readBack, storedForm } from './stored.ts'

/** Where an object is created, and as what. */
export interface Creation {
  type: ResourceType
  namespace: string
  /** Its managedFields are made already (by apply). */
  isTracked?: boolean
  /** A PUT or an apply that found nothing: should something be there by now, it is updated instead. */
  isUpsert?: boolean
}

/** The real server tries this often to find a free name (RetryGenerateName). */
const NAME_ATTEMPTS = 8

/**
 * Creates the object, which is taken over and changed. Rejects with 400, 403, 404, 409, 422 and 500 as the real server does,
 * with what webhooks say, and (an upsert) with {@link Overtaken}.
 */
export async function createObject(
  server: Server,
  creation: Creation,
  given: JsonObject,
  writing: Writing,
): Promise<Outcome> {
  const { type, namespace, isTracked = false } = creation
  placeInNamespace(given, namespace)
  const shown = metadataText(given, 'name') || metadataText(given, 'generateName') || 'Unknown'
  admitIntoNamespace(server, type, namespace, shown)
  const act: Act = {
    operation: 'CREATE',
    type,
    subresource: '',
    name: metadataText(given, 'name'),
    namespace,
    before: undefined,
  }
  let object = began(type, given, isTracked, writing)
  admitBuiltin(server, type, object)
  const asked = mutated(server, act, () => withStatusOf(given, object, type), writing)
  if (asked !== undefined) {
    object = await asked
    placeInNamespace(object, namespace)
    if (type.hasStatus) {
      delete object.status
      applyDefaults(object, type.schema)
    }
  }
  const path = creation.isUpsert === true ? act.name : ''
  refuseEscalation(server, writing.asking.user, { type, namespace, name: path, object, before: undefined })
  object = withSystemMetadata(server, object, writing.now)
  type.sign?.(object, writing.asking.user)
  object = finished(server, type, namespace, object, writing)
  for (const text of type.warnings?.(object, undefined) ?? []) writing.asking.warn(text)
  const name = act.name === '' ? metadataText(object, 'name') : act.name
  if (creation.isUpsert === true) demand(server, writing.asking.user, creationOf(type, namespace, name))
  const checked = validate(server, attributesOf({ ...act, name }, object, writing))
  if (checked !== undefined) await checked
  return store(server, creation, object, writing)
}

/** Who may update is not yet one who may create. */
const creationOf = ({ group, plural }: ResourceType, namespace: string, name: string): ResourceAccess => ({
  type: 'resource',
  verb: 'create',
  group,
  resource: plural,
  subresource: '',
  namespace,
  name,
})

/** What mutating webhooks see of a new object: defaulted and tracked, without what only the server writes. */
function began(type: ResourceType, given: JsonObject, isTracked: boolean, writing: Writing): JsonObject {
  const object: JsonObject = { ...given, metadata: { ...metadataOf(given) } }
  if (type.hasStatus) delete object.status
  applyDefaults(object, type.schema)
  type.defaults?.(object)
  const after = withoutSystemMetadata(object)
  if (isTracked) return after
  return trackUpdate({ before: undefined, after, type, manager: writing.manager, now: writing.now })
}

/** The status that a client sends is taken away only after mutating webhooks have seen it. */
const withStatusOf = (given: JsonObject, object: JsonObject, { hasStatus }: ResourceType): JsonObject =>
  hasStatus && given.status !== undefined ? { ...object, status: given.status } : object

/** Admission that needs no webhook. Throws 403. */
function admitBuiltin(server: Server, type: ResourceType, object: JsonObject): void {
  const why = type.admit?.(object, (apiVersion, kind, within) => {
    const found = findKind(server.registry, apiVersion, kind)
    if (found === undefined) return []
    const entries = [...tableFor(server, found).byKey.values()]
    return entries
      .filter((entry) => within === undefined || entry.namespace === within)
      .map(({ object }) => object)
  })
  if (why === undefined) return
  throw forbidden(type, metadataText(object, 'name') || metadataText(object, 'generateName'), why)
}

/** The object that would be stored. Throws 422. */
function finished(
  server: Server,
  type: ResourceType,
  namespace: string,
  given: JsonObject,
  writing: Writing,
): JsonObject {
  let object = named(server, type, namespace, given)
  type.prepare?.(object, undefined, allocationsFor(server, writing))
  if (type.bumpsGeneration !== undefined)
    object = withMetadata(object, { generation: type.firstGeneration ?? 1 })
  checkValid(type, object, undefined)
  return object
}

/** Without what only the server writes. */
export const withoutSystemMetadata = (object: JsonObject): JsonObject => withMetadata(object, WIPED)

const WIPED = {
  uid: undefined,
  creationTimestamp: undefined,
  deletionTimestamp: undefined,
  deletionGracePeriodSeconds: undefined,
  selfLink: undefined,
}

const withSystemMetadata = (server: Server, object: JsonObject, now: string): JsonObject =>
  withMetadata(object, { ...WIPED, uid: server.newUid(), creationTimestamp: now })

function named(server: Server, type: ResourceType, namespace: string, object: JsonObject): JsonObject {
  const base = metadataText(object, 'generateName')
  if (base === '' || metadataText(object, 'name') !== '') return object
  let name = generateName(base, server.random)
  for (let attempt = 1; attempt < NAME_ATTEMPTS; attempt++) {
    if (findEntry(server, type, namespace, name) === undefined) break
    name = generateName(base, server.random)
  }
  return withMetadata(object, { name })
}

async function store(
  server: Server,
  { type, namespace, isUpsert = false, isTracked = false }: Creation,
  object: JsonObject,
  writing: Writing,
): Promise<Outcome> {
  const identity = { namespace, name: metadataText(object, 'name') }
  const form = storedForm(server, type, object)
  const stored = form instanceof Promise ? await form : form
  if (!isServed(server.registry, type)) throw unknownResource()
  const existing = findEntry(server, type, identity.namespace, identity.name)
  if (existing !== undefined && isUpsert) throw new Overtaken()
  if (existing !== undefined) throw taken(type, identity.name, object, existing.object)
  if (metadataText(object, 'resourceVersion') !== '' && !writing.options.dryRun)
    throw internal('resourceVersion should not be set on objects to be created')
  if (writing.options.dryRun)
    return { status: 201, type, object: withMetadata(await readBack(server, type, stored, object), {}) }
  const entry = commitForm(server, type, identity, stored, isTracked)
  const reading = converted(server, type, [entry])
  if (reading !== undefined) await reading
  return { status: 201, type, object: entry.object, entry }
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
