/**
 * The Go structs of workloads as the real server holds them, for texts that print them.
 */

/** Fields in order, in the notation of `go.ts`. */
export const workloadStructs: Readonly<Record<string, string>> = {
  DeploymentStrategy: 'Type RollingUpdate?:RollingUpdateDeployment',
  RollingUpdateDeployment: 'MaxUnavailable# MaxSurge#',
  DaemonSetUpdateStrategy: 'Type RollingUpdate?:RollingUpdateDaemonSet',
  RollingUpdateDaemonSet: 'MaxUnavailable# MaxSurge#',
  StatefulSetUpdateStrategy: 'Type RollingUpdate?:RollingUpdateStatefulSetStrategy',
  RollingUpdateStatefulSetStrategy: 'Partition# MaxUnavailable?',
  PodTemplateSpec: '+ObjectMeta Spec:PodSpec',
  PodFailurePolicy: 'Rules[]:PodFailurePolicyRule',
  PodFailurePolicyRule: `
    Action OnExitCodes?:PodFailurePolicyOnExitCodesRequirement
    OnPodConditions[]:PodFailurePolicyOnPodConditionsPattern`,
  PodFailurePolicyOnExitCodesRequirement: 'ContainerName? Operator Values[]',
  PodFailurePolicyOnPodConditionsPattern: 'Type Status',
  SuccessPolicy: 'Rules[]:SuccessPolicyRule',
  SuccessPolicyRule: 'SucceededIndexes? SucceededCount?',
  UncountedTerminatedPods: 'Succeeded[] Failed[]',
  PodIP: 'IP=ip',
  HostIP: 'IP=ip',
  ScopeSelector: 'MatchExpressions[]:ScopedResourceSelectorRequirement',
  ScopedResourceSelectorRequirement: 'ScopeName Operator Values[]',
}
