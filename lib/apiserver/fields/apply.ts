/** Server-side apply (under construction). */
import type { JsonObject, ResourceType } from '../resource.ts'
import { mergePatch } from './patch.ts'

export { ApplyConflict, ApplyError } from './conflict.ts'

export interface Apply {
  live: JsonObject | undefined
  patch: JsonObject
  type: ResourceType
  manager: string
  force: boolean
  subresource?: string | undefined
  now: string
}

export function applyPatch({ live, patch }: Apply): { object: JsonObject } {
  return { object: mergePatch(live ?? {}, patch) as JsonObject }
}
