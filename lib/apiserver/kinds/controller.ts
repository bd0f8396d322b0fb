/**
 * PodTemplates and ReplicationControllers, the oldest kinds that make pods.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, isObject, numberAt, objectAt } from '../schema/equal.ts'
import { invalid, required } from '../schema/problem.ts'
import { selectorMatches } from '../selector/object.ts'
import { always, atomic, byNamedDefault, field, optional, struct } from './dsl.ts'
import { defineKind, specChanged } from './kind.ts'
import { dropDisabled } from './pod/prepare.ts'
import { templateProblems } from './pod/template.ts'
import { nameWarnings, podWarnings } from './pod/warnings.ts'
import { defaultPodSpec } from './poddefaults.ts'
import { podTemplate } from './podspec.ts'
import { workloadConditions } from './reference.ts'
import { noneNegative } from './rules.ts'
import {
  countersProblems,
  defaultTemplate,
  hasNewGeneration,
  ownTemplateProblems,
  templateWarnings,
} from './workload.ts'

const podTemplateKind: ResourceType = defineKind({
  kind: 'PodTemplate',
  bumpsGeneration: (before, after) => !isEqual(before.template ?? null, after.template ?? null),
  fields: { template: podTemplate },
  defaults: (object) => defaultPodSpec(objectAt(object, 'template', 'spec')),
  prepare: (object) => dropDisabled(objectAt(object, 'template', 'spec')),
  validate: (object) => templateProblems(objectAt(object, 'template'), 'template'),
  warnings: (object, before) =>
    before && !hasNewGeneration(object, before) ? [] : podWarnings(objectAt(object, 'template'), 'template'),
})

const { 'x-go-zero': _, ...pointer } = optional(podTemplate)

const count = (object: JsonObject, part: string, name: string): number => numberAt(object, part, name) ?? 0
const templateOf = (object: JsonObject): JsonObject => objectAt(object, 'spec', 'template')

const replicationController: ResourceType = defineKind({
  kind: 'ReplicationController',
  orphansByDefault: {},
  shortNames: ['rc'],
  categories: ['all'],
  hasStatus: true,
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.spec.selector',
  },
  bumpsGeneration: specChanged,
  fields: {
    spec: always(
      struct('ReplicationControllerSpec', {
        replicas: byNamedDefault('int32?', 1),
        minReadySeconds: byNamedDefault('int32', 0),
        selector: atomic(field('string{}')),
        template: pointer,
      }),
    ),
    status: always(
      struct('ReplicationControllerStatus', {
        replicas: 'int32!',
        fullyLabeledReplicas: 'int32',
        readyReplicas: 'int32',
        availableReplicas: 'int32',
        observedGeneration: 'int64',
        conditions: workloadConditions('ReplicationControllerCondition', 'lastTransitionTime'),
      }),
    ),
  },
  selectableFields: { 'status.replicas': (object) => String(count(object, 'status', 'replicas')) },
  defaults: (object) => {
    const { labels } = objectAt(templateOf(object), 'metadata')
    const metadata = objectAt(object, 'metadata')
    defaultTemplate(object)
    if (!isObject(labels) || Object.keys(labels).length === 0) return
    if (Object.keys(objectAt(object, 'spec', 'selector')).length === 0)
      objectAt(object, 'spec').selector = { ...labels }
    if (Object.keys(objectAt(metadata, 'labels')).length === 0)
      object.metadata = { ...metadata, labels: { ...labels } }
  },
  prepare: (object) => dropDisabled(objectAt(templateOf(object), 'spec')),
  validate: (object, before, subresource) =>
    before && subresource === 'status'
      ? countersProblems(objectAt(object, 'status'), counters, parts)
      : controllerProblems(objectAt(object, 'spec')),
  warnings: (object, before, subresource) =>
    subresource === 'status'
      ? []
      : [
          ...(before ? [] : nameWarnings(object, 'Pod names and hostnames')),
          ...templateWarnings(object, before),
        ],
})

const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']
const counters = ['replicas', ...parts, 'observedGeneration']

const controllerProblems = (spec: JsonObject): Problem[] => {
  const selector = objectAt(spec, 'selector')
  const { template } = spec
  const counted = noneNegative(spec, 'spec', 'replicas', 'minReadySeconds')
  const empty = Object.keys(selector).length === 0 ? [required('spec.selector')] : []
  if (!isObject(template)) return [...counted, ...empty, required('spec.template')]
  const labels = objectAt(template, 'metadata', 'labels')
  const shown = Object.keys(labels).length === 0 ? null : labels
  const text = '`selector` does not match template `labels`'
  return [
    ...counted,
    ...empty,
    ...(selectorMatches({ matchLabels: selector }, labels)
      ? []
      : [invalid('spec.template.metadata.labels', shown, text)]),
    ...ownTemplateProblems(template, 'ReplicationController'),
  ]
}

/** The oldest kinds that make pods. */
export const controllerTypes: readonly ResourceType[] = [podTemplateKind, replicationController]
