/**
 * PATCH: the patch is applied to the object in the version of the request, and the result goes the way of every update.
 */
import { type Decoded, decodeObject, type FieldValidation } from '../decode.ts'
import { decodeProblem } from '../decodeProblem.ts'
import { apiVersionOf, objectOf } from '../encode.ts'
import { jsonPatch, mergePatch, PatchError } from '../fields/patch.ts'
import { strategicPatch } from '../fields/strategic.ts'
import { duplicateFields, parseJson } from '../json.ts'
import { metadataText } from '../metadata.ts'
import type { PatchType } from '../negotiate.ts'
import { dedupeOwners } from '../owners.ts'
import { findKind } from '../registry.ts'
import type { Json, JsonObject, ResourceType } from '../resource.ts'
import type { Route } from '../route.ts'
import type { Server } from '../server.ts'
import { badRequest, invalid, notFound, StatusError } from '../status.ts'
import type { Entry } from '../store.ts'
import { applyObject } from './apply.ts'
import type { Target } from './again.ts'
import { placeInNamespace } from './check.ts'
import { checkName } from './name.ts'
import { copyOf, type Outcome, type Writing } from './outcome.ts'
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
  const decoded = patched(server, { route, entry }, parsed, writing)
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
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const kind = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    )
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

/** The patched object. Throws 400, 413 and 422. */
function patched(
  server: Server,
  { route, entry }: { route: Route; entry: Entry },
  patch: ParsedPatch,
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
    throw undecodableResult(type, result, patch, error.message)
  }
}

function patchedRaw(target: JsonObject, type: ResourceType, patch: ParsedPatch): JsonObject {
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
    if (error instanceof PatchError) throw patchRefusal(error)
    throw error
  }
}

/** A patch may not turn an object into one of another kind. Throws 400 and 422. */
function checkUnchangedIdentity(server: Server, object: JsonObject, type: ResourceType): void {
  const expected = apiVersionOf(type)
  // Decoding takes a built-in object without a kind for one of the kind that was there.
  if (!type.custom && (object.kind === undefined || object.kind === '')) object.kind = type.kind
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
