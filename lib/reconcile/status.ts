/**
 * The status that a run leaves behind, as the smallest merge patch that brings it about: the author's fields, and for kinds
 * of our own `observedGeneration` and the conditions `Reconciled` and `Stalled`. Pure; nothing differs, no patch.
 */
import type { KubeObject } from '../kube.ts'

/** A condition as Kubernetes writes it (metav1.Condition). */
export interface ConditionRecord {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly observedGeneration?: number
  readonly lastTransitionTime?: string
  readonly reason: string
  readonly message: string
}

/** How a run ended, as far as the status tells. */
export type Conclusion =
  | { readonly type: 'done' }
  | { readonly type: 'finalizing' }
  /** `isStalled`: it will not be tried again until the object changes. */
  | {
      readonly type: 'failed'
      readonly reason: string
      readonly message: string
      readonly isStalled: boolean
    }

/** Conditions carry text for people, not dumps. */
const MESSAGE_LENGTH = 1024

type Fields = Readonly<Record<string, unknown>>

/**
 * The merge patch (RFC 7396) of the status, or undefined where nothing would change. `conclusion` undefined: the status is not ours, so
 * only the author's fields count. An author's undefined removes a field.
 */
export function statusPatch(
  object: KubeObject,
  fields: Fields,
  { conclusion, now }: { conclusion: Conclusion | undefined; now: number },
): object | undefined {
  const live: Fields = (object as KubeObject & { status?: Fields }).status ?? {}
  const next: Record<string, unknown> = { ...fields }
  if (conclusion !== undefined) {
    const generation = object.metadata.generation
    if (generation !== undefined) next.observedGeneration = generation
    next.conditions = conditions(live, fields, { conclusion, generation, now })
  } else if (Array.isArray(fields.conditions)) {
    next.conditions = merged(conditionsIn(live), conditionsIn(fields), now)
  }
  return difference(live, next, Object.keys(next))
}

function conditions(
  live: Fields,
  fields: Fields,
  { conclusion, generation, now }: { conclusion: Conclusion; generation: number | undefined; now: number },
): readonly ConditionRecord[] {
  const about = generation === undefined ? {} : { observedGeneration: generation }
  const own = ownConditions(conclusion).map((condition) => ({ ...condition, ...about }))
  const others = conditionsIn(live).filter(
    ({ type }) => type !== 'Stalled' || own.some((mine) => mine.type === type),
  )
  return merged(others, [...conditionsIn(fields), ...own], now)
}

function ownConditions(conclusion: Conclusion): ConditionRecord[] {
  if (conclusion.type === 'done')
    return [{ type: 'Reconciled', status: 'True', reason: 'Reconciled', message: '' }]
  if (conclusion.type === 'finalizing')
    return [
      {
        type: 'Reconciled',
        status: 'False',
        reason: 'Finalizing',
        message: 'The object is being cleaned up',
      },
    ]
  const { reason, isStalled } = conclusion
  const message = conclusion.message.slice(0, MESSAGE_LENGTH)
  const failed: ConditionRecord = { type: 'Reconciled', status: 'False', reason, message }
  return isStalled ? [failed, { type: 'Stalled', status: 'True', reason, message }] : [failed]
}

const conditionsIn = (fields: Fields): readonly ConditionRecord[] =>
  Array.isArray(fields.conditions) ? fields.conditions : []

/** Later conditions replace earlier ones of the same type; the transition time moves only when the status does. */
function merged(
  before: readonly ConditionRecord[],
  news: readonly ConditionRecord[],
  now: number,
): readonly ConditionRecord[] {
  const result = new Map(before.map((condition) => [condition.type, condition]))
  for (const condition of news) {
    const old = result.get(condition.type)
    const since = old?.status === condition.status ? old.lastTransitionTime : undefined
    const time = since ?? condition.lastTransitionTime ?? `${new Date(now).toISOString().slice(0, 19)}Z`
    result.set(condition.type, { ...condition, lastTransitionTime: time })
  }
  return [...result.values()]
}

/** What a merge patch must say so that `before` becomes `after` in the named fields; undefined where they are equal. */
function difference(before: Fields, after: Fields, names: readonly string[]): object | undefined {
  const patch: Record<string, unknown> = {}
  for (const name of names) {
    const [old, value] = [before[name], after[name]]
    if (isEqual(old, value)) continue
    patch[name] = isMap(old) && isMap(value) ? difference(old, value, keysOf(old, value)) : (value ?? null)
  }
  return Object.keys(patch).length === 0 ? undefined : patch
}

const keysOf = (left: Fields, right: Fields): string[] => [
  ...new Set([...Object.keys(left), ...Object.keys(right)]),
]

const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Equality of JSON; undefined, null and an absent field are one. */
function isEqual(left: unknown, right: unknown): boolean {
  if (left === right || (left ?? null) === (right ?? null)) return true
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((item, index) => isEqual(item, right[index]))
  if (!isMap(left) || !isMap(right)) return false
  return keysOf(left, right).every((name) => isEqual(left[name], right[name]))
}
