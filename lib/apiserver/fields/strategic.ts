/** Strategic merge patch (under construction: behaves as a JSON merge patch). */
import type { JsonObject, Schema } from '../resource.ts'
import { mergePatch } from './patch.ts'

export function strategicPatch(target: JsonObject, patch: JsonObject, _schema: Schema): JsonObject {
  return mergePatch(target, patch) as JsonObject
}
