/**
 * Services: addresses and ports are allocated by the server, and stay.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { at, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import {
  always,
  atomic,
  byDefault,
  byNamedDefault,
  choice,
  field,
  keyed,
  listOf,
  needed,
  struct,
} from './dsl.ts'
import { defineKind, selectable } from './kind.ts'
import { serviceProxy } from './proxy.ts'
import { conditions, protocol } from './reference.ts'
import { changeProblems, statusProblems } from './servicechanges.ts'
import { hasNodePorts, isReached, portsOf } from './serviceforms.ts'
import { prepareService } from './serviceprepare.ts'
import { serviceProblems } from './servicerules.ts'
import { serviceWarnings } from './servicewarnings.ts'

const port = struct('ServicePort', {
  name: 'string',
  protocol: byNamedDefault(protocol, 'TCP'),
  appProtocol: 'string?',
  port: 'int32!',
  targetPort: needed('intOrString!', false),
  nodePort: 'int32',
})

const ingress = struct('LoadBalancerIngress', {
  ip: 'string',
  hostname: 'string',
  ipMode: 'string?',
  ports: listOf(
    struct('PortStatus', {
      port: 'int32!',
      protocol: { ...protocol, ...field('string!') },
      error: 'string?',
    }),
  ),
})

/** `status.loadBalancer`, of Services. */
const loadBalancer = always(struct('LoadBalancerStatus', { ingress: listOf(ingress) }))

const spec = struct('ServiceSpec', {
  ports: keyed(port, ['port', 'protocol'], 'port'),
  selector: atomic({
    type: 'object',
    additionalProperties: { type: 'string', 'x-go-type': 'string' },
    'x-go-omit': 'zero',
  }),
  clusterIP: 'string',
  clusterIPs: 'string[]',
  type: byDefault(choice('string', 'ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'), 'ClusterIP'),
  externalIPs: 'string[]',
  sessionAffinity: byDefault(choice('string', 'ClientIP', 'None'), 'None'),
  loadBalancerIP: 'string',
  loadBalancerSourceRanges: 'string[]',
  externalName: 'string',
  externalTrafficPolicy: choice('string', 'Cluster', 'Local'),
  healthCheckNodePort: 'int32',
  publishNotReadyAddresses: 'bool',
  sessionAffinityConfig: struct('SessionAffinityConfig', {
    clientIP: struct('ClientIPConfig', { timeoutSeconds: 'int32?' }),
  }),
  ipFamilies: listOf(choice('string', '', 'IPv4', 'IPv6')),
  ipFamilyPolicy: choice('string?', 'PreferDualStack', 'RequireDualStack', 'SingleStack'),
  allocateLoadBalancerNodePorts: 'bool?',
  loadBalancerClass: 'string?',
  internalTrafficPolicy: choice('string?', 'Cluster', 'Local'),
  trafficDistribution: 'string?',
})

/** Three hours: how long a client sticks to its pod (core defaults, DefaultClientIPServiceAffinitySeconds). */
const affinitySeconds = 10800

const setDefaults = (object: JsonObject): void => {
  const spec = objectAt(object, 'spec')
  for (const one of portsOf(spec)) {
    if (one.targetPort === undefined || one.targetPort === 0 || one.targetPort === '')
      one.targetPort = one.port ?? 0
  }
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (
    spec.sessionAffinity === 'ClientIP' &&
    at(spec, 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds') === undefined
  )
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: affinitySeconds } }
  if (isReached(spec)) spec.externalTrafficPolicy ??= 'Cluster'
  if (hasNodePorts(spec) || spec.type === 'ClusterIP') spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type !== 'LoadBalancer') return
  spec.allocateLoadBalancerNodePorts ??= true
  for (const one of listAt(object, 'status', 'loadBalancer', 'ingress').filter(isObject))
    if (stringAt(one, 'ip') !== '') one.ipMode ??= 'VIP'
}

const validate = (object: JsonObject, before: JsonObject | undefined, subresource?: string): Problem[] => {
  if (before && subresource === 'status') return statusProblems(object, before)
  const changed = before ? changeProblems(objectAt(object, 'spec'), objectAt(before, 'spec')) : []
  return [...changed, ...serviceProblems(object, before)]
}

/** core/v1 Service. */
export const serviceType: ResourceType = defineKind({
  kind: 'Service',
  subresources: [serviceProxy],
  returnsDeleted: true,
  shortNames: ['svc'],
  categories: ['all'],
  hasStatus: true,
  nameFormat: 'label',
  fields: { spec: always(spec), status: always(struct('ServiceStatus', { loadBalancer, conditions })) },
  selectableFields: selectable('spec.clusterIP', 'spec.type'),
  defaults: setDefaults,
  prepare: prepareService,
  validate,
  warnings: serviceWarnings,
})
