/**
 * CronJobs of batch/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isObject, objectAt, stringAt } from '../schema/equal.ts'
import { metadata } from '../schema/objectmeta.ts'
import { invalid, invalidPrinted, notSupported, required } from '../schema/problem.ts'
import { always, byDefault, choice, listOf, needed, struct } from './dsl.ts'
import { jobSpec, jobWarnings } from './job.ts'
import { jobProblems } from './jobrules.ts'
import { defineKind, specChanged } from './kind.ts'
import { goText } from './pod/go.ts'
import { dropDisabled } from './pod/prepare.ts'
import { nameWarnings } from './pod/warnings.ts'
import { defaultPodSpec } from './poddefaults.ts'
import { objectReference } from './reference.ts'
import { neededOneOf, noneNegative, textAt } from './rules.ts'
import { isZone, scheduleProblem } from './schedule.ts'
import { hasNewGeneration } from './workload.ts'

const cronSpec = struct('CronJobSpec', {
  schedule: 'string!',
  timeZone: 'string?',
  startingDeadlineSeconds: 'int64?',
  concurrencyPolicy: byDefault(choice('string', 'Allow', 'Forbid', 'Replace'), 'Allow'),
  suspend: byDefault('bool?', false),
  jobTemplate: needed(always(struct('JobTemplateSpec', { metadata, spec: always(jobSpec) }))),
  successfulJobsHistoryLimit: byDefault('int32?', 3),
  failedJobsHistoryLimit: byDefault('int32?', 1),
})

const scheduleProblems = (spec: JsonObject, before: JsonObject | undefined): Problem[] => {
  const schedule = stringAt(spec, 'schedule')
  const field = 'spec.schedule'
  if (schedule === '') return [required(field)]
  const problem = scheduleProblem(schedule)
  const hasZone = schedule.includes('TZ')
  const hadZone = stringAt(before, 'schedule').includes('TZ')
  const both = 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
  const instead = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
  return [
    ...(problem === undefined ? [] : [invalid(field, schedule, problem)]),
    ...(hasZone && hadZone && spec.timeZone !== undefined ? [invalid(field, schedule, both)] : []),
    ...(hasZone && !hadZone ? [invalid(field, schedule, instead)] : []),
  ]
}

const zonePart = /^[A-Za-z.\-_0-9+]{1,14}$/

const zoneProblems = (zone: string | undefined, field: string): Problem[] => {
  if (zone === undefined) return []
  if (zone === '') return [invalid(field, zone, 'timeZone must be nil or non-empty string')]
  const isPath = zone
    .split('/')
    .every((part) => part !== '.' && part !== '..' && !part.startsWith('-') && zonePart.test(part))
  if (!isPath) return [invalid(field, zone, `unknown time zone ${zone}`)]
  const explicit = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
  return [
    ...(zone.toLowerCase() === 'local' ? [invalid(field, zone, explicit)] : []),
    ...(isZone(zone) ? [] : [invalid(field, zone, `unknown time zone ${zone}`)]),
  ]
}

const MAX_NAME = 52

const cronProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const spec = objectAt(object, 'spec')
  const old = before && objectAt(before, 'spec')
  const job = objectAt(spec, 'jobTemplate', 'spec')
  const field = 'spec.jobTemplate.spec'
  const name = stringAt(object, 'metadata', 'name')
  return [
    ...scheduleProblems(spec, old),
    ...(old && old.timeZone === spec.timeZone ? [] : zoneProblems(textAt(spec, 'timeZone'), 'spec.timeZone')),
    ...neededOneOf(stringAt(spec, 'concurrencyPolicy'), 'spec.concurrencyPolicy', [
      'Allow',
      'Forbid',
      'Replace',
    ]),
    ...noneNegative(
      spec,
      'spec',
      'startingDeadlineSeconds',
      'successfulJobsHistoryLimit',
      'failedJobsHistoryLimit',
    ),
    ...jobProblems(job, field),
    ...(isObject(job.selector)
      ? [
          invalidPrinted(
            `${field}.selector`,
            goText('LabelSelector', job.selector),
            '`selector` will be auto-generated',
          ),
        ]
      : []),
    ...(job.manualSelector === true ? [notSupported(`${field}.manualSelector`, true, ['nil', 'false'])] : []),
    ...(before === undefined && name.length > MAX_NAME
      ? [invalid('metadata.name', name, `must be no more than ${MAX_NAME} characters`)]
      : []),
  ]
}

/** batch/v1 CronJob. */
export const cronJobType: ResourceType = defineKind({
  group: 'batch',
  kind: 'CronJob',
  shortNames: ['cj'],
  categories: ['all'],
  hasStatus: true,
  bumpsGeneration: specChanged,
  fields: {
    spec: needed(always(cronSpec)),
    status: always(
      struct('CronJobStatus', {
        active: listOf(objectReference),
        lastScheduleTime: 'time?',
        lastSuccessfulTime: 'time?',
      }),
    ),
  },
  defaults: (object) => {
    const template = objectAt(object, 'spec', 'jobTemplate', 'spec')
    defaultPodSpec(objectAt(template, 'template', 'spec'))
  },
  prepare: (object) => dropDisabled(objectAt(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec')),
  validate: (object, before, subresource) =>
    before && subresource === 'status' ? [] : cronProblems(object, before),
  warnings: (object, before, subresource) => {
    if (subresource === 'status') return []
    const isNew = !before || hasNewGeneration(object, before)
    const hasZone = stringAt(object, 'spec', 'schedule').includes('TZ')
    return [
      ...(before ? [] : nameWarnings(object, 'Pod names and hostnames')),
      ...(isNew ? jobWarnings(objectAt(object, 'spec', 'jobTemplate', 'spec'), 'spec.jobTemplate.spec') : []),
      ...(before && hasZone
        ? [
            'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
          ]
        : []),
    ]
  },
})
