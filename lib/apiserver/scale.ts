/**
 * The scale subresource: `autoscaling/v1` Scale read from an object, and written back to its replicas.
 */
import { apiVersionOf, objectOf } from './encode.ts'
import { copyOf, objectAt, put } from './fields/json.ts'
import { jsonPath } from './jsonpath.ts'
import { labelsText, selectorText } from './kinds/columns.ts'
import { metadataOf, metadataText, withMetadata } from './metadata.ts'
import { always, struct } from './kinds/dsl.ts'
import type { Json, JsonObject, Readable, ResourceType } from './resource.ts'
import type { Route } from './route.ts'
import { metadata } from './schema/objectmeta.ts'
import type { Server } from './server.ts'
import { badRequest, conflict, invalid, StatusError } from './status.ts'
import type { Entry } from './store.ts'
import { checkName } from './write/name.ts'
import { mutated } from './write/admission.ts'
import { applied } from './write/apply.ts'
import type { Outcome, Writing } from './write/outcome.ts'
import { tracked } from './write/tracked.ts'
import { updateObject } from './write/update.ts'

/** What a Scale looks like, for decoding. */
export const SCALE: Readable & Pick<ResourceType, 'plural'> = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  plural: 'scales',
  custom: false,
  schema: struct('Scale', {
    apiVersion: 'string',
    kind: 'string',
    metadata,
    spec: always(struct('ScaleSpec', { replicas: 'int32' })),
    status: always(struct('ScaleStatus', { replicas: 'int32!', selector: 'string' })),
  }),
}

const numberAt = (object: JsonObject, path: string): number | undefined => {
  const [found] = jsonPath(object, path)
  return typeof found === 'number' ? found : undefined
}

/** The Scale of an object. Throws 500 where a custom resource has no replicas. */
export function scaleOf(type: ResourceType, object: JsonObject): JsonObject {
  const scale = type.scale
  if (scale === undefined) throw new StatusError(500, 'the kind has no scale')
  const replicas = numberAt(object, scale.specReplicasPath)
  if (replicas === undefined && type.custom) throw withoutReplicas(scale.specReplicasPath)
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadataOf(object)
  const metadata: JsonObject = { name, uid, resourceVersion, creationTimestamp } as JsonObject
  if (namespace !== undefined) metadata.namespace = namespace
  const selector = selectorOf(type, object)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: replicas === undefined || replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberAt(object, scale.statusReplicasPath) ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  }
}

function withoutReplicas(path: string): StatusError {
  const why = `the spec replicas field "${path}" does not exist`
  return new StatusError(500, `Internal error occurred: ${why}`, {
    reason: 'InternalError',
    details: { causes: [{ message: why }] },
  })
}

function selectorOf(type: ResourceType, object: JsonObject): string {
  const path = type.scale?.labelSelectorPath
  const [found] =
    path === undefined ? [(object.spec as JsonObject | undefined)?.selector] : jsonPath(object, path)
  // That of a custom resource is a text.
  if (typeof found === 'string' || type.custom) return typeof found === 'string' ? found : ''
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return ''
  // A ReplicationController has nothing but labels there.
  const shown = type.group === '' ? labelsText(found) : selectorText(found)
  return shown === '<none>' ? '' : shown
}

/** Writes the replicas of a Scale to its object. Throws 400, 409 and 422. */
export async function updateScale(
  server: Server,
  target: { route: Route; entry: Entry },
  given: JsonObject,
  writing: Writing,
): Promise<Outcome> {
  const { route, entry } = target
  const { type, name } = route
  checkName(given, name)
  const before = objectOf(type, entry)
  const scale = await admitted(server, target, given, writing)
  const asked = metadataText(scale, 'resourceVersion')
  if (asked !== '' && asked !== metadataText(before, 'resourceVersion')) throw conflict(type, name)
  const replicas = replicasOf(scale, type, name)
  const next = withReplicas(before, type, replicas)
  // A Scale of zero leaves its replicas out, so that nobody owns them any more.
  const seen = replicas === 0 ? withReplicas(before, type, undefined) : next
  const { manager, now } = writing
  const made = await tracked(server, type, { before, after: seen, manager, subresource: 'scale', now })
  const after = withMetadata(next, { managedFields: metadataOf(made).managedFields })
  const shown = (object: JsonObject) => scaleOf(type, object)
  const outcome = await updateObject(server, { route, entry, isTracked: true, shown }, after, writing)
  return { ...outcome, object: scaleOf(type, outcome.object) }
}

/** Applies the replicas of a Scale: its manager owns them from now on. Throws 400, 409, 422 and 500. */
export async function applyScale(
  server: Server,
  target: { route: Route; entry: Entry },
  scale: JsonObject,
  writing: Writing,
): Promise<Outcome> {
  const { route, entry } = target
  const { type, name } = route
  checkName(scale, name)
  if (type.custom)
    throw new StatusError(
      500,
      'failed to create manager for existing fields: failed to convert live object (/; autoscaling/v1, Kind=Scale) to proper version: request to convert CR to an invalid group/version: autoscaling/v1',
    )
  const { namespace } = metadataOf(objectOf(type, entry))
  const patch: JsonObject = {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  }
  setAt(patch, type.scale?.specReplicasPath ?? '', replicasOf(scale, type, name))
  const after = copyOf(await applied(server, { route, entry }, patch, writing))
  const wanted = await admitted(server, target, scaleOf(type, after), writing)
  setAt(after, type.scale?.specReplicasPath ?? '', replicasOf(wanted, type, name))
  const shown = (object: JsonObject) => scaleOf(type, object)
  const outcome = await updateObject(server, { route, entry, isTracked: true, shown }, after, writing)
  return { ...outcome, object: scaleOf(type, outcome.object) }
}

/** The Scale as mutating webhooks leave it. */
async function admitted(
  server: Server,
  { route, entry }: { route: Route; entry: Entry },
  scale: JsonObject,
  writing: Writing,
): Promise<JsonObject> {
  const { type, name, namespace, subresource } = route
  const before = scaleOf(type, objectOf(type, entry))
  const act = { operation: 'UPDATE' as const, type, subresource, name, namespace, before }
  const asked = mutated(server, act, () => scale, writing)
  return asked === undefined ? scale : asked
}

function replicasOf(scale: JsonObject, type: ResourceType, name: string): number {
  const { spec } = scale
  const given = typeof spec === 'object' && spec !== null && !Array.isArray(spec) ? spec.replicas : undefined
  if (given !== undefined && given !== null && typeof given !== 'number')
    throw badRequest('Scale in version "v1" cannot be handled as a Scale: spec.replicas must be a number')
  const replicas = given ?? 0
  if (replicas < 0) throw negative(type, name, replicas)
  return replicas
}

function withReplicas(object: JsonObject, type: ResourceType, replicas: number | undefined): JsonObject {
  const copy = copyOf(object)
  setAt(copy, type.scale?.specReplicasPath ?? '', replicas)
  return copy
}

function negative(type: ResourceType, name: string, replicas: number): StatusError {
  if (type.custom) {
    const field = type.scale?.specReplicasPath ?? ''
    const message = `Invalid value: ${replicas}: should be a non-negative integer`
    return invalid(type, name, [{ reason: 'FieldValueInvalid', field, message }])
  }
  const message = `Invalid value: ${replicas}: must be greater than or equal to 0`
  return invalid(SCALE, name, [{ reason: 'FieldValueInvalid', field: 'spec.replicas', message }])
}

function setAt(object: JsonObject, path: string, value: Json | undefined): void {
  const fields = path.split('.').filter((field) => field !== '')
  const last = fields.pop()
  let place = object
  for (const field of fields) {
    const child = objectAt(place, field) ?? {}
    put(place, field, child)
    place = child
  }
  if (last === undefined) return
  if (value === undefined) delete place[last]
  else put(place, last, value)
}
