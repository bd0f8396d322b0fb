/**
 * ReplicaSets, DaemonSets and ControllerRevisions of apps/v1.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { column, selectorText } from './columns.ts'
import { always, byDefault, struct } from './dsl.ts'
import { defineKind, specChanged } from './kind.ts'
import { podTemplate } from './podspec.ts'
import { templateProblems } from './podvalidate.ts'
import { workloadConditions } from './reference.ts'
import {
  defaultRollout,
  desired,
  podSpecOf,
  rolloutProblems,
  scale,
  selector,
  status,
  workloadColumns,
} from './rollout.ts'
import { defaultTemplate, negativeProblems, selectorProblems } from './workload.ts'

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
  const owners = objectAt(object, 'metadata').ownerReferences
  const owner = Array.isArray(owners) ? owners.find((one) => objectAt(one).controller === true) : undefined
  return owner ? `${stringAt(owner, 'kind').toLowerCase()}.apps/${stringAt(owner, 'name')}` : '<none>'
}

/** The workloads of apps/v1, Deployment and StatefulSet aside. */
export const replicaSetTypes: readonly ResourceType[] = [replicaSet, daemonSet, controllerRevision]
