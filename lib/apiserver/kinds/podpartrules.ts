/**
 * What a write through a part of a pod may change: ephemeral containers, and amounts of resources.
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { at, isEqual, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { forbidden, invalid } from '../schema/problem.ts'
import { unifiedDiff } from './pod/difference.ts'
import { goLines } from './pod/go.ts'
import { qosOf } from './pod/prepare.ts'

/** Everything of the pod is tracked as it was sent, however little of it is taken over. */
export const podReach = { ephemeralcontainers: [], resize: [] }

/** Takes all but the part from what was, in place; false where the subresource is no such part. */
export const keepToPart = (object: JsonObject, before: JsonObject, subresource: string): boolean => {
  const sent = objectAt(object, 'spec')
  if (subresource === 'ephemeralcontainers')
    keepAllBut(object, before, { ephemeralContainers: sent.ephemeralContainers })
  else if (subresource === 'resize') keepAllBut(object, before, resizedParts(sent, objectAt(before, 'spec')))
  else return false
  return true
}

const kept = ['labels', 'annotations', 'finalizers', 'ownerReferences']

const keepAllBut = (
  object: JsonObject,
  before: JsonObject,
  parts: Readonly<Record<string, Json | undefined>>,
): void => {
  const spec: JsonObject = { ...objectAt(before, 'spec') }
  for (const [name, value] of Object.entries(parts))
    if (value === undefined) delete spec[name]
    else spec[name] = value
  const metadata = objectAt(object, 'metadata')
  for (const name of kept) {
    const old = objectAt(before, 'metadata')[name]
    if (old === undefined) delete metadata[name]
    else metadata[name] = old
  }
  object.spec = spec
  object.status = before.status ?? {}
}

const containerLists = ['containers', 'initContainers'] as const

/** What may be resized; containers that are not the same any more are left for the refusal of it. */
const resizedParts = (spec: JsonObject, old: JsonObject): JsonObject =>
  Object.fromEntries(
    containerLists.flatMap((list) => {
      const [now, then] = [listAt(spec, list), listAt(old, list)]
      if (now.length === 0 && then.length === 0) return []
      if (!isEqual(namesOf(now), namesOf(then))) return [[list, now]]
      return [[list, then.map((one, index) => resized(objectAt(one), objectAt(now[index])))]]
    }),
  )

const namesOf = (containers: readonly Json[]): string[] => containers.map((one) => stringAt(one, 'name'))

const resized = (old: JsonObject, now: JsonObject): JsonObject => {
  const { resources: _, resizePolicy: __, ...rest } = old
  return {
    ...rest,
    resources: now.resources ?? {},
    ...(now.resizePolicy === undefined ? {} : { resizePolicy: now.resizePolicy }),
  }
}

/** What is wrong with new ephemeral containers beyond what would be wrong with them anyway. */
export const ephemeralChanges = (object: JsonObject, before: JsonObject): Problem[] => {
  const field = 'spec.ephemeralContainers'
  const now = new Map(
    listAt(object, 'spec', 'ephemeralContainers').map((one) => [stringAt(one, 'name'), one]),
  )
  return listAt(before, 'spec', 'ephemeralContainers').flatMap((old) => {
    const name = stringAt(old, 'name')
    const found = now.get(name)
    const what = `existing ephemeral containers ${JSON.stringify(name)} may not be`
    if (found === undefined) return [forbidden(field, `${what} removed\n`)]
    if (isEqual(found, old)) return []
    const [was, is] = [old, found].map((one) => goLines('EphemeralContainer', one))
    return [forbidden(field, `${what} changed\n${unifiedDiff(was ?? '', is ?? '')}`)]
  })
}

/** What is wrong with new amounts of resources. */
export const resizeChanges = (object: JsonObject, before: JsonObject): Problem[] => {
  const [spec, old] = [objectAt(object, 'spec'), objectAt(before, 'spec')]
  const qos = qosOf(old)
  const problems: Problem[] = []
  if (qosOf(spec) !== qos)
    problems.push(invalid('spec', qos, 'Pod QOS Class may not change as a result of resizing'))
  if (!isResizable(before)) problems.push(forbidden('spec', 'Pod running on node without support for resize'))
  const moved = containerLists.flatMap((list) => orderProblems(listAt(spec, list), listAt(old, list), list))
  if (moved.length > 0) return [...problems, ...moved]
  return [...problems, ...removals(spec, old), ...otherProblems(spec, old)]
}

/** A kubelet that resizes tells of the resources that containers have. */
const isResizable = (pod: JsonObject): boolean => {
  const running = listAt(pod, 'status', 'containerStatuses').find((one) =>
    isObject(at(one, 'state', 'running')),
  )
  return running === undefined || isObject(at(running, 'resources'))
}

const orderProblems = (now: readonly Json[], old: readonly Json[], list: string): Problem[] =>
  now.length === old.length
    ? old.flatMap((one, index) =>
        stringAt(now[index], 'name') === stringAt(one, 'name')
          ? []
          : [forbidden(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`)],
      )
    : [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)]

const removals = (spec: JsonObject, old: JsonObject): Problem[] =>
  ['initContainers', 'containers'].flatMap((list) =>
    listAt(old, list).flatMap((one, index) => {
      const now = listAt(spec, list)[index]
      return ['requests', 'limits'].flatMap((kind) => {
        const asked = objectAt(now, 'resources', kind)
        const isRemoved = Object.keys(objectAt(one, 'resources', kind)).some((name) => !(name in asked))
        const field = `spec.${list}[${index}].resources.${kind}`
        return isRemoved ? [forbidden(field, `resource ${kind} cannot be removed`)] : []
      })
    }),
  )

/** Without what may change: CPU and memory. */
const fixedOf = (container: Json | undefined): JsonObject => {
  const { resources, resizePolicy: _, ...rest } = objectAt(container)
  const others = ['requests', 'limits'].map((kind) => {
    const { cpu: _cpu, memory: _memory, ...more } = objectAt(resources, kind)
    return more
  })
  return { ...rest, others }
}

const otherProblems = (spec: JsonObject, old: JsonObject): Problem[] =>
  containerLists.flatMap((list) =>
    listAt(old, list).flatMap((one, index) => {
      if (isEqual(fixedOf(one), fixedOf(listAt(spec, list)[index]))) return []
      return list === 'containers'
        ? [forbidden('spec', 'only cpu and memory resources are mutable')]
        : [
            forbidden(
              `spec.${list}[${index}]`,
              'only cpu and memory resources for init or sidecar containers are mutable',
            ),
          ]
    }),
  )
