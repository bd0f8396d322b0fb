/**
 * Defaults of pods that depend on other fields, for pods and for the templates of workloads.
 */

import type { JsonObject } from '../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { volumeSources } from './volume.ts'

/** Fills a pod spec in place; runs after the defaults of the schema. */
export const defaultPodSpec = (spec: JsonObject): void => {
  for (const container of allContainers(spec)) defaultContainer(container, spec.hostNetwork === true)
  for (const volume of listAt(spec, 'volumes').filter(isObject)) {
    if (!volumeSources.some((source) => source in volume)) volume.emptyDir = {}
  }
  mirrorServiceAccount(spec)
}

/** Containers of all three lists. */
export const allContainers = (spec: JsonObject): JsonObject[] =>
  ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    listAt(spec, list).filter(isObject),
  )

const defaultContainer = (container: JsonObject, onHost: boolean): void => {
  container.imagePullPolicy ??= isFloating(stringAt(container, 'image')) ? 'Always' : 'IfNotPresent'
  if (!onHost) return
  for (const port of listAt(container, 'ports').filter(isObject)) port.hostPort ??= port.containerPort ?? 0
}

/** Images without a tag, or with the tag `latest`, are pulled anew each time; a digest pins. */
const isFloating = (image: string): boolean => {
  if (image.includes('@')) return false
  const last = image.slice(image.lastIndexOf('/') + 1)
  return !last.includes(':') || last.endsWith(':latest')
}

/** `serviceAccount` is the old name of `serviceAccountName`; the server writes both. */
const mirrorServiceAccount = (spec: JsonObject): void => {
  const name = spec.serviceAccountName ?? spec.serviceAccount
  if (name === undefined) return
  spec.serviceAccountName = name
  spec.serviceAccount = name
}

/** Requests that are not given are the limits; for pods only, not for templates. */
export const requestLimits = (spec: JsonObject): void => {
  for (const container of allContainers(spec)) {
    const resources = objectAt(container, 'resources')
    const limits = resources.limits
    if (isObject(limits)) resources.requests = { ...limits, ...objectAt(resources, 'requests') }
  }
}
