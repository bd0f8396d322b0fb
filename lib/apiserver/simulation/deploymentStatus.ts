/**
 * The status of a Deployment: its counts, whether enough pods are available, and whether the rollout makes progress. The words
 * are those of the real deployment controller.
 */
import { metadataText } from '../metadata.ts'
import type { Json, JsonObject } from '../resource.ts'
import { listAt, numberAt } from '../schema/equal.ts'
import { timeOf, timeText } from '../time.ts'
import type { Item } from './cluster.ts'
import { conditionOf, counts, withCondition, without } from './condition.ts'
import { replicasOf } from './deploymentSets.ts'
import { limitsOf } from './rolling.ts'

/** What the status is made of. */
export interface Rollout {
  readonly deployment: JsonObject
  /** The conditions that it begins with. */
  readonly conditions: readonly Json[]
  readonly newest: Item | undefined
  readonly old: readonly Item[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** A condition that begins or changes now. */
export const conditionAt = (
  now: number,
  type: string,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
): JsonObject => ({
  type,
  status,
  lastUpdateTime: timeText(now),
  lastTransitionTime: timeText(now),
  reason,
  message,
})

/** Seconds without progress after which a rollout has failed; undefined where it never has. */
export function deadlineOf(deployment: JsonObject): number | undefined {
  const seconds = numberAt(deployment, 'spec', 'progressDeadlineSeconds')
  return seconds === undefined || seconds === 2_147_483_647 ? undefined : seconds
}

const total = (sets: readonly Item[], field: string): number =>
  sets.reduce((sum, { object }) => sum + (numberAt(object, 'status', field) ?? 0), 0)

/** Counts and availability. */
export function countedStatus({ deployment, conditions, newest, old, now }: Rollout): JsonObject {
  const sets = newest === undefined ? old : [newest, ...old]
  const { replicas, maxUnavailable } = limitsOf(deployment)
  const available = total(sets, 'availableReplicas')
  const wanted = sets.reduce((sum, { object }) => sum + replicasOf(object), 0)
  const collisionCount = numberAt(deployment, 'status', 'collisionCount')
  const availability =
    available >= replicas - maxUnavailable
      ? conditionAt(
          now,
          'Available',
          'True',
          'MinimumReplicasAvailable',
          'Deployment has minimum availability.',
        )
      : conditionAt(
          now,
          'Available',
          'False',
          'MinimumReplicasUnavailable',
          'Deployment does not have minimum availability.',
        )
  return {
    ...counts({
      observedGeneration: numberAt(deployment, 'metadata', 'generation') ?? 0,
      replicas: total(sets, 'replicas'),
      updatedReplicas: newest === undefined ? 0 : total([newest], 'replicas'),
      readyReplicas: total(sets, 'readyReplicas'),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, wanted - available),
    }),
    terminatingReplicas: total(sets, 'terminatingReplicas'),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(conditions, availability),
  }
}

/** The same, and how the rollout goes. */
export function rolloutStatus(rollout: Rollout): JsonObject {
  const status = countedStatus(rollout)
  const conditions = withFailure(progressed(rollout, status), rollout)
  return { ...status, conditions }
}

const count = (status: Json | undefined, name: string): number => numberAt(status, name) ?? 0

/** All wanted pods are of the newest template and available, and no others are left. */
export const isComplete = (deployment: JsonObject, status: Json | undefined): boolean => {
  const { replicas } = limitsOf(deployment)
  return (
    ['updatedReplicas', 'replicas', 'availableReplicas'].every((name) => count(status, name) === replicas) &&
    count(status, 'observedGeneration') >= (numberAt(deployment, 'metadata', 'generation') ?? 0)
  )
}

const isMoving = (before: Json | undefined, after: JsonObject): boolean =>
  count(after, 'updatedReplicas') > count(before, 'updatedReplicas') ||
  count(after, 'replicas') - count(after, 'updatedReplicas') <
    count(before, 'replicas') - count(before, 'updatedReplicas') ||
  count(after, 'readyReplicas') > count(before, 'readyReplicas') ||
  count(after, 'availableReplicas') > count(before, 'availableReplicas')

function progressed({ deployment, newest, now }: Rollout, status: JsonObject): Json[] {
  const conditions = listAt(status, 'conditions')
  const deadline = deadlineOf(deployment)
  if (deadline === undefined) return without(conditions, 'Progressing')
  const current = conditionOf(conditions, 'Progressing')
  const isOver = current?.reason === 'NewReplicaSetAvailable'
  if (isOver && count(status, 'replicas') === count(status, 'updatedReplicas')) return conditions
  const what =
    newest === undefined
      ? `Deployment "${metadataText(deployment, 'name')}"`
      : `ReplicaSet "${metadataText(newest.object, 'name')}"`
  const told = (holds: 'True' | 'False', reason: string, how: string) =>
    conditionAt(now, 'Progressing', holds, reason, `${what} ${how}.`)
  if (isComplete(deployment, status))
    return withCondition(conditions, told('True', 'NewReplicaSetAvailable', 'has successfully progressed'))
  if (isMoving(deployment.status, status)) {
    const moving = told('True', 'ReplicaSetUpdated', 'is progressing')
    // Every step counts anew, though status and reason stay the same.
    const since = current?.status === 'True' ? current.lastTransitionTime : undefined
    return [
      ...without(conditions, 'Progressing'),
      since === undefined ? moving : { ...moving, lastTransitionTime: since },
    ]
  }
  const isLate =
    current !== undefined && !isOver && now > timeOf(String(current.lastUpdateTime)) + deadline * 1000
  if (!isLate) return conditions
  return withCondition(conditions, told('False', 'ProgressDeadlineExceeded', 'has timed out progressing'))
}

/** What keeps a ReplicaSet from making pods is told of the Deployment, too. */
function withFailure(conditions: readonly Json[], { newest, old }: Rollout): Json[] {
  const failures = [...(newest === undefined ? [] : [newest]), ...old]
    .map(({ object }) => conditionOf(listAt(object, 'status', 'conditions'), 'ReplicaFailure'))
    .filter((one) => one !== undefined)
  const [failure] = failures
  if (failure === undefined) return without(conditions, 'ReplicaFailure')
  const { lastTransitionTime = null } = failure
  return withCondition(conditions, { ...failure, lastUpdateTime: lastTransitionTime })
}

/** Milliseconds until a rollout that makes no progress has failed; a second more than its deadline. */
export function failsIn(deployment: JsonObject, status: JsonObject, now: number): number | undefined {
  const deadline = deadlineOf(deployment)
  const current = conditionOf(listAt(status, 'conditions'), 'Progressing')
  if (deadline === undefined || current === undefined || isComplete(deployment, status)) return undefined
  if (current.reason === 'ProgressDeadlineExceeded' || current.reason === 'NewReplicaSetAvailable')
    return undefined
  return Math.max(0, timeOf(String(current.lastUpdateTime)) + (deadline + 1) * 1000 - now)
}
