/**
 * Pods.
 */

import type { ResourceType } from '../resource.ts'
import { numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { podRowConditions } from '../printers/pod.ts'
import { always } from './dsl.ts'
import { defineKind, selectable, specChanged } from './kind.ts'
import { admitPod } from './pod/admit.ts'
import { dropDisabled, keepAdmitted, preparePod } from './pod/prepare.ts'
import { addressWarnings, keepOldState, mirrorAddresses, podStatusProblems } from './pod/state.ts'
import { changedPodProblems, newPodProblems, podProblems } from './pod/update.ts'
import { nameWarnings, podWarnings } from './pod/warnings.ts'
import { defaultPod, defaultPodSpec } from './poddefaults.ts'
import { ephemeralChanges, keepToPart, podReach, resizeChanges } from './podpartrules.ts'
import { podParts } from './podparts.ts'
import { podSpec } from './podspec.ts'
import { podStatus } from './podstatus.ts'

/** core/v1 Pod. */
export const podType: ResourceType = defineKind({
  kind: 'Pod',
  subresources: podParts,
  outOfReach: podReach,
  returnsDeleted: true,
  shortNames: ['po'],
  categories: ['all'],
  hasStatus: true,
  bumpsGeneration: specChanged,
  fields: { spec: always(podSpec), status: always(podStatus) },
  rowConditions: podRowConditions,
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
  defaults: (object) => {
    const spec = objectAt(object, 'spec')
    defaultPodSpec(spec)
    defaultPod(spec)
    mirrorAddresses(objectAt(object, 'status'))
  },
  admit: (object, world) => admitPod(objectAt(object, 'spec'), world),
  prepare: (object, before, _, subresource = '') => {
    if (!before) preparePod(object)
    else if (subresource === 'status') keepOldState(objectAt(object, 'status'), objectAt(before, 'status'))
    else if (!keepToPart(object, before, subresource))
      keepAdmitted(objectAt(object, 'spec'), objectAt(before, 'spec'))
    if (subresource !== 'status') dropDisabled(objectAt(object, 'spec'))
  },
  validate: (object, before, subresource) => {
    if (!before) return newPodProblems(object)
    switch (subresource) {
      case 'status':
        return podStatusProblems(object, before)
      case 'ephemeralcontainers':
        return [...podProblems(object), ...ephemeralChanges(object, before)]
      case 'resize':
        return [...podProblems(object), ...resizeChanges(object, before)]
      default:
        return changedPodProblems(object, before)
    }
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
