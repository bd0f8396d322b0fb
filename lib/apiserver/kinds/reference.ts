/**
 * Selectors and references that many kinds share.
 */

import type { Schema } from '../resource.ts'
import { atomic, byDefault, keyed, listOf, struct, written } from './dsl.ts'

/** `matchLabels` and `matchExpressions`. */
export const labelSelector: Schema = atomic(
  struct('LabelSelector', {
    matchLabels: 'string{}',
    matchExpressions: listOf(
      struct('LabelSelectorRequirement', { key: 'string!', operator: 'string!', values: 'string[]' }),
    ),
  }),
)

/** A name in the same namespace. */
export const localObjectReference: Schema = atomic(
  struct('LocalObjectReference', { name: byDefault('string', '') }),
)

/** A name and a namespace. */
export const secretReference: Schema = atomic(
  struct('SecretReference', { name: 'string', namespace: 'string' }),
)

/** A kind and a name in the same namespace. */
export const typedLocalReference: Schema = atomic(
  struct('TypedLocalObjectReference', {
    apiGroup: written('string?'),
    kind: 'string!',
    name: 'string!',
  }),
)

/** Any object, or a part of it. */
export const objectReference: Schema = atomic(
  struct('ObjectReference', {
    kind: 'string',
    namespace: 'string',
    name: 'string',
    uid: 'string',
    apiVersion: 'string',
    resourceVersion: 'string',
    fieldPath: 'string',
  }),
)

/** `status.conditions` of apimachinery: times and reasons are always written. */
export const conditions: Schema = keyed(
  struct('Condition', {
    type: 'string!',
    status: 'string!',
    observedGeneration: 'int64',
    lastTransitionTime: 'time!',
    reason: 'string!',
    message: 'string!',
  }),
  ['type'],
)

/** `status.conditions` of workloads, which are always written; `times` are the times that the kind has. */
export const workloadConditions = (name: string, ...times: string[]): Schema =>
  keyed(
    struct(name, {
      type: 'string!',
      status: 'string!',
      ...Object.fromEntries(times.map((time) => [time, 'time!'])),
      reason: 'string',
      message: 'string',
    }),
    ['type'],
  )

/** Selection of nodes by labels and fields. */
const nodeSelectorTerm = atomic(
  struct('NodeSelectorTerm', {
    matchExpressions: listOf(
      struct('NodeSelectorRequirement', { key: 'string!', operator: 'string!', values: 'string[]' }),
    ),
    matchFields: listOf(
      struct('NodeSelectorRequirement', { key: 'string!', operator: 'string!', values: 'string[]' }),
    ),
  }),
)

export const nodeSelector: Schema = atomic(
  struct('NodeSelector', { nodeSelectorTerms: written(listOf(nodeSelectorTerm)) }),
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
      podAffinityTerm: { ...podAffinityTerm, 'x-go-zero': {} },
    }),
  ),
}

/** Where pods want to be. */
export const affinity: Schema = struct('Affinity', {
  nodeAffinity: struct('NodeAffinity', {
    requiredDuringSchedulingIgnoredDuringExecution: nodeSelector,
    preferredDuringSchedulingIgnoredDuringExecution: listOf(
      struct('PreferredSchedulingTerm', {
        weight: 'int32!',
        preference: { ...nodeSelectorTerm, 'x-go-zero': {} },
      }),
    ),
  }),
  podAffinity: struct('PodAffinity', podAffinityRules),
  podAntiAffinity: struct('PodAntiAffinity', podAffinityRules),
})
