/**
 * What must hold of a pod as a whole: when it is made, and when it is changed, which may touch little of its spec.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../../schema/equal.ts'
import { forbidden, invalid, invalidPrinted, required } from '../../schema/problem.ts'
import { each } from '../rules.ts'
import { agreementProblems, annotationChanges, annotationProblems } from './annotations.ts'
import { unifiedDiff } from './difference.ts'
import { goLines, goText } from './go.ts'
import type { Place } from './place.ts'
import { podSpecProblems } from './spec.ts'
import { addedTolerationsProblems } from './toleration.ts'

const placeOf = (pod: JsonObject): Place => ({
  field: 'spec',
  spec: objectAt(pod, 'spec'),
  metadata: objectAt(pod, 'metadata'),
})

const annotationsOf = (pod: JsonObject): JsonObject => objectAt(pod, 'metadata', 'annotations')

/** What holds for new and changed pods alike. */
export const podProblems = (pod: JsonObject): Problem[] => {
  const place = placeOf(pod)
  return [
    ...annotationProblems(annotationsOf(pod), place, 'metadata.annotations'),
    ...podSpecProblems(place),
    ...(stringAt(place.spec, 'serviceAccountName') === '' ? tokenProblems(place.spec) : []),
  ]
}

/** A token is one of an account. */
const tokenProblems = (spec: JsonObject): Problem[] =>
  each(listAt(spec, 'volumes'), 'spec.volumes', (volume, at) =>
    each(listAt(volume, 'projected', 'sources'), `${at}.projected.sources`, (source, item) =>
      isObject(source.serviceAccountToken)
        ? [
            forbidden(
              `${item}.serviceAccountToken`,
              'must not be specified when serviceAccountName is not set',
            ),
          ]
        : [],
    ),
  )

/** What is wrong with a new pod. */
export const newPodProblems = (pod: JsonObject): Problem[] => {
  const spec = objectAt(pod, 'spec')
  const gates = listAt(spec, 'schedulingGates').length
  return [
    ...podProblems(pod),
    ...(listAt(spec, 'ephemeralContainers').length > 0
      ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')]
      : []),
    ...(stringAt(spec, 'nodeName') !== '' && gates > 0
      ? [forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')]
      : []),
    ...agreementProblems(annotationsOf(pod), placeOf(pod)),
  ]
}

const MAX_DEADLINE = 2147483647

/** What is wrong with a changed pod. */
export const changedPodProblems = (pod: JsonObject, before: JsonObject): Problem[] => {
  const spec = objectAt(pod, 'spec')
  const old = objectAt(before, 'spec')
  const annotations = annotationsOf(pod)
  const problems = [
    ...podProblems(pod),
    ...annotationChanges(annotations, annotationsOf(before), 'metadata.annotations'),
    ...annotationProblems(annotations, placeOf(pod), 'metadata.annotations'),
    ...imagesProblems(spec),
  ]
  const list = ['containers', 'initContainers'].find(
    (name) => listAt(spec, name).length !== listAt(old, name).length,
  )
  if (list !== undefined)
    return [...problems, forbidden(`spec.${list}`, 'pod updates may not add or remove containers')]
  const { problems: deadline, ends } = deadlineProblems(spec, old)
  if (ends) return [...problems, ...deadline]
  return [
    ...problems,
    ...deadline,
    ...addedTolerationsProblems(spec, old, 'spec.tolerations'),
    ...addedGatesProblems(spec, old),
    ...frozenProblems(spec, old),
  ]
}

/** Images are looked at once more where they may change. */
const imagesProblems = (spec: JsonObject): Problem[] =>
  ['containers', 'initContainers'].flatMap((list) =>
    each(listAt(spec, list), `spec.${list}`, (container, at) => {
      const image = stringAt(container, 'image')
      const text = 'must not have leading or trailing whitespace'
      if (image === '') return [required(`${at}.image`)]
      return image === image.trim() ? [] : [invalid(`${at}.image`, image, text)]
    }),
  )

const deadlineProblems = (spec: JsonObject, old: JsonObject): { problems: Problem[]; ends: boolean } => {
  const field = 'spec.activeDeadlineSeconds'
  const now = numberAt(spec, 'activeDeadlineSeconds')
  const then = numberAt(old, 'activeDeadlineSeconds')
  if (now === undefined) {
    if (then === undefined) return { problems: [], ends: false }
    const text = 'must not update from a positive integer to nil value'
    return { problems: [invalidPrinted(field, 'null', text)], ends: false }
  }
  if (now < 0 || now > MAX_DEADLINE)
    return {
      problems: [invalid(field, now, `must be between 0 and ${MAX_DEADLINE}, inclusive`)],
      ends: true,
    }
  if (then === undefined || then >= now) return { problems: [], ends: false }
  return { problems: [invalid(field, now, 'must be less than or equal to previous value')], ends: true }
}

const addedGatesProblems = (spec: JsonObject, old: JsonObject): Problem[] => {
  const had = listAt(old, 'schedulingGates').map((gate) => stringAt(gate, 'name'))
  return each(listAt(spec, 'schedulingGates'), 'spec.schedulingGates', (gate, at) => {
    const name = stringAt(gate, 'name')
    const text = `only deletion is allowed, but found new scheduling gate '${name}'`
    return had.includes(name) ? [] : [forbidden(`${at}.name`, text)]
  })
}

const CHANGES =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** The new spec with what may change put back. */
const mungedSpec = (spec: JsonObject, old: JsonObject): JsonObject => {
  const withImages = (list: string) =>
    listAt(spec, list).map((one, index) => {
      const image = objectAt(listAt(old, list)[index]).image
      return image === undefined ? one : { ...objectAt(one), image }
    })
  const munged: JsonObject = { ...spec, containers: withImages('containers') }
  if (spec.initContainers !== undefined) munged.initContainers = withImages('initContainers')
  for (const name of ['activeDeadlineSeconds', 'schedulingGates', 'tolerations']) putBack(munged, old, name)
  const wasNegative = (numberAt(old, 'terminationGracePeriodSeconds') ?? 0) < 0
  if (wasNegative && munged.terminationGracePeriodSeconds === 1)
    putBack(munged, old, 'terminationGracePeriodSeconds')
  return munged
}

const putBack = (spec: JsonObject, old: JsonObject, name: string): void => {
  const value = old[name]
  if (value === undefined) delete spec[name]
  else spec[name] = value
}

const frozenProblems = (spec: JsonObject, old: JsonObject): Problem[] => {
  const munged = mungedSpec(spec, old)
  const problems = listAt(old, 'schedulingGates').length > 0 ? narrowed(munged, old) : []
  const before = goLines('PodSpec', old)
  const after = goLines('PodSpec', munged)
  if (before === after) return problems
  return [...problems, forbidden('spec', `${CHANGES}\n${unifiedDiff(before, after)}`)]
}

/** Where it may go can be narrowed as long as a pod waits at a gate; that is put back as well. */
const narrowed = (munged: JsonObject, old: JsonObject): Problem[] => {
  const selector = objectAt(munged, 'nodeSelector')
  const isNarrower = Object.entries(objectAt(old, 'nodeSelector')).every(
    ([key, value]) => selector[key] === value,
  )
  const text = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
  const problems = isNarrower ? [] : [invalid('spec.nodeSelector', munged.nodeSelector ?? null, text)]
  putBack(munged, old, 'nodeSelector')
  return [...problems, ...narrowedAffinity(munged, old)]
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'

const narrowedAffinity = (munged: JsonObject, old: JsonObject): Problem[] => {
  const was = objectAt(old, 'affinity').nodeAffinity
  const is = objectAt(munged, 'affinity').nodeAffinity
  if (isEqual(was ?? null, is ?? null)) return []
  const { nodeAffinity: _, ...others } = objectAt(munged, 'affinity')
  const kept: JsonObject = was === undefined ? others : { ...others, nodeAffinity: was }
  if (Object.keys(kept).length === 0 && old.affinity === undefined) delete munged.affinity
  else munged.affinity = kept
  return termsProblems(listAt(is, REQUIRED, 'nodeSelectorTerms'), listAt(was, REQUIRED, 'nodeSelectorTerms'))
}

const termsProblems = (terms: JsonObject[string][], old: JsonObject[string][]): Problem[] => {
  const field = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`
  if (old.length === 0) return []
  if (old.length !== terms.length) {
    const text = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    const shown =
      terms.length === 0 ? 'null' : `[${terms.map((one) => goText('NodeSelectorTerm', one)).join(',')}]`
    return [invalidPrinted(field, shown, text)]
  }
  return old.flatMap((term, index) => {
    const now = terms[index] ?? null
    if (isNarrowerTerm(now, term)) return []
    const text = 'only additions are allowed (no mutations or deletions)'
    return [invalidPrinted(`${field}[${index}]`, goText('NodeSelectorTerm', now), text)]
  })
}

const isNarrowerTerm = (now: JsonObject[string], old: JsonObject[string]): boolean => {
  const lists = ['matchExpressions', 'matchFields']
  const wasEmpty = lists.every((name) => listAt(old, name).length === 0)
  if (wasEmpty) return lists.every((name) => listAt(now, name).length === 0)
  return lists.every((name) =>
    isEqual(listAt(now, name).slice(0, listAt(old, name).length), listAt(old, name)),
  )
}
