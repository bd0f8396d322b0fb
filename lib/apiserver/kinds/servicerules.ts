/**
 * What a Service must ask for (k8s.io/kubernetes/pkg/apis/core/validation, ValidateService and its neighbours).
 */

import type { Json, JsonObject, Problem } from '../resource.ts'
import { cidrProblems } from '../schema/cidr.ts'
import { at, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { labelsProblems } from '../schema/metadata.ts'
import {
  labelProblems,
  portNameProblems,
  portProblems,
  qualifiedProblems,
  subdomainProblems,
} from '../schema/names.ts'
import { duplicate, forbidden, invalid, required } from '../schema/problem.ts'
import { each, formed, neededInForm, neededOneOf, noneTwice, oneOf, textAt } from './rules.ts'
import { addressesProblems, externalProblems } from './serviceaddresses.ts'
import { hasNodePorts, isExternal, isHeadless, isReached, needsHealthCheck, textsAt } from './serviceforms.ts'

/** What is wrong with a Service itself; `before` is what an update replaces. */
export const serviceProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const spec = objectAt(object, 'spec')
  const old = before && objectAt(before, 'spec')
  return [
    ...topologyProblems(objectAt(object, 'metadata', 'annotations')),
    ...typeProblems(spec),
    ...portListProblems(spec),
    ...labelsProblems(objectAt(spec, 'selector'), 'spec.selector'),
    ...affinityProblems(spec),
    ...addressesProblems(spec, old),
    ...externalProblems(spec, old),
    ...neededOneOf(stringAt(spec, 'type'), 'spec.type', TYPES),
    ...pairProblems(spec),
    ...sourceProblems(object, before),
    ...balancerProblems(spec),
    ...trafficProblems(spec),
  ]
}

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const ONLY_BALANCED = "may only be used when `type` is 'LoadBalancer'"
const HINTS = 'service.kubernetes.io/topology-aware-hints'
const MODE = 'service.kubernetes.io/topology-mode'

const topologyProblems = ({ [HINTS]: hints, [MODE]: mode }: JsonObject): Problem[] =>
  hints === undefined || mode === undefined || hints === mode
    ? []
    : [
        invalid(
          `metadata.annotations[${MODE}]`,
          mode,
          `must match annotations[${HINTS}] when both are specified`,
        ),
      ]

const typeProblems = (spec: JsonObject): Problem[] => [
  ...(listAt(spec, 'ports').length === 0 && !isHeadless(spec) && !isExternal(spec)
    ? [required('spec.ports')]
    : []),
  ...(hasNodePorts(spec) && isHeadless(spec)
    ? [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${String(spec.type)} services`)]
    : []),
  ...(isExternal(spec) ? nameProblems(spec) : []),
]

const nameProblems = (spec: JsonObject): Problem[] => {
  const hasItems = (name: string): boolean => listAt(spec, name).length > 0
  const given: [string, boolean][] = [
    ['clusterIPs', hasItems('clusterIPs')],
    ['ipFamilies', hasItems('ipFamilies')],
    ['ipFamilyPolicy', spec.ipFamilyPolicy !== undefined],
  ]
  // A trailing dot says that the name is complete.
  const name = stringAt(spec, 'externalName').replace(/\.$/, '')
  return [
    ...given
      .filter(([, isGiven]) => isGiven)
      .map(([field]) => forbidden(`spec.${field}`, 'may not be set for ExternalName services')),
    ...neededInForm(name, 'spec.externalName', subdomainProblems),
  ]
}

const portListProblems = (spec: JsonObject): Problem[] => {
  const ports = listAt(spec, 'ports')
  const twice = noneTwice()
  return each(ports, 'spec.ports', (port, field) => {
    const name = stringAt(port, 'name')
    return [
      ...(name === ''
        ? ports.length > 1
          ? [required(`${field}.name`)]
          : []
        : [...formed(name, `${field}.name`, labelProblems), ...twice(name, `${field}.name`)]),
      ...portNumberProblems(numberAt(port, 'port') ?? 0, `${field}.port`),
      ...neededOneOf(stringAt(port, 'protocol'), `${field}.protocol`, ['SCTP', 'TCP', 'UDP']),
      ...targetProblems(port.targetPort ?? 0, `${field}.targetPort`),
      ...formed(textAt(port, 'appProtocol'), `${field}.appProtocol`, qualifiedProblems),
    ]
  })
}

const portNumberProblems = (port: number, field: string): Problem[] =>
  portProblems(port).map((text) => invalid(field, port, text))

const targetProblems = (target: Json, field: string): Problem[] =>
  typeof target === 'number'
    ? portNumberProblems(target, field)
    : formed(String(target), field, portNameProblems)

/** A day. */
const MOST_SECONDS = 86_400

const affinityProblems = (spec: JsonObject): Problem[] => {
  const affinity = stringAt(spec, 'sessionAffinity')
  const field = 'spec.sessionAffinityConfig'
  return [
    ...neededOneOf(affinity, 'spec.sessionAffinity', ['ClientIP', 'None']),
    ...(affinity === 'ClientIP' ? clientProblems(spec.sessionAffinityConfig, field) : []),
    ...(affinity === 'None' && spec.sessionAffinityConfig !== undefined
      ? [forbidden(field, 'must not be set when session affinity is None')]
      : []),
  ]
}

const clientProblems = (config: Json | undefined, field: string): Problem[] => {
  const path = ['clientIP', 'timeoutSeconds']
  for (let depth = 0; depth <= path.length; depth++) {
    const some = path.slice(0, depth)
    if (at(config, ...some) === undefined)
      return [required([field, ...some].join('.'), 'when session affinity type is ClientIP')]
  }
  const seconds = numberAt(config, ...path) ?? 0
  return seconds > 0 && seconds <= MOST_SECONDS
    ? []
    : [invalid([field, ...path].join('.'), seconds, `must be greater than 0 and less than ${MOST_SECONDS}`)]
}

/** Ports of nodes, and what is there twice by protocol and number. */
const pairProblems = (spec: JsonObject): Problem[] => {
  const ports = listAt(spec, 'ports')
  const nodes = noneTwice()
  const pairs = noneTwice()
  const isNodeless = spec.type === 'ClusterIP'
  const nodePortOf = (port: JsonObject): number => numberAt(port, 'nodePort') ?? 0
  return [
    ...each(ports, 'spec.ports', (port, field) =>
      isNodeless && nodePortOf(port) !== 0
        ? [forbidden(`${field}.nodePort`, "may not be used when `type` is 'ClusterIP'")]
        : [],
    ),
    ...each(ports, 'spec.ports', (port, field) => {
      const number = nodePortOf(port)
      const isTwice = number !== 0 && nodes(`${stringAt(port, 'protocol')}/${number}`, field).length > 0
      return isTwice ? [duplicate(`${field}.nodePort`, number)] : []
    }),
    ...each(ports, 'spec.ports', (port, field) => {
      const protocol = stringAt(port, 'protocol')
      const number = numberAt(port, 'port') ?? 0
      return pairs(`${protocol}/${number}`, field).length > 0 ? [duplicatePair(field, protocol, number)] : []
    }),
  ]
}

/** The key by which the real server compares: a port of which nothing else is filled in. */
const duplicatePair = (field: string, protocol: string, port: number): Problem => ({
  reason: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: {"Name":"","Protocol":${JSON.stringify(protocol)},"AppProtocol":null,"Port":${port},"TargetPort":0,"NodePort":0}`,
})

const RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/** Ranges of clients, in their field or in the annotation that came before it; what stood there already may stay. */
const sourceProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const spec = objectAt(object, 'spec')
  const ranges = textsAt(spec, 'loadBalancerSourceRanges')
  const forbid = (field: string): Problem[] =>
    spec.type === 'LoadBalancer' ? [] : [forbidden(field, ONLY_BALANCED)]
  if (ranges.length > 0) {
    const field = 'spec.LoadBalancerSourceRanges'
    const had = textsAt(objectAt(before, 'spec'), 'loadBalancerSourceRanges').map((range) => range.trim())
    return [
      ...forbid(field),
      ...ranges.flatMap((range, index) =>
        had.includes(range.trim()) ? [] : formed(range.trim(), `${field}[${index}]`, cidrProblems),
      ),
    ]
  }
  const annotation = at(object, 'metadata', 'annotations', RANGES)
  if (typeof annotation !== 'string') return []
  const field = `metadata.annotations[${RANGES}]`
  const isOld = at(before, 'metadata', 'annotations', RANGES) === annotation
  const texts = isOld || annotation.trim() === '' ? [] : annotation.trim().split(',')
  return [...forbid(field), ...texts.flatMap((text) => formed(text.trim(), field, cidrProblems))]
}

const balancerProblems = (spec: JsonObject): Problem[] => {
  const isBalanced = spec.type === 'LoadBalancer'
  const isChosen = spec.allocateLoadBalancerNodePorts !== undefined
  return [
    ...(isChosen && !isBalanced ? [forbidden('spec.allocateLoadBalancerNodePorts', ONLY_BALANCED)] : []),
    ...(!isChosen && isBalanced ? [required('allocateLoadBalancerNodePorts')] : []),
    ...classProblems(spec),
  ]
}

/** The class of load balancers; an update looks at it twice. */
export const classProblems = (spec: JsonObject): Problem[] => {
  const name = textAt(spec, 'loadBalancerClass')
  if (spec.type === 'LoadBalancer') return formed(name, 'spec.loadBalancerClass', qualifiedProblems)
  return name === undefined ? [] : [forbidden('spec.loadBalancerClass', ONLY_BALANCED)]
}

const POLICIES = ['Cluster', 'Local']

const trafficProblems = (spec: JsonObject): Problem[] => {
  const outer = stringAt(spec, 'externalTrafficPolicy')
  const inner = textAt(spec, 'internalTrafficPolicy')
  return [
    ...(isReached(spec) ? neededOneOf(outer, 'spec.externalTrafficPolicy', POLICIES) : unreached(outer)),
    ...healthProblems(spec),
    ...(inner === undefined && (hasNodePorts(spec) || spec.type === 'ClusterIP')
      ? [required('spec.internalTrafficPolicy')]
      : oneOf(inner, 'spec.internalTrafficPolicy', POLICIES)),
    ...oneOf(textAt(spec, 'trafficDistribution'), 'spec.trafficDistribution', [
      'PreferClose',
      'PreferSameZone',
      'PreferSameNode',
    ]),
  ]
}

const unreached = (policy: string): Problem[] =>
  policy === ''
    ? []
    : [invalid('spec.externalTrafficPolicy', policy, 'may only be set for externally-accessible services')]

const healthProblems = (spec: JsonObject): Problem[] => {
  const field = 'spec.healthCheckNodePort'
  const port = numberAt(spec, 'healthCheckNodePort') ?? 0
  if (needsHealthCheck(spec)) return port === 0 ? [required(field)] : portNumberProblems(port, field)
  const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
  return port === 0 ? [] : [invalid(field, port, text)]
}
