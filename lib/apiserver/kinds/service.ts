/**
 * Services: addresses and ports are allocated by the server, and stay.
 */

import type { Allocations, Json, JsonObject, Problem, ResourceType } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { labelProblems, portNameProblems, portProblems } from '../schema/names.ts'
import { duplicate, invalid, notSupported, required } from '../schema/problem.ts'
import { always, atomic, byDefault, keyed, listOf, struct } from './dsl.ts'
import { defineKind, selectable } from './kind.ts'
import { conditions } from './reference.ts'

const port = struct('ServicePort', {
  name: 'string',
  protocol: byDefault('string', 'TCP'),
  appProtocol: 'string?',
  port: 'int32!',
  targetPort: 'intOrString!',
  nodePort: 'int32',
})

const ingress = struct('LoadBalancerIngress', {
  ip: 'string',
  hostname: 'string',
  ipMode: 'string?',
  ports: listOf(struct('PortStatus', { port: 'int32!', protocol: 'string!', error: 'string?' })),
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
  type: byDefault('string', 'ClusterIP'),
  externalIPs: 'string[]',
  sessionAffinity: byDefault('string', 'None'),
  loadBalancerIP: 'string',
  loadBalancerSourceRanges: 'string[]',
  externalName: 'string',
  externalTrafficPolicy: 'string',
  healthCheckNodePort: 'int32',
  publishNotReadyAddresses: 'bool',
  sessionAffinityConfig: struct('SessionAffinityConfig', {
    clientIP: struct('ClientIPConfig', { timeoutSeconds: 'int32?' }),
  }),
  ipFamilies: 'string[]',
  ipFamilyPolicy: 'string?',
  allocateLoadBalancerNodePorts: 'bool?',
  loadBalancerClass: 'string?',
  internalTrafficPolicy: 'string?',
  trafficDistribution: 'string?',
})

const portsOf = (spec: JsonObject): JsonObject[] => listAt(spec, 'ports').filter(isObject)
const isExternal = (spec: JsonObject): boolean => spec.type === 'ExternalName'
const hasNodePorts = (spec: JsonObject): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer'

/** From outside of the cluster. */
const isReached = (spec: JsonObject): boolean =>
  hasNodePorts(spec) || (spec.type === 'ClusterIP' && listAt(spec, 'externalIPs').length > 0)

/** Three hours: how long a client sticks to its pod (core defaults, DefaultClientIPServiceAffinitySeconds). */
const affinitySeconds = 10800

const setDefaults = (object: JsonObject): void => {
  const spec = objectAt(object, 'spec')
  for (const one of portsOf(spec)) {
    if (one.targetPort === undefined || one.targetPort === 0 || one.targetPort === '')
      one.targetPort = one.port ?? 0
  }
  if (spec.sessionAffinity === 'ClientIP')
    spec.sessionAffinityConfig ??= { clientIP: { timeoutSeconds: affinitySeconds } }
  if (isReached(spec)) spec.externalTrafficPolicy ??= 'Cluster'
  if (!isExternal(spec)) spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type !== 'LoadBalancer') return
  spec.allocateLoadBalancerNodePorts ??= true
  for (const one of listAt(object, 'status', 'loadBalancer', 'ingress').filter(isObject))
    if (stringAt(one, 'ip') !== '') one.ipMode ??= 'VIP'
}

const carried = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']

const prepare = (object: JsonObject, before: JsonObject | undefined, server: Allocations): void => {
  const spec = objectAt(object, 'spec')
  if (isExternal(spec)) return
  const old = objectAt(before, 'spec')
  if (!isExternal(old))
    for (const name of carried) if (old[name] !== undefined) spec[name] ??= structuredClone(old[name])
  allocateAddress(spec, server)
  if (hasNodePorts(spec)) allocateNodePorts(spec, portsOf(old), server)
}

const allocateAddress = (spec: JsonObject, server: Allocations): void => {
  const [first] = listAt(spec, 'clusterIPs')
  const address = spec.clusterIP ?? first ?? server.clusterIP()
  spec.clusterIP = address
  spec.clusterIPs ??= [address]
  // Nothing is known of what a headless Service without a selector will hold.
  const isOpen = address === 'None' && Object.keys(objectAt(spec, 'selector')).length === 0
  spec.ipFamilies ??= isOpen ? ['IPv4', 'IPv6'] : ['IPv4']
  spec.ipFamilyPolicy ??= isOpen ? 'RequireDualStack' : 'SingleStack'
}

const allocateNodePorts = (spec: JsonObject, old: JsonObject[], server: Allocations): void => {
  for (const one of portsOf(spec)) {
    const same = old.find((other) => other.port === one.port && other.protocol === one.protocol)
    one.nodePort ??= same?.nodePort ?? server.nodePort()
  }
}

const validate = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const spec = objectAt(object, 'spec')
  return [
    ...(before ? addressProblems(spec, objectAt(before, 'spec')) : []),
    ...portListProblems(spec),
    ...choiceProblems(spec),
    ...(isExternal(spec) && stringAt(spec, 'externalName') === '' ? [required('spec.externalName')] : []),
  ]
}

const addressProblems = (spec: JsonObject, old: JsonObject): Problem[] => {
  const [first] = listAt(old, 'clusterIPs')
  if (isExternal(spec) || isExternal(old) || first === undefined || first === listAt(spec, 'clusterIPs')[0])
    return []
  return [invalid('spec.clusterIPs[0]', spec.clusterIPs ?? null, 'may not change once set')]
}

const portListProblems = (spec: JsonObject): Problem[] => {
  const ports = portsOf(spec)
  const isHeadless = spec.clusterIP === 'None'
  if (ports.length === 0) return isHeadless || isExternal(spec) ? [] : [required('spec.ports')]
  const names = new Set<Json>()
  return ports.flatMap((one, index) => portProblemsOf(one, `spec.ports[${index}]`, ports.length > 1, names))
}

const protocols = ['SCTP', 'TCP', 'UDP']

const portProblemsOf = (one: JsonObject, field: string, needsName: boolean, names: Set<Json>): Problem[] => {
  const name = stringAt(one, 'name')
  const target = one.targetPort ?? 0
  const problems = name === '' && needsName ? [required(`${field}.name`)] : []
  if (name !== '') {
    problems.push(...labelProblems(name).map((text) => invalid(`${field}.name`, name, text)))
    if (names.has(name)) problems.push(duplicate(`${field}.name`, name))
    names.add(name)
  }
  const number = numberAt(one, 'port') ?? 0
  problems.push(...portProblems(number).map((text) => invalid(`${field}.port`, number, text)))
  if (!protocols.includes(stringAt(one, 'protocol')))
    problems.push(notSupported(`${field}.protocol`, stringAt(one, 'protocol'), protocols))
  const wrong = typeof target === 'number' ? portProblems(target) : portNameProblems(String(target))
  return [...problems, ...wrong.map((text) => invalid(`${field}.targetPort`, target, text))]
}

const choices: Readonly<Record<string, readonly string[]>> = {
  type: ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'],
  sessionAffinity: ['ClientIP', 'None'],
  externalTrafficPolicy: ['Cluster', 'Local'],
  internalTrafficPolicy: ['Cluster', 'Local'],
}

const choiceProblems = (spec: JsonObject): Problem[] =>
  Object.entries(choices).flatMap(([name, supported]) => {
    const value = spec[name]
    return typeof value !== 'string' || supported.includes(value)
      ? []
      : [notSupported(`spec.${name}`, value, supported)]
  })

/** What is ignored or going away (k8s.io/kubernetes/pkg/api/service, GetWarningsForService). */
const warnings = (object: JsonObject, _?: JsonObject, subresource?: string): string[] => {
  if (subresource === 'status') return []
  const spec = objectAt(object, 'spec')
  const isHeadless = spec.type === 'ClusterIP' && spec.clusterIP === 'None'
  const given = (name: string): boolean => stringAt(spec, name) !== ''
  const hasExternal = listAt(spec, 'externalIPs').length > 0
  const hints = 'service.kubernetes.io/topology-aware-hints'
  const all: [boolean, string][] = [
    [
      hints in objectAt(object, 'metadata', 'annotations'),
      `annotation ${hints} is deprecated, please use service.kubernetes.io/topology-mode instead`,
    ],
    [isHeadless && given('loadBalancerIP'), 'spec.loadBalancerIP is ignored for headless services'],
    [isHeadless && hasExternal, 'spec.externalIPs is ignored for headless services'],
    [isHeadless && spec.sessionAffinity !== 'None', 'spec.SessionAffinity is ignored for headless services'],
    [
      hasExternal && !isHeadless && !isExternal(spec),
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    ],
    [isExternal(spec) && hasExternal, 'spec.externalIPs is ignored when spec.type is "ExternalName"'],
    [
      !isExternal(spec) && given('externalName'),
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ],
    [
      spec.trafficDistribution === 'PreferClose',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ],
  ]
  return all.filter(([holds]) => holds).map(([, text]) => text)
}

/** core/v1 Service. */
export const serviceType: ResourceType = defineKind({
  kind: 'Service',
  shortNames: ['svc'],
  categories: ['all'],
  hasStatus: true,
  nameFormat: 'label',
  fields: { spec: always(spec), status: always(struct('ServiceStatus', { loadBalancer, conditions })) },
  selectableFields: selectable('spec.clusterIP', 'spec.type'),
  defaults: setDefaults,
  prepare,
  validate,
  warnings,
})
