/** Objects that differ from another in a few places: what most refusals are about. */
import type { JsonObject } from '../replay/json.ts'
import { put } from '../replay/pointer.ts'

/** JSON by pointer; undefined takes away what is there. */
export type Changes = Readonly<Record<string, unknown>>

/** A copy with these places changed; the original stays as it is. */
export function changed(object: object, changes: Changes): JsonObject {
  const copy: JsonObject = asJson(object)
  for (const [pointer, value] of Object.entries(changes))
    put(copy, pointer, value === undefined ? undefined : asJson(value))
  return copy
}

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value))
