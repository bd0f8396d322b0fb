/**
 * What the server makes of a pod before it validates it: what admission adds, what it says of its state, and what it takes
 * away because nothing would come of it.
 */

import type { Json, JsonObject } from '../../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../../schema/equal.ts'
import { amountOf } from '../quantity.ts'
import { eachContainer } from './place.ts'

const evictionSeconds = 300
const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** Makes a new pod ready, in place. */
export const preparePod = (object: JsonObject): void => {
  const spec = objectAt(object, 'spec')
  mergeLabelKeys(spec, objectAt(object, 'metadata', 'labels'))
  const gated = listAt(spec, 'schedulingGates').length > 0
  const since = stringAt(object, 'metadata', 'creationTimestamp')
  object.status = {
    phase: 'Pending',
    ...(gated ? { conditions: [gatedCondition(since)] } : {}),
    qosClass: qosOf(spec),
  }
}

const gatedCondition = (since: string): JsonObject => ({
  type: 'PodScheduled',
  status: 'False',
  lastProbeTime: null,
  lastTransitionTime: since,
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
})

/** How long a pod stays on a node that broke. */
export const tolerateBrokenNodes = (spec: JsonObject): void => {
  const given = listAt(spec, 'tolerations')
  const missing = taints.filter((key) => !given.some((one) => tolerates(one, key)))
  const added = missing.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: evictionSeconds,
  }))
  if (added.length > 0) spec.tolerations = [...given, ...added]
}

const tolerates = (toleration: Json, key: string): boolean => {
  const effect = stringAt(toleration, 'effect')
  const own = stringAt(toleration, 'key')
  return (own === key || own === '') && (effect === '' || effect === 'NoExecute')
}

/** What admission added stays where an update leaves it out. */
export const keepAdmitted = (spec: JsonObject, before: JsonObject): void => {
  for (const name of ['priority', 'preemptionPolicy'])
    if (spec[name] === undefined && before[name] !== undefined) spec[name] = before[name] as Json
  tolerateBrokenNodes(spec)
}

/** How well a pod is served when its node runs short. */
export const qosOf = (spec: JsonObject): string => {
  const own = spec.resources
  const all = isObject(own)
    ? [own]
    : ['containers', 'initContainers'].flatMap((list) =>
        listAt(spec, list).map((one) => objectAt(one, 'resources')),
      )
  const names = ['cpu', 'memory']
  const asks = (one: JsonObject, list: string, name: string): number =>
    amountOf(objectAt(one, list)[name]) ?? 0
  if (
    all.every((one) =>
      names.every((name) => ['limits', 'requests'].every((list) => asks(one, list, name) <= 0)),
    )
  )
    return 'BestEffort'
  const isGuaranteed = all.every((one) =>
    names.every((name) => {
      const limit = asks(one, 'limits', name)
      const request = objectAt(one, 'requests')[name]
      return limit > 0 && (request === undefined || amountOf(request) === limit)
    }),
  )
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

/** Keys of labels that shall be as the pod's own become parts of the selectors. */
const mergeLabelKeys = (spec: JsonObject, labels: JsonObject): void => {
  for (const name of ['podAffinity', 'podAntiAffinity']) {
    const affinity = objectAt(spec, 'affinity', name)
    for (const term of listAt(affinity, REQUIRED)) mergeKeys(term, labels)
    for (const term of listAt(affinity, PREFERRED)) mergeKeys(objectAt(term, 'podAffinityTerm'), labels)
  }
  for (const constraint of listAt(spec, 'topologySpreadConstraints')) mergeKeys(constraint, labels)
}

const mergeKeys = (term: Json, labels: JsonObject): void => {
  const selector = objectAt(term).labelSelector
  if (!isObject(selector)) return
  const added = [
    ['matchLabelKeys', 'In'],
    ['mismatchLabelKeys', 'NotIn'],
  ].flatMap(([list = '', operator = '']) =>
    listAt(term, list)
      .map(String)
      .filter((key) => key in labels)
      .map((key) => ({ key, operator, values: [labels[key] ?? ''] })),
  )
  if (added.length > 0) selector.matchExpressions = [...listAt(selector, 'matchExpressions'), ...added]
}

/** Takes away what needs feature gates that are off by default. */
export const dropDisabled = (spec: JsonObject): void => {
  delete spec.schedulingGroup
  for (const volume of listAt(spec, 'volumes'))
    for (const source of listAt(volume, 'projected', 'sources').filter(isObject)) {
      delete source.clusterTrustBundle
      delete source.podCertificate
    }
  eachContainer(spec, '', (container) => {
    const { lifecycle } = container
    if (!isObject(lifecycle) || lifecycle.stopSignal === undefined) return []
    delete lifecycle.stopSignal
    if (Object.keys(lifecycle).length === 0) delete container.lifecycle
    return []
  })
}
