/** The messages of networking, discovery, events, coordination, storage and flowcontrol. */
export const clusterMessages: Readonly<Record<string, string>> = {
  CSIDriver: '1 metadata ObjectMeta, 2 spec CSIDriverSpec',
  CSIDriverSpec:
    '1 attachRequired bool, 2 podInfoOnMount bool, 3 volumeLifecycleModes string[], 4 storageCapacity bool, 5 fsGroupPolicy string, 6 tokenRequests StorageTokenRequest[], 7 requiresRepublish bool, 8 seLinuxMount bool, 9 nodeAllocatableUpdatePeriodSeconds int, 10 serviceAccountTokenInSecrets bool, 11 preventPodSchedulingIfMissing bool',
  CSINode: '1 metadata ObjectMeta, 2 spec CSINodeSpec',
  CSINodeDriver: '1 name string, 2 nodeID string, 3 topologyKeys string[], 4 allocatable VolumeNodeResources',
  CSINodeSpec: '1 drivers CSINodeDriver[]',
  CSIStorageCapacity:
    '1 metadata ObjectMeta, 2 nodeTopology LabelSelector, 3 storageClassName string, 4 capacity Quantity, 5 maximumVolumeSize Quantity',
  DiscoveryEndpointPort: '1 name string, 2 protocol string, 3 port int, 4 appProtocol string',
  Endpoint:
    '1 addresses string[], 2 conditions EndpointConditions, 3 hostname string, 4 targetRef ObjectReference, 5 deprecatedTopology string{}, 6 nodeName string, 7 zone string, 8 hints EndpointHints',
  EndpointConditions: '1 ready bool, 2 serving bool, 3 terminating bool',
  EndpointHints: '1 forZones ForZone[], 2 forNodes ForNode[]',
  EndpointSlice:
    '1 metadata ObjectMeta, 4 addressType string, 2 endpoints Endpoint[], 3 ports DiscoveryEndpointPort[]',
  EventsEvent:
    '1 metadata ObjectMeta, 2 eventTime MicroTime, 3 series EventsEventSeries, 4 reportingController string, 5 reportingInstance string, 6 action string, 7 reason string, 8 regarding ObjectReference, 9 related ObjectReference, 10 note string, 11 type string, 12 deprecatedSource EventSource, 13 deprecatedFirstTimestamp Time, 14 deprecatedLastTimestamp Time, 15 deprecatedCount int',
  EventsEventSeries: '1 count int, 2 lastObservedTime MicroTime',
  ExemptPriorityLevelConfiguration: '1 nominalConcurrencyShares int, 2 lendablePercent int',
  FlowDistinguisherMethod: '1 type string',
  FlowSchema: '1 metadata ObjectMeta, 2 spec FlowSchemaSpec, 3 status FlowSchemaStatus',
  FlowSchemaCondition:
    '1 type string, 2 status string, 3 lastTransitionTime Time, 4 reason string, 5 message string',
  FlowSchemaSpec:
    '1 priorityLevelConfiguration PriorityLevelConfigurationReference, 2 matchingPrecedence int, 3 distinguisherMethod FlowDistinguisherMethod, 4 rules PolicyRulesWithSubjects[]',
  FlowSchemaStatus: '1 conditions FlowSchemaCondition[]',
  FlowcontrolSubject:
    '1 kind string, 2 user UserSubject, 3 group GroupSubject, 4 serviceAccount ServiceAccountSubject',
  ForNode: '1 name string',
  ForZone: '1 name string',
  GroupSubject: '1 name string',
  HTTPIngressPath: '1 path string, 3 pathType string, 2 backend IngressBackend',
  HTTPIngressRuleValue: '1 paths HTTPIngressPath[]',
  IPAddress: '1 metadata ObjectMeta, 2 spec IPAddressSpec',
  IPAddressSpec: '1 parentRef ParentReference',
  IPBlock: '1 cidr string, 2 except string[]',
  Ingress: '1 metadata ObjectMeta, 2 spec IngressSpec, 3 status IngressStatus',
  IngressBackend: '4 service IngressServiceBackend, 3 resource TypedLocalObjectReference',
  IngressClass: '1 metadata ObjectMeta, 2 spec IngressClassSpec',
  IngressClassParametersReference:
    '1 apiGroup string, 2 kind string, 3 name string, 4 scope string, 5 namespace string',
  IngressClassSpec: '1 controller string, 2 parameters IngressClassParametersReference',
  IngressLoadBalancerIngress: '1 ip string, 2 hostname string, 4 ports IngressPortStatus[]',
  IngressLoadBalancerStatus: '1 ingress IngressLoadBalancerIngress[]',
  IngressPortStatus: '1 port int, 2 protocol string, 3 error string',
  IngressRule: '1 host string, 2 ingressRuleValue IngressRuleValue*',
  IngressRuleValue: '1 http HTTPIngressRuleValue',
  IngressServiceBackend: '1 name string, 2 port ServiceBackendPort',
  IngressSpec:
    '4 ingressClassName string, 1 defaultBackend IngressBackend, 2 tls IngressTLS[], 3 rules IngressRule[]',
  IngressStatus: '1 loadBalancer IngressLoadBalancerStatus',
  IngressTLS: '1 hosts string[], 2 secretName string',
  Lease: '1 metadata ObjectMeta, 2 spec LeaseSpec',
  LeaseSpec:
    '1 holderIdentity string, 2 leaseDurationSeconds int, 3 acquireTime MicroTime, 4 renewTime MicroTime, 5 leaseTransitions int, 6 strategy string, 7 preferredHolder string',
  LimitResponse: '1 type string, 2 queuing QueuingConfiguration',
  LimitedPriorityLevelConfiguration:
    '1 nominalConcurrencyShares int, 2 limitResponse LimitResponse, 3 lendablePercent int, 4 borrowingLimitPercent int',
  NetworkPolicy: '1 metadata ObjectMeta, 2 spec NetworkPolicySpec',
  NetworkPolicyEgressRule: '1 ports NetworkPolicyPort[], 2 to NetworkPolicyPeer[]',
  NetworkPolicyIngressRule: '1 ports NetworkPolicyPort[], 2 from NetworkPolicyPeer[]',
  NetworkPolicyPeer: '1 podSelector LabelSelector, 2 namespaceSelector LabelSelector, 3 ipBlock IPBlock',
  NetworkPolicyPort: '1 protocol string, 2 port IntOrString, 3 endPort int',
  NetworkPolicySpec:
    '1 podSelector LabelSelector, 2 ingress NetworkPolicyIngressRule[], 3 egress NetworkPolicyEgressRule[], 4 policyTypes string[]',
  NonResourcePolicyRule: '1 verbs string[], 6 nonResourceURLs string[]',
  ParentReference: '1 group string, 2 resource string, 3 namespace string, 4 name string',
  PolicyRulesWithSubjects:
    '1 subjects FlowcontrolSubject[], 2 resourceRules ResourcePolicyRule[], 3 nonResourceRules NonResourcePolicyRule[]',
  PriorityLevelConfiguration:
    '1 metadata ObjectMeta, 2 spec PriorityLevelConfigurationSpec, 3 status PriorityLevelConfigurationStatus',
  PriorityLevelConfigurationCondition:
    '1 type string, 2 status string, 3 lastTransitionTime Time, 4 reason string, 5 message string',
  PriorityLevelConfigurationReference: '1 name string',
  PriorityLevelConfigurationSpec:
    '1 type string, 2 limited LimitedPriorityLevelConfiguration, 3 exempt ExemptPriorityLevelConfiguration',
  PriorityLevelConfigurationStatus: '1 conditions PriorityLevelConfigurationCondition[]',
  QueuingConfiguration: '1 queues int, 2 handSize int, 3 queueLengthLimit int',
  ResourcePolicyRule:
    '1 verbs string[], 2 apiGroups string[], 3 resources string[], 4 clusterScope bool, 5 namespaces string[]',
  ServiceAccountSubject: '1 namespace string, 2 name string',
  ServiceBackendPort: '1 name string, 2 number int',
  ServiceCIDR: '1 metadata ObjectMeta, 2 spec ServiceCIDRSpec, 3 status ServiceCIDRStatus',
  ServiceCIDRSpec: '1 cidrs string[]',
  ServiceCIDRStatus: '1 conditions Condition[]',
  StorageClass:
    '1 metadata ObjectMeta, 2 provisioner string, 3 parameters string{}, 4 reclaimPolicy string, 5 mountOptions string[], 6 allowVolumeExpansion bool, 7 volumeBindingMode string, 8 allowedTopologies TopologySelectorTerm[]',
  StorageTokenRequest: '1 audience string, 2 expirationSeconds int',
  UserSubject: '1 name string',
  VolumeAttachment: '1 metadata ObjectMeta, 2 spec VolumeAttachmentSpec, 3 status VolumeAttachmentStatus',
  VolumeAttachmentSource: '1 persistentVolumeName string, 2 inlineVolumeSpec PersistentVolumeSpec',
  VolumeAttachmentSpec: '1 attacher string, 2 source VolumeAttachmentSource, 3 nodeName string',
  VolumeAttachmentStatus:
    '1 attached bool, 2 attachmentMetadata string{}, 3 attachError VolumeError, 4 detachError VolumeError',
  VolumeAttributesClass: '1 metadata ObjectMeta, 2 driverName string, 3 parameters string{}',
  VolumeError: '1 time Time, 2 message string, 3 errorCode int',
  VolumeNodeResources: '1 count int',
}
