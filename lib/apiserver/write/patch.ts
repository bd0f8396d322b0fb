/**
 * PATCH: the patch is applied to the object in the version of the request, and the result goes the way of every update.
 */
import { copyOf } from '../fields/json.ts'
import { type Decoded, decodeObject, type FieldValidation, TYPE_META } from '../decode.ts'
import { decodeProblem, jsonKind } from '../decodeProblem.ts'
import { apiVersionOf, objectOf } from '../encode.ts'
import { jsonPatch, mergePatch, PatchError } from '../fields/patch.ts'
import { duplicateFields, parseJson } from '../json.ts'
import { metadataText } from '../metadata.ts'
import type { PatchType } from '../negotiate.ts'
import { dedupeOwners } from '../owners.ts'
import { findKind } from '../registry.ts'
import type { Json, JsonObject, Readable, ResourceType } from '../resource.ts'
import type { Server } from '../server.ts'
import { badRequest, invalid, notFound, StatusError } from '../status.ts'
import { applyObject } from './apply.ts'
import type { Target } from './again.ts'
import { placeInNamespace } from './check.ts'
import { checkName } from './name.ts'
import type { Outcome, Writing } from './outcome.ts'
import { patchedStrategically } from './patchStrategic.ts'
import { type ParsedPatch, undecodable, undecodableResult } from './patchText.ts'
import { updateObject } from './update.ts'

/** A patch as it was sent. */
export interface SentPatch {
  type: PatchType
  body: string
}

/** Throws 400, 404, 409, 413, 422 and 500. */
export async function patchObject(
  server: Server,
  { route, entry }: Target,
  patch: SentPatch,
  writing: Writing,
): Promise<Outcome> {
  if (patch.type === 'apply') return applyObject(server, { route, entry }, patch.body, writing)
  if (entry === undefined) throw notFound(route.type, route.name)
  const parsed = parsePatch(patch, writing.options.fieldValidation)
  const validation = writing.options.fieldValidation
  const decoded = patched(server, objectOf(route.type, entry), {
    type: route.type,
    patch: parsed,
    validation,
  })
  for (const text of [
    ...decoded.warnings,
    ...dedupeOwners(decoded.object, ' after mutating admission happens'),
  ])
    writing.asking.warn(text)
  checkName(decoded.object, route.name)
  placeInNamespace(decoded.object, route.namespace)
  return updateObject(server, { route, entry }, decoded.object, writing)
}

/** Throws 400. */
export function parsePatch({ type, body }: SentPatch, validation: FieldValidation): ParsedPatch {
  const parsed = parseJson(body)
  if (parsed.error !== undefined) {
    // Who does not ask for validation gets the words of the library that would apply the patch.
    if (type === 'merge' && validation === 'Ignore') throw badRequest('Invalid JSON Patch')
    const isPlain = type === 'strategic' || validation === 'Ignore'
    throw badRequest(isPlain ? parsed.error : `error decoding patch: ${parsed.error}`)
  }
  const { value } = parsed
  if (type === 'json') return { type, value, doubled: [], complaints: operationComplaints(body, value) }
  if (value === null && type === 'merge') throw badRequest('Invalid JSON Patch')
  if (value === null) return { type, value: {}, doubled: [], complaints: [] }
  if (typeof value !== 'object' || Array.isArray(value)) {
    const why = `json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`
    throw badRequest(type === 'strategic' ? why : `error decoding patch: ${why}`)
  }
  return { type, value, doubled: duplicateFields(body, value), complaints: [] }
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

/** How an object is patched: as what it is read, and by what. */
interface Patching {
  readonly type: Readable
  readonly patch: ParsedPatch
  readonly validation: FieldValidation
}

/** The patched object. Throws 400, 413 and 422. */
export function patched(server: Server, target: JsonObject, { type, patch, validation }: Patching): Decoded {
  if (patch.type === 'strategic') return applying(() => patchedStrategically(target, patch, type, validation))
  const result = patchedRaw(target, patch)
  try {
    const object = copyOf(result)
    const complaints = [...patch.complaints, ...fieldsOfNoVersion(object, type)]
    checkUnchangedIdentity(server, object, type)
    return decodeObject(object, type, { validation, doubled: patch.doubled, complaints })
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 400) throw error
    throw undecodableResult(type, result, patch, error.message)
  }
}

function patchedRaw(target: JsonObject, { type, value }: ParsedPatch): JsonObject {
  const result = applying(() => (type === 'json' ? jsonPatch(target, value) : mergePatch(target, value)))
  if (typeof result === 'object' && result !== null && !Array.isArray(result)) return result
  const why = `json: cannot unmarshal ${jsonKind(result)} into Go value of type ${TYPE_META}`
  throw undecodable(JSON.stringify(result), `couldn't get version/kind; json parse error: ${why}`)
}

/** A patch that does not apply is refused. */
function applying<T>(apply: () => T): T {
  try {
    return apply()
  } catch (error) {
    if (error instanceof PatchError) throw patchRefusal(error)
    throw error
  }
}

/**
 * Without a version a built-in object is decoded into the type that the server keeps in memory, whose fields have no names in
 * JSON: takes all of them away, and tells so.
 */
function fieldsOfNoVersion(object: JsonObject, type: Readable): string[] {
  if (type.custom || (object.apiVersion !== null && (object.apiVersion ?? '') !== '')) return []
  const fields = Object.keys(object).filter((name) => name !== 'apiVersion' && name !== 'kind')
  for (const name of fields) delete object[name]
  return fields.sort().map((name) => `unknown field ${JSON.stringify(name)}`)
}

/** A patch may not turn an object into one of another kind. Throws 400 and 422. */
function checkUnchangedIdentity(server: Server, object: JsonObject, type: Readable): void {
  const expected = apiVersionOf(type)
  // Decoding takes a built-in object without a kind for one of the kind that was there.
  if (!type.custom) {
    refuseOtherTypes(object)
    object.kind = object.kind || type.kind
    object.apiVersion = object.apiVersion || expected
  }
  const { kind, apiVersion } = object
  if (kind === type.kind && apiVersion === expected) return
  const name = metadataText(object, 'name')
  if (type.custom && apiVersion !== expected)
    throw mismatch({ group: '', kind: type.kind }, name, 'apiVersion', String(apiVersion), expected)
  if (type.custom)
    throw mismatch({ group: type.group, kind: String(kind) }, name, 'kind', String(kind), type.kind)
  const other = findKind(server.registry, String(apiVersion), String(kind))
  const problem = other === undefined ? undefined : decodeProblem(object, other)
  const scheme = 'pkg/api/legacyscheme/scheme.go:30'
  throw badRequest(
    problem ??
      `no kind "${String(kind)}" is registered for version "${String(apiVersion)}" in scheme "${scheme}"`,
  )
}

/** Throws 400 where what says the kind is no text. */
function refuseOtherTypes(object: JsonObject): void {
  for (const field of ['apiVersion', 'kind']) {
    const value = object[field] ?? ''
    if (typeof value === 'string') continue
    const why = `json: cannot unmarshal ${jsonKind(value)} into Go struct field .${field} of type string`
    throw badRequest(`couldn't get version/kind; json parse error: ${why}`)
  }
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

const patchRefusal = ({ code, message, reason }: PatchError): StatusError =>
  new StatusError(code, message, {
    ...(reason === undefined ? {} : { reason }),
    ...(code === 422 ? { details: {} } : {}),
  })
