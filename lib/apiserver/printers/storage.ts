/**
 * What `kubectl get` shows of volumes, claims and classes.
 */
import { ageColumn, nameColumn } from '../kinds/columns.ts'
import type { Column, JsonObject } from '../resource.ts'
import { at, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { type Cell, flag, isDeleting, objectsAt, sizeOf, text, textAt, whole, wideText } from './column.ts'

const modes = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const

const modesAt = (object: JsonObject, part: 'spec' | 'status'): string => {
  const given = listAt(object, part, 'accessModes')
  return modes
    .filter(([name]) => given.includes(name))
    .map(([, short]) => short)
    .join(',')
}

const betaClass = 'volume.beta.kubernetes.io/storage-class'

const classText: Cell = (object) => {
  const old = at(object, 'metadata', 'annotations', betaClass)
  return typeof old === 'string' ? old : stringAt(object, 'spec', 'storageClassName')
}

const setAt =
  (field: string): Cell =>
  (object) => {
    const value = at(object, 'spec', field)
    return typeof value === 'string' ? value : '<unset>'
  }

const phaseText: Cell = (object) => (isDeleting(object) ? 'Terminating' : stringAt(object, 'status', 'phase'))

const amountAt = (object: JsonObject, part: 'spec' | 'status'): string =>
  String(at(object, part, 'capacity', 'storage') ?? '0')

const isBound = (claim: JsonObject): boolean => stringAt(claim, 'spec', 'volumeName') !== ''

const claimText: Cell = (volume) => {
  const claim = at(volume, 'spec', 'claimRef')
  return claim === undefined ? '' : `${stringAt(claim, 'namespace')}/${stringAt(claim, 'name')}`
}

/** Of core/v1 PersistentVolume. */
export const volumeColumns: Column[] = [
  nameColumn,
  text(
    'Capacity',
    "capacity is the description of the persistent volume's resources and capacity. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#capacity",
    (volume) => amountAt(volume, 'spec'),
  ),
  text(
    'Access Modes',
    'accessModes contains all ways the volume can be mounted. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes',
    (volume) => modesAt(volume, 'spec'),
  ),
  text(
    'Reclaim Policy',
    'persistentVolumeReclaimPolicy defines what happens to a persistent volume when released from its claim. Valid options are Retain (default for manually created PersistentVolumes), Delete (default for dynamically provisioned PersistentVolumes), and Recycle (deprecated). Recycle must be supported by the volume plugin underlying this PersistentVolume. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#reclaiming',
    textAt('spec.persistentVolumeReclaimPolicy'),
  ),
  text(
    'Status',
    'phase indicates if a volume is available, bound to a claim, or released by a claim. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#phase',
    phaseText,
  ),
  text(
    'Claim',
    'claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim. Expected to be non-nil when bound. claim.VolumeName is the authoritative bind between PV and PVC. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding',
    claimText,
  ),
  text('StorageClass', 'StorageClass of the pv', classText),
  text('VolumeAttributesClass', 'VolumeAttributesClass of the pv', setAt('volumeAttributesClassName')),
  text(
    'Reason',
    'reason is a brief CamelCase string that describes any failure and is meant for machine parsing and tidy display in the CLI.',
    textAt('status.reason'),
  ),
  ageColumn,
  wideText(
    'VolumeMode',
    'volumeMode defines if a volume is intended to be used with a formatted filesystem or to remain in raw block state. Value of Filesystem is implied when not included in spec.',
    setAt('volumeMode'),
  ),
]

/** Of core/v1 PersistentVolumeClaim. */
export const claimColumns: Column[] = [
  nameColumn,
  text('Status', 'phase represents the current phase of PersistentVolumeClaim.', phaseText),
  text(
    'Volume',
    'volumeName is the binding reference to the PersistentVolume backing this claim.',
    textAt('spec.volumeName'),
  ),
  text('Capacity', 'capacity represents the actual resources of the underlying volume.', (claim) =>
    isBound(claim) ? amountAt(claim, 'status') : '',
  ),
  text(
    'Access Modes',
    'accessModes contains the actual access modes the volume backing the PVC has. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1',
    (claim) => (isBound(claim) ? modesAt(claim, 'status') : ''),
  ),
  text('StorageClass', 'StorageClass of the pvc', classText),
  text('VolumeAttributesClass', 'VolumeAttributesClass of the pvc', setAt('volumeAttributesClassName')),
  ageColumn,
  wideText(
    'VolumeMode',
    'volumeMode defines what type of volume is required by the claim. Value of Filesystem is implied when not included in claim spec.',
    setAt('volumeMode'),
  ),
]

const defaultClass = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

const classNameColumn: Column = {
  ...nameColumn,
  value: (object) => {
    const annotations = objectAt(object, 'metadata', 'annotations')
    const isDefault = defaultClass.some((name) => annotations[name] === 'true')
    return stringAt(object, 'metadata', 'name') + (isDefault ? ' (default)' : '')
  },
}

/** Of storage.k8s.io/v1 StorageClass. */
export const storageClassColumns: Column[] = [
  classNameColumn,
  text('Provisioner', 'provisioner indicates the type of the provisioner.', textAt('provisioner')),
  text(
    'ReclaimPolicy',
    'reclaimPolicy controls the reclaimPolicy for dynamically provisioned PersistentVolumes of this storage class. Defaults to Delete.',
    textAt('reclaimPolicy', 'Delete'),
  ),
  text(
    'VolumeBindingMode',
    'volumeBindingMode indicates how PersistentVolumeClaims should be provisioned and bound.  When unset, VolumeBindingImmediate is used. This field is only honored by servers that enable the VolumeScheduling feature.',
    textAt('volumeBindingMode', 'Immediate'),
  ),
  text(
    'AllowVolumeExpansion',
    'allowVolumeExpansion shows whether the storage class allow volume expand.',
    (object) => object.allowVolumeExpansion === true,
  ),
  ageColumn,
]

/** Of storage.k8s.io/v1 VolumeAttributesClass. */
export const attributesClassColumns: Column[] = [
  nameColumn,
  text('DriverName', 'Name of the CSI driver This field is immutable.', textAt('driverName')),
  ageColumn,
]

/** Of storage.k8s.io/v1 VolumeAttachment. */
export const attachmentColumns: Column[] = [
  nameColumn,
  {
    ...text(
      'Attacher',
      'attacher indicates the name of the volume driver that MUST handle this request. This is the name returned by GetPluginName().',
      textAt('spec.attacher'),
    ),
    format: 'name',
  },
  text(
    'PV',
    'persistentVolumeName represents the name of the persistent volume to attach.',
    textAt('spec.source.persistentVolumeName'),
  ),
  text(
    'Node',
    'nodeName represents the node that the volume should be attached to.',
    textAt('spec.nodeName'),
  ),
  flag(
    'Attached',
    'attached indicates the volume is successfully attached. This field must only be set by the entity completing the attach operation, i.e. the external-attacher.',
    (object) => at(object, 'status', 'attached') === true,
  ),
  ageColumn,
]

/** Of storage.k8s.io/v1 CSINode. */
export const csiNodeColumns: Column[] = [
  nameColumn,
  whole(
    'Drivers',
    'Drivers indicates the number of CSI drivers registered on the node',
    sizeOf('spec.drivers'),
  ),
  ageColumn,
]

const tokensText: Cell = (driver) =>
  at(driver, 'spec', 'tokenRequests') === undefined
    ? '<unset>'
    : objectsAt(driver, 'spec.tokenRequests')
        .map((one) => stringAt(one, 'audience'))
        .join(',')

const isSet =
  (field: string): Cell =>
  (driver) =>
    at(driver, 'spec', field) === true

/** Of storage.k8s.io/v1 CSIDriver. */
export const csiDriverColumns: Column[] = [
  nameColumn,
  flag(
    'AttachRequired',
    'attachRequired indicates this CSI volume driver requires an attach operation (because it implements the CSI ControllerPublishVolume() method), and that the Kubernetes attach detach controller should call the attach volume interface which checks the volumeattachment status and waits until the volume is attached before proceeding to mounting. The CSI external-attacher coordinates with CSI volume driver and updates the volumeattachment status when the attach operation is complete. If the value is specified to false, the attach operation will be skipped. Otherwise the attach operation will be called.\n\nThis field is immutable.',
    (driver) => at(driver, 'spec', 'attachRequired') !== false,
  ),
  flag(
    'PodInfoOnMount',
    'podInfoOnMount indicates this CSI volume driver requires additional pod information (like podName, podUID, etc.) during mount operations, if set to true. If set to false, pod information will not be passed on mount. Default is false.\n\nThe CSI driver specifies podInfoOnMount as part of driver deployment. If true, Kubelet will pass pod information as VolumeContext in the CSI NodePublishVolume() calls. The CSI driver is responsible for parsing and validating the information passed in as VolumeContext.\n\nThe following VolumeContext will be passed if podInfoOnMount is set to true. This list might grow, but the prefix will be used. "csi.storage.k8s.io/pod.name": pod.Name "csi.storage.k8s.io/pod.namespace": pod.Namespace "csi.storage.k8s.io/pod.uid": string(pod.UID) "csi.storage.k8s.io/ephemeral": "true" if the volume is an ephemeral inline volume\n                                defined by a CSIVolumeSource, otherwise "false"\n\n"csi.storage.k8s.io/ephemeral" is a new feature in Kubernetes 1.16. It is only required for drivers which support both the "Persistent" and "Ephemeral" VolumeLifecycleMode. Other drivers can leave pod info disabled and/or ignore this field. As Kubernetes 1.15 doesn\'t support this field, drivers can only support one mode when deployed on such a cluster and the deployment determines which mode that is, for example via a command line parameter of the driver.\n\nThis field was immutable in Kubernetes < 1.29 and now is mutable.',
    isSet('podInfoOnMount'),
  ),
  flag(
    'StorageCapacity',
    'storageCapacity indicates that the CSI volume driver wants pod scheduling to consider the storage capacity that the driver deployment will report by creating CSIStorageCapacity objects with capacity information, if set to true.\n\nThe check can be enabled immediately when deploying a driver. In that case, provisioning new volumes with late binding will pause until the driver deployment has published some suitable CSIStorageCapacity object.\n\nAlternatively, the driver can be deployed with the field unset or false and it can be flipped later when storage capacity information has been published.\n\nThis field was immutable in Kubernetes <= 1.22 and now is mutable.',
    isSet('storageCapacity'),
  ),
  text(
    'TokenRequests',
    'tokenRequests indicates the CSI driver needs pods\' service account tokens it is mounting volume for to do necessary authentication. Kubelet will pass the tokens in VolumeContext in the CSI NodePublishVolume calls. The CSI driver should parse and validate the following VolumeContext: "csi.storage.k8s.io/serviceAccount.tokens": {\n  "<audience>": {\n    "token": <token>,\n    "expirationTimestamp": <expiration timestamp in RFC3339>,\n  },\n  ...\n}\n\nNote: Audience in each TokenRequest should be different and at most one token is empty string. To receive a new token after expiry, RequiresRepublish can be used to trigger NodePublishVolume periodically.',
    tokensText,
  ),
  flag(
    'RequiresRepublish',
    'requiresRepublish indicates the CSI driver wants `NodePublishVolume` being periodically called to reflect any possible change in the mounted volume. This field defaults to false.\n\nNote: After a successful initial NodePublishVolume call, subsequent calls to NodePublishVolume should only update the contents of the volume. New mount points will not be seen by a running container.',
    isSet('requiresRepublish'),
  ),
  text(
    'Modes',
    'volumeLifecycleModes defines what kind of volumes this CSI volume driver supports. The default if the list is empty is "Persistent", which is the usage defined by the CSI specification and implemented in Kubernetes via the usual PV/PVC mechanism.\n\nThe other mode is "Ephemeral". In this mode, volumes are defined inline inside the pod spec with CSIVolumeSource and their lifecycle is tied to the lifecycle of that pod. A driver has to be aware of this because it is only going to get a NodePublishVolume call for such a volume.\n\nFor more information about implementing this mode, see https://kubernetes-csi.github.io/docs/ephemeral-local-volumes.html A driver can support one or more of these modes and more modes may be added in the future.\n\nThis field is beta. This field is immutable.',
    (driver) => listAt(driver, 'spec', 'volumeLifecycleModes').join(',') || '<none>',
  ),
  ageColumn,
]
