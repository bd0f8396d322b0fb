/**
 * Deployments of apps/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { numberAt, objectAt } from '../schema/equal.ts'
import { invalid } from '../schema/problem.ts'
import { column } from './columns.ts'
import { always, byDefault, struct } from './dsl.ts'
import { defineKind, specOrAnnotationsChanged } from './kind.ts'
import { podTemplate } from './podspec.ts'
import { templateProblems } from './podvalidate.ts'
import { workloadConditions } from './reference.ts'
import {
  defaultRollout,
  desired,
  rolloutProblems,
  scale,
  selector,
  status,
  workloadColumns,
} from './rollout.ts'
import { defaultTemplate, negativeProblems, selectorProblems } from './workload.ts'

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
        template: podTemplate,
        strategy: {
          ...always(
            struct('DeploymentStrategy', {
              type: byDefault('string', 'RollingUpdate'),
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
  columns: [
    column('Ready', 'string', (object) => `${status(object, 'readyReplicas')}/${desired(object)}`, {
      description: 'Number of the pod with ready state',
    }),
    column('Up-to-date', 'string', (object) => status(object, 'updatedReplicas'), {
      description:
        'Total number of non-terminating pods targeted by this deployment that have the desired template spec.',
    }),
    column('Available', 'string', (object) => status(object, 'availableReplicas'), {
      description:
        'Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.',
    }),
    ...workloadColumns(
      "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.",
    ),
  ],
  defaults: (object) => {
    defaultTemplate(object)
    defaultRollout(objectAt(object, 'spec', 'strategy'), { maxUnavailable: '25%', maxSurge: '25%' })
  },
  validate: (object, before) => [
    ...negativeProblems(
      objectAt(object, 'spec'),
      'replicas',
      'minReadySeconds',
      'revisionHistoryLimit',
      'progressDeadlineSeconds',
    ),
    ...deadlineProblems(objectAt(object, 'spec')),
    ...selectorProblems(object, before),
    ...templateProblems(objectAt(object, 'spec', 'template'), 'spec.template'),
    ...rolloutProblems(objectAt(object, 'spec', 'strategy'), 'spec.strategy', ['Recreate', 'RollingUpdate']),
    ...(before ? statusProblems(object) : []),
  ],
})

const counters = ['updatedReplicas', 'availableReplicas', 'readyReplicas']

const statusProblems = (object: JsonObject): Problem[] => {
  const total = status(object, 'replicas')
  const negative = ['replicas', 'unavailableReplicas', 'observedGeneration', ...counters]
    .filter((name) => status(object, name) < 0)
    .map((name) => invalid(`status.${name}`, status(object, name), 'must be greater than or equal to 0'))
  const excessive = counters
    .filter((name) => status(object, name) > total)
    .map((name) => invalid(`status.${name}`, status(object, name), 'cannot be greater than status.replicas'))
  if (status(object, 'availableReplicas') > status(object, 'readyReplicas'))
    excessive.push(
      invalid(
        'status.availableReplicas',
        status(object, 'availableReplicas'),
        'cannot be greater than readyReplicas',
      ),
    )
  return [...negative, ...excessive]
}

const deadlineProblems = (spec: JsonObject): Problem[] => {
  const deadline = numberAt(spec, 'progressDeadlineSeconds') ?? 0
  const ready = numberAt(spec, 'minReadySeconds') ?? 0
  if (deadline > ready || deadline < 0) return []
  return [invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')]
}
