/** When a Job is over, and why: its conditions in the words and in the order of the real job controller. */
import type { Json, JsonObject } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { timeOf, timeText } from '../time.ts'
import type { Item } from './cluster.ts'
import { conditionOf, isTrue, without } from './condition.ts'

/** The pods of a Job, counted. */
export interface Tally {
  readonly pods: readonly Item[]
  readonly active: readonly Item[]
  /** Those that have ended and are still held by their finalizer. */
  readonly ended: readonly Item[]
  /** Counted for good. */
  readonly succeeded: number
  readonly failed: number
  /** uids of pods that have ended and are not counted yet. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] }
  /** Indexes that have succeeded; undefined for Jobs without. */
  readonly completed: ReadonlySet<number> | undefined
  readonly terminating: number
}

/** How a Job ends. */
export interface Verdict {
  readonly reason: string
  readonly message: string
}

/** When the Job was finished, or undefined. */
export function finished(job: JsonObject): string | undefined {
  const over = listAt(job, 'status', 'conditions')
    .filter(isObject)
    .find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True')
  return over === undefined ? undefined : stringAt(over, 'lastTransitionTime')
}

/** Why the Job has failed, if it has. */
export function failureOf(job: JsonObject, tally: Tally, now: number): Verdict | undefined {
  const conditions = listAt(job, 'status', 'conditions')
  if (isTrue(conditions, 'SuccessCriteriaMet')) return undefined
  const known = conditionOf(conditions, 'FailureTarget')
  if (known?.status === 'True') return { reason: String(known.reason), message: String(known.message) }
  const limit = numberAt(job, 'spec', 'backoffLimit') ?? 6
  if (tally.failed + tally.uncounted.failed.length > limit || hasRestartedTooOften(job, tally, limit))
    return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  const deadline = numberAt(job, 'spec', 'activeDeadlineSeconds')
  const startTime = stringAt(job, 'status', 'startTime')
  if (deadline === undefined || startTime === '' || objectAt(job, 'spec').suspend === true) return undefined
  if (now < timeOf(startTime) + deadline * 1000) return undefined
  return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
}

/** Where containers are started again in their pod, that counts. */
function hasRestartedTooOften(job: JsonObject, { pods }: Tally, limit: number): boolean {
  if (stringAt(job, 'spec', 'template', 'spec', 'restartPolicy') !== 'OnFailure') return false
  const restarts = pods
    .filter(({ object }) => ['Running', 'Pending'].includes(stringAt(object, 'status', 'phase')))
    .flatMap(({ object }) => listAt(object, 'status', 'containerStatuses'))
    .reduce<number>((sum, one) => sum + (numberAt(one, 'restartCount') ?? 0), 0)
  return limit === 0 ? restarts > 0 : restarts >= limit
}

function hasSucceeded(job: JsonObject, { succeeded, uncounted, active }: Tally): boolean {
  const total = succeeded + uncounted.succeeded.length
  const completions = numberAt(job, 'spec', 'completions')
  return active.length === 0 && (completions === undefined ? total > 0 : total >= completions)
}

/** The conditions as they are now, and the times that go with them. */
export function jobConditions(job: JsonObject, tally: Tally, failure: Verdict | undefined, now: number) {
  const suspension = suspended(job, now)
  const { startTime } = suspension
  let { conditions } = suspension
  const isDone = failure === undefined && hasSucceeded(job, tally)
  const success = { reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
  const verdict = failure ?? (isDone ? success : undefined)
  if (verdict === undefined) return { conditions, startTime, completionTime: undefined }
  conditions = added(conditions, failure === undefined ? 'SuccessCriteriaMet' : 'FailureTarget', verdict, now)
  // Not before every pod has stopped and has been counted.
  const isOpen = tally.active.length + tally.terminating + tally.ended.length > 0
  if (isOpen) return { conditions, startTime, completionTime: undefined }
  conditions = added(conditions, failure === undefined ? 'Complete' : 'Failed', verdict, now)
  return { conditions, startTime, completionTime: failure === undefined ? timeText(now) : undefined }
}

/** A Job that waits has no start; one that goes on starts anew. */
function suspended(job: JsonObject, now: number): { conditions: Json[]; startTime: string | undefined } {
  const conditions = [...listAt(job, 'status', 'conditions')]
  const startTime = stringAt(job, 'status', 'startTime') || timeText(now)
  const wasSuspended = conditionOf(conditions, 'Suspended')
  if (objectAt(job, 'spec').suspend === true) {
    if (wasSuspended?.status === 'True') return { conditions, startTime: undefined }
    const why = { reason: 'JobSuspended', message: 'Job suspended' }
    return { conditions: added(conditions, 'Suspended', why, now), startTime: undefined }
  }
  if (wasSuspended?.status !== 'True') return { conditions, startTime }
  const resumed = {
    ...conditionAt('Suspended', { reason: 'JobResumed', message: 'Job resumed' }, now),
    status: 'False',
  }
  return {
    conditions: conditions.map((one) => (one === wasSuspended ? resumed : one)),
    startTime: timeText(now),
  }
}

const conditionAt = (type: string, { reason, message }: Verdict, now: number): JsonObject => ({
  type,
  status: 'True',
  lastProbeTime: timeText(now),
  lastTransitionTime: timeText(now),
  reason,
  message,
})

const added = (conditions: readonly Json[], type: string, why: Verdict, now: number): Json[] =>
  isTrue(conditions, type) ? [...conditions] : [...without(conditions, type), conditionAt(type, why, now)]
