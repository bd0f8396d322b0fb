/** An object with a strategic merge patch applied: what comes of it is converted to its Go type, not decoded from JSON. */
import { type Decoded, type FieldValidation, unknownFields } from '../decode.ts'
import { apiVersionOf } from '../encode.ts'
import { goText } from '../fields/gosyntax.ts'
import { strategicPatch } from '../fields/strategic.ts'
import { isObject } from '../fields/json.ts'
import type { JsonObject, Readable } from '../resource.ts'
import { restore } from '../restore.ts'
import { type ParsedPatch, undecodable } from './patchText.ts'

/** Throws PatchError where the patch does not apply, and 422, quoting what is left of it, where its result does not fit. */
export function patchedStrategically(
  target: JsonObject,
  patch: ParsedPatch,
  type: Readable,
  validation: FieldValidation,
): Decoded {
  const { merged, rest } = strategicPatch(target, isObject(patch.value) ? patch.value : {}, type.schema)
  const restored = restore(merged, type.schema)
  if (restored.problem !== undefined) throw undecodable(goText(rest), restored.problem)
  // Whatever they were patched to: a Go type knows what it is.
  const object: JsonObject = { ...restored.object, apiVersion: apiVersionOf(type), kind: type.kind }
  const unknown = unknownFields(object, type, false).map((path) => `unknown field ${JSON.stringify(path)}`)
  const doubled = patch.doubled.map((path) => `duplicate field ${JSON.stringify(path)}`)
  const strict = [...doubled, ...unknown.sort()]
  if (strict.length > 0 && validation === 'Strict')
    throw undecodable(goText(rest), `strict decoding error: ${strict.join(', ')}`)
  return { object, warnings: validation === 'Warn' ? strict : [] }
}
