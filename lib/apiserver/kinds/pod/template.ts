/**
 * Templates of pods, and what the annotations of pods and templates may say.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { listAt, objectAt, stringAt } from '../../schema/equal.ts'
import { annotationsProblems, labelsProblems } from '../../schema/metadata.ts'
import { forbidden } from '../../schema/problem.ts'
import { annotationProblems, agreementProblems } from './annotations.ts'
import type { Place } from './place.ts'
import { podSpecProblems } from './spec.ts'

/** What is wrong with a template; labels and annotations are named without `metadata`. */
export const templateProblems = (template: JsonObject, field: string): Problem[] => {
  const metadata = objectAt(template, 'metadata')
  const place: Place = { spec: objectAt(template, 'spec'), field: `${field}.spec`, metadata: undefined }
  const annotations = objectAt(metadata, 'annotations')
  return [
    ...labelsProblems(objectAt(metadata, 'labels'), `${field}.labels`),
    ...annotationsProblems(annotations, `${field}.annotations`),
    ...annotationProblems(annotations, place, `${field}.annotations`),
    ...podSpecProblems(place),
    ...agreementProblems(annotations, place),
    ...(listAt(place.spec, 'ephemeralContainers').length > 0
      ? [forbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ]
}

/** What pods of a controller that keeps them running may not say. */
export const endlessProblems = (template: JsonObject, field: string, owner: string): Problem[] => {
  const policy = stringAt(template, 'spec', 'restartPolicy')
  return [
    ...(policy === 'Always' ? [] : [notAlways(policy, `${field}.spec.restartPolicy`)]),
    ...(objectAt(template, 'spec').activeDeadlineSeconds === undefined
      ? []
      : [
          forbidden(
            `${field}.spec.activeDeadlineSeconds`,
            `activeDeadlineSeconds in ${owner} is not Supported`,
          ),
        ]),
  ]
}

const notAlways = (policy: string, field: string): Problem => ({
  reason: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Always"`,
})
