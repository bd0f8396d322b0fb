/**
 * The spec of pods and the template that workloads carry, with the defaults that do not depend on other fields.
 */

import type { Schema } from '../resource.ts'
import { metadata } from '../schema/objectmeta.ts'
import { container, ephemeralContainer, podSecurityContext, resources } from './container.ts'
import {
  always,
  atomic,
  byDefault,
  choice,
  keyed,
  listOf,
  ofPackage,
  strategy,
  struct,
  union,
} from './dsl.ts'
import { affinity, labelSelector, localObjectReference } from './reference.ts'
import { volumes } from './volume.ts'

/** What a taint does to pods. */
export const taintEffect = choice('string', 'NoExecute', 'NoSchedule', 'PreferNoSchedule')

/** Which taints a pod bears. */
export const toleration = struct('Toleration', {
  key: 'string',
  operator: choice('string', 'Equal', 'Exists', 'Gt', 'Lt'),
  value: 'string',
  effect: taintEffect,
  tolerationSeconds: 'int64?',
})

const topologySpreadConstraint = struct('TopologySpreadConstraint', {
  maxSkew: 'int32!',
  topologyKey: 'string!',
  whenUnsatisfiable: choice('string!', 'DoNotSchedule', 'ScheduleAnyway'),
  labelSelector,
  minDomains: 'int32?',
  nodeAffinityPolicy: choice('string?', 'Honor', 'Ignore'),
  nodeTaintsPolicy: choice('string?', 'Honor', 'Ignore'),
  matchLabelKeys: 'string[]',
})

const dnsConfig = struct('PodDNSConfig', {
  nameservers: 'string[]',
  searches: 'string[]',
  options: listOf(struct('PodDNSConfigOption', { name: 'string', value: 'string?' })),
})

const resourceClaim = struct('PodResourceClaim', {
  name: 'string!',
  resourceClaimName: 'string?',
  resourceClaimTemplateName: 'string?',
})

const containers = (schema: Schema): Schema => keyed(schema, ['name'])

/** `PodSpec` of core/v1. */
export const podSpec: Schema = struct('PodSpec', {
  volumes,
  initContainers: containers(container),
  containers: { ...containers(container), 'x-go-omit': 'null', 'x-go-zero': null },
  ephemeralContainers: containers(ephemeralContainer),
  restartPolicy: byDefault(choice('string', 'Always', 'Never', 'OnFailure'), 'Always'),
  terminationGracePeriodSeconds: byDefault('int64?', 30),
  activeDeadlineSeconds: 'int64?',
  dnsPolicy: byDefault(
    choice('string', 'ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'),
    'ClusterFirst',
  ),
  nodeSelector: atomic({
    type: 'object',
    additionalProperties: { type: 'string', 'x-go-type': 'string' },
    'x-go-omit': 'zero',
  }),
  serviceAccountName: 'string',
  serviceAccount: 'string',
  automountServiceAccountToken: 'bool?',
  nodeName: 'string',
  hostNetwork: 'bool',
  hostPID: 'bool',
  hostIPC: 'bool',
  shareProcessNamespace: 'bool?',
  securityContext: byDefault(podSecurityContext, {}),
  imagePullSecrets: keyed(localObjectReference, ['name']),
  hostname: 'string',
  subdomain: 'string',
  affinity,
  schedulerName: byDefault('string', 'default-scheduler'),
  tolerations: listOf(toleration),
  hostAliases: keyed(struct('HostAlias', { ip: 'string!', hostnames: 'string[]' }), ['ip']),
  priorityClassName: 'string',
  priority: 'int32?',
  dnsConfig,
  readinessGates: listOf(struct('PodReadinessGate', { conditionType: 'string!' })),
  runtimeClassName: 'string?',
  enableServiceLinks: 'bool?',
  preemptionPolicy: choice('string?', 'Never', 'PreemptLowerPriority'),
  overhead: 'quantity{}',
  topologySpreadConstraints: keyed(topologySpreadConstraint, ['topologyKey', 'whenUnsatisfiable']),
  setHostnameAsFQDN: 'bool?',
  os: struct('PodOS', { name: 'string!' }),
  hostUsers: 'bool?',
  schedulingGates: keyed(struct('PodSchedulingGate', { name: 'string!' }), ['name']),
  resourceClaims: strategy('merge,retainKeys', keyed(resourceClaim, ['name'])),
  resources,
  hostnameOverride: 'string?',
  schedulingGroup: union(struct('PodSchedulingGroup', { podGroupName: 'string?' }), {
    podGroupName: 'PodGroupName',
  }),
})

/** `template` of a workload. */
export const podTemplate: Schema = always(
  ofPackage('core.v1', struct('PodTemplateSpec', { metadata, spec: always(podSpec) })),
)
