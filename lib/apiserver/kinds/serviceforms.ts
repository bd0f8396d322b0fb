/**
 * What kind of Service one is, as its preparation and its rules ask.
 */

import type { Json, JsonObject } from '../resource.ts'
import { isObject, listAt, stringAt } from '../schema/equal.ts'

/** What a Service without an address has in place of one. */
export const NONE = 'None'

/** A name of another host, and nothing of the cluster. */
export const isExternal = (spec: JsonObject): boolean => spec.type === 'ExternalName'

/** Can nodes pass on what arrives at a port of theirs? */
export const hasNodePorts = (spec: JsonObject): boolean =>
  spec.type === 'NodePort' || spec.type === 'LoadBalancer'

/** From outside of the cluster. */
export const isReached = (spec: JsonObject): boolean =>
  hasNodePorts(spec) || (spec.type === 'ClusterIP' && listAt(spec, 'externalIPs').length > 0)

/** Do load balancers ask nodes whether they have a pod? */
export const needsHealthCheck = (spec: JsonObject): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'

/** Names lead to the pods themselves. */
export const isHeadless = (spec: JsonObject): boolean => {
  const addresses = listAt(spec, 'clusterIPs')
  return addresses.length === 1 && addresses[0] === NONE
}

/** The texts of a list. */
export const textsAt = (value: Json | undefined, ...path: string[]): string[] =>
  listAt(value, ...path).filter((one) => typeof one === 'string')

/** The ports of a Service. */
export const portsOf = (spec: JsonObject): JsonObject[] => listAt(spec, 'ports').filter(isObject)

/** The ports of nodes that a Service has. */
export const nodePortsOf = (spec: JsonObject): number[] =>
  portsOf(spec).flatMap(({ nodePort }) => (typeof nodePort === 'number' && nodePort !== 0 ? [nodePort] : []))

/** Does the same text stand at a name in both? No text is as good as an empty one. */
export const isSameText = (spec: JsonObject, old: JsonObject, name: string): boolean =>
  stringAt(spec, name) === stringAt(old, name)
