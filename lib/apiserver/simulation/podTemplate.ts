/** Pods as controllers make them of their templates, and what they look at in those that they have. */
import { isDeleting } from '../controller.ts'
import { metadataText } from '../metadata.ts'
import type { JsonObject } from '../resource.ts'
import { listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { timeOf } from '../time.ts'
import { annotationsOf, controllerReference, type Item } from './cluster.ts'
import { conditionOf, isTrue } from './condition.ts'
import { hasEnded, POD } from './pod.ts'

/** A pod of the owner's template; `metadata` adds to that of the template (and names the pod). */
export function podOf(owner: JsonObject, template: JsonObject, metadata: JsonObject): JsonObject {
  const given = objectAt(template, 'metadata')
  return {
    ...POD,
    metadata: {
      ...metadata,
      namespace: metadataText(owner, 'namespace'),
      labels: { ...objectAt(given, 'labels'), ...objectAt(metadata, 'labels') },
      annotations: { ...objectAt(given, 'annotations'), ...objectAt(metadata, 'annotations') },
      finalizers: [...listAt(given, 'finalizers'), ...listAt(metadata, 'finalizers')],
      ownerReferences: [controllerReference(owner)],
    },
    spec: objectAt(template, 'spec'),
  }
}

export const isActive = ({ object }: Item): boolean => !hasEnded(object) && !isDeleting(object)

export const isReady = ({ object }: Item): boolean => isTrue(listAt(object, 'status', 'conditions'), 'Ready')

/** Milliseconds until a ready pod is available; 0 when it is, undefined when it is not ready. */
export function availableIn({ object }: Item, minReadySeconds: number, now: number): number | undefined {
  const ready = conditionOf(listAt(object, 'status', 'conditions'), 'Ready')
  if (ready?.status !== 'True') return undefined
  const since = timeOf(stringAt(ready, 'lastTransitionTime'))
  return Math.max(0, since + minReadySeconds * 1000 - now)
}

/** How many pods are ready and available, and the milliseconds until the next one is. */
export function readiness(pods: readonly Item[], owner: JsonObject, now: number) {
  const minReadySeconds = numberAt(owner, 'spec', 'minReadySeconds') ?? 0
  const waits = pods.map((pod) => availableIn(pod, minReadySeconds, now)).filter((wait) => wait !== undefined)
  const left = waits.filter((wait) => wait > 0)
  return {
    ready: waits.length,
    available: waits.length - left.length,
    nextIn: left.length === 0 ? undefined : Math.min(...left),
  }
}

const COST = 'controller.kubernetes.io/pod-deletion-cost'

/** Those that are missed least stand first: not bound, not running, not ready, cheap, young (controller.ActivePods). */
export const byWorth = (one: Item, other: Item): number => {
  const [ranks, others] = [worthOf(one), worthOf(other)]
  const index = ranks.findIndex((rank, at) => rank !== others[at])
  return index < 0 ? 0 : (ranks[index] ?? 0) - (others[index] ?? 0)
}

const worthOf = ({ object, entry }: Item): number[] => [
  stringAt(object, 'spec', 'nodeName') === '' ? 0 : 1,
  ['Pending', 'Unknown', 'Running'].indexOf(stringAt(object, 'status', 'phase')),
  isTrue(listAt(object, 'status', 'conditions'), 'Ready') ? 1 : 0,
  Number(annotationsOf(object)[COST] ?? 0) || 0,
  -timeOf(metadataText(object, 'creationTimestamp')),
  -entry.revision,
]
