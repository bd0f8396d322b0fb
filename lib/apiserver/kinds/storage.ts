/**
 * PersistentVolumes and PersistentVolumeClaims.
 */

import type { Json, JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { forbidden, notSupported, required } from '../schema/problem.ts'
import { claimSpec, claimStatus } from './claim.ts'
import { column, wide } from './columns.ts'
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

const modesText = (modes: readonly Json[]): string =>
  modes.map((mode) => modeNames[String(mode)] ?? String(mode)).join(',')
const classText = (object: JsonObject): string => stringAt(object, 'spec', 'storageClassName')
const attributesText = (object: JsonObject): string =>
  stringAt(object, 'spec', 'volumeAttributesClassName') || '<unset>'

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

const claim: ResourceType = defineKind({
  kind: 'PersistentVolumeClaim',
  shortNames: ['pvc'],
  hasStatus: true,
  fields: { spec: always(claimSpec), status: always(claimStatus) },
  columns: [
    column('Status', 'string', (object) =>
      stringAt(object, 'metadata', 'deletionTimestamp') === ''
        ? stringAt(object, 'status', 'phase')
        : 'Terminating',
    ),
    column('Volume', 'string', (object) => stringAt(object, 'spec', 'volumeName')),
    column('Capacity', 'string', (object) =>
      stringAt(object, 'spec', 'volumeName') === '' ? '' : stringAt(object, 'status', 'capacity', 'storage'),
    ),
    column('Access Modes', 'string', (object) =>
      stringAt(object, 'spec', 'volumeName') === '' ? '' : modesText(listAt(object, 'status', 'accessModes')),
    ),
    column('StorageClass', 'string', classText),
    column('VolumeAttributesClass', 'string', attributesText),
    wide(column('VolumeMode', 'string', (object) => stringAt(object, 'spec', 'volumeMode') || '<unset>')),
  ],
  prepare: (object, before) => {
    const metadata = objectAt(object, 'metadata')
    if (!before)
      metadata.finalizers = [...new Set([...listAt(metadata, 'finalizers'), 'kubernetes.io/pvc-protection'])]
  },
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

const claimText = (object: JsonObject): string => {
  const reference = objectAt(object, 'spec', 'claimRef')
  const name = stringAt(reference, 'name')
  return name === '' ? '' : `${stringAt(reference, 'namespace')}/${name}`
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
  columns: [
    column('Capacity', 'string', (object) => stringAt(object, 'spec', 'capacity', 'storage')),
    column('Access Modes', 'string', (object) => modesText(listAt(object, 'spec', 'accessModes'))),
    column('Reclaim Policy', 'string', (object) => stringAt(object, 'spec', 'persistentVolumeReclaimPolicy')),
    column('Status', 'string', (object) =>
      stringAt(object, 'metadata', 'deletionTimestamp') === ''
        ? stringAt(object, 'status', 'phase')
        : 'Terminating',
    ),
    column('Claim', 'string', claimText),
    column('StorageClass', 'string', classText),
    column('VolumeAttributesClass', 'string', attributesText),
    column('Reason', 'string', (object) => stringAt(object, 'status', 'reason')),
    wide(column('VolumeMode', 'string', (object) => stringAt(object, 'spec', 'volumeMode') || '<unset>')),
  ],
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

/** Volumes and claims on them. */
export const storageTypes: readonly ResourceType[] = [claim, volume]
