/**
 * Jobs of batch/v1.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { numberAt, objectAt } from '../schema/equal.ts'
import { always, byDefault, choice, listOf, needed, struct, written } from './dsl.ts'
import { changeProblems } from './jobchanges.ts'
import { isIndexed, jobProblems } from './jobrules.ts'
import {
  hostnameProblems,
  madeProblems,
  ownSelectorProblems,
  selectByUid,
  shareLabels,
} from './jobselector.ts'
import { jobStatusProblems } from './jobstatus.ts'
import { defineKind, specChanged } from './kind.ts'
import { nameWarnings, podWarnings } from './pod/warnings.ts'
import { podTemplate } from './podspec.ts'
import { labelSelector, workloadCondition } from './reference.ts'
import { defaultTemplate, hasNewGeneration, prepareTemplate } from './workload.ts'

const failureRule = struct('PodFailurePolicyRule', {
  action: choice('string!', 'Count', 'FailIndex', 'FailJob', 'Ignore'),
  onExitCodes: struct('PodFailurePolicyOnExitCodesRequirement', {
    containerName: 'string?',
    operator: choice('string!', 'In', 'NotIn'),
    values: written({ ...listOf('int32'), 'x-kubernetes-list-type': 'set' }),
  }),
  onPodConditions: listOf(
    struct('PodFailurePolicyOnPodConditionsPattern', {
      type: 'string!',
      status: needed(byDefault('string!', 'True'), false),
    }),
  ),
})

/** `spec` of a Job, and of what a CronJob makes. */
export const jobSpec = struct('JobSpec', {
  parallelism: 'int32?',
  completions: 'int32?',
  activeDeadlineSeconds: 'int64?',
  podFailurePolicy: struct('PodFailurePolicy', { rules: written(listOf(failureRule)) }),
  successPolicy: struct('SuccessPolicy', {
    rules: written(
      listOf(struct('SuccessPolicyRule', { succeededIndexes: 'string?', succeededCount: 'int32?' })),
    ),
  }),
  backoffLimit: 'int32?',
  backoffLimitPerIndex: 'int32?',
  maxFailedIndexes: 'int32?',
  selector: labelSelector,
  manualSelector: 'bool?',
  template: needed(podTemplate),
  ttlSecondsAfterFinished: 'int32?',
  completionMode: choice('string?', 'Indexed', 'NonIndexed'),
  suspend: 'bool?',
  podReplacementPolicy: choice('string?', 'Failed', 'TerminatingOrFailed'),
  managedBy: 'string?',
})

const jobStatus = struct('JobStatus', {
  conditions: {
    ...listOf(workloadCondition('JobCondition', 'lastProbeTime', 'lastTransitionTime')),
    'x-kubernetes-patch-merge-key': 'type',
    'x-kubernetes-patch-strategy': 'merge',
  },
  startTime: 'time?',
  completionTime: 'time?',
  active: 'int32',
  succeeded: 'int32',
  failed: 'int32',
  terminating: 'int32?',
  completedIndexes: 'string',
  failedIndexes: 'string?',
  uncountedTerminatedPods: struct('UncountedTerminatedPods', {
    succeeded: { ...listOf('string'), 'x-kubernetes-list-type': 'set' },
    failed: { ...listOf('string'), 'x-kubernetes-list-type': 'set' },
  }),
  ready: 'int32?',
})

/** How often a Job without a limit of its own tries again (batch defaults). */
const retries = 6

const defaultJob = (object: JsonObject): void => {
  const spec = objectAt(object, 'spec')
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? retries : 2147483647
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.manualSelector ??= false
  defaultTemplate(object)
  shareLabels(object)
}

const count = (object: JsonObject, part: string, name: string): number => numberAt(object, part, name) ?? 0

/** batch/v1 Job. */
export const jobType: ResourceType = defineKind({
  group: 'batch',
  kind: 'Job',
  categories: ['all'],
  hasStatus: true,
  bumpsGeneration: specChanged,
  fields: { spec: always(jobSpec), status: always(jobStatus) },
  selectableFields: { 'status.successful': (object) => String(count(object, 'status', 'succeeded')) },
  defaults: defaultJob,
  prepare: (object, before) => {
    prepareTemplate(object)
    if (before) return
    selectByUid(object)
    shareLabels(object)
  },
  orphansByDefault: {
    warning:
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  },
  validate: (object, before, subresource) => {
    if (before && subresource === 'status') return jobStatusProblems(object, before)
    const spec = objectAt(object, 'spec')
    const problems = [...jobProblems(spec, 'spec'), ...ownSelectorProblems(spec)]
    return [
      ...madeProblems(object),
      ...problems,
      ...hostnameProblems(object),
      // An update looks at the spec twice.
      ...(before ? [...problems, ...changeProblems(object, before)] : []),
    ]
  },
  warnings: (object, before, subresource) => {
    if (subresource === 'status' || (before && !hasNewGeneration(object, before))) return []
    return [
      ...(before ? [] : nameWarnings(object, 'Pod names and hostnames')),
      ...jobWarnings(objectAt(object, 'spec'), 'spec'),
    ]
  },
})

const MANY_COMPLETIONS = 100_000
const MANY_AT_ONCE = 10_000

/** What to warn of in the spec of a Job. */
export const jobWarnings = (spec: JsonObject, field: string): string[] => {
  const isMany =
    isIndexed(spec) &&
    (numberAt(spec, 'completions') ?? 0) > MANY_COMPLETIONS &&
    (numberAt(spec, 'parallelism') ?? 0) > MANY_AT_ONCE
  const text =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'
  return [
    ...(isMany ? [`${field}: ${text}`] : []),
    ...podWarnings(objectAt(spec, 'template'), `${field}.template`),
  ]
}
