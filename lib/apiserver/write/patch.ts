/**
 * PATCH: the patch is applied to the object in the version of the request, and the result goes the way of every update. An
 * apply creates what is not there.
 */
import { type Decoded, decodeObject, parseYamlText } from '../decode.ts'
import { decodeProblem } from '../decodeProblem.ts'
import { apiVersionOf, objectOf } from '../encode.ts'
import { ApplyConflict, ApplyError, applyPatch } from '../fields/apply.ts'
import { jsonPatch, mergePatch, PatchError } from '../fields/patch.ts'
import { strategicPatch } from '../fields/strategic.ts'
import { duplicateFields, parseJson } from '../json.ts'
import { metadataOf, metadataText } from '../metadata.ts'
import type { PatchType } from '../negotiate.ts'
import { dedupeOwners } from '../owners.ts'
import { findKind } from '../registry.ts'
import type { Json, JsonObject, ResourceType, Schema } from '../resource.ts'
import type { Route } from '../route.ts'
import { findEntry, type Server } from '../server.ts'
import { badRequest, conflict, invalid, notFound, StatusError } from '../status.ts'
import type { Entry } from '../store.ts'
import { placeInNamespace } from './check.ts'
import { createObject } from './create.ts'
import { checkName } from './name.ts'
import { copyOf, type Outcome, type Writing } from './outcome.ts'
import { updateObject } from './update.ts'

/** A patch as it was sent. */
export interface SentPatch {
  type: PatchType
  body: string
}

/** Throws 400, 404, 409, 413, 422 and 500. */
export function patchObject(server: Server, route: Route, patch: SentPatch, writing: Writing): Outcome {
  if (patch.type === 'apply') return apply(server, route, parseApply(patch.body, route.type), writing)
  const entry = findEntry(server, route.type, route.namespace, route.name)
  const parsed = parsePatch(patch)
  if (entry === undefined) throw notFound(route.type, route.name)
  const decoded = patched(server, { route, entry }, { ...parsed, type: patch.type }, writing)
  decoded.warnings.push(...dedupeOwners(decoded.object, ' after mutating admission happens'))
  checkName(decoded.object, route.name)
  placeInNamespace(decoded.object, route.namespace)
  const outcome = updateObject(server, { route, entry }, decoded.object, writing)
  return { ...outcome, warnings: [...decoded.warnings, ...outcome.warnings] }
}

/** A patch as JSON, and what is doubtful about its text. */
interface ParsedPatch {
  value: Json
  doubled: readonly string[]
  complaints: readonly string[]
}

/** Throws 400. */
export function parsePatch({ type, body }: SentPatch): ParsedPatch {
  const parsed = parseJson(body)
  if (parsed.error !== undefined)
    throw badRequest(type === 'strategic' ? parsed.error : `error decoding patch: ${parsed.error}`)
  const { value } = parsed
  if (type === 'json') return { value, doubled: [], complaints: operationComplaints(body, value) }
  if (value === null && type === 'merge') throw badRequest('Invalid JSON Patch')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const kind = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    )
  }
  return { value, doubled: duplicateFields(body, value), complaints: [] }
}

const OPERATION = new Set(['op', 'path', 'from', 'value'])

/** Fields of operations that occur twice or mean nothing. */
function operationComplaints(body: string, value: Json): string[] {
  const doubled = duplicateFields(body, value).map((path) => `json patch duplicate field "${path}"`)
  const operations = Array.isArray(value) ? value : []
  const unknown = operations.flatMap((operation, index) =>
    Object.keys(operation ?? {})
      .filter((field) => !OPERATION.has(field))
      .map((field) => `json patch unknown field "[${index}].${field}"`),
  )
  return [...doubled, ...unknown]
}

/** The patched object. Throws 400, 413 and 422. */
function patched(
  server: Server,
  { route, entry }: { route: Route; entry: Entry },
  patch: ParsedPatch & { type: PatchType },
  writing: Writing,
): Decoded {
  const { type } = route
  const result = patchedRaw(objectOf(type, entry), type, patch)
  const validation = writing.options.fieldValidation
  try {
    const object = copyOf(result)
    checkUnchangedIdentity(server, object, type)
    return decodeObject(object, type, { validation, doubled: patch.doubled, complaints: patch.complaints })
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 400) throw error
    throw undecodable(textOfResult(type, result, patch), error.message)
  }
}

function patchedRaw(target: JsonObject, type: ResourceType, patch: ParsedPatch & { type: PatchType }): JsonObject {
  try {
    const result =
      patch.type === 'json'
        ? jsonPatch(target, patch.value)
        : patch.type === 'merge'
          ? mergePatch(target, patch.value)
          : strategicPatch(target, patch.value as JsonObject, type.schema)
    if (typeof result === 'object' && result !== null && !Array.isArray(result)) return result
    throw undecodable(JSON.stringify(result), "couldn't get version/kind")
  } catch (error) {
    if (error instanceof PatchError) throw statusFrom(error)
    throw error
  }
}

/** A patch may not turn an object into one of another kind. Throws 400 and 422. */
function checkUnchangedIdentity(server: Server, object: JsonObject, type: ResourceType): void {
  const expected = apiVersionOf(type)
  const { kind, apiVersion } = object
  if (kind === type.kind && apiVersion === expected) return
  const name = metadataText(object, 'name')
  if (type.custom && apiVersion !== expected)
    throw mismatch({ group: '', kind: type.kind }, name, 'apiVersion', String(apiVersion), expected)
  if (type.custom) throw mismatch({ group: type.group, kind: String(kind) }, name, 'kind', String(kind), type.kind)
  const other = findKind(server.registry, String(apiVersion), String(kind))
  const problem = other === undefined ? undefined : decodeProblem(object, other)
  const scheme = 'pkg/api/legacyscheme/scheme.go:30'
  throw badRequest(
    problem ?? `no kind "${String(kind)}" is registered for version "${String(apiVersion)}" in scheme "${scheme}"`,
  )
}

function mismatch(
  kind: Pick<ResourceType, 'group' | 'kind'>,
  name: string,
  field: string,
  given: string,
  expected: string,
): StatusError {
  const message = `Invalid value: ${JSON.stringify(given)}: must be ${expected}`
  return invalid(kind, name, [{ reason: 'FieldValueInvalid', field, message }])
}

/** 422 that quotes the object or the patch, as the real server does. */
function undecodable(text: string, why: string): StatusError {
  const message = `Invalid value: ${JSON.stringify(text)}: ${why.replace(/^.*? cannot be handled as a \S+: /, '')}`
  return invalid({ group: '', kind: '' }, '', [{ reason: 'FieldValueInvalid', field: 'patch', message }])
}

/** The patched object (or for a strategic patch the patch) as refusals quote it. */
function textOfResult(
  type: ResourceType,
  result: JsonObject,
  patch: ParsedPatch & { type: PatchType },
): string {
  if (patch.type === 'strategic') return goText(patch.value)
  if (type.custom) return JSON.stringify(sorted(result, undefined, undefined))
  const touched = patch.type === 'json' ? touchedBy(patch.value) : patch.value
  return JSON.stringify(sorted(result, touched, type.schema))
}

/** The objects that a JSON Patch opens, as a tree. */
function touchedBy(operations: Json): JsonObject {
  const tree: JsonObject = {}
  for (const operation of Array.isArray(operations) ? operations : []) {
    let place = tree
    const path = String((operation as JsonObject | null)?.path ?? '').split('/')
    for (const step of path.slice(1, -1)) {
      const next: JsonObject = (place[step] as JsonObject | undefined) ?? {}
      place[step] = next
      place = next
    }
  }
  return tree
}

/** With sorted keys wherever `touched` has an object (everywhere when it is undefined), and in maps. */
function sorted(value: Json, touched: Json | undefined, schema: Schema | undefined): Json {
  if (typeof value !== 'object' || value === null) return value
  const isOpened = touched === undefined || (typeof touched === 'object' && touched !== null)
  const below = (key: string): Json | undefined =>
    touched === undefined ? undefined : isOpened ? ((touched as JsonObject)[key] ?? null) : null
  if (Array.isArray(value))
    return value.map((item, index) => sorted(item, below(String(index)), schema?.items))
  const keys = Object.keys(value)
  if (isOpened || schema?.additionalProperties !== undefined) keys.sort()
  return Object.fromEntries(
    keys.map((key) => [key, sorted(value[key] as Json, below(key), schema?.properties?.[key])]),
  )
}

/** JSON as Go's %v prints maps and slices. */
function goText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (value === null) return '<nil>'
  if (typeof value !== 'object') return String(value)
  const fields = Object.keys(value).sort()
  return `map[${fields.map((field) => `${field}:${goText(value[field] as Json)}`).join(' ')}]`
}

/** The object of an apply. Throws 400. */
export function parseApply(body: string, type: Pick<ResourceType, 'group' | 'version' | 'kind'>): JsonObject {
  const refuse = (why: string) => badRequest(`error decoding YAML: error converting YAML to JSON: ${why}`)
  const parsed = body.startsWith('{') ? parseJson(body) : undefined
  const value = parsed?.error === undefined && parsed !== undefined ? parsed.value : parseYamlText(body, refuse)
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

function apply(server: Server, route: Route, patch: JsonObject, writing: Writing): Outcome {
  const { type, namespace, name, subresource } = route
  const entry = findEntry(server, type, namespace, name)
  // What exists has its name already.
  if (entry === undefined || metadataText(patch, 'name') !== '') checkName(patch, name)
  const given = metadataText(patch, 'namespace')
  if (given !== '' && given !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (entry === undefined && subresource !== '') throw notFound(type, name)
  const object = applied(route, entry, patch, writing)
  if (entry !== undefined) {
    const decoded = decodeObject(object, type, { validation: 'Ignore' })
    return updateObject(server, { route, entry, isTracked: true }, decoded.object, writing)
  }
  const uid = metadataText(patch, 'uid')
  if (uid !== '')
    throw conflict(
      type,
      name,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    )
  const fresh = { ...object, metadata: { ...metadataOf(object), resourceVersion: '' } }
  const decoded = decodeObject(fresh, type, { validation: 'Ignore' })
  return createObject(server, { type, namespace, isTracked: true }, decoded.object, writing)
}

/** The object after an apply. Throws 409 and 500. */
export function applied(route: Route, entry: Entry | undefined, patch: JsonObject, writing: Writing): JsonObject {
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
    })
    return copyOf(object)
  } catch (error) {
    if (error instanceof ApplyConflict) throw applyConflict(error)
    if (error instanceof ApplyError) throw statusFrom(error)
    throw error
  }
}

const applyConflict = (error: ApplyConflict): StatusError =>
  new StatusError(409, error.message, {
    reason: 'Conflict',
    details: { causes: error.causes.map(({ reason, message, field }) => ({ reason, message, field })) },
  })

const statusFrom = ({ code, message, reason }: PatchError | ApplyError): StatusError =>
  new StatusError(code, message, {
    ...(reason === undefined ? {} : { reason }),
    ...(code === 422 ? { details: {} } : {}),
  })
