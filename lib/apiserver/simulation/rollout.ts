/** The steps of a Deployment: its ReplicaSets are scaled, rolled on or replaced, one step at a visit. */
import { metadataText } from '../metadata.ts'
import type { Json, JsonObject } from '../resource.ts'
import { numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { StatusError } from '../status.ts'
import { type Cluster, type Item, withStatus } from './cluster.ts'
import { withCondition } from './condition.ts'
import { byAge, desiredOf, forget, partOf, replicasOf, resized, setFor } from './deploymentSets.ts'
import { conditionAt, countedStatus, deadlineOf, isComplete, type Rollout } from './deploymentStatus.ts'
import { hasEnded, POD } from './pod.ts'
import { REPLICA_SET } from './replicaset.ts'
import { grown, limitsOf, shared, shrunk } from './rolling.ts'

const setsOf = ({ newest, old }: Rollout): readonly Item[] => (newest === undefined ? old : [...old, newest])
const activeOf = (sets: readonly Item[]): Item[] => sets.filter(({ object }) => replicasOf(object) > 0)

/** Was the Deployment itself scaled since its ReplicaSets were? */
export function isScaled(rollout: Rollout): boolean {
  const { replicas } = limitsOf(rollout.deployment)
  return activeOf(setsOf(rollout)).some(({ object }) => (desiredOf(object) ?? replicas) !== replicas)
}

/** Sizes the sets without rolling on: each keeps its share. The rollout as it is then, and its status. */
export async function scale(
  cluster: Cluster,
  rollout: Rollout,
  isPaused: boolean,
): Promise<[Rollout, JsonObject]> {
  const { deployment, newest, old } = rollout
  const limits = limitsOf(deployment)
  const sizes = new Map<Item, number>()
  const active = activeOf(setsOf(rollout))
  const only = active.length < 2 ? (active[0] ?? newest ?? old.at(-1)) : undefined
  const isSaturated =
    newest !== undefined &&
    [replicasOf(newest.object), desiredOf(newest.object), partOf(newest).available].every(
      (size) => size === limits.replicas,
    )
  if (only !== undefined) sizes.set(only, limits.replicas)
  else if (isSaturated) for (const set of active) if (set !== newest) sizes.set(set, 0)
  const shares = only === undefined && !isSaturated && isRolling(deployment)
  if (shares) {
    const total = numberAt(deployment, 'status', 'replicas') ?? 0
    const parts = [...active].sort(byAge).reverse().map(partOf)
    for (const [part, size] of shared(limits, parts, total)) sizes.set(part.item, size)
  }
  const next = await sized(cluster, rollout, sizes, shares)
  if (isPaused) await forget(cluster, deployment, next.old)
  return [next, countedStatus(next)]
}

const isRolling = (deployment: JsonObject): boolean =>
  stringAt(deployment, 'spec', 'strategy', 'type') === 'RollingUpdate'

/** The rollout with its sets in these sizes. */
async function sized(
  cluster: Cluster,
  rollout: Rollout,
  sizes: ReadonlyMap<Item, number>,
  isForced = false,
): Promise<Rollout> {
  const limits = limitsOf(rollout.deployment)
  const resize = async (item: Item): Promise<Item> => {
    const size = sizes.get(item)
    return size === undefined ? item : resized(cluster, item, limits, size, isForced)
  }
  const old: Item[] = []
  for (const item of rollout.old) old.push(await resize(item))
  const newest = rollout.newest === undefined ? undefined : await resize(rollout.newest)
  return { ...rollout, newest, old }
}

/** One step of a rolling update: up where there is room, else down where enough is available. */
export async function roll(cluster: Cluster, rollout: Rollout): Promise<Rollout | undefined> {
  const limits = limitsOf(rollout.deployment)
  const begun = await withNewest(cluster, rollout)
  if (begun?.newest === undefined) return undefined
  const { newest, old } = begun
  const [fresh, ...older] = [newest, ...old].map(partOf)
  if (fresh === undefined) return begun
  const size = grown(limits, fresh, older)
  if (size !== fresh.replicas) return sized(cluster, begun, new Map([[newest, size]]))
  if (activeOf(old).length > 0) {
    const sizes = new Map([...shrunk(limits, fresh, older)].map(([part, replicas]) => [part.item, replicas]))
    return sized(cluster, begun, sizes)
  }
  if (isComplete(begun.deployment, begun.deployment.status)) await forget(cluster, begun.deployment, old)
  return begun
}

/** One step of a replacement: the old pods go, then the new ones come. */
export async function recreate(cluster: Cluster, rollout: Rollout): Promise<Rollout | undefined> {
  const { replicas } = limitsOf(rollout.deployment)
  if (activeOf(rollout.old).length > 0)
    return sized(cluster, rollout, new Map(rollout.old.map((item) => [item, 0])))
  const isLeft = rollout.old.some(({ object }) =>
    cluster.controlled(object, POD).some((pod) => !hasEnded(pod.object)),
  )
  if (isLeft) return rollout
  const begun = await withNewest(cluster, rollout)
  if (begun?.newest === undefined) return undefined
  const next = await sized(cluster, begun, new Map([[begun.newest, replicas]]))
  if (isComplete(next.deployment, next.deployment.status)) await forget(cluster, next.deployment, next.old)
  return next
}

/** The rollout with a ReplicaSet for its template; undefined when there can be none. */
async function withNewest(cluster: Cluster, rollout: Rollout): Promise<Rollout | undefined> {
  const { deployment, newest, old, now } = rollout
  if (newest !== undefined) return rollout
  const limits = limitsOf(deployment)
  const none = { replicas: 0, available: 0, maxReplicas: 0 }
  const size = isRolling(deployment) ? grown(limits, none, old.map(partOf)) : limits.replicas
  const set = setFor(deployment, old, limits, size)
  const name = metadataText(set, 'name')
  const progressing = (status: 'True' | 'False', reason: string, message: string): readonly Json[] =>
    deadlineOf(deployment) === undefined
      ? rollout.conditions
      : withCondition(rollout.conditions, conditionAt(now, 'Progressing', status, reason, message))
  const result = await cluster.create(set).catch(async (error: unknown) => {
    if (!(error instanceof StatusError)) throw error
    const message = `Failed to create new replica set "${name}": ${error.message}`
    const conditions = [...progressing('False', 'ReplicaSetCreateError', message)]
    await writeStatus(cluster, deployment, { conditions })
    throw error
  })
  const made = cluster.find(REPLICA_SET, metadataText(deployment, 'namespace'), name)
  if (made === undefined) return undefined
  if (result === 'made')
    return {
      ...rollout,
      newest: made,
      conditions: progressing('True', 'NewReplicaSetCreated', `Created new replica set "${name}"`),
    }
  // Something else has that name: another one is tried.
  const collisionCount = (numberAt(deployment, 'status', 'collisionCount') ?? 0) + 1
  await writeStatus(cluster, deployment, { collisionCount })
  return undefined
}

/** Writes a part of the status of the Deployment as it is now. */
async function writeStatus(cluster: Cluster, deployment: JsonObject, part: JsonObject): Promise<void> {
  const kind = { apiVersion: stringAt(deployment, 'apiVersion'), kind: stringAt(deployment, 'kind') }
  const item = cluster.find(kind, metadataText(deployment, 'namespace'), metadataText(deployment, 'name'))
  if (item === undefined) return
  const status = { ...objectAt(item.object, 'status'), ...part }
  await cluster.update(item, withStatus(item.object, status), 'status')
}
