/**
 * Pods.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { column, wide } from './columns.ts'
import { always } from './dsl.ts'
import { defineKind, selectable, specChanged } from './kind.ts'
import { admitPod } from './pod/admit.ts'
import { dropDisabled, keepAdmitted, preparePod } from './pod/prepare.ts'
import { addressWarnings, keepOldState, mirrorAddresses, podStatusProblems } from './pod/state.ts'
import { changedPodProblems, newPodProblems } from './pod/update.ts'
import { nameWarnings, podWarnings } from './pod/warnings.ts'
import { defaultPod, defaultPodSpec } from './poddefaults.ts'
import { podSpec } from './podspec.ts'
import { podStatus } from './podstatus.ts'

const statusesOf = (object: JsonObject): JsonObject[] =>
  listAt(object, 'status', 'containerStatuses').filter(isObject)

const readyText = (object: JsonObject): string =>
  `${statusesOf(object).filter((one) => one.ready === true).length}/${listAt(object, 'spec', 'containers').length}`

/** What kubectl shows as the status: why a container waits or ended, else the phase. */
const statusText = (object: JsonObject): string => {
  if (stringAt(object, 'metadata', 'deletionTimestamp') !== '') return 'Terminating'
  const reasons = statusesOf(object).map(
    (one) => stringAt(one, 'state', 'waiting', 'reason') || stringAt(one, 'state', 'terminated', 'reason'),
  )
  return (
    reasons.find((one) => one !== '') ||
    stringAt(object, 'status', 'reason') ||
    stringAt(object, 'status', 'phase')
  )
}

const restarts = (object: JsonObject): string =>
  String(statusesOf(object).reduce((total, one) => total + (numberAt(one, 'restartCount') ?? 0), 0))

const noneIfEmpty = (text: string): string => (text === '' ? '<none>' : text)

const gatesText = (object: JsonObject): string => {
  const gates = listAt(object, 'spec', 'readinessGates')
  const isTrue = (type: string): boolean =>
    listAt(object, 'status', 'conditions').some(
      (one) => stringAt(one, 'type') === type && stringAt(one, 'status') === 'True',
    )
  if (gates.length === 0) return '<none>'
  return `${gates.filter((gate) => isTrue(stringAt(gate, 'conditionType'))).length}/${gates.length}`
}

/** core/v1 Pod. */
export const podType: ResourceType = defineKind({
  kind: 'Pod',
  shortNames: ['po'],
  categories: ['all'],
  hasStatus: true,
  bumpsGeneration: specChanged,
  fields: { spec: always(podSpec), status: always(podStatus) },
  selectableFields: {
    ...selectable(
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ),
    'spec.hostNetwork': (object) => String(objectAt(object, 'spec').hostNetwork === true),
  },
  columns: [
    column('Ready', 'string', readyText, {
      description: 'The aggregate readiness state of this pod for accepting traffic.',
    }),
    column('Status', 'string', statusText, {
      description: 'The aggregate status of the containers in this pod.',
    }),
    column('Restarts', 'string', restarts, {
      description:
        'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    }),
    wide(column('IP', 'string', (object) => noneIfEmpty(stringAt(object, 'status', 'podIP')))),
    wide(column('Node', 'string', (object) => noneIfEmpty(stringAt(object, 'spec', 'nodeName')))),
    wide(
      column('Nominated Node', 'string', (object) =>
        noneIfEmpty(stringAt(object, 'status', 'nominatedNodeName')),
      ),
    ),
    wide(column('Readiness Gates', 'string', gatesText)),
  ],
  defaults: (object) => {
    const spec = objectAt(object, 'spec')
    defaultPodSpec(spec)
    defaultPod(spec)
    mirrorAddresses(objectAt(object, 'status'))
  },
  admit: (object, world) => admitPod(objectAt(object, 'spec'), world),
  prepare: (object, before, _, subresource) => {
    if (!before) preparePod(object)
    else if (subresource === 'status') keepOldState(objectAt(object, 'status'), objectAt(before, 'status'))
    else keepAdmitted(objectAt(object, 'spec'), objectAt(before, 'spec'))
    if (subresource !== 'status') dropDisabled(objectAt(object, 'spec'))
  },
  validate: (object, before, subresource) => {
    if (!before) return newPodProblems(object)
    return subresource === 'status' ? podStatusProblems(object, before) : changedPodProblems(object, before)
  },
  warnings: (object, before, subresource) => {
    if (before) return subresource === 'status' ? addressWarnings(objectAt(object, 'status')) : []
    return [...nameWarnings(object, "the Pod's hostname"), ...podWarnings(object, '')]
  },
  graceSeconds: (object, asked) => {
    const phase = stringAt(object, 'status', 'phase')
    const isOver = phase === 'Failed' || phase === 'Succeeded'
    if (isOver || stringAt(object, 'spec', 'nodeName') === '') return 0
    const seconds = asked ?? numberAt(object, 'spec', 'terminationGracePeriodSeconds') ?? 0
    return seconds < 0 ? 1 : seconds
  },
})
