/**
 * Defaults of pods that depend on other fields, for pods and for the templates of workloads.
 */

import type { Json, JsonObject } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { isLatest } from './image.ts'
import { totalOf } from './pod/totals.ts'
import { volumeSources } from './volume.ts'

/** Fills a pod spec in place; runs after the defaults of the schema. */
export const defaultPodSpec = (spec: JsonObject): void => {
  for (const container of allContainers(spec)) container.imagePullPolicy ??= pullPolicy(container, 'image')
  for (const volume of listAt(spec, 'volumes').filter(isObject)) {
    if (!volumeSources.some((source) => source in volume)) volume.emptyDir = {}
    const { image } = volume
    if (isObject(image)) image.pullPolicy ??= pullPolicy(image, 'reference')
  }
  mirrorServiceAccount(spec)
}

/** Containers of all three lists. */
export const allContainers = (spec: JsonObject): JsonObject[] =>
  ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    listAt(spec, list).filter(isObject),
  )

const pullPolicy = (of: JsonObject, name: string): string =>
  isLatest(stringAt(of, name)) ? 'Always' : 'IfNotPresent'

/** `serviceAccount` is the old name of `serviceAccountName`; the server writes both. */
const mirrorServiceAccount = (spec: JsonObject): void => {
  const name = spec.serviceAccountName ?? spec.serviceAccount
  if (name === undefined) return
  spec.serviceAccountName = name
  spec.serviceAccount = name
}

/** What only pods default, and templates leave to their pods. */
export const defaultPod = (spec: JsonObject): void => {
  requestLimits(spec)
  requestTotals(spec)
  spec.enableServiceLinks ??= true
  const grace = numberAt(spec, 'terminationGracePeriodSeconds') ?? 0
  if (grace < 0) spec.terminationGracePeriodSeconds = 1
  if (spec.hostNetwork !== true) return
  for (const list of ['containers', 'initContainers'])
    for (const container of listAt(spec, list))
      for (const port of listAt(container, 'ports').filter(isObject))
        port.hostPort ??= port.containerPort ?? 0
}

/** Requests that are not given are the limits. */
const requestLimits = (spec: JsonObject): void => {
  for (const list of ['containers', 'initContainers'])
    for (const container of listAt(spec, list)) {
      const resources = objectAt(container, 'resources')
      const limits = resources.limits
      if (isObject(limits)) resources.requests = { ...limits, ...objectAt(resources, 'requests') }
    }
}

const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
const isForPods = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name)

/** A pod that has limits as a whole requests what its containers do together, else what it may use. */
const requestTotals = (spec: JsonObject): void => {
  const { resources } = spec
  if (!isObject(resources)) return
  const limits = limitPages(spec, resources)
  if (Object.keys(limits).length === 0) return
  const requests: JsonObject = { ...objectAt(resources, 'requests') }
  for (const name of namesOf(spec, 'requests')) {
    if (isForPods(name) && !isHugePages(name)) requests[name] ??= totalOf(spec, 'requests', name)
  }
  for (const [name, limit] of Object.entries(limits)) if (isForPods(name)) requests[name] ??= limit
  if (Object.keys(requests).length > 0) resources.requests = requests
}

const limitPages = (spec: JsonObject, resources: JsonObject): JsonObject => {
  const limits: JsonObject = { ...objectAt(resources, 'limits') }
  const hasAny = Object.keys({ ...limits, ...objectAt(resources, 'requests') }).length > 0
  if (!hasAny) return limits
  for (const name of namesOf(spec, 'limits'))
    if (isHugePages(name)) limits[name] ??= totalOf(spec, 'limits', name)
  if (Object.keys(limits).length > 0) resources.limits = limits
  return limits
}

const namesOf = (spec: JsonObject, list: string): string[] => [
  ...new Set(
    ['containers', 'initContainers'].flatMap((part) =>
      listAt(spec, part).flatMap((one: Json) => Object.keys(objectAt(one, 'resources', list))),
    ),
  ),
]
