/**
 * What must hold of the status of a Job when it is written: what is counted does not shrink, and what ended stays so.
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { duplicate, invalid, invalidPrinted, required } from '../schema/problem.ts'
import { countIndexes, overlapAt } from './indexes.ts'
import { isIndexed } from './jobrules.ts'
import { goText } from './pod/go.ts'
import { noneNegative, textAt } from './rules.ts'

/** A Job before and after, with what the rules ask of them. */
interface Step {
  readonly spec: JsonObject
  readonly now: JsonObject
  readonly then: JsonObject
  /** Is this condition true now, and was it? */
  readonly holds: (type: string) => boolean
  readonly held: (type: string) => boolean
  /** Did any of these fields of the status change? */
  readonly changed: (...names: string[]) => boolean
  readonly isFinished: boolean
  readonly isFinishedNew: boolean
}

const holdsIn = (status: JsonObject, type: string, value = 'True'): boolean =>
  listAt(status, 'conditions').some(
    (one) => stringAt(one, 'type') === type && stringAt(one, 'status') === value,
  )

const stepOf = (job: JsonObject, before: JsonObject): Step => {
  const now = objectAt(job, 'status')
  const then = objectAt(before, 'status')
  const holds = (type: string): boolean => holdsIn(now, type)
  const held = (type: string): boolean => holdsIn(then, type)
  const isFinished = holds('Complete') || holds('Failed')
  return {
    spec: objectAt(job, 'spec'),
    now,
    then,
    holds,
    held,
    changed: (...names) => names.some((name) => !isEqual(now[name] ?? null, then[name] ?? null)),
    isFinished,
    isFinishedNew: isFinished !== (held('Complete') || held('Failed')),
  }
}

/** What is wrong with a status. */
export const jobStatusProblems = (job: JsonObject, before: JsonObject): Problem[] => {
  const step = stepOf(job, before)
  return [
    ...noneNegative(step.now, 'status', 'active', 'succeeded', 'failed', 'ready', 'terminating'),
    ...uncountedProblems(objectAt(step.now, 'uncountedTerminatedPods')),
    ...togetherProblems(step),
    ...completionProblems(step),
    ...announcedProblems(step),
    ...finishedProblems(step),
    ...indexesProblems(step),
    ...readyProblems(step),
    ...successProblems(step),
    ...terminalProblems(step),
    ...countersProblems(step),
    ...frozenTimesProblems(step),
    ...lateProblems(step),
  ]
}

const uncountedProblems = (uncounted: JsonObject): Problem[] => {
  const seen = new Set<Json>()
  return ['succeeded', 'failed'].flatMap((name) =>
    listAt(uncounted, name).flatMap((uid, index) => {
      const field = `status.uncountedTerminatedPods.${name}[${index}]`
      if (uid === '') return [invalid(field, uid, 'must not be empty')]
      if (seen.has(uid)) return [duplicate(field, uid)]
      seen.add(uid)
      return []
    }),
  )
}

const say = (wrong: boolean, text: string): Problem[] =>
  wrong ? [invalid('status.conditions', undefined, text)] : []

/** Did one of these conditions become true, or stop to be? */
const turned = ({ holds, held }: Step, ...types: string[]): boolean =>
  types.some((type) => holds(type) !== held(type))

const togetherProblems = (step: Step): Problem[] => [
  ...say(
    turned(step, 'Complete', 'Failed') && step.holds('Complete') && step.holds('Failed'),
    'cannot set Complete=True and Failed=true conditions',
  ),
  ...say(
    turned(step, 'Complete', 'FailureTarget') && step.holds('Complete') && step.holds('FailureTarget'),
    'cannot set Complete=True and FailureTarget=true conditions',
  ),
]

const announcedProblems = (step: Step): Problem[] => [
  ...say(
    (turned(step, 'Failed') || step.changed('failedIndexes')) &&
      step.holds('Failed') &&
      !step.holds('FailureTarget'),
    'cannot set Failed=True condition without the FailureTarget=true condition',
  ),
  ...say(
    turned(step, 'Complete', 'SuccessCriteriaMet') &&
      step.holds('Complete') &&
      !step.holds('SuccessCriteriaMet'),
    'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
  ),
]

const successProblems = ({ holds, spec }: Step): Problem[] => {
  const met = holds('SuccessCriteriaMet')
  return [
    ...say(met && holds('Failed'), 'cannot set SuccessCriteriaMet=True and Failed=true conditions'),
    ...say(
      met && holds('FailureTarget'),
      'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
    ),
    ...say(
      spec.successPolicy !== undefined && !met && holds('Complete'),
      'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
    ),
  ]
}

const terminalProblems = ({ holds, held }: Step): Problem[] =>
  ['Failed', 'Complete', 'FailureTarget'].flatMap((type) =>
    say(held(type) && !holds(type), `cannot disable the terminal ${type}=True condition`),
  )

const lateProblems = ({ holds, held }: Step): Problem[] => [
  ...say(
    held('SuccessCriteriaMet') && !holds('SuccessCriteriaMet'),
    'cannot disable the SuccessCriteriaMet=True condition',
  ),
  ...say(
    held('Complete') && !held('SuccessCriteriaMet') && holds('SuccessCriteriaMet'),
    'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions',
  ),
]

const completionProblems = ({ now, holds, held, changed }: Step): Problem[] => {
  const start = textAt(now, 'startTime')
  const end = textAt(now, 'completionTime')
  const isChanged = holds('Complete') !== held('Complete') || changed('completionTime')
  const at = 'status.completionTime'
  const isEarly = start !== undefined && end !== undefined && Date.parse(end) < Date.parse(start)
  return [
    ...(isChanged && end !== undefined && !holds('Complete')
      ? [invalid(at, end, 'cannot set completionTime when there is no Complete=True condition')]
      : []),
    ...(isChanged && end === undefined && holds('Complete')
      ? [required(at, 'completionTime is required for Complete jobs')]
      : []),
    ...(isEarly && changed('startTime', 'completionTime')
      ? [invalid(at, end ?? null, 'must be equal to or after `startTime`')]
      : []),
  ]
}

const frozenTimesProblems = ({ now, then, spec, held, changed }: Step): Problem[] => {
  const end = textAt(now, 'completionTime')
  const isResuming = held('Suspended') && holdsIn(now, 'Suspended', 'False')
  const isFrozen =
    changed('startTime') && !isResuming && then.startTime !== undefined && spec.suspend !== true
  const text = 'field is immutable for unsuspended job once set'
  return [
    ...(end !== undefined && then.completionTime !== undefined && changed('completionTime')
      ? [invalid('status.completionTime', end, 'field is immutable')]
      : []),
    ...(isFrozen ? [invalid('status.startTime', now.startTime ?? null, text)] : []),
  ]
}

const finishedProblems = ({ now, spec, changed, isFinished, isFinishedNew }: Step): Problem[] => {
  if (!isFinished) return []
  const active = numberAt(now, 'active') ?? 0
  const terminating = numberAt(now, 'terminating') ?? 0
  const uncounted = objectAt(now, 'uncountedTerminatedPods')
  const isRest = listAt(uncounted, 'succeeded').length + listAt(uncounted, 'failed').length > 0
  const needsNone = spec.suspend === true && spec.completions === 0
  const since = (name: string): boolean => isFinishedNew || changed(name)
  return [
    ...(active > 0 && since('active')
      ? [invalid('status.active', active, 'active>0 is invalid for finished job')]
      : []),
    ...(now.startTime === undefined && since('startTime') && !needsNone
      ? [required('status.startTime', 'startTime is required for finished job')]
      : []),
    ...(isRest && since('uncountedTerminatedPods')
      ? [
          invalidPrinted(
            'status.uncountedTerminatedPods',
            goText('UncountedTerminatedPods', uncounted),
            'must be empty for finished job',
          ),
        ]
      : []),
    ...(terminating > 0 && since('terminating')
      ? [invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job')]
      : []),
  ]
}

const indexesProblems = ({ now, spec, changed }: Step): Problem[] => {
  const completed = stringAt(now, 'completedIndexes')
  const failed = textAt(now, 'failedIndexes')
  const many = numberAt(spec, 'completions')
  const limited = spec.backoffLimitPerIndex !== undefined
  const parsed = (name: string, text: string): Problem[] => {
    const found = many === undefined ? 0 : countIndexes(text, many)
    return typeof found === 'string'
      ? [invalid(`status.${name}`, text, `error parsing ${name}: ${found}`)]
      : []
  }
  return [
    ...(changed('completedIndexes')
      ? [
          ...parsed('completedIndexes', completed),
          ...(completed !== '' && !isIndexed(spec)
            ? [
                invalid(
                  'status.completedIndexes',
                  completed,
                  'cannot set non-empty completedIndexes when non-indexed completion mode',
                ),
              ]
            : []),
        ]
      : []),
    ...(changed('failedIndexes') && failed !== undefined
      ? limited
        ? parsed('failedIndexes', failed)
        : [
            invalid(
              'status.failedIndexes',
              failed,
              'cannot set non-null failedIndexes when backoffLimitPerIndex is null',
            ),
          ]
      : []),
    ...(changed('failedIndexes', 'completedIndexes') ? bothProblems(completed, failed, many) : []),
  ]
}

const bothProblems = (completed: string, failed: string | undefined, many: number | undefined): Problem[] => {
  if (failed === undefined || many === undefined || completed === '' || failed === '') return []
  const index = overlapAt(completed, failed, many)
  if (index === undefined) return []
  const text = `failedIndexes and completedIndexes overlap at index: ${index}`
  return [invalid('status.failedIndexes', failed, text)]
}

const count = (of: JsonObject, name: string): number => numberAt(of, name) ?? 0

const readyProblems = ({ now, changed }: Step): Problem[] => {
  const ready = numberAt(now, 'ready')
  if (ready === undefined || ready <= count(now, 'active') || !changed('ready', 'active')) return []
  return [invalid('status.ready', ready, 'cannot set more ready pods than active')]
}

const countersProblems = ({ now, then, spec }: Step): Problem[] => {
  const mayShrink = isIndexed(spec) && spec.completions === spec.parallelism
  const shrunk = (name: string): Problem[] =>
    count(now, name) < count(then, name)
      ? [invalid(`status.${name}`, count(now, name), `cannot decrease the ${name} counter`)]
      : []
  return [...shrunk('failed'), ...(mayShrink ? [] : shrunk('succeeded'))]
}

/** Is the Job held back, so that its pods may still be changed? */
export const isWaiting = (job: JsonObject): boolean => {
  const status = objectAt(job, 'status')
  const isSuspended = objectAt(job, 'spec').suspend === true
  const notStarted = !isObject(status) || status.startTime === undefined || holdsIn(status, 'Suspended')
  return isSuspended && notStarted && (numberAt(status, 'active') ?? 0) === 0
}
