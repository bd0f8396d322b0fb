/**
 * What a claim on storage asks for; PersistentVolumeClaim, StatefulSet and ephemeral volumes share it.
 */

import type { Schema } from '../resource.ts'
import { always, byDefault, choice, listOf, mapOf, needed, ofPackage, struct, written } from './dsl.ts'
import { labelSelector, typedLocalReference, workloadConditions } from './reference.ts'

/** How a volume may be mounted. */
export const accessModes: Schema = listOf(
  choice('string', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'),
)

/** Whether a volume is a file system or a device. */
export const volumeMode: Schema = byDefault(choice('string?', 'Block', 'Filesystem'), 'Filesystem')

const resizeStatus = choice(
  'string',
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
)

/** `spec` of a PersistentVolumeClaim. */
export const claimSpec: Schema = ofPackage(
  'core.v1',
  struct('PersistentVolumeClaimSpec', {
    accessModes,
    selector: labelSelector,
    resources: always(struct('VolumeResourceRequirements', { limits: 'quantity{}', requests: 'quantity{}' })),
    volumeName: 'string',
    storageClassName: 'string?',
    volumeMode,
    dataSource: typedLocalReference,
    dataSourceRef: struct('TypedObjectReference', {
      apiGroup: needed(written('string?'), false),
      kind: 'string!',
      name: 'string!',
      namespace: 'string?',
    }),
    volumeAttributesClassName: 'string?',
  }),
)

/** `status` of a PersistentVolumeClaim. */
export const claimStatus: Schema = ofPackage(
  'core.v1',
  struct('PersistentVolumeClaimStatus', {
    phase: byDefault(choice('string', 'Bound', 'Lost', 'Pending'), 'Pending'),
    accessModes,
    capacity: 'quantity{}',
    conditions: workloadConditions('PersistentVolumeClaimCondition', 'lastProbeTime', 'lastTransitionTime'),
    allocatedResources: 'quantity{}',
    allocatedResourceStatuses: { ...mapOf(resizeStatus), 'x-kubernetes-map-type': 'granular' },
    currentVolumeAttributesClassName: 'string?',
    modifyVolumeStatus: struct('ModifyVolumeStatus', {
      targetVolumeAttributesClassName: 'string',
      status: choice('string!', 'InProgress', 'Infeasible', 'Pending'),
    }),
  }),
)
