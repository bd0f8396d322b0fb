/**
 * What is ignored in a Service, going away or oddly written (k8s.io/kubernetes/pkg/api/service, GetWarningsForService).
 */

import type { JsonObject } from '../resource.ts'
import { addressWarnings, cidrWarnings } from '../schema/cidr.ts'
import { listAt, objectAt, stringAt } from '../schema/equal.ts'
import { isExternal, NONE, textsAt } from './serviceforms.ts'

/** The texts of warnings; a status has some of its own. */
export const serviceWarnings = (object: JsonObject, _?: JsonObject, subresource?: string): string[] => {
  if (subresource === 'status') return statusWarnings(object)
  const spec = objectAt(object, 'spec')
  const isHeadless = spec.type === 'ClusterIP' && spec.clusterIP === NONE
  const of = (name: string, warnings: (text: string, field: string) => string[]): string[] =>
    textsAt(spec, name).flatMap((text, index) => warnings(text, `spec.${name}[${index}]`))
  return [
    ...annotationWarnings(objectAt(object, 'metadata', 'annotations')),
    ...(isExternal(spec) || isHeadless ? [] : of('clusterIPs', addressWarnings)),
    ...(isHeadless ? headlessWarnings(spec) : []),
    ...of('externalIPs', addressWarnings),
    ...(isHeadless || isExternal(spec) || listAt(spec, 'externalIPs').length === 0
      ? []
      : ['spec.externalIPs is deprecated and may no longer be implemented in some clusters']),
    ...addressWarnings(stringAt(spec, 'loadBalancerIP'), 'spec.loadBalancerIP'),
    ...of('loadBalancerSourceRanges', cidrWarnings),
    ...otherWarnings(spec),
  ]
}

const HINTS = 'service.kubernetes.io/topology-aware-hints'

const annotationWarnings = (annotations: JsonObject): string[] =>
  HINTS in annotations
    ? [`annotation ${HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`]
    : []

const headlessWarnings = (spec: JsonObject): string[] => {
  const all: [boolean, string][] = [
    [stringAt(spec, 'loadBalancerIP') !== '', 'loadBalancerIP'],
    [listAt(spec, 'externalIPs').length > 0, 'externalIPs'],
    [spec.sessionAffinity !== 'None', 'SessionAffinity'],
  ]
  return all.filter(([holds]) => holds).map(([, name]) => `spec.${name} is ignored for headless services`)
}

const otherWarnings = (spec: JsonObject): string[] => {
  const all: [boolean, string][] = [
    [
      isExternal(spec) && listAt(spec, 'externalIPs').length > 0,
      'spec.externalIPs is ignored when spec.type is "ExternalName"',
    ],
    [
      !isExternal(spec) && stringAt(spec, 'externalName') !== '',
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ],
    [
      spec.trafficDistribution === 'PreferClose',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ],
  ]
  return all.filter(([holds]) => holds).map(([, text]) => text)
}

const statusWarnings = (object: JsonObject): string[] =>
  listAt(object, 'status', 'loadBalancer', 'ingress').flatMap((ingress, index) =>
    addressWarnings(stringAt(ingress, 'ip'), `status.loadBalancer.ingress[${index}]`),
  )
