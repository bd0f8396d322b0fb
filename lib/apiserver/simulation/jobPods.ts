/** The pods of a Job, and the indexes of those of an Indexed one. */
import { metadataText } from '../metadata.ts'
import type { JsonObject } from '../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { annotationsOf } from './cluster.ts'
import { podOf } from './podTemplate.ts'

/** Keeps a pod until it has been counted. */
export const TRACKING = 'batch.kubernetes.io/job-tracking'

/** On a pod, as annotation and label. */
const INDEX = 'batch.kubernetes.io/job-completion-index'

/** The index of a pod, if it has one. */
export const indexOf = (pod: JsonObject): number | undefined => {
  const text = stringAt(annotationsOf(pod), INDEX)
  return text === '' ? undefined : Number(text)
}

/** A pod of the Job, for this index where it has indexes. */
export function newJobPod(job: JsonObject, index: number | undefined): JsonObject {
  const name = metadataText(job, 'name')
  const template = objectAt(job, 'spec', 'template')
  const finalizers = [TRACKING]
  if (index === undefined) return podOf(job, template, { generateName: `${name}-`, finalizers })
  const marked = { [INDEX]: String(index) }
  const metadata = { generateName: `${name}-${index}-`, finalizers, annotations: marked, labels: marked }
  const pod = podOf(job, template, metadata)
  const spec = objectAt(pod, 'spec')
  return {
    ...pod,
    spec: {
      ...spec,
      containers: listAt(spec, 'containers').filter(isObject).map(withIndex),
      hostname: `${name}-${index}`,
    },
  }
}

const withIndex = (container: JsonObject): JsonObject => {
  const fieldRef = { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX}']` }
  return {
    ...container,
    env: [...listAt(container, 'env'), { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef } }],
  }
}

/** `0,2-4` as numbers. */
export const indexesOf = (text: string): number[] =>
  text
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, offset) => first + offset)
    })

/** Numbers as `0,2-4`: rows of at least three are drawn together, pairs as well, as the real one writes them. */
export function indexText(indexes: ReadonlySet<number>): string {
  const rows: [number, number][] = []
  for (const index of [...indexes].sort((one, other) => one - other)) {
    const row = rows.at(-1)
    if (row !== undefined && row[1] === index - 1) row[1] = index
    else rows.push([index, index])
  }
  return rows
    .map(([first, last]) =>
      first === last ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`,
    )
    .join(',')
}
