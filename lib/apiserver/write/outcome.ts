/** What a write answers with, and what every write is told. */
import type { Asking } from '../admission/attributes.ts'
import { put } from '../fields/json.ts'
import type { WriteOptions } from '../options.ts'
import type { Json, JsonObject, ResourceType } from '../resource.ts'
import type { Entry } from '../store.ts'

/** Who writes, when and how. */
export interface Writing {
  /** The field manager: of the query, else the first part of the user agent. */
  manager: string
  options: WriteOptions
  /** `metadata` time of this request. */
  now: string
  /** What admission is told of the request; takes the texts of `Warning` headers. */
  asking: Asking
}

/** The result of a write: `entry` when it is stored, else only `object`. */
export interface Outcome {
  status: number
  type: ResourceType
  object: JsonObject
  entry?: Entry
}

/** A copy of JSON that may be changed, whatever the original is. */
export function copyOf<T extends Json>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf) as T
  const copy: JsonObject = {}
  for (const key of Object.keys(value)) {
    put(copy, key, copyOf(value[key] as Json))
  }
  return copy as T
}
