/** DaemonSets: a pod on each node that the template's nodeSelector matches, replaced a few at a time. */
import { isDeleting } from '../controller.ts'
import { labelsOf, metadataText } from '../metadata.ts'
import type { Json, JsonObject } from '../resource.ts'
import { isEqual, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { selectorMatches } from '../selector/object.ts'
import { claimed } from './claim.ts'
import { annotationsOf, type Cluster, type Item, type Kind, withStatus } from './cluster.ts'
import { counts } from './condition.ts'
import { NODE } from './node.ts'
import { hasEnded, nodeWanted, POD } from './pod.ts'
import { availableIn, isActive, podOf, readiness } from './podTemplate.ts'
import { hashLabelOf, historyOf, nameOf, truncate } from './revision.ts'
import { scaled } from './rolling.ts'

export const DAEMON_SET: Kind = { apiVersion: 'apps/v1', kind: 'DaemonSet' }

/** On a pod and on a revision: the hash of the template. */
const REVISION = 'controller-revision-hash'

/** Counts the templates; the server writes it. */
const GENERATION = 'deprecated.daemonset.template.generation'

/** Brings one DaemonSet a step further. */
export async function reconcileDaemonSet(cluster: Cluster, item: Item): Promise<number | undefined> {
  const set = item.object
  const history = await historyOf(cluster, set, REVISION)
  if (history === undefined) return undefined
  const hash = hashLabelOf(history.update, REVISION)
  const selector = { matchLabels: objectAt(set, 'spec', 'template', 'spec', 'nodeSelector') }
  const nodes = cluster
    .list(NODE)
    .filter(({ object }) => selectorMatches(selector, labelsOf(object)))
    .map(nameOf)
  if (!isDeleting(set)) await step(cluster, set, { nodes, hash })
  const pods = await claimed(cluster, set, POD)
  const { status, nextIn } = statusOf(cluster, set, { nodes, hash, pods })
  if (!isEqual(status, set.status)) await cluster.update(item, withStatus(set, status), 'status')
  const inUse = new Set(pods.map((pod) => hashLabelOf(pod, REVISION)))
  const live = history.all.filter((one) => one === history.update || inUse.has(hashLabelOf(one, REVISION)))
  await truncate(cluster, set, history, new Set(live.map(nameOf)))
  return nextIn
}

interface Wanted {
  readonly nodes: readonly string[]
  readonly hash: string
}

/** The node of a pod: where it runs, else where it is meant to. */
const nodeOf = ({ object }: Item): string =>
  stringAt(object, 'spec', 'nodeName') || (nodeWanted(object) ?? '')

async function step(cluster: Cluster, set: JsonObject, { nodes, hash }: Wanted): Promise<void> {
  const pods = await claimed(cluster, set, POD)
  for (const pod of pods)
    if (!isDeleting(pod.object) && (hasEnded(pod.object) || !nodes.includes(nodeOf(pod))))
      await cluster.remove(pod)
  const without = nodes.filter((node) => pods.every((pod) => nodeOf(pod) !== node))
  for (const node of without) await cluster.create(newPod(set, hash, node))
  if (without.length > 0 || stringAt(set, 'spec', 'updateStrategy', 'type') !== 'RollingUpdate') return
  await replace(cluster, set, { nodes, hash }, pods)
}

/** Takes down pods of former templates: those that are out anyway, and as many others as may be. */
async function replace(
  cluster: Cluster,
  set: JsonObject,
  { nodes, hash }: Wanted,
  pods: readonly Item[],
): Promise<void> {
  const { maxUnavailable } = objectAt(set, 'spec', 'updateStrategy', 'rollingUpdate')
  const allowed = Math.max(1, scaled(maxUnavailable, nodes.length, Math.ceil))
  const minReadySeconds = numberAt(set, 'spec', 'minReadySeconds') ?? 0
  const isOut = (pod: Item) =>
    isDeleting(pod.object) || availableIn(pod, minReadySeconds, cluster.now()) !== 0
  const old = pods.filter((pod) => hashLabelOf(pod, REVISION) !== hash && !isDeleting(pod.object))
  for (const pod of old.filter(isOut)) await cluster.remove(pod)
  const spare = Math.max(0, allowed - pods.filter(isOut).length)
  for (const pod of old.filter((one) => !isOut(one)).slice(0, spare)) await cluster.remove(pod)
}

function newPod(set: JsonObject, hash: string, node: string): JsonObject {
  const pod = podOf(set, objectAt(set, 'spec', 'template'), {
    generateName: `${metadataText(set, 'name')}-`,
    labels: { [REVISION]: hash, 'pod-template-generation': annotationsOf(set)[GENERATION] ?? '1' },
  })
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }]
  const nodeAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
  }
  const spec = objectAt(pod, 'spec')
  const affinity = { ...objectAt(spec, 'affinity'), nodeAffinity }
  return { ...pod, spec: { ...spec, affinity, tolerations: tolerationsOf(spec) } }
}

/** What the pods of a DaemonSet put up with on a node, besides what their template says. */
function tolerationsOf(spec: JsonObject): Json[] {
  const isHere = (effect: string, name: string): JsonObject => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect,
  })
  const added = [
    isHere('NoExecute', 'not-ready'),
    isHere('NoExecute', 'unreachable'),
    isHere('NoSchedule', 'disk-pressure'),
    isHere('NoSchedule', 'memory-pressure'),
    isHere('NoSchedule', 'pid-pressure'),
    isHere('NoSchedule', 'unschedulable'),
  ]
  const given = listAt(spec, 'tolerations')
  return [...given, ...added.filter((one) => !given.some((other) => isEqual(one, other)))]
}

function statusOf(
  cluster: Cluster,
  set: JsonObject,
  { nodes, hash, pods }: Wanted & { readonly pods: readonly Item[] },
) {
  const active = pods.filter((pod) => isActive(pod) && nodes.includes(nodeOf(pod)))
  const { ready, available, nextIn } = readiness(active, set, cluster.now())
  const status: JsonObject = {
    currentNumberScheduled: active.length,
    numberMisscheduled: pods.filter((pod) => isActive(pod) && !nodes.includes(nodeOf(pod))).length,
    desiredNumberScheduled: nodes.length,
    numberReady: ready,
    ...counts({
      observedGeneration: numberAt(set, 'metadata', 'generation') ?? 0,
      updatedNumberScheduled: active.filter((pod) => hashLabelOf(pod, REVISION) === hash).length,
      numberAvailable: available,
      numberUnavailable: nodes.length - available,
    }),
  }
  return { status, nextIn }
}
