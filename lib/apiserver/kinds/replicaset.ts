/**
 * ReplicaSets and ControllerRevisions of apps/v1.
 */

import type { ResourceType } from '../resource.ts'
import { isEqual, isObject, objectAt } from '../schema/equal.ts'
import { invalid, required } from '../schema/problem.ts'
import { always, anything, atomic, byDefault, struct } from './dsl.ts'
import { defineKind, specChanged } from './kind.ts'
import { nameWarnings } from './pod/warnings.ts'
import { podTemplate } from './podspec.ts'
import { workloadConditions } from './reference.ts'
import { scale, selector, status } from './rollout.ts'
import { noneNegative } from './rules.ts'
import {
  countersProblems,
  defaultTemplate,
  isUnreadable,
  ownTemplateProblems,
  prepareTemplate,
  selectorChanges,
  selectorProblems,
  templateWarnings,
} from './workload.ts'

const counters = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
  'terminatingReplicas',
]

const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']

const replicaSet: ResourceType = defineKind({
  group: 'apps',
  kind: 'ReplicaSet',
  shortNames: ['rs'],
  categories: ['all'],
  hasStatus: true,
  scale,
  bumpsGeneration: specChanged,
  fields: {
    spec: always(
      struct('ReplicaSetSpec', {
        replicas: byDefault('int32?', 1),
        minReadySeconds: 'int32',
        selector,
        template: podTemplate,
      }),
    ),
    status: always(
      struct('ReplicaSetStatus', {
        replicas: 'int32!',
        fullyLabeledReplicas: 'int32',
        readyReplicas: 'int32',
        availableReplicas: 'int32',
        terminatingReplicas: 'int32?',
        observedGeneration: 'int64',
        conditions: workloadConditions('ReplicaSetCondition', 'lastTransitionTime'),
      }),
    ),
  },
  selectableFields: { 'status.replicas': (object) => String(status(object, 'replicas')) },
  defaults: defaultTemplate,
  prepare: prepareTemplate,
  validate: (object, before, subresource) => {
    const spec = objectAt(object, 'spec')
    if (before && subresource === 'status')
      return countersProblems(objectAt(object, 'status'), counters, parts)
    return [
      ...noneNegative(spec, 'spec', 'replicas', 'minReadySeconds'),
      // The real server has this word of Deployments.
      ...selectorProblems(spec, { word: 'deployment', unreadable: 'invalid label selector' }),
      ...(isUnreadable(spec.selector) ? [] : ownTemplateProblems(objectAt(spec, 'template'), 'ReplicaSet')),
      ...(before ? selectorChanges(spec, objectAt(before, 'spec')) : []),
    ]
  },
  warnings: (object, before, subresource) =>
    subresource === 'status'
      ? []
      : [
          ...(before ? [] : nameWarnings(object, 'Pod names and hostnames')),
          ...templateWarnings(object, before),
        ],
})

const controllerRevision: ResourceType = defineKind({
  group: 'apps',
  kind: 'ControllerRevision',
  fields: {
    data: atomic(anything('RawExtension', 'runtime')),
    revision: 'int64!',
  },
  validate: (object, before) => [
    ...noneNegative(object, '', 'revision').map((problem) => ({ ...problem, field: 'revision' })),
    ...(before || isObject(object.data) ? [] : [required('data', 'data is mandatory')]),
    ...(before && !isEqual(object.data ?? null, before.data ?? null)
      ? [invalid('data', object.data ?? null, 'field is immutable')]
      : []),
  ],
})

/** ReplicaSets, and the histories of other workloads. */
export const replicaSetTypes: readonly ResourceType[] = [replicaSet, controllerRevision]
