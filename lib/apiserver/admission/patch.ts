/** The patch of a mutating webhook, applied: what comes out is decoded and defaulted as a body would be. */
import { decodeProblem } from '../decodeProblem.ts'
import { jsonPatch, PatchError } from '../fields/patch.ts'
import { parseJson } from '../json.ts'
import { findKind } from '../registry.ts'
import type { Json, JsonObject, ResourceType } from '../resource.ts'
import { applyDefaults } from '../schema/default.ts'
import { isEqual, isObject } from '../schema/equal.ts'
import { prune } from '../schema/prune.ts'
import type { Server } from '../server.ts'
import { sentType } from '../subresource.ts'
import { WebhookFailure } from '../webhook/failure.ts'
import type { Decision } from './answer.ts'
import { CallFailure, internalError } from './ask.ts'
import type { Hook } from './hooks.ts'
import type { Seen } from './review.ts'

/** The object after the patch; undefined where nothing changes. Throws {@link CallFailure} and 500. */
export function patchedBy(
  server: Server,
  hook: Hook,
  { patch, patchType }: Decision,
  { type, object }: Seen,
  subresource: string,
): JsonObject | undefined {
  if (patch === '') return undefined
  const operations = parsePatch(hook, patch)
  if (operations.length === 0) return undefined
  if (object === undefined)
    throw internalError(
      `admission webhook ${JSON.stringify(hook.name)} attempted to modify the object, which is not supported for this operation`,
    )
  if (patchType !== 'JSONPatch')
    throw new CallFailure(hook.name, new WebhookFailure(`unsupported patch type "${patchType}"`), '')
  const patched = apply(object, operations)
  if (!type.custom) checkKind(server, patched, object)
  if (subresource !== 'scale') complete(patched, sentType(type, subresource))
  return isEqual(patched, object) ? undefined : patched
}

function parsePatch(hook: Hook, text: string): Json[] {
  const parsed = parseJson(text)
  const undecodable = (why: string) =>
    new CallFailure(hook.name, new WebhookFailure(why), 'received undecodable patch in webhook response: ')
  if (parsed.error !== undefined) throw undecodable(parsed.error)
  const { value } = parsed
  if (value === null) return []
  if (Array.isArray(value)) return value
  const kind = isObject(value) ? 'object' : typeof value
  throw undecodable(`json: cannot unmarshal ${kind} into Go value of type jsonpatch.Patch`)
}

function apply(object: JsonObject, operations: Json[]): JsonObject {
  try {
    const patched = jsonPatch(object, operations)
    if (isObject(patched)) return patched
  } catch (error) {
    if (error instanceof PatchError) throw internalError(error.detail ?? error.message)
    throw error
  }
  throw internalError("couldn't get version/kind; json parse error: the patched object is no object")
}

/** A webhook may not make another kind of an object: Go would have no type to decode it into. Throws 500. */
function checkKind(server: Server, patched: JsonObject, { apiVersion, kind }: JsonObject): void {
  if (patched.apiVersion === apiVersion && patched.kind === kind) return
  const other = findKind(server.registry, String(patched.apiVersion), String(patched.kind))
  if (other === undefined)
    throw internalError(
      `no kind "${String(patched.kind)}" is registered for version "${String(patched.apiVersion)}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    )
  const from = `${other.version}.${other.kind}`
  const into = `${packageOf(String(apiVersion))}.${String(kind)}`
  throw internalError(
    decodeProblem(patched, other) ?? `converting (${from}) to (${into}): unknown conversion`,
  )
}

/** The Go package that the internal form of a kind is in. */
const packageOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? (apiVersion.split(/[./]/)[0] ?? '') : 'core'

/** Custom resources keep fields that their schema does not know until they are stored. */
function complete(object: JsonObject, type: ResourceType): void {
  const problem = decodeProblem(object, type)
  if (problem !== undefined) throw internalError(problem)
  if (!type.custom) prune(object, type.schema)
  applyDefaults(object, type.schema)
  type.defaults?.(object)
}
