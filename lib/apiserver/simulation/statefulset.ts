/**
 * StatefulSets: pods with names and volumes of their own, made and replaced in order. Each visit goes as far as the order
 * allows, and the next one follows when a pod has changed.
 */
import { isDeleting } from '../controller.ts'
import { labelsOf, metadataText } from '../metadata.ts'
import type { JsonObject } from '../resource.ts'
import { isEqual, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { alreadyExists } from '../status.ts'
import { claimed } from './claim.ts'
import { type Cluster, type Item, type Kind, withStatus } from './cluster.ts'
import { counts } from './condition.ts'
import { hasEnded, POD } from './pod.ts'
import { availableIn, isReady, podOf, readiness } from './podTemplate.ts'
import { type History, historyOf, nameOf, templateOf, truncate } from './revision.ts'
import { createClaims, keepOrDropClaims, withClaims } from './statefulClaims.ts'

export const STATEFUL_SET: Kind = { apiVersion: 'apps/v1', kind: 'StatefulSet' }

const POD_NAMES = { group: '', kind: 'Pod', plural: 'pods' }

/** On a pod: the name of its revision. */
const REVISION = 'controller-revision-hash'

/** Brings one StatefulSet a step further. */
export async function reconcileStatefulSet(cluster: Cluster, item: Item): Promise<number | undefined> {
  const set = item.object
  const history = await historyOf(cluster, set, 'controller.kubernetes.io/hash')
  if (history === undefined) return undefined
  const current = stringAt(set, 'status', 'currentRevision')
  const former = history.all.find((one) => nameOf(one) === current) ?? history.update
  const plan: Plan = { set, history, former }
  if (!isDeleting(set)) await step(cluster, plan, await podsOf(cluster, set))
  const pods = await podsOf(cluster, set)
  const { status, nextIn } = statusOf(cluster, plan, pods)
  if (!isEqual(status, set.status)) await cluster.update(item, withStatus(set, status), 'status')
  const live = [nameOf(history.update), String(status.currentRevision), ...pods.map(revisionOf)]
  await truncate(cluster, set, history, new Set(live))
  return nextIn
}

/** What a visit works with. */
interface Plan {
  readonly set: JsonObject
  readonly history: History
  /** The revision that all pods had before the update. */
  readonly former: Item
}

const podsOf = async (cluster: Cluster, set: JsonObject): Promise<Item[]> =>
  (await claimed(cluster, set, POD))
    .filter((pod) => ordinalOf(set, pod) !== undefined)
    .sort((one, other) => (ordinalOf(set, one) ?? 0) - (ordinalOf(set, other) ?? 0))

function ordinalOf(set: JsonObject, { object }: Item): number | undefined {
  const [, parent, ordinal] = /^(.*)-([0-9]+)$/.exec(metadataText(object, 'name')) ?? []
  return parent === metadataText(set, 'name') ? Number(ordinal) : undefined
}

const revisionOf = ({ object }: Item): string => labelsOf(object)[REVISION] ?? ''
const startOf = (set: JsonObject): number => numberAt(set, 'spec', 'ordinals', 'start') ?? 0
const replicasOf = (set: JsonObject): number => numberAt(set, 'spec', 'replicas') ?? 1

/** Makes what is missing, takes down what is too much, then replaces what is outdated: each only when the former is done. */
async function step(cluster: Cluster, plan: Plan, pods: readonly Item[]): Promise<void> {
  const { set } = plan
  const inOrder = stringAt(set, 'spec', 'podManagementPolicy') !== 'Parallel'
  const isWanted = (pod: Item) => {
    const index = (ordinalOf(set, pod) ?? 0) - startOf(set)
    return index >= 0 && index < replicasOf(set)
  }
  const replicas = pods.filter(isWanted)
  const condemned = pods.filter((pod) => !isWanted(pod)).reverse()
  if (!(await fill(cluster, plan, replicas, inOrder))) return
  for (const pod of pods) await keepOrDropClaims(cluster, set, pod, ordinalOf(set, pod) ?? 0, isWanted(pod))
  if (!(await takeDown(cluster, set, [...replicas, ...condemned.toReversed()], condemned, inOrder))) return
  if (stringAt(set, 'spec', 'updateStrategy', 'type') === 'RollingUpdate')
    await replace(cluster, plan, replicas)
}

const isAvailable = (cluster: Cluster, set: JsonObject, pod: Item): boolean =>
  availableIn(pod, numberAt(set, 'spec', 'minReadySeconds') ?? 0, cluster.now()) === 0

/** True when every ordinal has its pod, and in order: when each of them is available. */
async function fill(
  cluster: Cluster,
  plan: Plan,
  replicas: readonly Item[],
  inOrder: boolean,
): Promise<boolean> {
  const { set } = plan
  let isFull = true
  for (let ordinal = startOf(set); ordinal < startOf(set) + replicasOf(set); ordinal++) {
    const pod = replicas.find((one) => ordinalOf(set, one) === ordinal)
    if (pod !== undefined && hasEnded(pod.object)) {
      if (!isDeleting(pod.object)) await cluster.remove(pod)
      isFull = false
    } else if (pod === undefined) {
      await createClaims(cluster, set, ordinal)
      const made = newPod(plan, ordinal)
      // Somebody else's pod has the name: nothing tells when it goes, so that is tried again.
      if ((await cluster.create(made)) === 'taken') throw alreadyExists(POD_NAMES, metadataText(made, 'name'))
      isFull = false
    } else if (inOrder && (isDeleting(pod.object) || !isAvailable(cluster, set, pod))) isFull = false
    if (!isFull && inOrder) return false
  }
  return isFull
}

/** True when nothing is left that is too much. In order, the highest goes first and the others wait until it is gone. */
async function takeDown(
  cluster: Cluster,
  set: JsonObject,
  pods: readonly Item[],
  condemned: readonly Item[],
  inOrder: boolean,
): Promise<boolean> {
  const isOut = (pod: Item) => isDeleting(pod.object) || !isAvailable(cluster, set, pod)
  const firstOut = pods.find(isOut)
  for (const pod of condemned) {
    if (inOrder && isDeleting(pod.object)) return false
    if (isDeleting(pod.object)) continue
    if (inOrder && isOut(pod) && pod !== firstOut) return false
    await cluster.remove(pod)
    if (inOrder) return false
  }
  return condemned.length === 0
}

/** Takes down the highest pod of another revision, unless one above the partition is out already. */
async function replace(cluster: Cluster, { set, history }: Plan, replicas: readonly Item[]): Promise<void> {
  const partition = numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0
  for (const pod of replicas.toReversed()) {
    // As the real one counts: from the first of its pods, not from ordinal 0.
    if ((ordinalOf(set, pod) ?? 0) - startOf(set) < partition) return
    if (revisionOf(pod) !== nameOf(history.update) && !isDeleting(pod.object)) return cluster.remove(pod)
    if (isDeleting(pod.object) || !isAvailable(cluster, set, pod)) return
  }
}

function newPod({ set, history, former }: Plan, ordinal: number): JsonObject {
  const isRolling = stringAt(set, 'spec', 'updateStrategy', 'type') === 'RollingUpdate'
  const partition = numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0
  const revision = isRolling && ordinal < startOf(set) + partition ? former : history.update
  const name = `${metadataText(set, 'name')}-${ordinal}`
  const pod = podOf(set, templateOf(revision), {
    name,
    generateName: `${metadataText(set, 'name')}-`,
    labels: {
      [REVISION]: nameOf(revision),
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(ordinal),
    },
  })
  const subdomain = stringAt(set, 'spec', 'serviceName')
  const spec = {
    ...withClaims(set, objectAt(pod, 'spec'), ordinal),
    hostname: name,
    ...(subdomain === '' ? {} : { subdomain }),
  }
  return { ...pod, spec }
}

function statusOf(cluster: Cluster, { set, history, former }: Plan, pods: readonly Item[]) {
  const { available, nextIn } = readiness(pods, set, cluster.now())
  const ready = pods.filter(
    (pod) => isReady(pod) && stringAt(pod.object, 'status', 'phase') === 'Running',
  ).length
  const alive = pods.filter(({ object }) => !isDeleting(object))
  const updated = alive.filter((pod) => revisionOf(pod) === nameOf(history.update)).length
  const isRolling = stringAt(set, 'spec', 'updateStrategy', 'type') === 'RollingUpdate'
  const isDone = isRolling && [updated, ready, pods.length].every((count) => count === replicasOf(set))
  const current = isDone ? history.update : former
  const status: JsonObject = {
    replicas: pods.length,
    availableReplicas: available,
    ...counts({
      observedGeneration: numberAt(set, 'metadata', 'generation') ?? 0,
      readyReplicas: ready,
      currentReplicas: alive.filter((pod) => revisionOf(pod) === nameOf(current)).length,
      updatedReplicas: updated,
    }),
    currentRevision: nameOf(current),
    updateRevision: nameOf(history.update),
    collisionCount: numberAt(set, 'status', 'collisionCount') ?? 0,
    ...(listAt(set, 'status', 'conditions').length === 0
      ? {}
      : { conditions: listAt(set, 'status', 'conditions') }),
  }
  return { status, nextIn }
}
