/**
 * Jobs and CronJobs of batch/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { at, isEqual, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { metadata } from '../schema/objectmeta.ts'
import { immutable, invalid, notSupported, required } from '../schema/problem.ts'
import {
  ageOf,
  column,
  containerImages,
  containerNames,
  humanDuration,
  selectorText,
  wide,
} from './columns.ts'
import { always, byDefault, listOf, struct } from './dsl.ts'
import { defineKind, specChanged } from './kind.ts'
import { defaultPodSpec } from './poddefaults.ts'
import { podTemplate } from './podspec.ts'
import { templateProblems } from './podvalidate.ts'
import { labelSelector, objectReference, workloadConditions } from './reference.ts'
import { defaultTemplate, negativeProblems } from './workload.ts'

const failureRule = struct('PodFailurePolicyRule', {
  action: 'string!',
  onExitCodes: struct('PodFailurePolicyOnExitCodesRequirement', {
    containerName: 'string?',
    operator: 'string!',
    values: { ...listOf('int32'), 'x-kubernetes-list-type': 'set' },
  }),
  onPodConditions: listOf(
    struct('PodFailurePolicyOnPodConditionsPattern', { type: 'string!', status: 'string!' }),
  ),
})

const jobSpec = struct('JobSpec', {
  parallelism: 'int32?',
  completions: 'int32?',
  activeDeadlineSeconds: 'int64?',
  podFailurePolicy: struct('PodFailurePolicy', { rules: { ...listOf(failureRule), 'x-go-omit': 'null' } }),
  successPolicy: struct('SuccessPolicy', {
    rules: listOf(struct('SuccessPolicyRule', { succeededIndexes: 'string?', succeededCount: 'int32?' })),
  }),
  backoffLimit: 'int32?',
  backoffLimitPerIndex: 'int32?',
  maxFailedIndexes: 'int32?',
  selector: labelSelector,
  manualSelector: 'bool?',
  template: podTemplate,
  ttlSecondsAfterFinished: 'int32?',
  completionMode: byDefault('string?', 'NonIndexed'),
  suspend: byDefault('bool?', false),
  podReplacementPolicy: 'string?',
  managedBy: 'string?',
})

const jobStatus = struct('JobStatus', {
  conditions: {
    ...workloadConditions('JobCondition', 'lastProbeTime', 'lastTransitionTime'),
    'x-kubernetes-list-type': 'atomic',
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

const defaultJob = (spec: JsonObject): void => {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? retries : 2147483647
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'
  defaultPodSpec(objectAt(spec, 'template', 'spec'))
}

/** The labels by which a Job finds its pods are made from its uid. */
const selectByUid = (object: JsonObject): void => {
  const spec = objectAt(object, 'spec')
  if (spec.manualSelector === true) return
  const uid = stringAt(object, 'metadata', 'uid')
  const name = stringAt(object, 'metadata', 'name')
  const template = objectAt(spec, 'template', 'metadata')
  template.labels = {
    ...objectAt(template, 'labels'),
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  }
  spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } }
}

const jobPolicies = ['OnFailure', 'Never']

const jobProblems = (spec: JsonObject, field: string): Problem[] => [
  ...negativeProblems(
    spec,
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
  ).map((problem) => ({ ...problem, field: problem.field.replace(/^spec/, field) })),
  ...policyProblems(spec, field),
  ...templateProblems(objectAt(spec, 'template'), `${field}.template`, ['Always', ...jobPolicies]),
]

const policyProblems = (spec: JsonObject, field: string): Problem[] => {
  const policy = stringAt(spec, 'template', 'spec', 'restartPolicy')
  if (jobPolicies.includes(policy)) return []
  return policy === 'Always' || policy === ''
    ? [
        {
          reason: 'FieldValueNotSupported',
          field: `${field}.template.spec.restartPolicy`,
          message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "OnFailure", "Never"`,
        },
      ]
    : []
}

const count = (object: JsonObject, part: string, name: string): number => numberAt(object, part, name) ?? 0
const podSpecOf = (object: JsonObject): JsonObject => objectAt(object, 'spec', 'template', 'spec')

const completions = (object: JsonObject): string => {
  const wanted = numberAt(object, 'spec', 'completions')
  const done = count(object, 'status', 'succeeded')
  if (wanted !== undefined) return `${done}/${wanted}`
  const parallel = count(object, 'spec', 'parallelism')
  return parallel > 1 ? `${done}/1 of ${parallel}` : `${done}/1`
}

const jobState = (object: JsonObject): string => {
  const holds = (type: string): boolean =>
    listAt(object, 'status', 'conditions').some(
      (one) => stringAt(one, 'type') === type && stringAt(one, 'status') === 'True',
    )
  if (holds('Complete')) return 'Complete'
  if (holds('Failed')) return 'Failed'
  if (stringAt(object, 'metadata', 'deletionTimestamp') !== '') return 'Terminating'
  if (holds('Suspended')) return 'Suspended'
  if (holds('FailureTarget')) return 'FailureTarget'
  return holds('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running'
}

const duration = (object: JsonObject, now: number): string => {
  const start = Date.parse(stringAt(object, 'status', 'startTime'))
  const end = Date.parse(stringAt(object, 'status', 'completionTime'))
  if (Number.isNaN(start)) return ''
  return humanDuration(Math.floor(((Number.isNaN(end) ? now : end) - start) / 1000))
}

const job: ResourceType = defineKind({
  group: 'batch',
  kind: 'Job',
  categories: ['all'],
  hasStatus: true,
  bumpsGeneration: specChanged,
  fields: { spec: always(jobSpec), status: always(jobStatus) },
  selectableFields: { 'status.successful': (object) => String(count(object, 'status', 'succeeded')) },
  columns: [
    column('Status', 'string', jobState),
    column('Completions', 'string', completions),
    column('Duration', 'string', duration),
    wide(column('Containers', 'string', (object) => containerNames(podSpecOf(object)))),
    wide(column('Images', 'string', (object) => containerImages(podSpecOf(object)))),
    wide(column('Selector', 'string', (object) => selectorText(objectAt(object, 'spec').selector))),
  ],
  defaults: (object) => {
    defaultJob(objectAt(object, 'spec'))
    defaultTemplate(object)
  },
  prepare: (object, before) => {
    if (!before) selectByUid(object)
  },
  validate: (object, before) => {
    const spec = objectAt(object, 'spec')
    const old = objectAt(before, 'spec')
    const changed = before
      ? ['completions', 'selector', 'template', 'completionMode'].filter(
          (name) => !isEqual(spec[name], old[name]),
        )
      : []
    return [
      ...jobProblems(spec, 'spec'),
      ...changed.map((name) => immutable(`spec.${name}`, spec[name] ?? null)),
    ]
  },
})

const cronSpec = struct('CronJobSpec', {
  schedule: 'string!',
  timeZone: 'string?',
  startingDeadlineSeconds: 'int64?',
  concurrencyPolicy: byDefault('string', 'Allow'),
  suspend: byDefault('bool?', false),
  jobTemplate: always(struct('JobTemplateSpec', { metadata, spec: always(jobSpec) })),
  successfulJobsHistoryLimit: byDefault('int32?', 3),
  failedJobsHistoryLimit: byDefault('int32?', 1),
})

const concurrency = ['Allow', 'Forbid', 'Replace']

const scheduleProblems = (spec: JsonObject): Problem[] => {
  const schedule = stringAt(spec, 'schedule')
  if (schedule === '') return [required('spec.schedule')]
  if (schedule.startsWith('@') || schedule.trim().split(/\s+/).length === 5) return []
  const found = schedule.trim().split(/\s+/)
  return [
    invalid(
      'spec.schedule',
      schedule,
      `expected exactly 5 fields, found ${found.length}: [${found.join(' ')}]`,
    ),
  ]
}

const cronJob: ResourceType = defineKind({
  group: 'batch',
  kind: 'CronJob',
  shortNames: ['cj'],
  categories: ['all'],
  hasStatus: true,
  bumpsGeneration: specChanged,
  fields: {
    spec: always(cronSpec),
    status: always(
      struct('CronJobStatus', {
        active: listOf(objectReference),
        lastScheduleTime: 'time?',
        lastSuccessfulTime: 'time?',
      }),
    ),
  },
  columns: [
    column('Schedule', 'string', (object) => stringAt(object, 'spec', 'schedule')),
    column('Timezone', 'string', (object) => stringAt(object, 'spec', 'timeZone') || '<none>'),
    column('Suspend', 'boolean', (object) => (at(object, 'spec', 'suspend') === true ? 'True' : 'False')),
    column('Active', 'integer', (object) => listAt(object, 'status', 'active').length),
    column('Last Schedule', 'string', (object, now) => {
      const last = stringAt(object, 'status', 'lastScheduleTime')
      return last === '' ? '<none>' : ageOf(last, now)
    }),
  ],
  defaults: (object) => {
    const template = objectAt(object, 'spec', 'jobTemplate', 'spec')
    defaultPodSpec(objectAt(template, 'template', 'spec'))
  },
  validate: (object) => {
    const spec = objectAt(object, 'spec')
    const policy = stringAt(spec, 'concurrencyPolicy')
    return [
      ...scheduleProblems(spec),
      ...(concurrency.includes(policy) ? [] : [notSupported('spec.concurrencyPolicy', policy, concurrency)]),
      ...negativeProblems(
        spec,
        'startingDeadlineSeconds',
        'successfulJobsHistoryLimit',
        'failedJobsHistoryLimit',
      ),
      ...jobProblems(objectAt(spec, 'jobTemplate', 'spec'), 'spec.jobTemplate.spec'),
    ]
  },
})

/** The kinds of batch/v1. */
export const jobTypes: readonly ResourceType[] = [job, cronJob]
