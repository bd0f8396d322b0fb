/**
 * Deployments, ReplicaSets, DaemonSets and ControllerRevisions of apps/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { invalid, notSupported } from '../schema/problem.ts'
import { column, containerImages, containerNames, selectorText, wide } from './columns.ts'
import { always, byDefault, optional, struct } from './dsl.ts'
import { defineKind, specChanged, specOrAnnotationsChanged } from './kind.ts'
import { podTemplate } from './podspec.ts'
import { templateProblems } from './podvalidate.ts'
import { labelSelector, workloadConditions } from './reference.ts'
import { defaultTemplate, intOrPercentProblems, negativeProblems, selectorProblems } from './workload.ts'

const selector = { ...optional(labelSelector), 'x-go-zero': null }

const scale = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
}

const podSpecOf = (object: JsonObject): JsonObject => objectAt(object, 'spec', 'template', 'spec')

const workloadColumns = (what: string) => [
  wide(
    column('Containers', 'string', (object) => containerNames(podSpecOf(object)), {
      description: 'Names of each container in the template.',
    }),
  ),
  wide(
    column('Images', 'string', (object) => containerImages(podSpecOf(object)), {
      description: 'Images referenced by each container in the template.',
    }),
  ),
  wide(
    column('Selector', 'string', (object) => selectorText(objectAt(object, 'spec')['selector']), {
      description: what,
    }),
  ),
]

const status = (object: JsonObject, name: string): number => numberAt(object, 'status', name) ?? 0
const desired = (object: JsonObject): number => numberAt(object, 'spec', 'replicas') ?? 0

const deployment: ResourceType = defineKind({
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

const defaultRollout = (strategy: JsonObject, limits: JsonObject): void => {
  if (strategy['type'] === 'RollingUpdate')
    strategy['rollingUpdate'] = { ...limits, ...objectAt(strategy, 'rollingUpdate') }
}

const deadlineProblems = (spec: JsonObject): Problem[] => {
  const deadline = numberAt(spec, 'progressDeadlineSeconds') ?? 0
  const ready = numberAt(spec, 'minReadySeconds') ?? 0
  if (deadline > ready || deadline < 0) return []
  return [invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')]
}

const rolloutProblems = (strategy: JsonObject, field: string, types: string[]): Problem[] => {
  const type = stringAt(strategy, 'type')
  if (!types.includes(type)) return [notSupported(`${field}.type`, type, types)]
  const rolling = objectAt(strategy, 'rollingUpdate')
  if (type !== 'RollingUpdate') {
    return 'rollingUpdate' in strategy
      ? [
          {
            reason: 'FieldValueForbidden',
            field: `${field}.rollingUpdate`,
            message: `Forbidden: may not be specified when strategy \`type\` is '${type}'`,
          },
        ]
      : []
  }
  const problems = ['maxUnavailable', 'maxSurge'].flatMap((name) =>
    intOrPercentProblems(rolling[name], `${field}.rollingUpdate.${name}`),
  )
  if (isZero(rolling['maxUnavailable']) && isZero(rolling['maxSurge']))
    problems.push(
      invalid(
        `${field}.rollingUpdate.maxUnavailable`,
        rolling['maxUnavailable'] ?? 0,
        'may not be 0 when `maxSurge` is 0',
      ),
    )
  return problems
}

const isZero = (value: JsonObject[string] | undefined): boolean => value === 0 || value === '0%'

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
  columns: [
    column('Desired', 'integer', desired),
    column('Current', 'integer', (object) => status(object, 'replicas')),
    column('Ready', 'integer', (object) => status(object, 'readyReplicas')),
    ...workloadColumns('Selector is a label query over pods that should match the replica count.'),
  ],
  defaults: defaultTemplate,
  validate: (object, before) => [
    ...negativeProblems(objectAt(object, 'spec'), 'replicas', 'minReadySeconds'),
    ...selectorProblems(object, before),
    ...templateProblems(objectAt(object, 'spec', 'template'), 'spec.template'),
  ],
})

const daemonSet: ResourceType = defineKind({
  group: 'apps',
  kind: 'DaemonSet',
  shortNames: ['ds'],
  categories: ['all'],
  hasStatus: true,
  bumpsGeneration: specChanged,
  fields: {
    spec: always(
      struct('DaemonSetSpec', {
        selector,
        template: podTemplate,
        updateStrategy: always(
          struct('DaemonSetUpdateStrategy', {
            type: byDefault('string', 'RollingUpdate'),
            rollingUpdate: struct('RollingUpdateDaemonSet', {
              maxUnavailable: 'intOrString?',
              maxSurge: 'intOrString?',
            }),
          }),
        ),
        minReadySeconds: 'int32',
        revisionHistoryLimit: byDefault('int32?', 10),
      }),
    ),
    status: always(
      struct('DaemonSetStatus', {
        currentNumberScheduled: 'int32!',
        numberMisscheduled: 'int32!',
        desiredNumberScheduled: 'int32!',
        numberReady: 'int32!',
        observedGeneration: 'int64',
        updatedNumberScheduled: 'int32',
        numberAvailable: 'int32',
        numberUnavailable: 'int32',
        collisionCount: 'int32?',
        conditions: workloadConditions('DaemonSetCondition', 'lastTransitionTime'),
      }),
    ),
  },
  columns: [
    column('Desired', 'integer', (object) => status(object, 'desiredNumberScheduled')),
    column('Current', 'integer', (object) => status(object, 'currentNumberScheduled')),
    column('Ready', 'integer', (object) => status(object, 'numberReady')),
    column('Up-to-date', 'integer', (object) => status(object, 'updatedNumberScheduled')),
    column('Available', 'integer', (object) => status(object, 'numberAvailable')),
    column('Node Selector', 'string', (object) =>
      selectorText({ matchLabels: objectAt(podSpecOf(object), 'nodeSelector') }),
    ),
    ...workloadColumns('A label query over pods that are managed by the daemon set.'),
  ],
  defaults: (object) => {
    defaultTemplate(object)
    defaultRollout(objectAt(object, 'spec', 'updateStrategy'), { maxUnavailable: 1, maxSurge: 0 })
  },
  validate: (object, before) => [
    ...negativeProblems(objectAt(object, 'spec'), 'minReadySeconds', 'revisionHistoryLimit'),
    ...selectorProblems(object, before),
    ...templateProblems(objectAt(object, 'spec', 'template'), 'spec.template'),
    ...rolloutProblems(objectAt(object, 'spec', 'updateStrategy'), 'spec.updateStrategy', [
      'OnDelete',
      'RollingUpdate',
    ]),
  ],
})

const controllerRevision: ResourceType = defineKind({
  group: 'apps',
  kind: 'ControllerRevision',
  fields: {
    data: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, 'x-go-omit': 'null' },
    revision: 'int64!',
  },
  columns: [
    column('Controller', 'string', (object) => ownerOf(object)),
    column('Revision', 'string', (object) => numberAt(object, 'revision') ?? 0),
  ],
})

const ownerOf = (object: JsonObject): string => {
  const owners = objectAt(object, 'metadata')['ownerReferences']
  const owner = Array.isArray(owners) ? owners.find((one) => objectAt(one)['controller'] === true) : undefined
  return owner ? `${stringAt(owner, 'kind').toLowerCase()}.apps/${stringAt(owner, 'name')}` : '<none>'
}

/** The workloads of apps/v1, StatefulSet aside. */
export const deploymentTypes: readonly ResourceType[] = [
  deployment,
  replicaSet,
  daemonSet,
  controllerRevision,
]
