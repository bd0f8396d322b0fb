/** What a write answers with, and what every write is told. */
import type { Asking } from '../admission/attributes.ts'
import { dryAllocations } from '../allocations.ts'
import type { WriteOptions } from '../options.ts'
import type { Allocations, JsonObject, ResourceType } from '../resource.ts'
import type { Server } from '../server.ts'
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

/** Where kinds get addresses and ports from: a dry run takes none. */
export const allocationsFor = ({ allocations }: Server, { options }: Writing): Allocations =>
  options.dryRun ? dryAllocations(allocations) : allocations
