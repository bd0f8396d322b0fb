/** The names of Go types that decoding errors have where the notation of kinds does not say them: texts with a type of their own. */
import type { Schema } from '../resource.ts'

/** By struct and field: the type of a text, or of the texts in a list or a map. Without a dot it is one of `v1`. */
const TEXTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AppArmorProfile: { type: 'AppArmorProfileType' },
  AttachedVolume: { name: 'UniqueVolumeName' },
  AzureDiskVolumeSource: { cachingMode: 'AzureDataDiskCachingMode', kind: 'AzureDataDiskKind' },
  Capabilities: { add: 'Capability', drop: 'Capability' },
  Condition: { status: 'ConditionStatus' },
  Container: {
    restartPolicy: 'ContainerRestartPolicy',
    terminationMessagePolicy: 'TerminationMessagePolicy',
    imagePullPolicy: 'PullPolicy',
  },
  ContainerPort: { protocol: 'Protocol' },
  ContainerResizePolicy: { resourceName: 'ResourceName', restartPolicy: 'ResourceResizeRestartPolicy' },
  ContainerRestartRule: { action: 'ContainerRestartRuleAction' },
  ContainerRestartRuleOnExitCodes: { operator: 'ContainerRestartRuleOnExitCodesOperator' },
  ContainerStatus: { stopSignal: 'Signal' },
  CronJobSpec: { concurrencyPolicy: 'ConcurrencyPolicy' },
  CustomResourceConversion: { strategy: 'ConversionStrategyType' },
  CustomResourceDefinitionCondition: {
    type: 'CustomResourceDefinitionConditionType',
    status: 'ConditionStatus',
  },
  CustomResourceDefinitionSpec: { scope: 'ResourceScope' },
  DaemonSetCondition: { type: 'DaemonSetConditionType', status: 'ConditionStatus' },
  DaemonSetUpdateStrategy: { type: 'DaemonSetUpdateStrategyType' },
  DeploymentCondition: { type: 'DeploymentConditionType', status: 'ConditionStatus' },
  DeploymentStrategy: { type: 'DeploymentStrategyType' },
  EmptyDirVolumeSource: { medium: 'StorageMedium' },
  EndpointPort: { protocol: 'Protocol' },
  EndpointSlice: { addressType: 'AddressType' },
  HTTPGetAction: { scheme: 'URIScheme' },
  HTTPIngressPath: { pathType: 'PathType' },
  HostPathVolumeSource: { type: 'HostPathType' },
  ImageVolumeSource: { pullPolicy: 'PullPolicy' },
  IngressPortStatus: { protocol: 'Protocol' },
  JobCondition: { type: 'JobConditionType', status: 'ConditionStatus' },
  JobSpec: { completionMode: 'CompletionMode', podReplacementPolicy: 'PodReplacementPolicy' },
  LabelSelectorRequirement: { operator: 'LabelSelectorOperator' },
  LeaseSpec: { strategy: 'CoordinatedLeaseStrategy' },
  Lifecycle: { stopSignal: 'Signal' },
  LimitRangeItem: { type: 'LimitType' },
  LoadBalancerIngress: { ipMode: 'LoadBalancerIPMode' },
  ManagedFieldsEntry: { operation: 'ManagedFieldsOperationType' },
  ModifyVolumeStatus: { status: 'PersistentVolumeClaimModifyVolumeStatus' },
  MutatingWebhook: {
    failurePolicy: 'FailurePolicyType',
    matchPolicy: 'MatchPolicyType',
    sideEffects: 'SideEffectClass',
    reinvocationPolicy: 'ReinvocationPolicyType',
  },
  NamespaceCondition: { type: 'NamespaceConditionType', status: 'ConditionStatus' },
  NamespaceSpec: { finalizers: 'FinalizerName' },
  NamespaceStatus: { phase: 'NamespacePhase' },
  NetworkPolicyPort: { protocol: 'Protocol' },
  NetworkPolicySpec: { policyTypes: 'PolicyType' },
  NodeAddress: { type: 'NodeAddressType' },
  NodeCondition: { type: 'NodeConditionType', status: 'ConditionStatus' },
  NodeSelectorRequirement: { operator: 'NodeSelectorOperator' },
  NodeStatus: { phase: 'NodePhase', volumesInUse: 'UniqueVolumeName' },
  ObjectMeta: { uid: 'types.UID' },
  ObjectReference: { uid: 'types.UID' },
  OwnerReference: { uid: 'types.UID' },
  PersistentVolumeClaimCondition: { type: 'PersistentVolumeClaimConditionType', status: 'ConditionStatus' },
  PersistentVolumeClaimSpec: {
    accessModes: 'PersistentVolumeAccessMode',
    volumeMode: 'PersistentVolumeMode',
  },
  PersistentVolumeClaimStatus: {
    phase: 'PersistentVolumeClaimPhase',
    accessModes: 'PersistentVolumeAccessMode',
    allocatedResourceStatuses: 'ClaimResourceStatus',
  },
  PersistentVolumeSpec: {
    accessModes: 'PersistentVolumeAccessMode',
    persistentVolumeReclaimPolicy: 'PersistentVolumeReclaimPolicy',
    volumeMode: 'PersistentVolumeMode',
  },
  PersistentVolumeStatus: { phase: 'PersistentVolumePhase' },
  PodCondition: { type: 'PodConditionType', status: 'ConditionStatus' },
  PodFailurePolicyOnExitCodesRequirement: { operator: 'PodFailurePolicyOnExitCodesOperator' },
  PodFailurePolicyOnPodConditionsPattern: { type: 'PodConditionType', status: 'ConditionStatus' },
  PodFailurePolicyRule: { action: 'PodFailurePolicyAction' },
  PodOS: { name: 'OSName' },
  PodReadinessGate: { conditionType: 'PodConditionType' },
  PodSecurityContext: {
    supplementalGroupsPolicy: 'SupplementalGroupsPolicy',
    fsGroupChangePolicy: 'PodFSGroupChangePolicy',
    seLinuxChangePolicy: 'PodSELinuxChangePolicy',
  },
  PodSpec: { restartPolicy: 'RestartPolicy', dnsPolicy: 'DNSPolicy', preemptionPolicy: 'PreemptionPolicy' },
  PodStatus: { phase: 'PodPhase', qosClass: 'PodQOSClass', resize: 'PodResizeStatus' },
  PortStatus: { protocol: 'Protocol' },
  PriorityClass: { preemptionPolicy: 'PreemptionPolicy' },
  ReplicaSetCondition: { type: 'ReplicaSetConditionType', status: 'ConditionStatus' },
  ReplicationControllerCondition: { type: 'ReplicationControllerConditionType', status: 'ConditionStatus' },
  ResourceHealth: { resourceID: 'ResourceID', health: 'ResourceHealthStatus' },
  ResourceQuotaSpec: { scopes: 'ResourceQuotaScope' },
  ResourceStatus: { name: 'ResourceName' },
  RuleWithOperations: { operations: 'OperationType' },
  ScopedResourceSelectorRequirement: { scopeName: 'ResourceQuotaScope', operator: 'ScopeSelectorOperator' },
  SeccompProfile: { type: 'SeccompProfileType' },
  Secret: { type: 'SecretType' },
  SecurityContext: { procMount: 'ProcMountType' },
  ServicePort: { protocol: 'Protocol' },
  ServiceSpec: {
    type: 'ServiceType',
    sessionAffinity: 'ServiceAffinity',
    externalTrafficPolicy: 'ServiceExternalTrafficPolicy',
    ipFamilies: 'IPFamily',
    ipFamilyPolicy: 'IPFamilyPolicy',
    internalTrafficPolicy: 'ServiceInternalTrafficPolicy',
  },
  StatefulSetCondition: { type: 'StatefulSetConditionType', status: 'ConditionStatus' },
  StatefulSetPersistentVolumeClaimRetentionPolicy: {
    whenDeleted: 'PersistentVolumeClaimRetentionPolicyType',
    whenScaled: 'PersistentVolumeClaimRetentionPolicyType',
  },
  StatefulSetSpec: { podManagementPolicy: 'PodManagementPolicyType' },
  StatefulSetUpdateStrategy: { type: 'StatefulSetUpdateStrategyType' },
  Taint: { effect: 'TaintEffect' },
  Toleration: { operator: 'TolerationOperator', effect: 'TaintEffect' },
  TopologySpreadConstraint: {
    whenUnsatisfiable: 'UnsatisfiableConstraintAction',
    nodeAffinityPolicy: 'NodeInclusionPolicy',
    nodeTaintsPolicy: 'NodeInclusionPolicy',
  },
  UncountedTerminatedPods: { succeeded: 'types.UID', failed: 'types.UID' },
  ValidatingWebhook: {
    failurePolicy: 'FailurePolicyType',
    matchPolicy: 'MatchPolicyType',
    sideEffects: 'SideEffectClass',
  },
  VolumeMount: { recursiveReadOnly: 'RecursiveReadOnlyMode', mountPropagation: 'MountPropagationMode' },
  VolumeMountStatus: { recursiveReadOnly: 'RecursiveReadOnlyMode' },
}

/** The schema of a struct's field, with the name that Go has for its type. */
export function goNamed(struct: string, field: string, schema: Schema): Schema {
  const text = TEXTS[struct]?.[field]
  return text === undefined ? schema : withTextType(schema, text.includes('.') ? text : `v1.${text}`)
}

function withTextType(schema: Schema, name: string): Schema {
  if (schema.items !== undefined) return { ...schema, items: withTextType(schema.items, name) }
  if (typeof schema.additionalProperties === 'object')
    return { ...schema, additionalProperties: withTextType(schema.additionalProperties, name) }
  return schema.type === 'string' ? { ...schema, 'x-go-type': name } : schema
}
