/**
 * Deployments: a ReplicaSet for each template, and pods that move from the older ones to the newest as the strategy allows.
 * Each visit does one step (`rollout.ts`), writes the status, and is followed by the next once the ReplicaSets have caught up.
 */
import { isDeleting } from '../controller.ts'
import { metadataText } from '../metadata.ts'
import type { Json, JsonObject } from '../resource.ts'
import { isEqual, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { claimed } from './claim.ts'
import { annotated, type Cluster, type Item, type Kind, withStatus } from './cluster.ts'
import { conditionOf, withCondition } from './condition.ts'
import { byAge, newestOf, REVISION, refreshed, revisionOf } from './deploymentSets.ts'
import {
  conditionAt,
  countedStatus,
  deadlineOf,
  failsIn,
  type Rollout,
  rolloutStatus,
} from './deploymentStatus.ts'
import { REPLICA_SET } from './replicaset.ts'
import { isScaled, recreate, roll, scale } from './rollout.ts'

export const DEPLOYMENT: Kind = { apiVersion: 'apps/v1', kind: 'Deployment' }

/** Brings one Deployment a step further. */
export async function reconcileDeployment(cluster: Cluster, item: Item): Promise<number | undefined> {
  const rollout = await begin(cluster, item)
  if (isDeleting(item.object)) return conclude(cluster, item, rollout, countedStatus(rollout))
  const isPaused = objectAt(item.object, 'spec').paused === true
  if (isPaused || isScaled(rollout))
    return conclude(cluster, item, ...(await scale(cluster, rollout, isPaused)))
  const recreates = stringAt(item.object, 'spec', 'strategy', 'type') === 'Recreate'
  const next = await (recreates ? recreate(cluster, rollout) : roll(cluster, rollout))
  if (next === undefined) return undefined
  return conclude(cluster, item, next, rolloutStatus(next))
}

async function begin(cluster: Cluster, { object: deployment }: Item): Promise<Rollout> {
  const sets = (await claimed(cluster, deployment, REPLICA_SET)).sort(byAge)
  const newest = newestOf(deployment, sets)
  const old = sets.filter((set) => set !== newest)
  const now = cluster.now()
  const rollout = { deployment, conditions: pausedConditions(deployment, now), newest, old, now }
  if (newest === undefined || isDeleting(deployment)) return rollout
  const fresh = await refreshed(cluster, deployment, newest, old)
  return { ...rollout, newest: fresh, conditions: foundConditions(rollout, fresh) }
}

/** Time that a Deployment was paused does not count as time without progress. */
function pausedConditions(deployment: JsonObject, now: number): readonly Json[] {
  const conditions = listAt(deployment, 'status', 'conditions')
  const current = conditionOf(conditions, 'Progressing')
  if (deadlineOf(deployment) === undefined || current?.reason === 'ProgressDeadlineExceeded')
    return conditions
  const { paused } = objectAt(deployment, 'spec')
  const wasPaused = current?.reason === 'DeploymentPaused'
  if (paused === true && !wasPaused)
    return withCondition(
      conditions,
      conditionAt(now, 'Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused'),
    )
  if (paused === true || !wasPaused) return conditions
  return withCondition(
    conditions,
    conditionAt(now, 'Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed'),
  )
}

function foundConditions({ deployment, conditions, now }: Rollout, newest: Item): readonly Json[] {
  if (deadlineOf(deployment) === undefined || conditionOf(conditions, 'Progressing') !== undefined)
    return conditions
  const message = `Found new replica set "${metadataText(newest.object, 'name')}"`
  return withCondition(conditions, conditionAt(now, 'Progressing', 'True', 'FoundNewReplicaSet', message))
}

/** Writes the status, with the revision; resolves with the milliseconds until time alone changes it. */
async function conclude(
  cluster: Cluster,
  item: Item,
  rollout: Rollout,
  status: JsonObject,
): Promise<number | undefined> {
  const { newest, now } = rollout
  const revision = newest === undefined ? 0 : revisionOf(newest.object)
  const marked = revision === 0 ? item.object : annotated(item.object, { [REVISION]: String(revision) })
  const next = withStatus(marked, status)
  if (!isEqual(next, item.object)) await cluster.update(item, next, 'status')
  const isPaused = objectAt(item.object, 'spec').paused === true
  return isPaused || isDeleting(item.object) ? undefined : failsIn(item.object, status, now)
}
