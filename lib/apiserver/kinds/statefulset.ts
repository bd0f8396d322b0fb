/**
 * StatefulSets of apps/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { annotationsProblems, labelsProblems } from '../schema/metadata.ts'
import { labelProblems } from '../schema/names.ts'
import { metadata } from '../schema/objectmeta.ts'
import { forbidden, invalid, invalidPrinted } from '../schema/problem.ts'
import { claimSpec, claimStatus } from './claim.ts'
import { claimProblems } from './claimrules.ts'
import { always, byDefault, choice, listOf, needed, ofPackage, optional, struct } from './dsl.ts'
import { defineKind, specChanged } from './kind.ts'
import { annotationProblems } from './pod/annotations.ts'
import { goText } from './pod/go.ts'
import { endlessProblems, templateProblems } from './pod/template.ts'
import { claimWarnings } from './pod/warnings.ts'
import { podTemplate } from './podspec.ts'
import { labelSelector, workloadConditions } from './reference.ts'
import { amountIn, intOrPercentProblems, notMoreThanAll } from './rollout.ts'
import { each, formedIfAny, noneNegative, notNegative, oneOf } from './rules.ts'
import {
  collisionProblems,
  countersProblems,
  defaultTemplate,
  isUnreadable,
  prepareTemplate,
  selectorProblems,
  templateWarnings,
} from './workload.ts'

const ROLLING = 'RollingUpdate'

const claimTemplate = ofPackage(
  'core.v1',
  struct('PersistentVolumeClaim', {
    apiVersion: 'string',
    kind: 'string',
    metadata,
    spec: { ...claimSpec, 'x-go-zero': {} },
    status: { ...claimStatus, 'x-go-zero': {} },
  }),
)

const spec = struct('StatefulSetSpec', {
  replicas: byDefault('int32?', 1),
  selector: needed({ ...optional(labelSelector), 'x-go-zero': null }),
  template: needed(podTemplate),
  volumeClaimTemplates: listOf(claimTemplate),
  serviceName: needed('string!', false),
  podManagementPolicy: byDefault(choice('string', 'OrderedReady', 'Parallel'), 'OrderedReady'),
  updateStrategy: always(
    struct('StatefulSetUpdateStrategy', {
      type: choice('string', 'OnDelete', 'RollingUpdate'),
      rollingUpdate: struct('RollingUpdateStatefulSetStrategy', {
        partition: 'int32?',
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
  ordinals: struct('StatefulSetOrdinals', { start: needed('int32!', false) }),
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
  availableReplicas: needed('int32!', false),
})

const setDefaults = (object: JsonObject): void => {
  defaultTemplate(object)
  const spec = objectAt(object, 'spec')
  const strategy = objectAt(spec, 'updateStrategy')
  for (const template of listAt(spec, 'volumeClaimTemplates').filter(isObject)) {
    template.kind = 'PersistentVolumeClaim'
    template.apiVersion = 'v1'
  }
  if (stringAt(strategy, 'type') !== '' && stringAt(strategy, 'type') !== ROLLING) return
  // A strategy that is named but not described stays as it is.
  if (stringAt(strategy, 'type') === '') strategy.rollingUpdate ??= {}
  strategy.type = ROLLING
  const { rollingUpdate } = strategy
  if (isObject(rollingUpdate)) strategy.rollingUpdate = { partition: 0, ...rollingUpdate }
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

/**
 * The template with the volumes that its claims will add, so that mounting them is no mistake, and without the names that
 * its pods get otherwise.
 */
const withClaims = (spec: JsonObject): JsonObject => {
  const template = objectAt(spec, 'template')
  const claimed = listAt(spec, 'volumeClaimTemplates').map((one) => ({
    name: stringAt(one, 'metadata', 'name'),
    persistentVolumeClaim: { claimName: stringAt(one, 'metadata', 'name') },
  }))
  const given = listAt(template, 'spec', 'volumes').filter(
    (volume) => !claimed.some((one) => one.name === stringAt(volume, 'name')),
  )
  const { hostname: _1, subdomain: _2, ...pod } = objectAt(template, 'spec')
  return { ...template, spec: { ...pod, volumes: [...claimed, ...given] } }
}

const specProblems = (spec: JsonObject, before: JsonObject | undefined): Problem[] => [
  ...policyProblems(stringAt(spec, 'podManagementPolicy')),
  ...strategyProblems(objectAt(spec, 'updateStrategy'), 'spec.updateStrategy'),
  ...['whenDeleted', 'whenScaled'].flatMap((name) =>
    oneOf(
      stringAt(spec, 'persistentVolumeClaimRetentionPolicy', name),
      `spec.persistentVolumeClaimRetentionPolicy.${name}`,
      ['Retain', 'Delete'],
    ),
  ),
  // What never changes need not be looked at again.
  ...(before
    ? []
    : [
        ...each(listAt(spec, 'volumeClaimTemplates'), 'spec.volumeClaimTemplates', (claim, at) =>
          claimProblems(objectAt(claim, 'spec'), `${at}.spec`),
        ),
        ...formedIfAny(stringAt(spec, 'serviceName'), 'spec.serviceName', labelProblems),
      ]),
  ...noneNegative(spec, 'spec', 'replicas', 'minReadySeconds'),
  ...notNegative(numberAt(spec, 'ordinals', 'start'), 'spec.ordinals.start'),
  ...selectorProblems(spec, { word: 'statefulset', unreadable: '' }),
  ...(isUnreadable(spec.selector) ? [] : podProblems(withClaims(spec))),
  ...endlessProblems(objectAt(spec, 'template'), 'spec.template', 'StatefulSet'),
]

const policyProblems = (policy: string): Problem[] =>
  policy === 'OrderedReady' || policy === 'Parallel'
    ? []
    : [invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'")]

/** Labels and annotations of this kind's template are looked at twice. */
const podProblems = (template: JsonObject): Problem[] => {
  const field = 'spec.template'
  const metadata = objectAt(template, 'metadata')
  const annotations = objectAt(metadata, 'annotations')
  const place = { spec: objectAt(template, 'spec'), field: `${field}.spec`, metadata: undefined }
  return [
    ...templateProblems(template, field),
    ...labelsProblems(objectAt(metadata, 'labels'), `${field}.labels`),
    ...annotationsProblems(annotations, `${field}.annotations`),
    ...annotationProblems(annotations, place, `${field}.annotations`),
  ]
}

const strategyProblems = (strategy: JsonObject, field: string): Problem[] => {
  const type = stringAt(strategy, 'type')
  const rolling = strategy.rollingUpdate
  const at = `${field}.rollingUpdate`
  if (type === ROLLING) return isObject(rolling) ? rollingProblems(rolling, at) : []
  if (type !== 'OnDelete') {
    const text = "must be 'RollingUpdate' or 'OnDelete'"
    return [invalidPrinted(field, goText('StatefulSetUpdateStrategy', strategy), text)]
  }
  if (!isObject(rolling)) return []
  const shown = goText('RollingUpdateStatefulSetStrategy', rolling)
  return [invalidPrinted(at, shown, "only allowed for updateStrategy 'RollingUpdate'")]
}

const rollingProblems = (rolling: JsonObject, field: string): Problem[] => {
  const { maxUnavailable } = rolling
  const at = `${field}.maxUnavailable`
  return [
    ...noneNegative(rolling, field, 'partition'),
    ...(maxUnavailable === undefined
      ? []
      : [
          ...intOrPercentProblems(maxUnavailable, at),
          ...(amountIn(maxUnavailable) === 0 ? [invalid(at, maxUnavailable, 'cannot be 0')] : []),
          ...notMoreThanAll(maxUnavailable, at),
        ]),
  ]
}

const statusProblems = (object: JsonObject, before: JsonObject): Problem[] => [
  ...countersProblems(
    objectAt(object, 'status'),
    [
      'replicas',
      'readyReplicas',
      'currentReplicas',
      'updatedReplicas',
      'availableReplicas',
      'observedGeneration',
      'collisionCount',
    ],
    ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
    'status.readyReplicas',
  ),
  ...collisionProblems(objectAt(object, 'status'), objectAt(before, 'status')),
]

const warnings = (object: JsonObject, before: JsonObject | undefined): string[] => {
  const spec = objectAt(object, 'spec')
  const history = numberAt(spec, 'revisionHistoryLimit') ?? 0
  return [
    ...templateWarnings(object, before),
    ...listAt(spec, 'volumeClaimTemplates').flatMap((claim, index) =>
      // An update names the field otherwise than a create.
      claimWarnings(objectAt(claim, 'spec'), `spec.volumeClaimTemplates[${index}]${before ? '.Spec' : ''}`),
    ),
    ...(history < 0
      ? [
          'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
        ]
      : []),
  ]
}

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
  defaults: setDefaults,
  nameFormat: 'label',
  prepare: (object) => {
    prepareTemplate(object)
    // Its feature gate is off.
    const { rollingUpdate } = objectAt(object, 'spec', 'updateStrategy')
    if (isObject(rollingUpdate)) delete rollingUpdate.maxUnavailable
  },
  validate: (object, before, subresource) => {
    if (before && subresource === 'status') return statusProblems(object, before)
    return [
      ...specProblems(objectAt(object, 'spec'), before && objectAt(before, 'spec')),
      ...(before ? changeProblems(object, before) : []),
    ]
  },
  warnings: (object, before, subresource) => (subresource === 'status' ? [] : warnings(object, before)),
})
