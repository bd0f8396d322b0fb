/**
 * Volumes of pods: where they come from.
 */

import type { Schema } from '../resource.ts'
import {
  always,
  alwaysListOf,
  atomic,
  byDefault,
  byNamedDefault,
  choice,
  embedded,
  keyed,
  listOf,
  needed,
  strategy,
  struct,
  written,
} from './dsl.ts'
import { objectFieldSelector, pullPolicy, resourceFieldSelector } from './container.ts'
import { labelSelector, localObjectReference } from './reference.ts'
import { metadata } from '../schema/objectmeta.ts'
import { claimSpec } from './claim.ts'

const readable = 0o644
const keyToPath = struct('KeyToPath', { key: 'string!', path: 'string!', mode: 'int32?' })
const downwardItem = struct('DownwardAPIVolumeFile', {
  path: 'string!',
  fieldRef: objectFieldSelector,
  resourceFieldRef: resourceFieldSelector,
  mode: 'int32?',
})

const projection = struct('VolumeProjection', {
  secret: struct('SecretProjection', {
    ...embedded('LocalObjectReference', { name: byNamedDefault('string', '') }),
    items: listOf(keyToPath),
    optional: 'bool?',
  }),
  downwardAPI: struct('DownwardAPIProjection', { items: listOf(downwardItem) }),
  configMap: struct('ConfigMapProjection', {
    ...embedded('LocalObjectReference', { name: byNamedDefault('string', '') }),
    items: listOf(keyToPath),
    optional: 'bool?',
  }),
  serviceAccountToken: struct('ServiceAccountTokenProjection', {
    audience: 'string',
    expirationSeconds: byDefault('int64?', 3600),
    path: 'string!',
  }),
  clusterTrustBundle: struct('ClusterTrustBundleProjection', {
    name: 'string?',
    signerName: 'string?',
    labelSelector,
    optional: 'bool?',
    path: 'string!',
  }),
  podCertificate: struct('PodCertificateProjection', {
    signerName: needed('string'),
    keyType: needed('string'),
    maxExpirationSeconds: 'int32?',
    credentialBundlePath: 'string',
    keyPath: 'string',
    certificateChainPath: 'string',
    userAnnotations: 'string{}',
  }),
})

/** What must be at a path of the host. */
export const hostPathType = choice(
  'string?',
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
)

const files = {
  hostPath: struct('HostPathVolumeSource', { path: 'string!', type: byDefault(hostPathType, '') }),
  emptyDir: struct('EmptyDirVolumeSource', { medium: 'string', sizeLimit: 'quantity?' }),
  secret: struct('SecretVolumeSource', {
    secretName: 'string',
    items: listOf(keyToPath),
    defaultMode: byDefault('int32?', readable),
    optional: 'bool?',
  }),
  configMap: struct('ConfigMapVolumeSource', {
    ...embedded('LocalObjectReference', { name: byNamedDefault('string', '') }),
    items: listOf(keyToPath),
    defaultMode: byDefault('int32?', readable),
    optional: 'bool?',
  }),
  downwardAPI: struct('DownwardAPIVolumeSource', {
    items: listOf(downwardItem),
    defaultMode: byDefault('int32?', readable),
  }),
  projected: struct('ProjectedVolumeSource', {
    sources: needed(alwaysListOf(projection), false),
    defaultMode: byDefault('int32?', readable),
  }),
  image: struct('ImageVolumeSource', { reference: 'string', pullPolicy }),
  gitRepo: struct('GitRepoVolumeSource', { repository: 'string!', revision: 'string', directory: 'string' }),
  persistentVolumeClaim: struct('PersistentVolumeClaimVolumeSource', {
    claimName: 'string!',
    readOnly: 'bool',
  }),
  ephemeral: struct('EphemeralVolumeSource', {
    volumeClaimTemplate: struct('PersistentVolumeClaimTemplate', {
      metadata,
      spec: needed(always(claimSpec)),
    }),
  }),
  csi: struct('CSIVolumeSource', {
    driver: 'string!',
    readOnly: 'bool?',
    fsType: 'string?',
    volumeAttributes: 'string{}',
    nodePublishSecretRef: localObjectReference,
  }),
} satisfies Record<string, Schema>

/** Sources outside of the cluster that a PersistentVolume may have as well. */
export const networkSources = {
  nfs: struct('NFSVolumeSource', { server: 'string!', path: 'string!', readOnly: 'bool' }),
  awsElasticBlockStore: struct('AWSElasticBlockStoreVolumeSource', {
    volumeID: 'string!',
    fsType: 'string',
    partition: 'int32',
    readOnly: 'bool',
  }),
  gcePersistentDisk: struct('GCEPersistentDiskVolumeSource', {
    pdName: 'string!',
    fsType: 'string',
    partition: 'int32',
    readOnly: 'bool',
  }),
  azureDisk: struct('AzureDiskVolumeSource', {
    diskName: 'string!',
    diskURI: 'string!',
    cachingMode: byNamedDefault(choice('string?', 'None', 'ReadOnly', 'ReadWrite'), 'ReadWrite'),
    fsType: byNamedDefault('string?', 'ext4'),
    readOnly: byNamedDefault('bool?', false),
    kind: byNamedDefault(choice('string?', 'Dedicated', 'Managed', 'Shared'), 'Shared'),
  }),
  fc: struct('FCVolumeSource', {
    targetWWNs: 'string[]',
    lun: 'int32?',
    fsType: 'string',
    readOnly: 'bool',
    wwids: 'string[]',
  }),
  vsphereVolume: struct('VsphereVirtualDiskVolumeSource', {
    volumePath: 'string!',
    fsType: 'string',
    storagePolicyName: 'string',
    storagePolicyID: 'string',
  }),
} satisfies Record<string, Schema>

/** ScaleIO, but for its secret. */
export const scaleIO = {
  gateway: 'string!',
  system: 'string!',
  sslEnabled: 'bool',
  protectionDomain: 'string',
  storagePool: 'string',
  storageMode: byNamedDefault('string', 'ThinProvisioned'),
  volumeName: 'string',
  fsType: byNamedDefault('string', 'xfs'),
  readOnly: 'bool',
}

/** StorageOS, but for its secret. */
export const storageOS = {
  volumeName: 'string',
  volumeNamespace: 'string',
  fsType: 'string',
  readOnly: 'bool',
}

/** Sources that clusters no longer know, and some that only pods have. */
export const otherSources = {
  azureFile: struct('AzureFileVolumeSource', {
    secretName: 'string!',
    shareName: 'string!',
    readOnly: 'bool',
  }),
  cinder: struct('CinderVolumeSource', {
    volumeID: 'string!',
    fsType: 'string',
    readOnly: 'bool',
    secretRef: localObjectReference,
  }),
  iscsi: struct('ISCSIVolumeSource', {
    targetPortal: 'string!',
    iqn: 'string!',
    lun: 'int32!',
    iscsiInterface: byNamedDefault('string', 'default'),
    fsType: 'string',
    readOnly: 'bool',
    portals: 'string[]',
    chapAuthDiscovery: 'bool',
    chapAuthSession: 'bool',
    secretRef: localObjectReference,
    initiatorName: 'string?',
  }),
  rbd: struct('RBDVolumeSource', {
    monitors: written('string[]'),
    image: 'string!',
    fsType: 'string',
    pool: byNamedDefault('string', 'rbd'),
    user: byNamedDefault('string', 'admin'),
    keyring: byNamedDefault('string', '/etc/ceph/keyring'),
    secretRef: localObjectReference,
    readOnly: 'bool',
  }),
  cephfs: struct('CephFSVolumeSource', {
    monitors: written('string[]'),
    path: 'string',
    user: 'string',
    secretFile: 'string',
    secretRef: localObjectReference,
    readOnly: 'bool',
  }),
  glusterfs: struct('GlusterfsVolumeSource', { endpoints: 'string!', path: 'string!', readOnly: 'bool' }),
  flexVolume: struct('FlexVolumeSource', {
    driver: 'string!',
    fsType: 'string',
    secretRef: localObjectReference,
    readOnly: 'bool',
    options: 'string{}',
  }),
  flocker: struct('FlockerVolumeSource', { datasetName: 'string', datasetUUID: 'string' }),
  portworxVolume: struct('PortworxVolumeSource', { volumeID: 'string!', fsType: 'string', readOnly: 'bool' }),
  quobyte: struct('QuobyteVolumeSource', {
    registry: 'string!',
    volume: 'string!',
    readOnly: 'bool',
    user: 'string',
    group: 'string',
    tenant: 'string',
  }),
  photonPersistentDisk: struct('PhotonPersistentDiskVolumeSource', { pdID: 'string!', fsType: 'string' }),
  scaleIO: struct('ScaleIOVolumeSource', {
    ...scaleIO,
    secretRef: needed(written(atomic(localObjectReference))),
  }),
  storageos: struct('StorageOSVolumeSource', { ...storageOS, secretRef: localObjectReference }),
} satisfies Record<string, Schema>

/** The kinds of sources, of which a volume has exactly one. */
export const volumeSources = Object.keys({ ...files, ...networkSources, ...otherSources })

/** `volumes` of a pod. */
export const volumes: Schema = strategy(
  'merge,retainKeys',
  keyed(
    struct('Volume', {
      name: 'string!',
      ...embedded('VolumeSource', { ...files, ...networkSources, ...otherSources }),
    }),
    ['name'],
  ),
)
