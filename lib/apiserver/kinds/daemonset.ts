/**
 * DaemonSets of apps/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, isObject, objectAt, stringAt } from '../schema/equal.ts'
import { invalid, required, unsupportedStruct } from '../schema/problem.ts'
import { always, byDefault, choice, needed, struct } from './dsl.ts'
import { defineKind, specChanged } from './kind.ts'
import { goText } from './pod/go.ts'
import { podTemplate } from './podspec.ts'
import { workloadConditions } from './reference.ts'
import { amountIn, defaultRollout, intOrPercentProblems, notMoreThanAll, selector } from './rollout.ts'
import { noneNegative } from './rules.ts'
import {
  collisionProblems,
  defaultTemplate,
  ownTemplateProblems,
  prepareTemplate,
  selectorChanges,
  selectorProblems,
  templateWarnings,
} from './workload.ts'

/** apps/v1 DaemonSet. */
export const daemonSetType: ResourceType = defineKind({
  group: 'apps',
  kind: 'DaemonSet',
  shortNames: ['ds'],
  categories: ['all'],
  hasStatus: true,
  hiddenAnnotations: ['deprecated.daemonset.template.generation'],
  bumpsGeneration: specChanged,
  fields: {
    spec: always(
      struct('DaemonSetSpec', {
        selector,
        template: needed(podTemplate),
        updateStrategy: always(
          struct('DaemonSetUpdateStrategy', {
            type: byDefault(choice('string', 'OnDelete', 'RollingUpdate'), 'RollingUpdate'),
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
  defaults: (object) => {
    defaultTemplate(object)
    defaultRollout(objectAt(object, 'spec', 'updateStrategy'), { maxUnavailable: 1, maxSurge: 0 })
    const { rollingUpdate } = objectAt(object, 'spec', 'updateStrategy')
    // What is no pointer inside of the server is there.
    if (isObject(rollingUpdate)) {
      rollingUpdate.maxUnavailable ??= 0
      rollingUpdate.maxSurge ??= 0
    }
    countTemplates(object, templatesOf(object) ?? '0')
  },
  prepare: (object, before) => {
    prepareTemplate(object)
    const given = Number(templatesOf(object) ?? 0)
    const had = Number((before && templatesOf(before)) ?? 0)
    const isNew = before !== undefined && templateChanged(object, before)
    countTemplates(object, String(before ? had + (isNew ? 1 : 0) : Math.max(given, 1)))
  },
  validate: (object, before, subresource) =>
    before && subresource === 'status'
      ? statusProblems(objectAt(object, 'status'), objectAt(before, 'status'))
      : daemonProblems(objectAt(object, 'spec'), before && objectAt(before, 'spec')),
  warnings: (object, before, subresource) =>
    subresource === 'status' ? [] : templateWarnings(object, before, templateChanged),
})

const TEMPLATES = 'deprecated.daemonset.template.generation'

/** How often the template changed, which the kind counts in an annotation. */
const templatesOf = (object: JsonObject): string | undefined => {
  const value = objectAt(object, 'metadata', 'annotations')[TEMPLATES]
  return typeof value === 'string' ? value : undefined
}

const countTemplates = (object: JsonObject, count: string): void => {
  const metadata = objectAt(object, 'metadata')
  object.metadata = {
    ...metadata,
    annotations: { ...objectAt(metadata, 'annotations'), [TEMPLATES]: count },
  }
}

const templateChanged = (object: JsonObject, before: JsonObject): boolean =>
  !isEqual(objectAt(object, 'spec', 'template'), objectAt(before, 'spec', 'template'))

const daemonProblems = (spec: JsonObject, before: JsonObject | undefined): Problem[] => [
  ...noneNegative(spec, 'spec', 'minReadySeconds', 'revisionHistoryLimit'),
  ...selectorProblems(spec, { word: 'daemonset', isOptional: true }),
  ...(before ? selectorChanges(spec, before) : []),
  ...ownTemplateProblems(objectAt(spec, 'template'), 'DaemonSet'),
  ...strategyProblems(objectAt(spec, 'updateStrategy'), 'spec.updateStrategy'),
]

const strategyProblems = (strategy: JsonObject, field: string): Problem[] => {
  const type = stringAt(strategy, 'type')
  if (type === 'OnDelete') return []
  if (type === 'RollingUpdate')
    return rollingProblems(objectAt(strategy, 'rollingUpdate'), `${field}.rollingUpdate`)
  return [
    unsupportedStruct(field, goText('DaemonSetUpdateStrategy', strategy), ['RollingUpdate', 'OnDelete']),
  ]
}

const rollingProblems = (rolling: JsonObject, field: string): Problem[] => {
  const names = ['maxUnavailable', 'maxSurge']
  const [unavailable, surge] = names.map((name) => amountIn(rolling[name]))
  const problems = names.flatMap((name) => [
    ...intOrPercentProblems(rolling[name], `${field}.${name}`),
    ...notMoreThanAll(rolling[name], `${field}.${name}`),
  ])
  if (unavailable !== 0 && surge !== 0)
    problems.push(
      invalid(`${field}.maxSurge`, rolling.maxSurge ?? 0, 'may not be set when maxUnavailable is non-zero'),
    )
  if (unavailable === 0 && surge === 0)
    problems.push(required(`${field}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  return problems
}

const statusProblems = (status: JsonObject, before: JsonObject): Problem[] => [
  ...noneNegative(
    status,
    'status',
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'observedGeneration',
    'updatedNumberScheduled',
    'numberAvailable',
    'numberUnavailable',
    'collisionCount',
  ),
  ...collisionProblems(status, before),
]
