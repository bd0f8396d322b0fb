/**
 * PersistentVolumes and PersistentVolumeClaims.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, listAt, objectAt } from '../schema/equal.ts'
import { forbidden, notSupported, required } from '../schema/problem.ts'
import { claimSpec, claimStatus } from './claim.ts'
import { always, byDefault, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { nodeSelector, objectReference, secretReference } from './reference.ts'
import { networkSources } from './volume.ts'

const modeNames: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

const modesProblems = (spec: JsonObject): Problem[] => {
  const modes = listAt(spec, 'accessModes').map(String)
  if (modes.length === 0) return [required('spec.accessModes', 'at least 1 access mode is required')]
  const known = Object.keys(modeNames).sort()
  return modes
    .filter((mode) => !(mode in modeNames))
    .map((mode) => notSupported('spec.accessModes', mode, known))
}

const changeText =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

const claimChanges = (spec: JsonObject, old: JsonObject): Problem[] => {
  const fixed = ({ resources: _, volumeAttributesClassName: __, volumeName: ___, ...rest }: JsonObject) =>
    rest
  return isEqual(fixed(spec), fixed(old)) ? [] : [forbidden('spec', changeText)]
}

/** What is in use is not deleted (admission plugin StorageObjectInUseProtection). */
const protect = (object: JsonObject, before: JsonObject | undefined, finalizer: string): void => {
  const metadata = objectAt(object, 'metadata')
  if (!before) metadata.finalizers = [...new Set([...listAt(metadata, 'finalizers'), finalizer])]
}

const claim: ResourceType = defineKind({
  kind: 'PersistentVolumeClaim',
  shortNames: ['pvc'],
  hasStatus: true,
  fields: { spec: always(claimSpec), status: always(claimStatus) },
  prepare: (object, before) => protect(object, before, 'kubernetes.io/pvc-protection'),
  validate: (object, before) => {
    const spec = objectAt(object, 'spec')
    const storage = objectAt(spec, 'resources', 'requests').storage
    return [
      ...modesProblems(spec),
      ...(storage === undefined ? [required('spec.resources[storage]')] : []),
      ...(before ? claimChanges(spec, objectAt(before, 'spec')) : []),
    ]
  },
})

const secretful = { fsType: 'string', readOnly: 'bool', secretRef: secretReference }

const volumeSources = {
  ...networkSources,
  hostPath: struct('HostPathVolumeSource', { path: 'string!', type: byDefault('string?', '') }),
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
    monitors: 'string[]',
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
    iscsiInterface: byDefault('string', 'default'),
    ...secretful,
    portals: 'string[]',
    chapAuthDiscovery: 'bool',
    chapAuthSession: 'bool',
    initiatorName: 'string?',
  }),
  rbd: struct('RBDPersistentVolumeSource', {
    monitors: 'string[]',
    image: 'string!',
    pool: byDefault('string', 'rbd'),
    user: byDefault('string', 'admin'),
    keyring: byDefault('string', '/etc/ceph/keyring'),
    ...secretful,
  }),
}

const volume: ResourceType = defineKind({
  kind: 'PersistentVolume',
  namespaced: false,
  shortNames: ['pv'],
  hasStatus: true,
  fields: {
    spec: always(
      struct('PersistentVolumeSpec', {
        capacity: 'quantity{}',
        ...volumeSources,
        accessModes: 'string[]',
        claimRef: { ...objectReference, 'x-kubernetes-map-type': 'granular' },
        persistentVolumeReclaimPolicy: byDefault('string', 'Retain'),
        storageClassName: 'string',
        mountOptions: 'string[]',
        volumeMode: byDefault('string?', 'Filesystem'),
        nodeAffinity: struct('VolumeNodeAffinity', { required: nodeSelector }),
        volumeAttributesClassName: 'string?',
      }),
    ),
    status: always(
      struct('PersistentVolumeStatus', {
        phase: byDefault('string', 'Pending'),
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
  validate: (object) => {
    const spec = objectAt(object, 'spec')
    const sources = Object.keys(volumeSources).filter((name) => name in spec)
    return [
      ...modesProblems(spec),
      ...(Object.keys(objectAt(spec, 'capacity')).length === 0 ? [required('spec.capacity')] : []),
      ...(sources.length === 0 ? [required('spec', 'must specify a volume type')] : []),
      ...sources.slice(1).map((name) => forbidden(`spec.${name}`, 'may not specify more than 1 volume type')),
    ]
  },
})

const oldAnnotations: Readonly<Record<string, string>> = {
  'volume.beta.kubernetes.io/storage-class':
    'deprecated since v1.8; use "storageClassName" attribute instead',
  'volume.beta.kubernetes.io/mount-options': 'deprecated since v1.31; use "mountOptions" attribute instead',
}

const oldSources: Readonly<Record<string, string>> = {
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

const volumeWarnings = (object: JsonObject): string[] => {
  const spec = objectAt(object, 'spec')
  const annotations = objectAt(object, 'metadata', 'annotations')
  const recycles =
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'
  return [
    ...Object.entries(oldAnnotations)
      .filter(([key]) => annotations[key] !== undefined)
      .map(([key, text]) => `metadata.annotations[${key}]: ${text}`),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? [recycles] : []),
    ...Object.entries(oldSources)
      .filter(([name]) => spec[name] !== undefined)
      .map(([name, text]) => `spec.${name}: ${text}`),
  ]
}

/** Volumes and claims on them. */
export const storageTypes: readonly ResourceType[] = [claim, volume]
