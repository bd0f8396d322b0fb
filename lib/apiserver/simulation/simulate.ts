/**
 * The workloads of a cluster without nodes: Deployments, ReplicaSets, StatefulSets, DaemonSets and Jobs make pods, pods run on
 * a simulated node, claims on storage are bound. Each kind has one function that brings an object closer to where it should
 * be; here is who calls it when. CronJobs, autoscalers, Endpoints and PodDisruptionBudgets are left to others.
 */
import { createQueue, type Place } from '../controller.ts'
import { type Dependents, ownersOf } from '../dependents.ts'
import { labelsOf, metadataText } from '../metadata.ts'
import type { JsonObject } from '../resource.ts'
import { isEqual, objectAt } from '../schema/equal.ts'
import { selectorMatches } from '../selector/object.ts'
import type { Server } from '../server.ts'
import { type Change, keyOf, rangeOf, type Table } from '../store.ts'
import { controllerAuthor } from '../writeAs.ts'
import { type Cluster, clusterFor, type Item, type Kind, tableOfKind } from './cluster.ts'
import { DAEMON_SET, reconcileDaemonSet } from './daemonset.ts'
import { DEPLOYMENT, reconcileDeployment } from './deployment.ts'
import { JOB, reconcileJob } from './job.ts'
import { createNode, NODE } from './node.ts'
import type { WorkloadOptions } from './options.ts'
import { createAddresses, hasEnded, POD, reconcilePod } from './pod.ts'
import { REPLICA_SET, reconcileReplicaSet } from './replicaset.ts'
import { reconcileStatefulSet, STATEFUL_SET } from './statefulset.ts'
import { followStrays } from './strays.ts'
import { CLAIM, claimsOf, reconcileClaim, reconcileVolume, VOLUME } from './volume.ts'

type Reconcile = (cluster: Cluster, item: Item) => Promise<number | undefined>

/** Who cares for a kind. */
interface Controller {
  readonly kind: Kind
  /** Its service account in kube-system. */
  readonly account: string
  readonly reconcile: Reconcile
  /** What it makes and selects by labels. */
  readonly child?: Kind
}

const NODE_USER = { username: 'system:node:simulated', groups: ['system:nodes', 'system:authenticated'] }
const KUBELET = { user: NODE_USER, manager: 'kubelet' }

const CONTROLLERS: readonly Controller[] = [
  { kind: DEPLOYMENT, account: 'deployment-controller', reconcile: reconcileDeployment, child: REPLICA_SET },
  { kind: REPLICA_SET, account: 'replicaset-controller', reconcile: reconcileReplicaSet, child: POD },
  { kind: STATEFUL_SET, account: 'statefulset-controller', reconcile: reconcileStatefulSet, child: POD },
  { kind: DAEMON_SET, account: 'daemon-set-controller', reconcile: reconcileDaemonSet, child: POD },
  { kind: JOB, account: 'job-controller', reconcile: reconcileJob, child: POD },
  { kind: CLAIM, account: 'persistent-volume-binder', reconcile: reconcileClaim },
  { kind: VOLUME, account: 'persistent-volume-binder', reconcile: reconcileVolume },
]

/** Simulates for as long as the server lives. Resolves once there is a node. */
export async function simulateWorkloads(
  server: Server,
  dependents: Dependents,
  options: WorkloadOptions,
): Promise<void> {
  const children = [POD, REPLICA_SET].map((kind) => tableOfKind(server, kind))
  const parts = { server, dependents, strays: followStrays(server, children) }
  const addresses = createAddresses()
  const enqueuers = new Map(
    CONTROLLERS.map(({ kind, account, reconcile }) => [
      kind,
      queueFor(server, kind, clusterFor(parts, controllerAuthor(account)), reconcile),
    ]),
  )
  const kubelet = clusterFor(parts, KUBELET)
  const enqueuePod = queueFor(server, POD, kubelet, (cluster, item) =>
    reconcilePod(cluster, item, options, addresses),
  )
  const wakers = CONTROLLERS.map((controller) =>
    wakerFor(server, controller, enqueuers.get(controller.kind) ?? enqueuePod),
  )
  wakers.push(podWaker(server, enqueuePod, enqueuers.get(CLAIM) ?? enqueuePod))
  wakers.push(nodeWaker(server, enqueuePod, enqueuers.get(DAEMON_SET) ?? enqueuePod))
  wakers.push(claimWaker(server, enqueuers.get(VOLUME) ?? enqueuePod))
  server.store.listeners.add((table, change) => {
    for (const wake of wakers) wake(table, change)
  })
  await createNode(kubelet)
}

type Enqueue = (place: Place) => void
type Wake = (table: Table, change: Change) => void

/** Works off one kind; what is there already is looked at, too. */
function queueFor(server: Server, kind: Kind, cluster: Cluster, reconcile: Reconcile): Enqueue {
  const enqueue = createQueue(server, async ({ table, key }) => {
    const entry = table.byKey.get(key)
    const item = entry === undefined ? undefined : cluster.find(kind, entry.namespace, entry.name)
    return item === undefined ? undefined : reconcile(cluster, item)
  })
  const table = tableOfKind(server, kind)
  for (const { key } of table.entries) enqueue({ table, key })
  return enqueue
}

/** An object is looked at when it changes, and when something changes that it controls or could control. */
function wakerFor(server: Server, { kind, child }: Controller, enqueue: Enqueue): Wake {
  const own = tableOfKind(server, kind)
  const children = child === undefined ? undefined : tableOfKind(server, child)
  return (table, change) => {
    const { entry, before, type } = change
    if (table === own && type !== 'DELETED') enqueue({ table, key: entry.key })
    if (table !== children) return
    const owners = [entry, before].flatMap((one) => (one === undefined ? [] : ownersOf(one.object)))
    const controllers = owners.filter((owner) => owner.isController && owner.kind === kind.kind)
    for (const { name } of controllers) enqueue({ table: own, key: keyOf(entry.namespace, name) })
    if (owners.some(({ isController }) => isController) || type === 'DELETED') return
    if (before !== undefined && isEqual(labelsOf(before.object), labelsOf(entry.object))) return
    for (const other of rangeOf(own.entries, entry.namespace))
      if (selectorMatches(objectAt(other.object, 'spec', 'selector'), labelsOf(entry.object)))
        enqueue({ table: own, key: other.key })
  }
}

function podWaker(server: Server, enqueue: Enqueue, enqueueClaim: Enqueue): Wake {
  const pods = tableOfKind(server, POD)
  const claims = tableOfKind(server, CLAIM)
  return (table, { entry, type }) => {
    if (table !== pods) return
    if (type !== 'DELETED') enqueue({ table, key: entry.key })
    if (type === 'DELETED' || hasEnded(entry.object))
      for (const name of claimsOf(entry.object))
        enqueueClaim({ table: claims, key: keyOf(entry.namespace, name) })
  }
}

/** A new node is for pods that wait for one, and for DaemonSets. */
function nodeWaker(server: Server, enqueuePod: Enqueue, enqueueSet: Enqueue): Wake {
  const nodes = tableOfKind(server, NODE)
  const pods = tableOfKind(server, POD)
  const sets = tableOfKind(server, DAEMON_SET)
  return (table, { before, entry, type }) => {
    if (table !== nodes || (type === 'MODIFIED' && hasSameLabels(before?.object, entry.object))) return
    for (const { key, object } of pods.entries)
      if (objectAt(object, 'spec').nodeName === undefined) enqueuePod({ table: pods, key })
    for (const { key } of sets.entries) enqueueSet({ table: sets, key })
  }
}

const hasSameLabels = (one: JsonObject | undefined, other: JsonObject): boolean =>
  isEqual(labelsOf(one ?? {}), labelsOf(other))

/** A claim that is gone takes its volume with it. */
function claimWaker(server: Server, enqueue: Enqueue): Wake {
  const claims = tableOfKind(server, CLAIM)
  const volumes = tableOfKind(server, VOLUME)
  return (table, { entry, type }) => {
    if (table !== claims || type !== 'DELETED') return
    const name = objectAt(entry.object, 'spec').volumeName
    if (typeof name === 'string' && metadataText(entry.object, 'uid') !== '')
      enqueue({ table: volumes, key: name })
  }
}
