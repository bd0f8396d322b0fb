/**
 * Metadata of what is made from a template: labels and annotations, and nothing else.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { objectAt } from '../../schema/equal.ts'
import { annotationsProblems, labelsProblems } from '../../schema/metadata.ts'
import { forbidden } from '../../schema/problem.ts'

/** What is wrong with it. */
export const templateMetadataProblems = (metadata: JsonObject, field: string): Problem[] => [
  ...annotationsProblems(objectAt(metadata, 'annotations'), `${field}.annotations`),
  ...labelsProblems(objectAt(metadata, 'labels'), `${field}.labels`),
  ...Object.keys(metadata)
    .filter((name) => name !== 'labels' && name !== 'annotations')
    .map((name) => forbidden(`${field}.${name}`, 'cannot be set')),
]
