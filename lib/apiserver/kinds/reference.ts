/**
 * Selectors and references that many kinds share.
 */

import type { Schema } from '../resource.ts'
import { atomic, byNamedDefault, choice, keyed, listOf, needed, ofPackage, struct, written } from './dsl.ts'

const core = (given: Schema): Schema => ofPackage('core.v1', given)

/** The protocol of a port. */
export const protocol: Schema = choice('string', 'SCTP', 'TCP', 'UDP')

/** `matchLabels` and `matchExpressions`. */
export const labelSelector: Schema = ofPackage(
  'meta.v1',
  atomic(
    struct('LabelSelector', {
      matchLabels: 'string{}',
      matchExpressions: listOf(
        struct('LabelSelectorRequirement', { key: 'string!', operator: 'string!', values: 'string[]' }),
      ),
    }),
  ),
)

/** A name in the same namespace. */
export const localObjectReference: Schema = core(
  atomic(struct('LocalObjectReference', { name: byNamedDefault('string', '') })),
)

/** A name and a namespace. */
export const secretReference: Schema = core(
  atomic(struct('SecretReference', { name: 'string', namespace: 'string' })),
)

/** A kind and a name in the same namespace. */
export const typedLocalReference: Schema = core(
  atomic(
    struct('TypedLocalObjectReference', {
      apiGroup: needed(written('string?'), false),
      kind: 'string!',
      name: 'string!',
    }),
  ),
)

/** Any object, or a part of it. */
export const objectReference: Schema = core(
  atomic(
    struct('ObjectReference', {
      kind: 'string',
      namespace: 'string',
      name: 'string',
      uid: 'string',
      apiVersion: 'string',
      resourceVersion: 'string',
      fieldPath: 'string',
    }),
  ),
)

/** `status.conditions` of apimachinery: times and reasons are always written. */
export const conditions: Schema = keyed(
  ofPackage(
    'meta.v1',
    struct('Condition', {
      type: 'string!',
      status: 'string!',
      observedGeneration: 'int64',
      lastTransitionTime: 'time!',
      reason: 'string!',
      message: 'string!',
    }),
  ),
  ['type'],
)

/** `status.conditions` of workloads, which are always written; `times` are the times that the kind has. */
export const workloadConditions = (name: string, ...times: string[]): Schema =>
  keyed(workloadCondition(name, ...times), ['type'])

/** One of them. */
export const workloadCondition = (name: string, ...times: string[]): Schema =>
  struct(name, {
    type: 'string!',
    status: 'string!',
    ...Object.fromEntries(times.map((time) => [time, needed('time!', false)])),
    reason: 'string',
    message: 'string',
  })

const nodeSelectorRequirement = struct('NodeSelectorRequirement', {
  key: 'string!',
  operator: choice('string!', 'DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'),
  values: 'string[]',
})

/** Selection of nodes by labels and fields. */
const nodeSelectorTerm = atomic(
  struct('NodeSelectorTerm', {
    matchExpressions: listOf(nodeSelectorRequirement),
    matchFields: listOf(nodeSelectorRequirement),
  }),
)

export const nodeSelector: Schema = core(
  atomic(struct('NodeSelector', { nodeSelectorTerms: written(listOf(nodeSelectorTerm)) })),
)

const podAffinityTerm = struct('PodAffinityTerm', {
  labelSelector,
  namespaces: 'string[]',
  topologyKey: 'string!',
  namespaceSelector: labelSelector,
  matchLabelKeys: 'string[]',
  mismatchLabelKeys: 'string[]',
})

const podAffinityRules = {
  requiredDuringSchedulingIgnoredDuringExecution: listOf(podAffinityTerm),
  preferredDuringSchedulingIgnoredDuringExecution: listOf(
    struct('WeightedPodAffinityTerm', {
      weight: 'int32!',
      podAffinityTerm: needed({ ...podAffinityTerm, 'x-go-zero': {} }),
    }),
  ),
}

/** Where pods want to be. */
export const affinity: Schema = core(
  struct('Affinity', {
    nodeAffinity: struct('NodeAffinity', {
      requiredDuringSchedulingIgnoredDuringExecution: nodeSelector,
      preferredDuringSchedulingIgnoredDuringExecution: listOf(
        struct('PreferredSchedulingTerm', {
          weight: 'int32!',
          preference: needed({ ...nodeSelectorTerm, 'x-go-zero': {} }),
        }),
      ),
    }),
    podAffinity: struct('PodAffinity', podAffinityRules),
    podAntiAffinity: struct('PodAntiAffinity', podAffinityRules),
  }),
)
