/**
 * Pods and ReplicationControllers.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { forbidden } from '../schema/problem.ts'
import { column, containerImages, containerNames, labelsText, wide } from './columns.ts'
import { always, byDefault, struct } from './dsl.ts'
import { defineKind, selectable, specChanged } from './kind.ts'
import { allContainers, defaultPodSpec, requestLimits } from './poddefaults.ts'
import { podSpec, podTemplate } from './podspec.ts'
import { podStatus } from './podstatus.ts'
import { podSpecProblems, templateProblems } from './podvalidate.ts'
import { workloadConditions } from './reference.ts'
import { defaultTemplate, negativeProblems } from './workload.ts'

const evictionSeconds = 300
const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** What the default admission plugins add to a new pod: priority and the tolerations of broken nodes. */
const admitPod = (spec: JsonObject): void => {
  spec.priority ??= 0
  spec.preemptionPolicy ??= 'PreemptLowerPriority'
  const given = listAt(spec, 'tolerations')
  const missing = taints.filter((key) => !given.some((one) => tolerates(one, key)))
  const added = missing.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: evictionSeconds,
  }))
  spec.tolerations = [...given, ...added]
}

const tolerates = (toleration: JsonObject[string], key: string): boolean => {
  const effect = stringAt(toleration, 'effect')
  const own = stringAt(toleration, 'key')
  return (own === key || own === '') && (effect === '' || effect === 'NoExecute')
}

const qosOf = (spec: JsonObject): string => {
  const amounts = allContainers(spec).map((one) => objectAt(one, 'resources'))
  if (
    amounts.every(
      (one) => Object.keys({ ...objectAt(one, 'limits'), ...objectAt(one, 'requests') }).length === 0,
    )
  )
    return 'BestEffort'
  const isGuaranteed = amounts.every((one) =>
    ['cpu', 'memory'].every((name) => {
      const limit = objectAt(one, 'limits')[name]
      return limit !== undefined && isEqual(limit, objectAt(one, 'requests')[name] ?? limit)
    }),
  )
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}

const changeText =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

const frozenParts = (spec: JsonObject): JsonObject => {
  const { activeDeadlineSeconds: _1, tolerations: _2, nodeName: _3, schedulingGates: _4, ...rest } = spec
  const withoutImages = (list: string) => listAt(spec, list).map((one) => ({ ...objectAt(one), image: '' }))
  return { ...rest, containers: withoutImages('containers'), initContainers: withoutImages('initContainers') }
}

const changeProblems = (spec: JsonObject, old: JsonObject): Problem[] =>
  isEqual(frozenParts(spec), frozenParts(old)) ? [] : [forbidden('spec', changeText)]

const statusesOf = (object: JsonObject): JsonObject[] =>
  listAt(object, 'status', 'containerStatuses').filter(isObject)

const readyText = (object: JsonObject): string =>
  `${statusesOf(object).filter((one) => one.ready === true).length}/${listAt(object, 'spec', 'containers').length}`

/** What kubectl shows as the status: why a container waits or ended, else the phase. */
const statusText = (object: JsonObject): string => {
  if (stringAt(object, 'metadata', 'deletionTimestamp') !== '') return 'Terminating'
  const reasons = statusesOf(object).map(
    (one) => stringAt(one, 'state', 'waiting', 'reason') || stringAt(one, 'state', 'terminated', 'reason'),
  )
  return (
    reasons.find((one) => one !== '') ||
    stringAt(object, 'status', 'reason') ||
    stringAt(object, 'status', 'phase')
  )
}

const restarts = (object: JsonObject): string =>
  String(statusesOf(object).reduce((total, one) => total + (numberAt(one, 'restartCount') ?? 0), 0))

const noneIfEmpty = (text: string): string => (text === '' ? '<none>' : text)

const gatesText = (object: JsonObject): string => {
  const gates = listAt(object, 'spec', 'readinessGates')
  const isTrue = (type: string): boolean =>
    listAt(object, 'status', 'conditions').some(
      (one) => stringAt(one, 'type') === type && stringAt(one, 'status') === 'True',
    )
  if (gates.length === 0) return '<none>'
  return `${gates.filter((gate) => isTrue(stringAt(gate, 'conditionType'))).length}/${gates.length}`
}

const pod: ResourceType = defineKind({
  kind: 'Pod',
  shortNames: ['po'],
  categories: ['all'],
  hasStatus: true,
  bumpsGeneration: specChanged,
  fields: { spec: always(podSpec), status: always(podStatus) },
  selectableFields: {
    ...selectable(
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ),
    'spec.hostNetwork': (object) => String(objectAt(object, 'spec').hostNetwork === true),
  },
  columns: [
    column('Ready', 'string', readyText, {
      description: 'The aggregate readiness state of this pod for accepting traffic.',
    }),
    column('Status', 'string', statusText, {
      description: 'The aggregate status of the containers in this pod.',
    }),
    column('Restarts', 'string', restarts, {
      description:
        'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    }),
    wide(column('IP', 'string', (object) => noneIfEmpty(stringAt(object, 'status', 'podIP')))),
    wide(column('Node', 'string', (object) => noneIfEmpty(stringAt(object, 'spec', 'nodeName')))),
    wide(
      column('Nominated Node', 'string', (object) =>
        noneIfEmpty(stringAt(object, 'status', 'nominatedNodeName')),
      ),
    ),
    wide(column('Readiness Gates', 'string', gatesText)),
  ],
  defaults: (object) => {
    const spec = objectAt(object, 'spec')
    defaultPodSpec(spec)
    requestLimits(spec)
    spec.enableServiceLinks ??= true
  },
  prepare: (object, before) => {
    if (before) return
    const spec = objectAt(object, 'spec')
    admitPod(spec)
    object.status = { phase: 'Pending', qosClass: qosOf(spec) }
  },
  validate: (object, before) => {
    const spec = objectAt(object, 'spec')
    return [
      ...podSpecProblems(spec, 'spec'),
      ...(before ? changeProblems(spec, objectAt(before, 'spec')) : []),
    ]
  },
})

const count = (object: JsonObject, part: string, name: string): number => numberAt(object, part, name) ?? 0
const templateOf = (object: JsonObject): JsonObject => objectAt(object, 'spec', 'template')

const replicationController: ResourceType = defineKind({
  kind: 'ReplicationController',
  shortNames: ['rc'],
  categories: ['all'],
  hasStatus: true,
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.spec.selector',
  },
  bumpsGeneration: specChanged,
  fields: {
    spec: always(
      struct('ReplicationControllerSpec', {
        replicas: byDefault('int32?', 1),
        minReadySeconds: 'int32',
        selector: 'string{}',
        template: { ...podTemplate, 'x-go-omit': 'null' },
      }),
    ),
    status: always(
      struct('ReplicationControllerStatus', {
        replicas: 'int32!',
        fullyLabeledReplicas: 'int32',
        readyReplicas: 'int32',
        availableReplicas: 'int32',
        observedGeneration: 'int64',
        conditions: workloadConditions('ReplicationControllerCondition', 'lastTransitionTime'),
      }),
    ),
  },
  selectableFields: { 'status.replicas': (object) => String(count(object, 'status', 'replicas')) },
  columns: [
    column('Desired', 'integer', (object) => count(object, 'spec', 'replicas')),
    column('Current', 'integer', (object) => count(object, 'status', 'replicas')),
    column('Ready', 'integer', (object) => count(object, 'status', 'readyReplicas')),
    wide(column('Containers', 'string', (object) => containerNames(objectAt(templateOf(object), 'spec')))),
    wide(column('Images', 'string', (object) => containerImages(objectAt(templateOf(object), 'spec')))),
    wide(column('Selector', 'string', (object) => labelsText(objectAt(object, 'spec', 'selector')))),
  ],
  defaults: (object) => {
    defaultTemplate(object)
    const labels = objectAt(templateOf(object), 'metadata', 'labels')
    if (Object.keys(labels).length > 0) objectAt(object, 'spec').selector ??= structuredClone(labels)
  },
  validate: (object) => [
    ...negativeProblems(objectAt(object, 'spec'), 'replicas', 'minReadySeconds'),
    ...templateProblems(templateOf(object), 'spec.template'),
  ],
})

/** Pods, and the oldest kind that makes them. */
export const podTypes: readonly ResourceType[] = [pod, replicationController]
