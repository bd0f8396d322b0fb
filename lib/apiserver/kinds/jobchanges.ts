/**
 * What may change of a Job: little, and more as long as it is held back.
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { isEqual, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { invalid, invalidPrinted } from '../schema/problem.ts'
import { isIndexed } from './jobrules.ts'
import { isWaiting } from './jobstatus.ts'
import { goText } from './pod/go.ts'

const frozen: Readonly<Record<string, (value: Json) => string>> = {
  selector: (value) => goText('LabelSelector', value),
  completionMode: (value) => JSON.stringify(value),
  podFailurePolicy: (value) => goText('PodFailurePolicy', value),
  backoffLimitPerIndex: (value) => JSON.stringify(value),
  managedBy: (value) => JSON.stringify(value),
  successPolicy: (value) => goText('SuccessPolicy', value),
}

/** What an update of a Job may not change. */
export const changeProblems = (object: JsonObject, before: JsonObject): Problem[] => {
  const spec = objectAt(object, 'spec')
  const old = objectAt(before, 'spec')
  return [
    ...completionsProblems(spec, old),
    ...templateChanges(spec, before),
    ...Object.entries(frozen).flatMap(([name, print]) => {
      const value = spec[name]
      if (isEqual(value ?? null, old[name] ?? null)) return []
      return [invalidPrinted(`spec.${name}`, value === undefined ? 'null' : print(value), IMMUTABLE)]
    }),
  ]
}

const IMMUTABLE = 'field is immutable'

const completionsProblems = (spec: JsonObject, old: JsonObject): Problem[] => {
  const now = spec.completions
  if (isEqual(now ?? null, old.completions ?? null)) return []
  if (!isIndexed(spec)) return [invalid('spec.completions', now ?? null, IMMUTABLE)]
  if (now === undefined || now === spec.parallelism) return []
  return [invalid('spec.completions', now, 'can only be modified in tandem with spec.parallelism')]
}

/** As long as a Job is held back, its pods may be sent elsewhere and ask for other amounts. */
const templateChanges = (spec: JsonObject, before: JsonObject): Problem[] => {
  const template = objectAt(spec, 'template')
  const old = objectAt(before, 'spec', 'template')
  if (!isWaiting(before)) {
    if (isEqual(template, old)) return []
    return [invalidPrinted('spec.template', goText('PodTemplateSpec', template), IMMUTABLE)]
  }
  const allowed = allowedChanges(objectAt(template, 'spec'), objectAt(old, 'spec'))
  if (goText('PodSpec', objectAt(template, 'spec')) === goText('PodSpec', allowed)) return []
  return [invalidPrinted('spec.template.spec', goText('PodSpec', objectAt(template, 'spec')), IMMUTABLE)]
}

const directives = ['nodeSelector', 'tolerations', 'schedulingGates']

/** The old pod with everything of the new one that may change. */
const allowedChanges = (pod: JsonObject, old: JsonObject): JsonObject => {
  const result = { ...old }
  for (const name of directives) {
    if (pod[name] === undefined) delete result[name]
    else result[name] = pod[name]
  }
  const { nodeAffinity: _, ...others } = objectAt(old, 'affinity')
  const wanted = objectAt(pod, 'affinity').nodeAffinity
  const affinity: JsonObject = wanted === undefined ? others : { ...others, nodeAffinity: wanted }
  if (Object.keys(affinity).length === 0 && pod.affinity === undefined) delete result.affinity
  else result.affinity = affinity
  for (const list of ['containers', 'initContainers']) {
    const given = listAt(pod, list)
    if (given.length === 0 || given.length !== listAt(old, list).length) continue
    result[list] = listAt(old, list).map((container, index) => {
      const now = objectAt(given[index])
      return stringAt(container, 'name') === now.name && now.resources !== undefined
        ? { ...objectAt(container), resources: now.resources }
        : container
    })
  }
  return result
}
