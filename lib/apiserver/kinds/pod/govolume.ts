/**
 * The Go structs of volumes as the real server holds them, for texts that print them.
 */

/** Fields in order, in the notation of `go.ts`. */
export const volumeStructs: Readonly<Record<string, string>> = {
  Volume: 'Name +VolumeSource',
  VolumeSource: `
    HostPath?:HostPathVolumeSource EmptyDir?:EmptyDirVolumeSource
    GCEPersistentDisk=gcePersistentDisk?:GCEPersistentDiskVolumeSource
    AWSElasticBlockStore=awsElasticBlockStore?:AWSElasticBlockStoreVolumeSource
    GitRepo?:GitRepoVolumeSource Secret?:SecretVolumeSource NFS=nfs?:NFSVolumeSource
    ISCSI=iscsi?:ISCSIVolumeSource Glusterfs?:GlusterfsVolumeSource
    PersistentVolumeClaim?:PersistentVolumeClaimVolumeSource RBD=rbd?:RBDVolumeSource
    Quobyte?:QuobyteVolumeSource FlexVolume?:FlexVolumeSource Cinder?:CinderVolumeSource
    CephFS=cephfs?:CephFSVolumeSource Flocker?:FlockerVolumeSource DownwardAPI?:DownwardAPIVolumeSource
    FC=fc?:FCVolumeSource AzureFile?:AzureFileVolumeSource ConfigMap?:ConfigMapVolumeSource
    VsphereVolume?:VsphereVirtualDiskVolumeSource AzureDisk?:AzureDiskVolumeSource
    PhotonPersistentDisk?:PhotonPersistentDiskVolumeSource Projected?:ProjectedVolumeSource
    PortworxVolume?:PortworxVolumeSource ScaleIO?:ScaleIOVolumeSource
    StorageOS=storageos?:StorageOSVolumeSource CSI=csi?:CSIVolumeSource Ephemeral?:EphemeralVolumeSource
    Image?:ImageVolumeSource`,
  HostPathVolumeSource: 'Path Type?',
  EmptyDirVolumeSource: 'Medium SizeLimit?',
  GCEPersistentDiskVolumeSource: 'PDName=pdName FSType=fsType Partition# ReadOnly!',
  AWSElasticBlockStoreVolumeSource: 'VolumeID FSType=fsType Partition# ReadOnly!',
  GitRepoVolumeSource: 'Repository Revision Directory',
  SecretVolumeSource: 'SecretName Items[]:KeyToPath DefaultMode? Optional?',
  KeyToPath: 'Key Path Mode?',
  NFSVolumeSource: 'Server Path ReadOnly!',
  ISCSIVolumeSource: `
    TargetPortal IQN=iqn Lun# ISCSIInterface=iscsiInterface FSType=fsType ReadOnly! Portals[]
    DiscoveryCHAPAuth=chapAuthDiscovery! SessionCHAPAuth=chapAuthSession!
    SecretRef?:LocalObjectReference InitiatorName?`,
  GlusterfsVolumeSource: 'EndpointsName=endpoints Path ReadOnly!',
  PersistentVolumeClaimVolumeSource: 'ClaimName ReadOnly!',
  RBDVolumeSource: `
    CephMonitors=monitors[] RBDImage=image FSType=fsType RBDPool=pool RadosUser=user Keyring
    SecretRef?:LocalObjectReference ReadOnly!`,
  QuobyteVolumeSource: 'Registry Volume ReadOnly! User Group Tenant',
  FlexVolumeSource: 'Driver FSType=fsType SecretRef?:LocalObjectReference ReadOnly! Options{}',
  CinderVolumeSource: 'VolumeID FSType=fsType ReadOnly! SecretRef?:LocalObjectReference',
  CephFSVolumeSource: 'Monitors[] Path User SecretFile SecretRef?:LocalObjectReference ReadOnly!',
  FlockerVolumeSource: 'DatasetName DatasetUUID',
  DownwardAPIVolumeSource: 'Items[]:DownwardAPIVolumeFile DefaultMode?',
  DownwardAPIVolumeFile: `
    Path FieldRef?:ObjectFieldSelector ResourceFieldRef?:ResourceFieldSelector Mode?`,
  FCVolumeSource: 'TargetWWNs[] Lun? FSType=fsType ReadOnly! WWIDs=wwids[]',
  AzureFileVolumeSource: 'SecretName ShareName ReadOnly!',
  ConfigMapVolumeSource: '+LocalObjectReference Items[]:KeyToPath DefaultMode? Optional?',
  VsphereVirtualDiskVolumeSource: 'VolumePath FSType=fsType StoragePolicyName StoragePolicyID',
  AzureDiskVolumeSource: 'DiskName DataDiskURI=diskURI CachingMode? FSType=fsType? ReadOnly? Kind?',
  PhotonPersistentDiskVolumeSource: 'PdID FSType=fsType',
  ProjectedVolumeSource: 'Sources[]:VolumeProjection DefaultMode?',
  VolumeProjection: `
    Secret?:SecretProjection DownwardAPI?:DownwardAPIProjection ConfigMap?:ConfigMapProjection
    ServiceAccountToken?:ServiceAccountTokenProjection ClusterTrustBundle?:ClusterTrustBundleProjection
    PodCertificate?:PodCertificateProjection`,
  SecretProjection: '+LocalObjectReference Items[]:KeyToPath Optional?',
  DownwardAPIProjection: 'Items[]:DownwardAPIVolumeFile',
  ConfigMapProjection: '+LocalObjectReference Items[]:KeyToPath Optional?',
  ServiceAccountTokenProjection: 'Audience ExpirationSeconds# Path',
  ClusterTrustBundleProjection: 'Name? SignerName? LabelSelector?:LabelSelector Optional? Path',
  PodCertificateProjection: `
    SignerName KeyType MaxExpirationSeconds? CredentialBundlePath KeyPath CertificateChainPath
    UserAnnotations{}`,
  PortworxVolumeSource: 'VolumeID FSType=fsType ReadOnly!',
  ScaleIOVolumeSource: `
    Gateway System SecretRef?:LocalObjectReference SSLEnabled=sslEnabled! ProtectionDomain StoragePool
    StorageMode VolumeName FSType=fsType ReadOnly!`,
  StorageOSVolumeSource: `
    VolumeName VolumeNamespace FSType=fsType ReadOnly! SecretRef?:LocalObjectReference`,
  CSIVolumeSource: `
    Driver ReadOnly? FSType=fsType? VolumeAttributes{} NodePublishSecretRef?:LocalObjectReference`,
  EphemeralVolumeSource: 'VolumeClaimTemplate?:PersistentVolumeClaimTemplate',
  PersistentVolumeClaimTemplate: '+ObjectMeta Spec:PersistentVolumeClaimSpec',
  PersistentVolumeClaimSpec: `
    AccessModes[] Selector?:LabelSelector Resources:VolumeResourceRequirements VolumeName
    StorageClassName? VolumeMode? DataSource?:TypedLocalObjectReference
    DataSourceRef?:TypedObjectReference VolumeAttributesClassName?`,
  VolumeResourceRequirements: 'Limits{} Requests{}',
  TypedLocalObjectReference: 'APIGroup=apiGroup? Kind Name',
  TypedObjectReference: 'APIGroup=apiGroup? Kind Name Namespace?',
  ImageVolumeSource: 'Reference PullPolicy',
}
