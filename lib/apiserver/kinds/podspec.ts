/**
 * The spec of pods and the template that workloads carry, with the defaults that do not depend on other fields.
 */

import type { Schema } from '../resource.ts'
import { metadata } from '../schema/objectmeta.ts'
import { container, ephemeralContainer, podSecurityContext, resources } from './container.ts'
import { always, atomic, byDefault, keyed, listOf, strategy, struct } from './dsl.ts'
import { affinity, labelSelector, localObjectReference } from './reference.ts'
import { volumes } from './volume.ts'

const toleration = struct('Toleration', {
  key: 'string',
  operator: 'string',
  value: 'string',
  effect: 'string',
  tolerationSeconds: 'int64?',
})

const topologySpreadConstraint = struct('TopologySpreadConstraint', {
  maxSkew: 'int32!',
  topologyKey: 'string!',
  whenUnsatisfiable: 'string!',
  labelSelector,
  minDomains: 'int32?',
  nodeAffinityPolicy: 'string?',
  nodeTaintsPolicy: 'string?',
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
  restartPolicy: byDefault('string', 'Always'),
  terminationGracePeriodSeconds: byDefault('int64?', 30),
  activeDeadlineSeconds: 'int64?',
  dnsPolicy: byDefault('string', 'ClusterFirst'),
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
  preemptionPolicy: 'string?',
  overhead: 'quantity{}',
  topologySpreadConstraints: keyed(topologySpreadConstraint, ['topologyKey', 'whenUnsatisfiable']),
  setHostnameAsFQDN: 'bool?',
  os: struct('PodOS', { name: 'string!' }),
  hostUsers: 'bool?',
  schedulingGates: keyed(struct('PodSchedulingGate', { name: 'string!' }), ['name']),
  resourceClaims: strategy('merge,retainKeys', keyed(resourceClaim, ['name'])),
  resources,
  hostnameOverride: 'string?',
  schedulingGroup: struct('PodSchedulingGroup', { podGroupName: 'string?' }),
})

/** `template` of a workload. */
export const podTemplate: Schema = always(struct('PodTemplateSpec', { metadata, spec: always(podSpec) }))
