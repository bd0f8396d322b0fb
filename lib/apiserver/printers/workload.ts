/**
 * What `kubectl get` shows of the kinds that make pods.
 */
import {
  ageColumn,
  containerImages,
  containerNames,
  labelsText,
  nameColumn,
  selectorText,
} from '../kinds/columns.ts'
import type { Column, JsonObject } from '../resource.ts'
import { at, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { type Cell, numberIn, text, whole, wideText } from './column.ts'

const podSpecOf = (object: JsonObject): JsonObject => objectAt(object, 'spec', 'template', 'spec')

const containers = 'Names of each container in the template.'
const images = 'Images referenced by each container in the template.'

/** Names and images of the containers of a template; `read` finds its pod spec. */
export const containerColumns = (read = podSpecOf): [Column, Column] => [
  wideText('Containers', containers, (object) => containerNames(read(object))),
  wideText('Images', images, (object) => containerImages(read(object))),
]

const selected: Cell = (object) => selectorText(objectAt(object, 'spec').selector)

const readyText: Cell = (object) =>
  `${numberAt(object, 'status', 'readyReplicas') ?? 0}/${numberAt(object, 'spec', 'replicas') ?? 0}`

/** Of apps/v1 Deployment. */
export const deploymentColumns: Column[] = [
  nameColumn,
  text('Ready', 'Number of the pod with ready state', readyText),
  text(
    'Up-to-date',
    'Total number of non-terminating pods targeted by this deployment that have the desired template spec.',
    numberIn('status.updatedReplicas'),
  ),
  text(
    'Available',
    'Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.',
    numberIn('status.availableReplicas'),
  ),
  ageColumn,
  ...containerColumns(),
  wideText(
    'Selector',
    "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.",
    (object) => {
      const shown = selectorText(objectAt(object, 'spec').selector)
      return shown === '<none>' ? '' : shown
    },
  ),
]

/** Of apps/v1 ReplicaSet. */
export const replicaSetColumns: Column[] = [
  nameColumn,
  whole(
    'Desired',
    'Replicas is the number of desired pods. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset',
    numberIn('spec.replicas'),
  ),
  whole(
    'Current',
    'Replicas is the most recently observed number of non-terminating pods. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset',
    numberIn('status.replicas'),
  ),
  whole(
    'Ready',
    'The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition.',
    numberIn('status.readyReplicas'),
  ),
  ageColumn,
  ...containerColumns(),
  wideText(
    'Selector',
    "Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
    selected,
  ),
]

/** Of core/v1 ReplicationController. */
export const replicationControllerColumns: Column[] = [
  nameColumn,
  whole(
    'Desired',
    'Replicas is the number of desired replicas. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller',
    numberIn('spec.replicas'),
  ),
  whole(
    'Current',
    'Replicas is the most recently observed number of replicas. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller',
    numberIn('status.replicas'),
  ),
  whole(
    'Ready',
    'The number of ready replicas for this replication controller.',
    numberIn('status.readyReplicas'),
  ),
  ageColumn,
  ...containerColumns(),
  wideText(
    'Selector',
    'Selector is a label query over pods that should match the Replicas count. If Selector is empty, it is defaulted to the labels present on the Pod template. Label keys and values that must match in order to be controlled by this replication controller, if empty defaulted to labels on Pod template. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors',
    (object) => labelsText(objectAt(object, 'spec', 'selector')),
  ),
]

/** Of apps/v1 StatefulSet. */
export const statefulSetColumns: Column[] = [
  nameColumn,
  text('Ready', 'Number of the pod with ready state', readyText),
  ageColumn,
  ...containerColumns(),
]

/** Of apps/v1 DaemonSet. */
export const daemonSetColumns: Column[] = [
  nameColumn,
  whole(
    'Desired',
    'The total number of nodes that should be running the daemon pod (including nodes correctly running the daemon pod). More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/',
    numberIn('status.desiredNumberScheduled'),
  ),
  whole(
    'Current',
    'The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod. More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/',
    numberIn('status.currentNumberScheduled'),
  ),
  whole(
    'Ready',
    'numberReady is the number of nodes that should be running the daemon pod and have one or more of the daemon pod running with a Ready Condition.',
    numberIn('status.numberReady'),
  ),
  whole(
    'Up-to-date',
    'The total number of nodes that are running updated daemon pod',
    numberIn('status.updatedNumberScheduled'),
  ),
  whole(
    'Available',
    'The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available (ready for at least spec.minReadySeconds)',
    numberIn('status.numberAvailable'),
  ),
  text(
    'Node Selector',
    "NodeSelector is a selector which must be true for the pod to fit on a node. Selector which must match a node's labels for the pod to be scheduled on that node. More info: https://kubernetes.io/docs/concepts/configuration/assign-pod-node/",
    (object) => labelsText(objectAt(podSpecOf(object), 'nodeSelector')),
  ),
  ageColumn,
  ...containerColumns(),
  wideText(
    'Selector',
    "A label query over pods that are managed by the daemon set. Must match in order to be controlled. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
    selected,
  ),
]

const ownerText: Cell = (object) => {
  const owner = listAt(object, 'metadata', 'ownerReferences').find((one) => at(one, 'controller') === true)
  if (owner === undefined) return '<none>'
  const version = stringAt(owner, 'apiVersion')
  const kind = stringAt(owner, 'kind') + (version.includes('/') ? `.${version.split('/')[0]}` : '')
  return `${kind.toLowerCase()}/${stringAt(owner, 'name')}`
}

/** Of apps/v1 ControllerRevision. */
export const controllerRevisionColumns: Column[] = [
  nameColumn,
  text('Controller', 'Controller of the object', ownerText),
  text('Revision', 'Revision indicates the revision of the state represented by Data.', numberIn('revision')),
  ageColumn,
]

const templateOf = (object: JsonObject): JsonObject => objectAt(object, 'template', 'spec')

/** Of core/v1 PodTemplate. */
export const podTemplateColumns: Column[] = [
  nameColumn,
  text('Containers', 'Names of each container in the template.', (object) =>
    containerNames(templateOf(object)),
  ),
  text('Images', 'Images referenced by each container in the template.', (object) =>
    containerImages(templateOf(object)),
  ),
  text('Pod Labels', 'The labels for the pod template.', (object) =>
    labelsText(objectAt(object, 'template', 'metadata', 'labels')),
  ),
]
