/**
 * The scale subresource: `autoscaling/v1` Scale read from an object, and written back to its replicas.
 */
import { objectOf } from './encode.ts'
import { jsonPath } from './jsonpath.ts'
import { metadataOf, metadataText, withMetadata } from './metadata.ts'
import type { Json, JsonObject, ResourceType } from './resource.ts'
import type { Route } from './route.ts'
import type { Server } from './server.ts'
import { badRequest, conflict, invalid, StatusError } from './status.ts'
import type { Entry } from './store.ts'
import { checkName } from './write/name.ts'
import { copyOf, type Outcome, type Writing } from './write/outcome.ts'
import { updateObject } from './write/update.ts'

/** What a Scale looks like, for decoding. */
export const SCALE: Pick<ResourceType, 'group' | 'version' | 'kind' | 'plural'> = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  plural: 'scales',
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
  const [found] = path === undefined ? [(object.spec as JsonObject | undefined)?.selector] : jsonPath(object, path)
  if (typeof found === 'string') return found
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return ''
  const terms = Object.entries((found.matchLabels ?? {}) as Record<string, string>).map(
    ([key, value]) => `${key}=${value}`,
  )
  for (const expression of (found.matchExpressions ?? []) as JsonObject[]) terms.push(termOf(expression))
  return terms.sort().join(',')
}

function termOf({ key, operator, values }: JsonObject): string {
  const list = Array.isArray(values) ? `(${[...values].sort().join(',')})` : ''
  if (operator === 'Exists') return String(key)
  if (operator === 'DoesNotExist') return `!${key}`
  return `${key} ${operator === 'In' ? 'in' : 'notin'} ${list}`
}

/** Writes the replicas of a Scale to its object. Throws 400, 409 and 422. */
export function updateScale(
  server: Server,
  target: { route: Route; entry: Entry },
  scale: JsonObject,
  writing: Writing,
): Outcome {
  const { route, entry } = target
  const { type, name } = route
  checkName(scale, name)
  const object = objectOf(type, entry)
  const asked = metadataText(scale, 'resourceVersion')
  if (asked !== '' && asked !== metadataText(object, 'resourceVersion')) throw conflict(type, name)
  const { spec } = scale
  const given = typeof spec === 'object' && spec !== null && !Array.isArray(spec) ? spec.replicas : undefined
  if (given !== undefined && given !== null && typeof given !== 'number')
    throw badRequest('Scale in version "v1" cannot be handled as a Scale: spec.replicas must be a number')
  const replicas = given ?? 0
  if (replicas < 0) throw negative(type, name, replicas)
  const next = withMetadata(copyOf(object), { resourceVersion: asked === '' ? undefined : asked })
  setAt(next, type.scale?.specReplicasPath ?? '', replicas)
  const outcome = updateObject(server, { route, entry }, next, writing)
  return { ...outcome, object: scaleOf(type, outcome.object) }
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

function setAt(object: JsonObject, path: string, value: Json): void {
  const fields = path.split('.').filter((field) => field !== '')
  const last = fields.pop()
  let place = object
  for (const field of fields) {
    const next = place[field]
    const child = typeof next === 'object' && next !== null && !Array.isArray(next) ? next : {}
    place[field] = child
    place = child
  }
  if (last !== undefined) place[last] = value
}

