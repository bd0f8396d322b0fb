/** The ReplicaSets of a Deployment: which one is the newest, what is written on them, how they are made and scaled. */
import { isDeleting } from '../controller.ts'
import { metadataText, withMetadata } from '../metadata.ts'
import type { JsonObject } from '../resource.ts'
import { isEqual, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { timeOf } from '../time.ts'
import { annotated, annotationsOf, type Cluster, controllerReference, type Item } from './cluster.ts'
import { hashOf } from './hash.ts'
import { REPLICA_SET } from './replicaset.ts'
import type { Limits, Part } from './rolling.ts'

export const REVISION = 'deployment.kubernetes.io/revision'
const HISTORY = 'deployment.kubernetes.io/revision-history'
const DESIRED = 'deployment.kubernetes.io/desired-replicas'
const MOST = 'deployment.kubernetes.io/max-replicas'
const HASH = 'pod-template-hash'

/** What the Deployment says of itself and its ReplicaSets do not repeat. */
const OWN = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  HISTORY,
  DESIRED,
  MOST,
  'deprecated.deployment.rollback.to',
])

/** As long as the history of revisions may get, in characters. */
const HISTORY_LENGTH = 2000

export const replicasOf = (set: JsonObject): number => numberAt(set, 'spec', 'replicas') ?? 0
const annotation = (set: JsonObject, name: string): string => stringAt(annotationsOf(set), name)
export const revisionOf = (set: JsonObject): number => Number(annotation(set, REVISION)) || 0

/** The size that the Deployment had when it last scaled the set; undefined where that is not written. */
export const desiredOf = (set: JsonObject): number | undefined => {
  const text = annotation(set, DESIRED)
  return text === '' ? undefined : Number(text)
}

/** The oldest first. */
export const byAge = ({ object: one }: Item, { object: other }: Item): number =>
  timeOf(metadataText(one, 'creationTimestamp')) - timeOf(metadataText(other, 'creationTimestamp')) ||
  (metadataText(one, 'name') < metadataText(other, 'name') ? -1 : 1)

/** A ReplicaSet in numbers, for `rolling.ts`. */
export const partOf = (item: Item): Part & { readonly item: Item } => ({
  item,
  replicas: replicasOf(item.object),
  available: numberAt(item.object, 'status', 'availableReplicas') ?? 0,
  maxReplicas: Number(annotation(item.object, MOST)) || 0,
})

/** The set with the template of the Deployment; of several the oldest. */
export const newestOf = (deployment: JsonObject, sets: readonly Item[]): Item | undefined => {
  const template = unhashed(objectAt(deployment, 'spec', 'template'))
  return [...sets]
    .sort(byAge)
    .find(({ object }) => isEqual(unhashed(objectAt(object, 'spec', 'template')), template))
}

function unhashed(template: JsonObject): JsonObject {
  const metadata = objectAt(template, 'metadata')
  const { [HASH]: _, ...labels } = objectAt(metadata, 'labels')
  return { ...template, metadata: { ...metadata, labels } }
}

const hashed = (labels: JsonObject, hash: string): JsonObject => ({ ...labels, [HASH]: hash })

/** The set that a Deployment makes for its template, of this size. */
export function setFor(
  deployment: JsonObject,
  old: readonly Item[],
  limits: Limits,
  replicas: number,
): JsonObject {
  const template = objectAt(deployment, 'spec', 'template')
  const metadata = objectAt(template, 'metadata')
  const selector = objectAt(deployment, 'spec', 'selector')
  const hash = hashOf(template, numberAt(deployment, 'status', 'collisionCount') ?? 0)
  const labels = hashed(objectAt(metadata, 'labels'), hash)
  const minReadySeconds = numberAt(deployment, 'spec', 'minReadySeconds')
  return {
    ...REPLICA_SET,
    metadata: {
      name: `${metadataText(deployment, 'name').slice(0, 252 - hash.length)}-${hash}`,
      namespace: metadataText(deployment, 'namespace'),
      labels,
      annotations: { ...copied(deployment), [REVISION]: String(nextRevision(old)), ...sizes(limits) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: hashed(objectAt(selector, 'matchLabels'), hash) },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  }
}

const copied = (deployment: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(annotationsOf(deployment)).filter(([name]) => !OWN.has(name)))

const sizes = ({ replicas, maxSurge }: Limits): JsonObject => ({
  [DESIRED]: String(replicas),
  [MOST]: String(replicas + maxSurge),
})

const nextRevision = (old: readonly Item[]): number =>
  Math.max(0, ...old.map(({ object }) => revisionOf(object))) + 1

/** Brings what is written on the newest set up to date; one that is rolled back to keeps its former revisions. */
export async function refreshed(
  cluster: Cluster,
  deployment: JsonObject,
  newest: Item,
  old: readonly Item[],
): Promise<Item> {
  const set = newest.object
  const revision = nextRevision(old)
  const before = annotation(set, REVISION)
  const annotations = { ...copied(deployment) }
  if (revisionOf(set) < revision) {
    annotations[REVISION] = String(revision)
    if (before !== '') annotations[HISTORY] = longer(annotation(set, HISTORY), before)
  }
  const minReadySeconds = numberAt(deployment, 'spec', 'minReadySeconds')
  const { minReadySeconds: _, ...spec } = objectAt(set, 'spec')
  const next = {
    ...annotated(set, annotations),
    spec: minReadySeconds === undefined ? spec : { ...spec, minReadySeconds },
  }
  return isEqual(next, set) ? newest : cluster.update(newest, next)
}

function longer(history: string, revision: string): string {
  const revisions = [...history.split(','), revision].filter((one) => one !== '')
  while (revisions.join(',').length > HISTORY_LENGTH) revisions.shift()
  return revisions.join(',')
}

/** The set in another size, if it has another. `isForced` also notes the size of the Deployment where only that differs. */
export async function resized(
  cluster: Cluster,
  item: Item,
  limits: Limits,
  replicas: number,
  isForced = false,
): Promise<Item> {
  const set = item.object
  if (replicasOf(set) === replicas && !isForced) return item
  const next = { ...annotated(set, sizes(limits)), spec: { ...objectAt(set, 'spec'), replicas } }
  return isEqual(next, withMetadata(set, {})) ? item : cluster.update(item, next)
}

/** Deletes the sets that are too many for the history, the earliest revisions first, if they have no pods. */
export async function forget(cluster: Cluster, deployment: JsonObject, old: readonly Item[]): Promise<void> {
  const limit = numberAt(deployment, 'spec', 'revisionHistoryLimit')
  if (limit === undefined) return
  const kept = old
    .filter(({ object }) => !isDeleting(object))
    .sort((one, other) => revisionOf(one.object) - revisionOf(other.object) || byAge(one, other))
  for (const item of kept.slice(0, Math.max(0, kept.length - limit))) {
    const { object } = item
    const isSeen =
      numberAt(object, 'metadata', 'generation') === numberAt(object, 'status', 'observedGeneration')
    if (replicasOf(object) === 0 && numberAt(object, 'status', 'replicas') === 0 && isSeen)
      await cluster.remove(item)
  }
}
