/**
 * What `kubectl get` shows of Pods: above all the one word for the state of all containers.
 */
import { ageColumn, ageOf, nameColumn } from '../kinds/columns.ts'
import type { Column, Json, JsonObject } from '../resource.ts'
import { listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { isDeleting, objectsAt, text, textAt, wideText } from './column.ts'

interface Summary {
  ready: number
  total: number
  reason: string
  restarts: number
  /** RFC 3339, or '' when nothing has restarted. */
  lastRestart: string
}

/** Sidecars: containers that start with the others and stay. */
const isSidecar = (container: JsonObject | undefined): boolean => container?.restartPolicy === 'Always'

const holds = (pod: JsonObject, type: string): boolean =>
  objectsAt(pod, 'status.conditions').find((one) => one.type === type)?.status === 'True'

const later = (one: string, other: string): string =>
  other !== '' && (one === '' || Date.parse(one) < Date.parse(other)) ? other : one

const endOf = (status: JsonObject): string => stringAt(status, 'lastState', 'terminated', 'finishedAt')

const summaryOf = (pod: JsonObject): Summary => {
  const sidecars = new Set(
    objectsAt(pod, 'spec.initContainers')
      .filter(isSidecar)
      .map((one) => stringAt(one, 'name')),
  )
  const summary: Summary = {
    ready: 0,
    total: listAt(pod, 'spec', 'containers').length + sidecars.size,
    reason: firstReason(pod),
    restarts: 0,
    lastRestart: '',
  }
  const waiting = initialise(pod, sidecars, summary)
  if (!waiting || holds(pod, 'Initialized')) run(pod, sidecars, summary)
  const phase = stringAt(pod, 'status', 'phase')
  const isOver = phase === 'Succeeded' || phase === 'Failed'
  if (isDeleting(pod) && stringAt(pod, 'status', 'reason') === 'NodeLost') summary.reason = 'Unknown'
  else if (isDeleting(pod) && !isOver) summary.reason = 'Terminating'
  return summary
}

const firstReason = (pod: JsonObject): string => {
  const isGated = objectsAt(pod, 'status.conditions').some(
    (one) => one.type === 'PodScheduled' && one.reason === 'SchedulingGated',
  )
  if (isGated) return 'SchedulingGated'
  return stringAt(pod, 'status', 'reason') || stringAt(pod, 'status', 'phase')
}

/** Goes through the init containers up to the first that holds the others up. True when there is one. */
const initialise = (pod: JsonObject, sidecars: ReadonlySet<string>, summary: Summary): boolean => {
  const statuses = objectsAt(pod, 'status.initContainerStatuses')
  for (const [index, status] of statuses.entries()) {
    countRestarts(status, summary)
    const terminated = objectAt(status, 'state').terminated
    if (terminated !== undefined && (numberAt(terminated, 'exitCode') ?? 0) === 0) continue
    if (sidecars.has(stringAt(status, 'name')) && status.started === true) {
      if (status.ready === true) summary.ready++
      continue
    }
    summary.reason = initReason(status, `${index}/${listAt(pod, 'spec', 'initContainers').length}`)
    return true
  }
  return false
}

const initReason = (status: JsonObject, progress: string): string => {
  const { terminated } = objectAt(status, 'state')
  if (terminated !== undefined) return `Init:${endReason(terminated)}`
  const waiting = stringAt(status, 'state', 'waiting', 'reason')
  return `Init:${waiting === '' || waiting === 'PodInitializing' ? progress : waiting}`
}

const endReason = (terminated: Json): string => {
  const signal = numberAt(terminated, 'signal') ?? 0
  return (
    stringAt(terminated, 'reason') ||
    (signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode') ?? 0}` : `Signal:${signal}`)
  )
}

const countRestarts = (status: JsonObject, summary: Summary): void => {
  summary.restarts += numberAt(status, 'restartCount') ?? 0
  summary.lastRestart = later(summary.lastRestart, endOf(status))
}

/** The containers themselves, the last one first: of several reasons the first container's is shown. */
const run = (pod: JsonObject, sidecars: ReadonlySet<string>, summary: Summary): void => {
  summary.restarts = 0
  summary.lastRestart = ''
  for (const status of objectsAt(pod, 'status.initContainerStatuses'))
    if (sidecars.has(stringAt(status, 'name'))) countRestarts(status, summary)
  let hasRunning = false
  let failure = ''
  for (const status of objectsAt(pod, 'status.containerStatuses').reverse()) {
    countRestarts(status, summary)
    const { terminated, running } = objectAt(status, 'state')
    const waiting = stringAt(status, 'state', 'waiting', 'reason')
    if (waiting !== '') summary.reason = waiting
    else if (terminated !== undefined) {
      summary.reason = endReason(terminated)
      if ((numberAt(terminated, 'exitCode') ?? 0) !== 0) failure = summary.reason
    } else if (status.ready === true && running !== undefined) {
      hasRunning = true
      summary.ready++
    }
  }
  if (summary.reason === 'Completed') summary.reason = completedReason(pod, hasRunning, failure)
}

/** One container has ended well, which says nothing of the others. */
const completedReason = (pod: JsonObject, hasRunning: boolean, failure: string): string => {
  if (hasRunning && isReady(pod)) return 'Running'
  if (failure !== '') return failure
  return hasRunning ? 'NotReady' : 'Completed'
}

const isReady = (pod: JsonObject): boolean =>
  objectsAt(pod, 'status.conditions').some((one) => one.type === 'Ready' && one.status === 'True')

const readyText = (pod: JsonObject): string => {
  const { ready, total } = summaryOf(pod)
  return `${ready}/${total}`
}

const restartsText = (pod: JsonObject, now: number): string => {
  const { restarts, lastRestart } = summaryOf(pod)
  return restarts === 0 || lastRestart === ''
    ? String(restarts)
    : `${restarts} (${ageOf(lastRestart, now)} ago)`
}

const addressText = (pod: JsonObject): string =>
  stringAt(pod, 'status', 'podIP') || stringAt(listAt(pod, 'status', 'podIPs')[0], 'ip') || '<none>'

const gatesText = (pod: JsonObject): string => {
  const gates = listAt(pod, 'spec', 'readinessGates')
  if (gates.length === 0) return '<none>'
  return `${gates.filter((gate) => holds(pod, stringAt(gate, 'conditionType'))).length}/${gates.length}`
}

const endings: Readonly<Record<string, string>> = {
  Succeeded: 'The pod has completed successfully.',
  Failed: 'The pod failed.',
}

/** The conditions of a pod's row: clients may hide what is over. */
export const podRowConditions = (pod: JsonObject): JsonObject[] => {
  const phase = stringAt(pod, 'status', 'phase')
  const message = Object.hasOwn(endings, phase) ? endings[phase] : undefined
  return message === undefined ? [] : [{ type: 'Completed', status: 'True', reason: phase, message }]
}

/** Of core/v1 Pod. */
export const podColumns: Column[] = [
  nameColumn,
  text('Ready', 'The aggregate readiness state of this pod for accepting traffic.', readyText),
  text('Status', 'The aggregate status of the containers in this pod.', (pod) => summaryOf(pod).reason),
  text(
    'Restarts',
    'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    restartsText,
  ),
  ageColumn,
  wideText(
    'IP',
    'podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.',
    addressText,
  ),
  wideText(
    'Node',
    'NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for scheduling by the scheduler defined in schedulerName. Once this field is set, the kubelet for this node becomes responsible for the lifecycle of this pod. This field should not be used to express a desire for the pod to be scheduled on a specific node. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename',
    textAt('spec.nodeName', '<none>'),
  ),
  wideText(
    'Nominated Node',
    'nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled right away as preemption victims receive their graceful termination periods. This field does not guarantee that the pod will be scheduled on this node. Scheduler may decide to place the pod elsewhere if other nodes become available sooner. Scheduler may also decide to give the resources on this node to a higher priority pod that is created after preemption. As a result, this field may be different than PodSpec.nodeName when the pod is scheduled.',
    textAt('status.nominatedNodeName', '<none>'),
  ),
  wideText(
    'Readiness Gates',
    'If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its containers are ready AND all conditions specified in the readiness gates have status equal to "True" More info: https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates',
    gatesText,
  ),
]
