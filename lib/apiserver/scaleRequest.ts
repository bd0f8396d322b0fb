/** The Scale that a PUT or PATCH of the scale subresource means. */
import { objectOf } from './encode.ts'
import { jsonPatch, mergePatch } from './fields/patch.ts'
import { parseJson } from './json.ts'
import { bodyFormat } from './negotiate.ts'
import type { JsonObject } from './resource.ts'
import type { Route } from './route.ts'
import { scaleOf } from './scale.ts'
import type { ApiRequest } from './server.ts'
import { badRequest } from './status.ts'
import type { Entry } from './store.ts'
import { parsePatch, type SentPatch } from './write/patch.ts'

/** Throws 400 and 415. */
export function sentScale(request: ApiRequest): JsonObject {
  bodyFormat(request.headers['content-type'])
  const parsed = parseJson(request.body)
  if (parsed.error !== undefined)
    throw badRequest(`couldn't get version/kind; json parse error: ${parsed.error}`)
  const { value } = parsed
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value.kind !== 'Scale')
    throw badRequest('the object provided is unrecognized (must be of type Scale)')
  return value
}

/** The object's Scale with the patch applied. Throws 400, 422 and 500. */
export function patchedScale(route: Route, entry: Entry, sent: SentPatch): JsonObject {
  const scale = scaleOf(route.type, objectOf(route.type, entry))
  const { value } = parsePatch(sent, 'Warn')
  const result = sent.type === 'json' ? jsonPatch(scale, value) : mergePatch(scale, value)
  if (typeof result !== 'object' || result === null || Array.isArray(result))
    throw badRequest('the patched Scale is no object')
  return result
}
