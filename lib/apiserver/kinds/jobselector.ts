/**
 * How a Job finds its pods: by labels that are made from its uid, unless it says that it knows better.
 */

import type { JsonObject, Problem } from '../resource.ts'
import { isObject, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { labelProblems } from '../schema/names.ts'
import { invalid, invalidPrinted, required } from '../schema/problem.ts'
import { selectorMatches } from '../selector/object.ts'
import { isIndexed } from './jobrules.ts'
import { labelSelectorProblems } from './labelrules.ts'
import { goText } from './pod/go.ts'
import { isUnreadable } from './workload.ts'

/** A Job without labels takes those of its template: the very same, with all that is added to them. */
export const shareLabels = (object: JsonObject): void => {
  const { labels } = objectAt(object, 'spec', 'template', 'metadata')
  const metadata = objectAt(object, 'metadata')
  if (!isObject(labels) || Object.keys(labels).length === 0) return
  if (Object.keys(objectAt(metadata, 'labels')).length === 0) object.metadata = { ...metadata, labels }
}

/** The labels by which a Job finds its pods are made from its uid. */
export const selectByUid = (object: JsonObject): void => {
  const spec = objectAt(object, 'spec')
  if (spec.manualSelector === true) return
  const uid = stringAt(object, 'metadata', 'uid')
  const name = stringAt(object, 'metadata', 'name')
  const template = objectAt(spec, 'template', 'metadata')
  const given = template.labels
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
    ...objectAt(template, 'labels'),
  }
  template.labels = labels
  if (given !== undefined && objectAt(object, 'metadata').labels === given)
    object.metadata = { ...objectAt(object, 'metadata'), labels: { ...labels } }
  const selector = objectAt(spec, 'selector')
  const matchLabels = { 'batch.kubernetes.io/controller-uid': uid, ...objectAt(selector, 'matchLabels') }
  spec.selector = { ...selector, matchLabels }
}

const madeLabels = (object: JsonObject): Record<string, string> => {
  const uid = stringAt(object, 'metadata', 'uid')
  const name = stringAt(object, 'metadata', 'name')
  return {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  }
}

/** A selector that the server makes is the one that it made. */
export const madeProblems = (object: JsonObject): Problem[] => {
  const spec = objectAt(object, 'spec')
  const { selector } = spec
  if (spec.manualSelector === true || !isObject(selector)) return []
  const labels = objectAt(spec, 'template', 'metadata', 'labels')
  const made = madeLabels(object)
  return [
    ...Object.entries(made).flatMap(([key, value]) => {
      const field = `spec.template.metadata.labels[${key}]`
      const text = `must be '${value}'`
      if (!(key in labels)) return [required(field, text)]
      return labels[key] === value ? [] : [invalid(field, labels, text)]
    }),
    ...(isUnreadable(selector) || selectorMatches(selector, made)
      ? []
      : [
          invalidPrinted('spec.selector', goText('LabelSelector', selector), '`selector` not auto-generated'),
        ]),
  ]
}

/** A selector selects the template. */
export const ownSelectorProblems = (spec: JsonObject): Problem[] => {
  const { selector } = spec
  const labels = objectAt(spec, 'template', 'metadata', 'labels')
  const shown = Object.keys(labels).length === 0 ? null : labels
  const text = '`selector` does not match template `labels`'
  const mismatch = invalid('spec.template.metadata.labels', shown, text)
  if (!isObject(selector)) return [required('spec.selector'), mismatch]
  if (isUnreadable(selector)) return labelSelectorProblems(selector, 'spec.selector')
  return selectorMatches(selector, labels) ? [] : [mismatch]
}

/** Pods with an index have it at the end of their host names. */
export const hostnameProblems = (object: JsonObject): Problem[] => {
  const spec = objectAt(object, 'spec')
  const many = numberAt(spec, 'completions') ?? 0
  const name = stringAt(object, 'metadata', 'name')
  const longest = `${name}-${many - 1}`
  if (!isIndexed(spec) || many <= 0 || labelProblems(longest).length === 0) return []
  return [invalid('metadata.name', name, `will not able to create pod with invalid DNS label: ${longest}`)]
}
