/**
 * PersistentVolumes and PersistentVolumeClaims.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { listAt, objectAt } from '../schema/equal.ts'
import { accessModes, claimSpec, claimStatus, volumeMode } from './claim.ts'
import {
  claimStatusProblems,
  prepareSources,
  wholeClaimProblems,
  wholeClaimWarnings,
} from './claimchanges.ts'
import { always, alwaysListOf, byDefault, byNamedDefault, choice, needed, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { nodeSelector, objectReference, secretReference } from './reference.ts'
import { hostPathType, networkSources, otherSources, scaleIO, storageOS } from './volume.ts'
import { volumeWarnings, wholeVolumeProblems } from './volumechanges.ts'

/** What is in use is not deleted (admission plugin StorageObjectInUseProtection). */
const protect = (object: JsonObject, before: JsonObject | undefined, finalizer: string): void => {
  const metadata = objectAt(object, 'metadata')
  if (!before) metadata.finalizers = [...new Set([...listAt(metadata, 'finalizers'), finalizer])]
}

const claim: ResourceType = defineKind({
  kind: 'PersistentVolumeClaim',
  returnsDeleted: true,
  shortNames: ['pvc'],
  hasStatus: true,
  fields: { spec: always(claimSpec), status: always(claimStatus) },
  prepare: (object, before, _, subresource) => {
    protect(object, before, 'kubernetes.io/pvc-protection')
    if (subresource !== 'status') prepareSources(object, before)
  },
  warnings: (object, _, subresource) => (subresource === 'status' ? [] : wholeClaimWarnings(object)),
  validate: (object, before, subresource) =>
    subresource === 'status' ? claimStatusProblems(object) : wholeClaimProblems(object, before),
})

const secretful = { fsType: 'string', readOnly: 'bool', secretRef: secretReference }

const volumeSources = {
  ...networkSources,
  hostPath: struct('HostPathVolumeSource', { path: 'string!', type: byDefault(hostPathType, '') }),
  local: struct('LocalVolumeSource', { path: 'string!', fsType: 'string?' }),
  csi: struct('CSIPersistentVolumeSource', {
    driver: 'string!',
    volumeHandle: 'string!',
    readOnly: 'bool',
    fsType: 'string',
    volumeAttributes: 'string{}',
    controllerPublishSecretRef: secretReference,
    nodeStageSecretRef: secretReference,
    nodePublishSecretRef: secretReference,
    controllerExpandSecretRef: secretReference,
    nodeExpandSecretRef: secretReference,
  }),
  azureFile: struct('AzureFilePersistentVolumeSource', {
    secretName: 'string!',
    shareName: 'string!',
    readOnly: 'bool',
    secretNamespace: 'string?',
  }),
  cephfs: struct('CephFSPersistentVolumeSource', {
    monitors: alwaysListOf('string'),
    path: 'string',
    user: 'string',
    secretFile: 'string',
    secretRef: secretReference,
    readOnly: 'bool',
  }),
  cinder: struct('CinderPersistentVolumeSource', { volumeID: 'string!', ...secretful }),
  flexVolume: struct('FlexPersistentVolumeSource', { driver: 'string!', ...secretful, options: 'string{}' }),
  glusterfs: struct('GlusterfsPersistentVolumeSource', {
    endpoints: 'string!',
    path: 'string!',
    readOnly: 'bool',
    endpointsNamespace: 'string?',
  }),
  iscsi: struct('ISCSIPersistentVolumeSource', {
    targetPortal: 'string!',
    iqn: 'string!',
    lun: 'int32!',
    iscsiInterface: byNamedDefault('string', 'default'),
    ...secretful,
    portals: 'string[]',
    chapAuthDiscovery: 'bool',
    chapAuthSession: 'bool',
    initiatorName: 'string?',
  }),
  rbd: struct('RBDPersistentVolumeSource', {
    monitors: alwaysListOf('string'),
    image: 'string!',
    pool: byNamedDefault('string', 'rbd'),
    user: byNamedDefault('string', 'admin'),
    keyring: byNamedDefault('string', '/etc/ceph/keyring'),
    ...secretful,
  }),
  scaleIO: struct('ScaleIOPersistentVolumeSource', {
    ...scaleIO,
    secretRef: needed(secretReference),
  }),
  storageos: struct('StorageOSPersistentVolumeSource', { ...storageOS, secretRef: objectReference }),
  flocker: otherSources.flocker,
  portworxVolume: otherSources.portworxVolume,
  quobyte: otherSources.quobyte,
  photonPersistentDisk: otherSources.photonPersistentDisk,
}

/** `spec` of a PersistentVolume. */
export const persistentVolumeSpec = struct('PersistentVolumeSpec', {
  capacity: 'quantity{}',
  ...volumeSources,
  accessModes,
  claimRef: { ...objectReference, 'x-kubernetes-map-type': 'granular' },
  persistentVolumeReclaimPolicy: byDefault(choice('string', 'Delete', 'Recycle', 'Retain'), 'Retain'),
  storageClassName: 'string',
  mountOptions: 'string[]',
  volumeMode,
  nodeAffinity: struct('VolumeNodeAffinity', { required: nodeSelector }),
  volumeAttributesClassName: 'string?',
})

const volume: ResourceType = defineKind({
  kind: 'PersistentVolume',
  returnsDeleted: true,
  namespaced: false,
  shortNames: ['pv'],
  hasStatus: true,
  fields: {
    spec: always(persistentVolumeSpec),
    status: always(
      struct('PersistentVolumeStatus', {
        phase: byDefault(choice('string', 'Available', 'Bound', 'Failed', 'Pending', 'Released'), 'Pending'),
        message: 'string',
        reason: 'string',
        lastPhaseTransitionTime: 'time?',
      }),
    ),
  },
  prepare: (object, before, server) => {
    protect(object, before, 'kubernetes.io/pv-protection')
    const status = objectAt(object, 'status')
    const old = objectAt(before, 'status')
    const since = status.lastPhaseTransitionTime
    if (!before) object.status = { phase: 'Pending', lastPhaseTransitionTime: server.now() }
    else if (status.phase === old.phase)
      status.lastPhaseTransitionTime ??= old.lastPhaseTransitionTime ?? null
    else if (since === undefined || since === old.lastPhaseTransitionTime)
      status.lastPhaseTransitionTime = server.now()
    if (status.lastPhaseTransitionTime === null) delete status.lastPhaseTransitionTime
  },
  warnings: (object, _, subresource) => (subresource === 'status' ? [] : volumeWarnings(object)),
  validate: (object, before, subresource) =>
    subresource === 'status' ? [] : wholeVolumeProblems(object, before),
})

/** Volumes and claims on them. */
export const storageTypes: readonly ResourceType[] = [claim, volume]
