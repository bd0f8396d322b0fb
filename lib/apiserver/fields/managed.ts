/** Tracking of updates in managedFields (under construction). */
import type { JsonObject, ResourceType } from '../resource.ts'

export interface Update {
  before: JsonObject | undefined
  after: JsonObject
  type: ResourceType
  manager: string
  subresource?: string | undefined
  now: string
}

export function trackUpdate({ after }: Update): JsonObject {
  return after
}
