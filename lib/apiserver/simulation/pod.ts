/**
 * The scheduler and the kubelet: pods are bound to a node, run there (`podStatus.ts`), and stop when they are deleted. Where
 * there is no Node, they wait for one.
 */
import { isDeleting } from '../controller.ts'
import { metadataList, metadataText } from '../metadata.ts'
import type { JsonObject } from '../resource.ts'
import { isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { timeOf } from '../time.ts'
import { type Cluster, type Item, type Kind, withStatus } from './cluster.ts'
import { outcomeOf, type WorkloadOptions } from './options.ts'
import { NODE, nodeAddress } from './node.ts'
import { podState } from './podStatus.ts'

export const POD: Kind = { apiVersion: 'v1', kind: 'Pod' }

/** Runs one pod; resolves with the milliseconds until it changes by itself. */
export async function reconcilePod(
  cluster: Cluster,
  item: Item,
  options: WorkloadOptions,
  addresses: Addresses,
): Promise<number | undefined> {
  if (isDeleting(item.object)) return stop(cluster, item, options)
  if (hasEnded(item.object)) return undefined
  const bound = bind(cluster, item)
  return bound === undefined ? undefined : run(cluster, bound, options, addresses)
}

export const hasEnded = ({ status }: JsonObject): boolean =>
  ['Failed', 'Succeeded'].includes(stringAt(status, 'phase'))

/** Addresses of pods: none twice while this server lives. */
export type Addresses = () => string

export const createAddresses = (): Addresses => {
  let count = 1
  return () => `10.244.${(++count >> 8) & 255}.${count & 255}`
}

async function run(
  cluster: Cluster,
  item: Item,
  options: WorkloadOptions,
  addresses: Addresses,
): Promise<number | undefined> {
  const pod = item.object
  const { status, changesAfter } = podState(pod, {
    now: cluster.now(),
    outcome: outcomeOf(pod, options),
    readyAfterSeconds: options.readyAfterSeconds ?? 0,
    podIP: stringAt(pod, 'status', 'podIP') || addresses(),
    hostIP: nodeAddress(cluster.find(NODE, '', stringAt(pod, 'spec', 'nodeName'))?.object),
  })
  if (!isEqual(status, pod.status)) await cluster.update(item, withStatus(pod, status), 'status')
  return changesAfter
}

/** The pod with a node; undefined when it has to wait for one. */
function bind(cluster: Cluster, item: Item): Item | undefined {
  const pod = item.object
  if (stringAt(pod, 'spec', 'nodeName') !== '') return item
  if (listAt(pod, 'spec', 'schedulingGates').length > 0) return undefined
  const wanted = nodeWanted(pod)
  const nodes = cluster.list(NODE).map(({ object }) => metadataText(object, 'name'))
  const node = wanted === undefined ? nodes[0] : nodes.find((name) => name === wanted)
  return node === undefined ? undefined : cluster.bind(item, node)
}

/** The node that a DaemonSet makes its pod for. */
export function nodeWanted(pod: JsonObject): string | undefined {
  const path = [
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
    'nodeSelectorTerms',
  ]
  const fields = listAt(pod, 'spec', ...path).flatMap((term) => listAt(term, 'matchFields'))
  const field = fields.filter(isObject).find((one) => one.key === 'metadata.name')
  return field === undefined ? undefined : String(listAt(field, 'values')[0])
}

/** Ends the pod when its time is over; what is left to its finalizers is told that it has failed. */
async function stop(cluster: Cluster, item: Item, options: WorkloadOptions): Promise<number | undefined> {
  const pod = item.object
  const grace = numberAt(pod, 'metadata', 'deletionGracePeriodSeconds') ?? 0
  if (grace === 0) return undefined
  const deletedAt = timeOf(metadataText(pod, 'deletionTimestamp')) - grace * 1000
  const left = deletedAt + Math.min(options.stopAfterSeconds ?? 0, grace) * 1000 - cluster.now()
  if (left > 0) return left
  const isKept = metadataList(pod, 'finalizers').length > 0 && !hasEnded(pod)
  const last = isKept
    ? await cluster.update(item, withStatus(pod, { ...objectAt(pod, 'status'), phase: 'Failed' }), 'status')
    : item
  await cluster.remove(last, { gracePeriodSeconds: 0 })
  return undefined
}
