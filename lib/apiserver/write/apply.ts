/**
 * Server-side apply: what the patch says becomes owned by its manager; an object that is not there is created.
 */
import { copyOf } from '../fields/json.ts'
import { decodeObject } from '../decode.ts'
import { decodeProblem } from '../decodeProblem.ts'
import { apiVersionOf, objectOf } from '../encode.ts'
import { ApplyConflict, ApplyError, applyPatch } from '../fields/apply.ts'
import { Unconvertible, type Versions } from '../fields/versions.ts'
import { duplicateFields, parseJson } from '../json.ts'
import { metadataOf, metadataText } from '../metadata.ts'
import type { Json, JsonObject, ResourceType } from '../resource.ts'
import { validateSchema } from '../schema/validate.ts'
import type { Server } from '../server.ts'
import { badRequest, conflict, internal, invalid, notFound, StatusError } from '../status.ts'
import { parseYamlText } from '../yaml.ts'
import { yamlDuplicates } from '../yamlDuplicates.ts'
import type { Target } from './again.ts'
import { createObject } from './create.ts'
import { checkName } from './name.ts'
import type { Outcome, Writing } from './outcome.ts'
import { withVersions } from './tracked.ts'
import { updateObject } from './update.ts'

/** The object of an apply. Throws 400. */
export function parseApply(body: string, type: Pick<ResourceType, 'group' | 'version' | 'kind'>): JsonObject {
  const refuse = (why: string) => badRequest(`error decoding YAML: error converting YAML to JSON: ${why}`)
  const parsed = body.startsWith('{') ? parseJson(body) : undefined
  const value =
    parsed?.error === undefined && parsed !== undefined ? parsed.value : parseYamlText(body, refuse)
  const object = value ?? {}
  if (typeof object !== 'object' || Array.isArray(object)) {
    const kind = Array.isArray(object) ? 'array' : typeof object
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    )
  }
  if (object.apiVersion !== apiVersionOf(type) || object.kind !== type.kind)
    throw badRequest(`invalid object type: ${groupVersionKind(object)}`)
  if (metadataOf(object).managedFields !== undefined && metadataOf(object).managedFields !== null)
    throw badRequest('metadata.managedFields must be nil')
  return object
}

function groupVersionKind(object: JsonObject): string {
  const apiVersion = typeof object.apiVersion === 'string' ? object.apiVersion : ''
  const kind = typeof object.kind === 'string' ? object.kind : ''
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`
}

/** Throws 400, 403, 404, 409, 422 and 500. */
export async function applyObject(
  server: Server,
  { route, entry }: Target,
  body: string,
  writing: Writing,
): Promise<Outcome> {
  const { type, namespace, name, subresource } = route
  const patch = parseApply(body, type)
  // What exists has its name already.
  if (entry === undefined || metadataText(patch, 'name') !== '') checkName(patch, name)
  const given = metadataText(patch, 'namespace')
  if (given !== '' && given !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (entry === undefined && subresource !== '') throw notFound(type, name)
  const applying = applied(server, { route, entry }, patch, writing)
  const object: JsonObject = applying instanceof Promise ? await applying : applying
  if (writing.options.fieldValidation !== 'Ignore') checkDuplicates(body, patch, writing)
  if (type.custom && holdsNull(patch)) checkNulls(type, object)
  if (entry !== undefined) {
    const after = decodedApply(object, patch, type)
    return updateObject(server, { route, entry, isTracked: true }, after, writing)
  }
  const uid = metadataText(patch, 'uid')
  if (uid !== '')
    throw conflict(
      type,
      name,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    )
  const fresh = { ...object, metadata: { ...metadataOf(object), resourceVersion: '' } }
  return createObject(
    server,
    { type, namespace, isTracked: true, isUpsert: true },
    decodedApply(fresh, patch, type),
    writing,
  )
}

/** The merged object, decoded. Its values have types that fit; what may not is their text. Throws 500. */
function decodedApply(object: JsonObject, patch: JsonObject, type: ResourceType): JsonObject {
  const problem = decodeProblem(object, type)
  if (problem === undefined) return decodeObject(object, type, { validation: 'Ignore' }).object
  const gvk = `${type.group}/${type.version}, Kind=${type.kind}`
  const key = `${metadataText(patch, 'namespace')}/${metadataText(patch, 'name')}`
  const message = `failed to convert new object (${key}; ${gvk}) to proper version: unable to convert unstructured object to ${gvk}: error decoding from json: ${problem}`
  throw new StatusError(500, message)
}

/** Only what could be applied is looked at: a conflict comes first. Throws 400. */
function checkDuplicates(body: string, patch: JsonObject, { options, asking }: Writing): void {
  if (body.startsWith('{') && duplicateFields(body, patch).length === 0) return
  const found = yamlDuplicates(body)
  if (found.length === 0) return
  if (options.fieldValidation === 'Strict') throw strictProblem(found)
  for (const text of found) asking.warn(text)
}

const strictProblem = (found: readonly string[]): StatusError =>
  badRequest(
    `error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  ${found.join('\n  ')}`,
  )

const holdsNull = (value: Json): boolean =>
  value === null || (typeof value === 'object' && Object.values(value).some(holdsNull))

/** Other writes drop a null that the schema does not allow; an apply is refused. Throws 422. */
function checkNulls(type: ResourceType, object: JsonObject): void {
  const problems = validateSchema(object, undefined, type.schema).filter(
    ({ reason, message, field }) =>
      reason === 'FieldValueTypeInvalid' && message.endsWith(': "null"') && !field.startsWith('metadata.'),
  )
  if (problems.length > 0) throw invalid(type, metadataText(object, 'name'), problems)
}

/** The object after an apply. Throws 409 and 500. */
export function applied(
  server: Server,
  { route, entry }: Target,
  patch: JsonObject,
  writing: Writing,
): JsonObject | Promise<JsonObject> {
  return withVersions(server, route.type, (versions) => appliedIn(versions, { route, entry }, patch, writing))
}

function appliedIn(
  versions: Versions | undefined,
  { route, entry }: Target,
  patch: JsonObject,
  writing: Writing,
): JsonObject {
  const { type, subresource } = route
  try {
    const { object } = applyPatch({
      live: entry === undefined ? undefined : objectOf(type, entry),
      patch,
      type,
      manager: writing.manager,
      force: writing.options.force,
      subresource,
      now: writing.now,
      versions,
    })
    return copyOf(object)
  } catch (error) {
    if (error instanceof ApplyConflict) throw applyConflict(error)
    if (error instanceof ApplyError) throw applyRefusal(error)
    if (error instanceof Unconvertible) throw internal(error.message)
    throw error
  }
}

const applyConflict = (error: ApplyConflict): StatusError =>
  new StatusError(409, error.message, {
    reason: 'Conflict',
    details: { causes: error.causes.map(({ reason, message, field }) => ({ reason, message, field })) },
  })

const applyRefusal = ({ code, message, reason }: ApplyError): StatusError =>
  new StatusError(code, message, reason === undefined ? {} : { reason })
