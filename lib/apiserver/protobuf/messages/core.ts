/** The messages of core/v1 beside those of Pods. */
export const coreMessages: Readonly<Record<string, string>> = {
  AttachedVolume: '1 name string, 2 devicePath string',
  AzureFilePersistentVolumeSource:
    '1 secretName string, 2 shareName string, 3 readOnly bool, 4 secretNamespace string',
  Binding: '1 metadata ObjectMeta, 2 target ObjectReference',
  CSIPersistentVolumeSource:
    '1 driver string, 2 volumeHandle string, 3 readOnly bool, 4 fsType string, 5 volumeAttributes string{}, 6 controllerPublishSecretRef SecretReference, 7 nodeStageSecretRef SecretReference, 8 nodePublishSecretRef SecretReference, 9 controllerExpandSecretRef SecretReference, 10 nodeExpandSecretRef SecretReference',
  CephFSPersistentVolumeSource:
    '1 monitors string[], 2 path string, 3 user string, 4 secretFile string, 5 secretRef SecretReference, 6 readOnly bool',
  CinderPersistentVolumeSource:
    '1 volumeID string, 2 fsType string, 3 readOnly bool, 4 secretRef SecretReference',
  ClientIPConfig: '1 timeoutSeconds int',
  ComponentCondition: '1 type string, 2 status string, 3 message string, 4 error string',
  ComponentStatus: '1 metadata ObjectMeta, 2 conditions ComponentCondition[]',
  ConfigMap: '1 metadata ObjectMeta, 4 immutable bool, 2 data string{}, 3 binaryData bytes{}',
  ConfigMapNodeConfigSource:
    '1 namespace string, 2 name string, 3 uid string, 4 resourceVersion string, 5 kubeletConfigKey string',
  ContainerImage: '1 names string[], 2 sizeBytes int',
  DaemonEndpoint: '1 Port int',
  EndpointAddress: '1 ip string, 3 hostname string, 4 nodeName string, 2 targetRef ObjectReference',
  EndpointPort: '1 name string, 2 port int, 3 protocol string, 4 appProtocol string',
  EndpointSubset:
    '1 addresses EndpointAddress[], 2 notReadyAddresses EndpointAddress[], 3 ports EndpointPort[]',
  Endpoints: '1 metadata ObjectMeta, 2 subsets EndpointSubset[]',
  Event:
    '1 metadata ObjectMeta, 2 involvedObject ObjectReference, 3 reason string, 4 message string, 5 source EventSource, 6 firstTimestamp Time, 7 lastTimestamp Time, 8 count int, 9 type string, 10 eventTime MicroTime, 11 series EventSeries, 12 action string, 13 related ObjectReference, 14 reportingComponent string, 15 reportingInstance string',
  EventSeries: '1 count int, 2 lastObservedTime MicroTime',
  EventSource: '1 component string, 2 host string',
  FlexPersistentVolumeSource:
    '1 driver string, 2 fsType string, 3 secretRef SecretReference, 4 readOnly bool, 5 options string{}',
  GlusterfsPersistentVolumeSource:
    '1 endpoints string, 2 path string, 3 readOnly bool, 4 endpointsNamespace string',
  ISCSIPersistentVolumeSource:
    '1 targetPortal string, 2 iqn string, 3 lun int, 4 iscsiInterface string, 5 fsType string, 6 readOnly bool, 7 portals string[], 8 chapAuthDiscovery bool, 11 chapAuthSession bool, 10 secretRef SecretReference, 12 initiatorName string',
  LimitRange: '1 metadata ObjectMeta, 2 spec LimitRangeSpec',
  LimitRangeItem:
    '1 type string, 2 max Quantity{}, 3 min Quantity{}, 4 default Quantity{}, 5 defaultRequest Quantity{}, 6 maxLimitRequestRatio Quantity{}',
  LimitRangeSpec: '1 limits LimitRangeItem[]',
  LoadBalancerIngress: '1 ip string, 2 hostname string, 3 ipMode string, 4 ports PortStatus[]',
  LoadBalancerStatus: '1 ingress LoadBalancerIngress[]',
  LocalVolumeSource: '1 path string, 2 fsType string',
  ModifyVolumeStatus: '1 targetVolumeAttributesClassName string, 2 status string',
  Namespace: '1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus',
  NamespaceCondition:
    '1 type string, 2 status string, 4 lastTransitionTime Time, 5 reason string, 6 message string',
  NamespaceSpec: '1 finalizers string[]',
  NamespaceStatus: '1 phase string, 2 conditions NamespaceCondition[]',
  Node: '1 metadata ObjectMeta, 2 spec NodeSpec, 3 status NodeStatus',
  NodeAddress: '1 type string, 2 address string',
  NodeCondition:
    '1 type string, 2 status string, 3 lastHeartbeatTime Time, 4 lastTransitionTime Time, 5 reason string, 6 message string',
  NodeConfigSource: '2 configMap ConfigMapNodeConfigSource',
  NodeConfigStatus:
    '1 assigned NodeConfigSource, 2 active NodeConfigSource, 3 lastKnownGood NodeConfigSource, 4 error string',
  NodeDaemonEndpoints: '1 kubeletEndpoint DaemonEndpoint',
  NodeFeatures: '1 supplementalGroupsPolicy bool',
  NodeRuntimeHandler: '1 name string, 2 features NodeRuntimeHandlerFeatures',
  NodeRuntimeHandlerFeatures: '1 recursiveReadOnlyMounts bool, 2 userNamespaces bool',
  NodeSpec:
    '1 podCIDR string, 7 podCIDRs string[], 3 providerID string, 4 unschedulable bool, 5 taints Taint[], 6 configSource NodeConfigSource, 2 externalID string',
  NodeStatus:
    '1 capacity Quantity{}, 2 allocatable Quantity{}, 3 phase string, 4 conditions NodeCondition[], 5 addresses NodeAddress[], 6 daemonEndpoints NodeDaemonEndpoints, 7 nodeInfo NodeSystemInfo, 8 images ContainerImage[], 9 volumesInUse string[], 10 volumesAttached AttachedVolume[], 11 config NodeConfigStatus, 12 runtimeHandlers NodeRuntimeHandler[], 13 features NodeFeatures, 14 declaredFeatures string[]',
  NodeSwapStatus: '1 capacity int',
  NodeSystemInfo:
    '1 machineID string, 2 systemUUID string, 3 bootID string, 4 kernelVersion string, 5 osImage string, 6 containerRuntimeVersion string, 7 kubeletVersion string, 8 kubeProxyVersion string, 9 operatingSystem string, 10 architecture string, 11 swap NodeSwapStatus',
  ObjectReference:
    '1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string, 6 resourceVersion string, 7 fieldPath string',
  PersistentVolume: '1 metadata ObjectMeta, 2 spec PersistentVolumeSpec, 3 status PersistentVolumeStatus',
  PersistentVolumeClaim:
    '1 metadata ObjectMeta, 2 spec PersistentVolumeClaimSpec, 3 status PersistentVolumeClaimStatus',
  PersistentVolumeClaimCondition:
    '1 type string, 2 status string, 3 lastProbeTime Time, 4 lastTransitionTime Time, 5 reason string, 6 message string',
  PersistentVolumeClaimStatus:
    '1 phase string, 2 accessModes string[], 3 capacity Quantity{}, 4 conditions PersistentVolumeClaimCondition[], 5 allocatedResources Quantity{}, 7 allocatedResourceStatuses string{}, 8 currentVolumeAttributesClassName string, 9 modifyVolumeStatus ModifyVolumeStatus',
  PersistentVolumeSource:
    '1 gcePersistentDisk GCEPersistentDiskVolumeSource, 2 awsElasticBlockStore AWSElasticBlockStoreVolumeSource, 3 hostPath HostPathVolumeSource, 4 glusterfs GlusterfsPersistentVolumeSource, 5 nfs NFSVolumeSource, 6 rbd RBDPersistentVolumeSource, 7 iscsi ISCSIPersistentVolumeSource, 8 cinder CinderPersistentVolumeSource, 9 cephfs CephFSPersistentVolumeSource, 10 fc FCVolumeSource, 11 flocker FlockerVolumeSource, 12 flexVolume FlexPersistentVolumeSource, 13 azureFile AzureFilePersistentVolumeSource, 14 vsphereVolume VsphereVirtualDiskVolumeSource, 15 quobyte QuobyteVolumeSource, 16 azureDisk AzureDiskVolumeSource, 17 photonPersistentDisk PhotonPersistentDiskVolumeSource, 18 portworxVolume PortworxVolumeSource, 19 scaleIO ScaleIOPersistentVolumeSource, 20 local LocalVolumeSource, 21 storageos StorageOSPersistentVolumeSource, 22 csi CSIPersistentVolumeSource',
  PersistentVolumeSpec:
    '1 capacity Quantity{}, 2 persistentVolumeSource PersistentVolumeSource*, 3 accessModes string[], 4 claimRef ObjectReference, 5 persistentVolumeReclaimPolicy string, 6 storageClassName string, 7 mountOptions string[], 8 volumeMode string, 9 nodeAffinity VolumeNodeAffinity, 10 volumeAttributesClassName string',
  PersistentVolumeStatus: '1 phase string, 2 message string, 3 reason string, 4 lastPhaseTransitionTime Time',
  PortStatus: '1 port int, 2 protocol string, 3 error string',
  RBDPersistentVolumeSource:
    '1 monitors string[], 2 image string, 3 fsType string, 4 pool string, 5 user string, 6 keyring string, 7 secretRef SecretReference, 8 readOnly bool',
  ReplicationController:
    '1 metadata ObjectMeta, 2 spec ReplicationControllerSpec, 3 status ReplicationControllerStatus',
  ReplicationControllerCondition:
    '1 type string, 2 status string, 3 lastTransitionTime Time, 4 reason string, 5 message string',
  ReplicationControllerSpec:
    '1 replicas int, 4 minReadySeconds int, 2 selector string{}, 3 template PodTemplateSpec',
  ReplicationControllerStatus:
    '1 replicas int, 2 fullyLabeledReplicas int, 4 readyReplicas int, 5 availableReplicas int, 3 observedGeneration int, 6 conditions ReplicationControllerCondition[]',
  ResourceQuota: '1 metadata ObjectMeta, 2 spec ResourceQuotaSpec, 3 status ResourceQuotaStatus',
  ResourceQuotaSpec: '1 hard Quantity{}, 2 scopes string[], 3 scopeSelector ScopeSelector',
  ResourceQuotaStatus: '1 hard Quantity{}, 2 used Quantity{}',
  ScaleIOPersistentVolumeSource:
    '1 gateway string, 2 system string, 3 secretRef SecretReference, 4 sslEnabled bool, 5 protectionDomain string, 6 storagePool string, 7 storageMode string, 8 volumeName string, 9 fsType string, 10 readOnly bool',
  ScopeSelector: '1 matchExpressions ScopedResourceSelectorRequirement[]',
  ScopedResourceSelectorRequirement: '1 scopeName string, 2 operator string, 3 values string[]',
  Secret: '1 metadata ObjectMeta, 5 immutable bool, 2 data bytes{}, 4 stringData string{}, 3 type string',
  SecretReference: '1 name string, 2 namespace string',
  Service: '1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status ServiceStatus',
  ServiceAccount:
    '1 metadata ObjectMeta, 2 secrets ObjectReference[], 3 imagePullSecrets LocalObjectReference[], 4 automountServiceAccountToken bool',
  ServicePort:
    '1 name string, 2 protocol string, 6 appProtocol string, 3 port int, 4 targetPort IntOrString, 5 nodePort int',
  ServiceSpec:
    '1 ports ServicePort[], 2 selector string{}, 3 clusterIP string, 18 clusterIPs string[], 4 type string, 5 externalIPs string[], 7 sessionAffinity string, 8 loadBalancerIP string, 9 loadBalancerSourceRanges string[], 10 externalName string, 11 externalTrafficPolicy string, 12 healthCheckNodePort int, 13 publishNotReadyAddresses bool, 14 sessionAffinityConfig SessionAffinityConfig, 19 ipFamilies string[], 17 ipFamilyPolicy string, 20 allocateLoadBalancerNodePorts bool, 21 loadBalancerClass string, 22 internalTrafficPolicy string, 23 trafficDistribution string',
  ServiceStatus: '1 loadBalancer LoadBalancerStatus, 2 conditions Condition[]',
  SessionAffinityConfig: '1 clientIP ClientIPConfig',
  StorageOSPersistentVolumeSource:
    '1 volumeName string, 2 volumeNamespace string, 3 fsType string, 4 readOnly bool, 5 secretRef ObjectReference',
  Taint: '1 key string, 2 value string, 3 effect string, 4 timeAdded Time',
  TopologySelectorLabelRequirement: '1 key string, 2 values string[]',
  TopologySelectorTerm: '1 matchLabelExpressions TopologySelectorLabelRequirement[]',
  VolumeNodeAffinity: '1 required NodeSelector',
}
