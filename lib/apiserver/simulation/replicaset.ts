/** ReplicaSets: as many pods as wanted, and a status that counts them. */
import { isDeleting } from '../controller.ts'
import { labelsOf, metadataText } from '../metadata.ts'
import type { Json, JsonObject } from '../resource.ts'
import { isEqual, listAt, numberAt, objectAt } from '../schema/equal.ts'
import { selectorMatches } from '../selector/object.ts'
import { StatusError } from '../status.ts'
import { claimed } from './claim.ts'
import { type Cluster, type Item, type Kind, withStatus } from './cluster.ts'
import { counts, withCondition, without } from './condition.ts'
import { hasEnded, POD } from './pod.ts'
import { byWorth, isActive, podOf, readiness } from './podTemplate.ts'

export const REPLICA_SET: Kind = { apiVersion: 'apps/v1', kind: 'ReplicaSet' }

/** The controller makes and deletes no more at once. */
const BURST = 500

/** Brings one ReplicaSet to where it should be. */
export async function reconcileReplicaSet(cluster: Cluster, item: Item): Promise<number | undefined> {
  const set = item.object
  const failure = isDeleting(set) ? undefined : await scale(cluster, set).catch(refusal)
  const pods = await claimed(cluster, set, POD)
  const { status, nextIn } = statusOf(cluster, set, pods, failure)
  if (!isEqual(status, set.status)) await cluster.update(item, withStatus(set, status), 'status')
  if (failure !== undefined) throw failure.error
  return nextIn
}

const wantedBy = (set: JsonObject): number => numberAt(set, 'spec', 'replicas') ?? 1

async function scale(cluster: Cluster, set: JsonObject): Promise<undefined> {
  const active = (await claimed(cluster, set, POD)).filter(isActive)
  const missing = Math.min(wantedBy(set) - active.length, BURST)
  const metadata = { generateName: `${metadataText(set, 'name')}-` }
  for (let count = 0; count < missing; count++)
    if ((await cluster.create(podOf(set, objectAt(set, 'spec', 'template'), metadata))) !== 'made') return
  for (const pod of [...active].sort(byWorth).slice(0, Math.max(0, Math.min(-missing, BURST))))
    await cluster.remove(pod)
}

interface Failure {
  readonly error: StatusError
}

function refusal(error: unknown): Failure {
  if (error instanceof StatusError) return { error }
  throw error
}

function statusOf(cluster: Cluster, set: JsonObject, pods: readonly Item[], failure: Failure | undefined) {
  const active = pods.filter(isActive)
  const template = { matchLabels: objectAt(set, 'spec', 'template', 'metadata', 'labels') }
  const { ready, available, nextIn } = readiness(active, set, cluster.now())
  const conditions = conditionsOf(cluster, set, active.length, failure)
  const status: JsonObject = {
    replicas: active.length,
    terminatingReplicas: pods.filter(({ object }) => isDeleting(object) && !hasEnded(object)).length,
    ...counts({
      fullyLabeledReplicas: active.filter(({ object }) => selectorMatches(template, labelsOf(object))).length,
      readyReplicas: ready,
      availableReplicas: available,
      observedGeneration: numberAt(set, 'metadata', 'generation') ?? 0,
    }),
    ...(conditions.length === 0 ? {} : { conditions }),
  }
  return { status, nextIn }
}

function conditionsOf(
  cluster: Cluster,
  set: JsonObject,
  active: number,
  failure: Failure | undefined,
): Json[] {
  const old = listAt(set, 'status', 'conditions')
  if (failure === undefined) return without(old, 'ReplicaFailure')
  return withCondition(old, {
    type: 'ReplicaFailure',
    status: 'True',
    lastTransitionTime: cluster.time(),
    reason: active < wantedBy(set) ? 'FailedCreate' : 'FailedDelete',
    message: failure.error.message,
  })
}
