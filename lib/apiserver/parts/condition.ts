/** Conditions of pods as the server sets them. */
import type { Json, JsonObject } from '../resource.ts'
import { listAt, stringAt } from '../schema/equal.ts'

/** The status with a condition in the place of the one of its type; its time is that of the last change of `status`. */
export function withCondition(
  status: JsonObject,
  condition: { type: string; status: string; reason?: string; message?: string },
  now: string,
): JsonObject {
  const conditions = listAt(status, 'conditions')
  const old = conditions.find((one) => stringAt(one, 'type') === condition.type)
  const isSame = stringAt(old, 'status') === condition.status
  const { type, status: value, ...rest } = condition
  const made: Json = {
    type,
    status: value,
    lastProbeTime: null,
    lastTransitionTime: (isSame ? stringAt(old, 'lastTransitionTime') : '') || now,
    ...rest,
  }
  return {
    ...status,
    conditions:
      old === undefined
        ? [...conditions, made]
        : conditions.map((one) => (stringAt(one, 'type') === type ? made : one)),
  }
}
