/**
 * What a claim on storage asks for; PersistentVolumeClaim, StatefulSet and ephemeral volumes share it.
 */

import type { Schema } from '../resource.ts'
import { always, byDefault, struct, written } from './dsl.ts'
import { labelSelector, typedLocalReference, workloadConditions } from './reference.ts'

/** `spec` of a PersistentVolumeClaim. */
export const claimSpec: Schema = struct('PersistentVolumeClaimSpec', {
  accessModes: 'string[]',
  selector: labelSelector,
  resources: always(struct('VolumeResourceRequirements', { limits: 'quantity{}', requests: 'quantity{}' })),
  volumeName: 'string',
  storageClassName: 'string?',
  volumeMode: byDefault('string?', 'Filesystem'),
  dataSource: typedLocalReference,
  dataSourceRef: struct('TypedObjectReference', {
    apiGroup: written('string?'),
    kind: 'string!',
    name: 'string!',
    namespace: 'string?',
  }),
  volumeAttributesClassName: 'string?',
})

/** `status` of a PersistentVolumeClaim. */
export const claimStatus: Schema = struct('PersistentVolumeClaimStatus', {
  phase: byDefault('string', 'Pending'),
  accessModes: 'string[]',
  capacity: 'quantity{}',
  conditions: workloadConditions('PersistentVolumeClaimCondition', 'lastProbeTime', 'lastTransitionTime'),
  allocatedResources: 'quantity{}',
  allocatedResourceStatuses: {
    ...struct('', {}),
    additionalProperties: { type: 'string' },
    'x-kubernetes-map-type': 'granular',
  },
  currentVolumeAttributesClassName: 'string?',
  modifyVolumeStatus: struct('ModifyVolumeStatus', {
    targetVolumeAttributesClassName: 'string',
    status: 'string!',
  }),
})
