/**
 * Deployments of apps/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { forbidden, invalid, unsupportedStruct } from '../schema/problem.ts'
import { always, byDefault, choice, needed, struct } from './dsl.ts'
import { defineKind, specOrAnnotationsChanged } from './kind.ts'
import { goText } from './pod/go.ts'
import { nameWarnings } from './pod/warnings.ts'
import { podTemplate } from './podspec.ts'
import { workloadConditions } from './reference.ts'
import { amountIn, defaultRollout, intOrPercentProblems, notMoreThanAll, scale, selector } from './rollout.ts'
import { noneNegative } from './rules.ts'
import {
  collisionProblems,
  countersProblems,
  defaultTemplate,
  isUnreadable,
  ownTemplateProblems,
  prepareTemplate,
  selectorChanges,
  selectorProblems,
  templateWarnings,
} from './workload.ts'

/** apps/v1 Deployment. */
export const deploymentType: ResourceType = defineKind({
  group: 'apps',
  kind: 'Deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  hasStatus: true,
  scale,
  bumpsGeneration: specOrAnnotationsChanged,
  fields: {
    spec: always(
      struct('DeploymentSpec', {
        replicas: byDefault('int32?', 1),
        selector,
        template: needed(podTemplate),
        strategy: {
          ...always(
            struct('DeploymentStrategy', {
              type: byDefault(choice('string', 'Recreate', 'RollingUpdate'), 'RollingUpdate'),
              rollingUpdate: struct('RollingUpdateDeployment', {
                maxUnavailable: 'intOrString?',
                maxSurge: 'intOrString?',
              }),
            }),
          ),
          'x-kubernetes-patch-strategy': 'retainKeys',
        },
        minReadySeconds: 'int32',
        revisionHistoryLimit: byDefault('int32?', 10),
        paused: 'bool',
        progressDeadlineSeconds: byDefault('int32?', 600),
      }),
    ),
    status: always(
      struct('DeploymentStatus', {
        observedGeneration: 'int64',
        replicas: 'int32',
        updatedReplicas: 'int32',
        readyReplicas: 'int32',
        availableReplicas: 'int32',
        unavailableReplicas: 'int32',
        terminatingReplicas: 'int32?',
        conditions: workloadConditions('DeploymentCondition', 'lastUpdateTime', 'lastTransitionTime'),
        collisionCount: 'int32?',
      }),
    ),
  },
  defaults: (object) => {
    defaultTemplate(object)
    defaultRollout(objectAt(object, 'spec', 'strategy'), { maxUnavailable: '25%', maxSurge: '25%' })
  },
  prepare: prepareTemplate,
  validate: (object, before, subresource) =>
    before && subresource === 'status'
      ? statusProblems(objectAt(object, 'status'), objectAt(before, 'status'))
      : specProblems(objectAt(object, 'spec'), before && objectAt(before, 'spec')),
  warnings: (object, before, subresource) =>
    subresource === 'status'
      ? []
      : [
          ...(before ? [] : nameWarnings(object, 'Pod names and hostnames')),
          ...templateWarnings(object, before),
        ],
})

const specProblems = (spec: JsonObject, before: JsonObject | undefined): Problem[] => [
  ...noneNegative(
    spec,
    'spec',
    'replicas',
    'minReadySeconds',
    'revisionHistoryLimit',
    'progressDeadlineSeconds',
  ),
  ...deadlineProblems(spec),
  ...selectorProblems(spec, { word: 'deployment', unreadable: 'invalid label selector' }),
  ...(isUnreadable(spec.selector) ? [] : ownTemplateProblems(objectAt(spec, 'template'), 'ReplicaSet')),
  ...strategyProblems(objectAt(spec, 'strategy'), 'spec.strategy'),
  ...(before ? selectorChanges(spec, before) : []),
]

const strategyProblems = (strategy: JsonObject, field: string): Problem[] => {
  const type = stringAt(strategy, 'type')
  const { rollingUpdate } = strategy
  const at = `${field}.rollingUpdate`
  if (type === 'Recreate')
    return rollingUpdate === undefined
      ? []
      : [forbidden(at, "may not be specified when strategy `type` is 'Recreate'")]
  if (type === 'RollingUpdate') return rollingProblems(objectAt(strategy, 'rollingUpdate'), at)
  return [unsupportedStruct(field, goText('DeploymentStrategy', strategy), ['Recreate', 'RollingUpdate'])]
}

const rollingProblems = (rolling: JsonObject, field: string): Problem[] => {
  const { maxUnavailable, maxSurge } = rolling
  const nothing = 'may not be 0 when `maxSurge` is 0'
  return [
    ...intOrPercentProblems(maxUnavailable, `${field}.maxUnavailable`),
    ...intOrPercentProblems(maxSurge, `${field}.maxSurge`),
    ...(amountIn(maxUnavailable) === 0 && amountIn(maxSurge) === 0
      ? [invalid(`${field}.maxUnavailable`, maxUnavailable ?? 0, nothing)]
      : []),
    ...notMoreThanAll(maxUnavailable, `${field}.maxUnavailable`),
  ]
}

const statusProblems = (status: JsonObject, before: JsonObject): Problem[] => [
  ...countersProblems(
    status,
    [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ],
    ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
  ),
  ...collisionProblems(status, before),
]

const deadlineProblems = (spec: JsonObject): Problem[] => {
  const deadline = numberAt(spec, 'progressDeadlineSeconds')
  if (deadline === undefined || deadline > (numberAt(spec, 'minReadySeconds') ?? 0)) return []
  return [invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')]
}
