/**
 * PersistentVolumes, PersistentVolumeClaims and Nodes.
 */

import type { Json, JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { forbidden, notSupported, required } from '../schema/problem.ts'
import { claimSpec, claimStatus } from './claim.ts'
import { column, wide } from './columns.ts'
import { always, atomic, byDefault, keyed, listOf, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { nodeSelector, objectReference, secretReference, workloadConditions } from './reference.ts'
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
      metadata['finalizers'] = [
        ...new Set([...listAt(metadata, 'finalizers'), 'kubernetes.io/pvc-protection']),
      ]
  },
  validate: (object, before) => {
    const spec = objectAt(object, 'spec')
    const storage = objectAt(spec, 'resources', 'requests')['storage']
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

const nodeStatus = struct('NodeStatus', {
  capacity: 'quantity{}',
  allocatable: 'quantity{}',
  phase: 'string',
  conditions: workloadConditions('NodeCondition', 'lastHeartbeatTime', 'lastTransitionTime'),
  addresses: keyed(struct('NodeAddress', { type: 'string!', address: 'string!' }), ['type']),
  daemonEndpoints: always(
    struct('NodeDaemonEndpoints', { kubeletEndpoint: always(struct('DaemonEndpoint', { Port: 'int32!' })) }),
  ),
  nodeInfo: always(
    struct('NodeSystemInfo', {
      machineID: 'string!',
      systemUUID: 'string!',
      bootID: 'string!',
      kernelVersion: 'string!',
      osImage: 'string!',
      containerRuntimeVersion: 'string!',
      kubeletVersion: 'string!',
      kubeProxyVersion: 'string!',
      operatingSystem: 'string!',
      architecture: 'string!',
      swap: struct('NodeSwapStatus', { capacity: 'int64?' }),
    }),
  ),
  images: listOf(struct('ContainerImage', { names: 'string[]', sizeBytes: 'int64' })),
  volumesInUse: 'string[]',
  volumesAttached: listOf(struct('AttachedVolume', { name: 'string!', devicePath: 'string!' })),
  config: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, 'x-go-omit': 'null' },
  runtimeHandlers: listOf(
    struct('NodeRuntimeHandler', {
      name: 'string!',
      features: struct('NodeRuntimeHandlerFeatures', {
        recursiveReadOnlyMounts: 'bool?',
        userNamespaces: 'bool?',
      }),
    }),
  ),
  features: struct('NodeFeatures', { supplementalGroupsPolicy: 'bool?' }),
})

const rolesText = (object: JsonObject): string => {
  const prefix = 'node-role.kubernetes.io/'
  const roles = Object.keys(objectAt(object, 'metadata', 'labels')).filter((key) => key.startsWith(prefix))
  return roles.length === 0
    ? '<none>'
    : roles
        .map((key) => key.slice(prefix.length))
        .sort()
        .join(',')
}

const readyText = (object: JsonObject): string => {
  const ready = listAt(object, 'status', 'conditions').find((one) => stringAt(one, 'type') === 'Ready')
  const state = ready === undefined ? 'Unknown' : stringAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady'
  return objectAt(object, 'spec')['unschedulable'] === true ? `${state},SchedulingDisabled` : state
}

const addressText =
  (type: string) =>
  (object: JsonObject): string => {
    const found = listAt(object, 'status', 'addresses')
      .filter(isObject)
      .find((one) => one['type'] === type)
    return found ? stringAt(found, 'address') : '<none>'
  }

const info =
  (name: string) =>
  (object: JsonObject): string =>
    stringAt(object, 'status', 'nodeInfo', name) || '<unknown>'

const node: ResourceType = defineKind({
  kind: 'Node',
  namespaced: false,
  shortNames: ['no'],
  hasStatus: true,
  fields: {
    spec: always(
      struct('NodeSpec', {
        podCIDR: 'string',
        podCIDRs: {
          ...listOf('string'),
          'x-kubernetes-list-type': 'set',
          'x-kubernetes-patch-strategy': 'merge',
        },
        providerID: 'string',
        unschedulable: 'bool',
        taints: listOf(
          struct('Taint', { key: 'string!', value: 'string', effect: 'string!', timeAdded: 'time?' }),
        ),
        configSource: atomic({
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          'x-go-omit': 'null',
        }),
        externalID: 'string',
      }),
    ),
    status: always(nodeStatus),
  },
  selectableFields: {
    'spec.unschedulable': (object) => String(objectAt(object, 'spec')['unschedulable'] === true),
  },
  columns: [
    column('Status', 'string', readyText, { description: 'The status of the node' }),
    column('Roles', 'string', rolesText, { description: 'The roles of the node' }),
    wide(column('Internal-IP', 'string', addressText('InternalIP'))),
    wide(column('External-IP', 'string', addressText('ExternalIP'))),
    wide(column('OS-Image', 'string', info('osImage'))),
    wide(column('Kernel-Version', 'string', info('kernelVersion'))),
    wide(column('Container-Runtime', 'string', info('containerRuntimeVersion'))),
    column('Version', 'string', (object) => stringAt(object, 'status', 'nodeInfo', 'kubeletVersion'), {
      description: 'Kubelet Version reported by the node.',
    }),
  ],
})

/** Storage and the machines. */
export const storageTypes: readonly ResourceType[] = [claim, volume, node]
