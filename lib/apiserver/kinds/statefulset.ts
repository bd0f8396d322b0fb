/**
 * StatefulSets of apps/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { metadata } from '../schema/objectmeta.ts'
import { forbidden, notSupported } from '../schema/problem.ts'
import { claimSpec, claimStatus } from './claim.ts'
import { column, containerImages, containerNames, wide } from './columns.ts'
import { always, byDefault, listOf, optional, struct } from './dsl.ts'
import { defineKind, specChanged } from './kind.ts'
import { podTemplate } from './podspec.ts'
import { templateProblems } from './podvalidate.ts'
import { labelSelector, workloadConditions } from './reference.ts'
import { defaultTemplate, negativeProblems, selectorProblems } from './workload.ts'

const claimTemplate = struct('PersistentVolumeClaim', {
  apiVersion: 'string',
  kind: 'string',
  metadata,
  spec: { ...claimSpec, 'x-go-zero': {} },
  status: { ...claimStatus, 'x-go-zero': {} },
})

const spec = struct('StatefulSetSpec', {
  replicas: byDefault('int32?', 1),
  selector: { ...optional(labelSelector), 'x-go-zero': null },
  template: podTemplate,
  volumeClaimTemplates: listOf(claimTemplate),
  serviceName: 'string!',
  podManagementPolicy: byDefault('string', 'OrderedReady'),
  updateStrategy: always(
    struct('StatefulSetUpdateStrategy', {
      type: byDefault('string', 'RollingUpdate'),
      rollingUpdate: struct('RollingUpdateStatefulSetStrategy', {
        partition: byDefault('int32?', 0),
        maxUnavailable: 'intOrString?',
      }),
    }),
  ),
  revisionHistoryLimit: byDefault('int32?', 10),
  minReadySeconds: 'int32',
  persistentVolumeClaimRetentionPolicy: byDefault(
    struct('StatefulSetPersistentVolumeClaimRetentionPolicy', {
      whenDeleted: byDefault('string', 'Retain'),
      whenScaled: byDefault('string', 'Retain'),
    }),
    {},
  ),
  ordinals: struct('StatefulSetOrdinals', { start: 'int32!' }),
})

const status = struct('StatefulSetStatus', {
  observedGeneration: 'int64',
  replicas: 'int32!',
  readyReplicas: 'int32',
  currentReplicas: 'int32',
  updatedReplicas: 'int32',
  currentRevision: 'string',
  updateRevision: 'string',
  collisionCount: 'int32?',
  conditions: workloadConditions('StatefulSetCondition', 'lastTransitionTime'),
  availableReplicas: 'int32!',
})

const setDefaults = (object: JsonObject): void => {
  defaultTemplate(object)
  const spec = objectAt(object, 'spec')
  const strategy = objectAt(spec, 'updateStrategy')
  if (strategy.type === 'RollingUpdate')
    strategy.rollingUpdate = { partition: 0, ...objectAt(strategy, 'rollingUpdate') }
  for (const template of listAt(spec, 'volumeClaimTemplates').filter(isObject)) {
    template.kind = 'PersistentVolumeClaim'
    template.apiVersion = 'v1'
  }
}

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

const changeProblems = (object: JsonObject, before: JsonObject): Problem[] => {
  const fixed = (of: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(objectAt(of, 'spec')).filter(([name]) => !changeable.includes(name)))
  if (isEqual(fixed(object), fixed(before))) return []
  const text =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
  return [forbidden('spec', text)]
}

/** The template with the volumes that its claims will add, so that mounting them is no mistake. */
const withClaims = (spec: JsonObject): JsonObject => {
  const template = objectAt(spec, 'template')
  const claimed = listAt(spec, 'volumeClaimTemplates').map((one) => ({
    name: stringAt(one, 'metadata', 'name'),
    persistentVolumeClaim: {},
  }))
  const given = listAt(template, 'spec', 'volumes').filter(
    (volume) => !claimed.some((one) => one.name === stringAt(volume, 'name')),
  )
  return { ...template, spec: { ...objectAt(template, 'spec'), volumes: [...given, ...claimed] } }
}

const policies = ['OrderedReady', 'Parallel']
const strategies = ['OnDelete', 'RollingUpdate']

const choiceProblems = (spec: JsonObject): Problem[] => {
  const policy = stringAt(spec, 'podManagementPolicy')
  const strategy = stringAt(spec, 'updateStrategy', 'type')
  return [
    ...(policies.includes(policy) ? [] : [notSupported('spec.podManagementPolicy', policy, policies)]),
    ...(strategies.includes(strategy) ? [] : [notSupported('spec.updateStrategy', strategy, strategies)]),
  ]
}

const count = (object: JsonObject, part: string, name: string): number => numberAt(object, part, name) ?? 0
const podSpecOf = (object: JsonObject): JsonObject => objectAt(object, 'spec', 'template', 'spec')

/** apps/v1 StatefulSet. */
export const statefulSetType: ResourceType = defineKind({
  group: 'apps',
  kind: 'StatefulSet',
  shortNames: ['sts'],
  categories: ['all'],
  hasStatus: true,
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.spec.selector',
  },
  bumpsGeneration: specChanged,
  fields: { spec: always(spec), status: always(status) },
  columns: [
    column(
      'Ready',
      'string',
      (object) => `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`,
      {
        description: 'Number of the pod with ready state',
      },
    ),
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
  ],
  defaults: setDefaults,
  validate: (object, before) => {
    const spec = objectAt(object, 'spec')
    return [
      ...(before ? changeProblems(object, before) : selectorProblems(object, undefined)),
      ...negativeProblems(spec, 'replicas', 'minReadySeconds', 'revisionHistoryLimit'),
      ...choiceProblems(spec),
      ...templateProblems(withClaims(spec), 'spec.template'),
    ]
  },
})
