/**
 * What `kubectl get` shows of Jobs and CronJobs.
 */
import { ageColumn, ageOf, humanDuration, nameColumn, selectorText } from '../kinds/columns.ts'
import type { Column, JsonObject } from '../resource.ts'
import { at, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { type Cell, flag, isDeleting, objectsAt, sizeOf, text, textAt, whole, wideText } from './column.ts'
import { containerColumns } from './workload.ts'

/** In the order in which they are looked for, around the deletion. */
const finals = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
] as const
const states = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet']

const stateOf: Cell = (job) => {
  const conditions = objectsAt(job, 'status.conditions')
  const holds = (type: string): boolean => conditions.find((one) => one.type === type)?.status === 'True'
  const final = finals.find(([type]) => holds(type))
  if (final !== undefined) return final[1]
  if (isDeleting(job)) return 'Terminating'
  return states.find(holds) ?? 'Running'
}

const completions: Cell = (job) => {
  const done = numberAt(job, 'status', 'succeeded') ?? 0
  const wanted = numberAt(job, 'spec', 'completions')
  if (wanted !== undefined) return `${done}/${wanted}`
  const parallelism = numberAt(job, 'spec', 'parallelism') ?? 0
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`
}

const duration: Cell = (job, now) => {
  const start = Date.parse(stringAt(job, 'status', 'startTime'))
  const end = Date.parse(stringAt(job, 'status', 'completionTime'))
  if (Number.isNaN(start)) return ''
  return humanDuration(((Number.isNaN(end) ? now : end) - start) / 1000)
}

const selectorDescription =
  'A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors'

/** Of batch/v1 Job. */
export const jobColumns: Column[] = [
  nameColumn,
  text('Status', 'Status of the job.', stateOf),
  text(
    'Completions',
    'The number of pods which reached phase Succeeded. The value increases monotonically for a given spec. However, it may decrease in reaction to scale down of elastic indexed jobs.',
    completions,
  ),
  text('Duration', 'Time required to complete the job.', duration),
  ageColumn,
  ...containerColumns(),
  wideText('Selector', selectorDescription, (job) => selectorText(at(job, 'spec', 'selector'))),
]

const suspended: Cell = (object) => {
  const suspend = at(object, 'spec', 'suspend')
  if (typeof suspend !== 'boolean') return '<unset>'
  return suspend ? 'True' : 'False'
}

const lastSchedule: Cell = (object, now) => {
  const last = stringAt(object, 'status', 'lastScheduleTime')
  return last === '' ? '<none>' : ageOf(last, now)
}

const jobSpecOf = (object: JsonObject): JsonObject => objectAt(object, 'spec', 'jobTemplate', 'spec')

/** Of batch/v1 CronJob. */
export const cronJobColumns: Column[] = [
  nameColumn,
  text(
    'Schedule',
    'The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron.',
    textAt('spec.schedule'),
  ),
  text(
    'Timezone',
    'The time zone name for the given schedule, see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones. If not specified, this will default to the time zone of the kube-controller-manager process. The set of valid time zone names and the time zone offset is loaded from the system-wide time zone database by the API server during CronJob validation and the controller manager during execution. If no system-wide time zone database can be found a bundled version of the database is used instead. If the time zone name becomes invalid during the lifetime of a CronJob or due to a change in host configuration, the controller will stop creating new new Jobs and will create a system event with the reason UnknownTimeZone. More information can be found in https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones',
    textAt('spec.timeZone', '<none>'),
  ),
  flag(
    'Suspend',
    'This flag tells the controller to suspend subsequent executions, it does not apply to already started executions.  Defaults to false.',
    suspended,
  ),
  whole('Active', 'A list of pointers to currently running jobs.', sizeOf('status.active')),
  text(
    'Last Schedule',
    'Information when was the last time the job was successfully scheduled.',
    lastSchedule,
  ),
  ageColumn,
  ...containerColumns((object) => objectAt(jobSpecOf(object), 'template', 'spec')),
  wideText('Selector', selectorDescription, (object) => selectorText(jobSpecOf(object).selector)),
]
