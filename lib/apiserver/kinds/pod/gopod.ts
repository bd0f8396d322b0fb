/**
 * The Go structs of pod specs and containers as the real server holds them, for texts that print them.
 */

/** Fields in order, in the notation of `go.ts`. */
export const podStructs: Readonly<Record<string, string>> = {
  PodSpec: `
    Volumes[]:Volume InitContainers[]:Container Containers[]:Container
    EphemeralContainers[]:EphemeralContainer RestartPolicy TerminationGracePeriodSeconds?
    ActiveDeadlineSeconds? DNSPolicy=dnsPolicy NodeSelector{} ServiceAccountName
    AutomountServiceAccountToken? NodeName SecurityContext?:PodSecurityContext
    ImagePullSecrets[]:LocalObjectReference Hostname Subdomain SetHostnameAsFQDN? Affinity?:Affinity
    SchedulerName Tolerations[]:Toleration HostAliases[]:HostAlias PriorityClassName Priority?
    PreemptionPolicy? DNSConfig=dnsConfig?:PodDNSConfig ReadinessGates[]:PodReadinessGate
    RuntimeClassName? Overhead{} EnableServiceLinks?
    TopologySpreadConstraints[]:TopologySpreadConstraint OS=os?:PodOS
    SchedulingGates[]:PodSchedulingGate ResourceClaims[]:PodResourceClaim
    Resources?:ResourceRequirements HostnameOverride? SchedulingGroup?:PodSchedulingGroup`,
  LocalObjectReference: 'Name',
  ObjectFieldSelector: 'APIVersion=apiVersion FieldPath',
  ResourceFieldSelector: 'ContainerName Resource Divisor~',
  Container: `
    Name Image Command[] Args[] WorkingDir Ports[]:ContainerPort EnvFrom[]:EnvFromSource Env[]:EnvVar
    Resources:ResourceRequirements ResizePolicy[]:ContainerResizePolicy RestartPolicy?
    RestartPolicyRules[]:ContainerRestartRule VolumeMounts[]:VolumeMount VolumeDevices[]:VolumeDevice
    LivenessProbe?:Probe ReadinessProbe?:Probe StartupProbe?:Probe Lifecycle?:Lifecycle
    TerminationMessagePath TerminationMessagePolicy ImagePullPolicy SecurityContext?:SecurityContext
    Stdin! StdinOnce! TTY=tty!`,
  ContainerPort: 'Name HostPort# ContainerPort# Protocol HostIP',
  EnvFromSource: 'Prefix ConfigMapRef?:ConfigMapEnvSource SecretRef?:SecretEnvSource',
  ConfigMapEnvSource: '+LocalObjectReference Optional?',
  SecretEnvSource: '+LocalObjectReference Optional?',
  EnvVar: 'Name Value ValueFrom?:EnvVarSource',
  EnvVarSource: `
    FieldRef?:ObjectFieldSelector ResourceFieldRef?:ResourceFieldSelector
    ConfigMapKeyRef?:ConfigMapKeySelector SecretKeyRef?:SecretKeySelector FileKeyRef?:FileKeySelector`,
  ConfigMapKeySelector: '+LocalObjectReference Key Optional?',
  SecretKeySelector: '+LocalObjectReference Key Optional?',
  FileKeySelector: 'VolumeName Path Key Optional?',
  ResourceRequirements: 'Limits{} Requests{} Claims[]:ResourceClaim',
  ResourceClaim: 'Name Request',
  ContainerResizePolicy: 'ResourceName RestartPolicy',
  ContainerRestartRule: 'Action ExitCodes?:ContainerRestartRuleOnExitCodes',
  ContainerRestartRuleOnExitCodes: 'Operator Values[]',
  VolumeMount: 'Name ReadOnly! RecursiveReadOnly? MountPath SubPath MountPropagation? SubPathExpr',
  VolumeDevice: 'Name DevicePath',
  Probe: `
    +ProbeHandler InitialDelaySeconds# TimeoutSeconds# PeriodSeconds# SuccessThreshold#
    FailureThreshold# TerminationGracePeriodSeconds?`,
  ProbeHandler: `
    Exec?:ExecAction HTTPGet=httpGet?:HTTPGetAction TCPSocket=tcpSocket?:TCPSocketAction
    GRPC=grpc?:GRPCAction`,
  ExecAction: 'Command[]',
  HTTPGetAction: 'Path Port# Host Scheme HTTPHeaders=httpHeaders[]:HTTPHeader',
  HTTPHeader: 'Name Value',
  TCPSocketAction: 'Port# Host',
  GRPCAction: 'Port# Service?',
  Lifecycle: 'PostStart?:LifecycleHandler PreStop?:LifecycleHandler StopSignal?',
  LifecycleHandler: `
    Exec?:ExecAction HTTPGet=httpGet?:HTTPGetAction TCPSocket=tcpSocket?:TCPSocketAction
    Sleep?:SleepAction`,
  SleepAction: 'Seconds#',
  SecurityContext: `
    Capabilities?:Capabilities Privileged? SELinuxOptions=seLinuxOptions?:SELinuxOptions
    WindowsOptions?:WindowsSecurityContextOptions RunAsUser? RunAsGroup? RunAsNonRoot?
    ReadOnlyRootFilesystem? AllowPrivilegeEscalation? ProcMount? SeccompProfile?:SeccompProfile
    AppArmorProfile?:AppArmorProfile`,
  Capabilities: 'Add[] Drop[]',
  SELinuxOptions: 'User Role Type Level',
  WindowsSecurityContextOptions: `
    GMSACredentialSpecName=gmsaCredentialSpecName? GMSACredentialSpec=gmsaCredentialSpec? RunAsUserName?
    HostProcess?`,
  SeccompProfile: 'Type LocalhostProfile?',
  AppArmorProfile: 'Type LocalhostProfile?',
  EphemeralContainer: '+EphemeralContainerCommon TargetContainerName',
  EphemeralContainerCommon: `
    Name Image Command[] Args[] WorkingDir Ports[]:ContainerPort EnvFrom[]:EnvFromSource Env[]:EnvVar
    Resources:ResourceRequirements ResizePolicy[]:ContainerResizePolicy RestartPolicy?
    RestartPolicyRules[]:ContainerRestartRule VolumeMounts[]:VolumeMount VolumeDevices[]:VolumeDevice
    LivenessProbe?:Probe ReadinessProbe?:Probe StartupProbe?:Probe Lifecycle?:Lifecycle
    TerminationMessagePath TerminationMessagePolicy ImagePullPolicy SecurityContext?:SecurityContext
    Stdin! StdinOnce! TTY=tty!`,
  PodSecurityContext: `
    HostNetwork! HostPID! HostIPC! ShareProcessNamespace? HostUsers?
    SELinuxOptions=seLinuxOptions?:SELinuxOptions WindowsOptions?:WindowsSecurityContextOptions
    RunAsUser? RunAsGroup? RunAsNonRoot? SupplementalGroups[] SupplementalGroupsPolicy? FSGroup=fsGroup?
    FSGroupChangePolicy=fsGroupChangePolicy? Sysctls[]:Sysctl SeccompProfile?:SeccompProfile
    AppArmorProfile?:AppArmorProfile SELinuxChangePolicy=seLinuxChangePolicy?`,
  Sysctl: 'Name Value',
  Affinity: 'NodeAffinity?:NodeAffinity PodAffinity?:PodAffinity PodAntiAffinity?:PodAntiAffinity',
  NodeAffinity: `
    RequiredDuringSchedulingIgnoredDuringExecution?:NodeSelector
    PreferredDuringSchedulingIgnoredDuringExecution[]:PreferredSchedulingTerm`,
  NodeSelector: 'NodeSelectorTerms[]:NodeSelectorTerm',
  NodeSelectorTerm: 'MatchExpressions[]:NodeSelectorRequirement MatchFields[]:NodeSelectorRequirement',
  NodeSelectorRequirement: 'Key Operator Values[]',
  PreferredSchedulingTerm: 'Weight# Preference:NodeSelectorTerm',
  PodAffinity: `
    RequiredDuringSchedulingIgnoredDuringExecution[]:PodAffinityTerm
    PreferredDuringSchedulingIgnoredDuringExecution[]:WeightedPodAffinityTerm`,
  PodAffinityTerm: `
    LabelSelector?:LabelSelector Namespaces[] TopologyKey NamespaceSelector?:LabelSelector
    MatchLabelKeys[] MismatchLabelKeys[]`,
  WeightedPodAffinityTerm: 'Weight# PodAffinityTerm:PodAffinityTerm',
  PodAntiAffinity: `
    RequiredDuringSchedulingIgnoredDuringExecution[]:PodAffinityTerm
    PreferredDuringSchedulingIgnoredDuringExecution[]:WeightedPodAffinityTerm`,
  Toleration: 'Key Operator Value Effect TolerationSeconds?',
  HostAlias: 'IP=ip Hostnames[]',
  PodDNSConfig: 'Nameservers[] Searches[] Options[]:PodDNSConfigOption',
  PodDNSConfigOption: 'Name Value?',
  PodReadinessGate: 'ConditionType',
  TopologySpreadConstraint: `
    MaxSkew# TopologyKey WhenUnsatisfiable LabelSelector?:LabelSelector MinDomains? NodeAffinityPolicy?
    NodeTaintsPolicy? MatchLabelKeys[]`,
  PodOS: 'Name',
  PodSchedulingGate: 'Name',
  PodResourceClaim: 'Name ResourceClaimName? ResourceClaimTemplateName?',
  PodSchedulingGroup: 'PodGroupName?',
}
