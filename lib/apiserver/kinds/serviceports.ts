/**
 * The ports of nodes that a Service gets: those it asks for if they are to be had, those that it had, or any
 * (k8s.io/kubernetes/pkg/registry/core/service/storage).
 */

import type { Allocations, JsonObject, Problem } from '../resource.ts'
import { numberAt, stringAt } from '../schema/equal.ts'
import { invalid } from '../schema/problem.ts'
import { internal, StatusError } from '../status.ts'
import { hasNodePorts, needsHealthCheck, nodePortsOf, portsOf } from './serviceforms.ts'

const nodePortOf = (port: JsonObject): number => numberAt(port, 'nodePort') ?? 0

/** Load balancers may do without ports of nodes. */
const allocates = (spec: JsonObject): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)

/** Fills in what the Service had: ports by their names, and the one by which load balancers ask. */
export const keepPorts = (spec: JsonObject, old: JsonObject): void => {
  if (allocates(old) && allocates(spec)) {
    const now = nodePortsOf(spec)
    const used = new Set(nodePortsOf(old).filter((port) => now.includes(port)))
    const byName = new Map(portsOf(old).map((port) => [stringAt(port, 'name'), nodePortOf(port)]))
    for (const port of portsOf(spec)) {
      const had = byName.get(stringAt(port, 'name')) ?? 0
      if (nodePortOf(port) === 0 && had !== 0 && !used.has(had)) port.nodePort = had
    }
  }
  const had = old.healthCheckNodePort
  if (needsHealthCheck(old) && needsHealthCheck(spec) && had !== undefined) spec.healthCheckNodePort ??= had
}

/** What one write takes: nothing twice. */
interface Taking {
  take(port: number): string | undefined
  next(): number
}

const startTaking = (server: Allocations): Taking => {
  const taken = new Set<number>()
  return {
    take: (port) => {
      const why = taken.has(port) ? 'provided port is already allocated' : server.refusePort(port)
      if (why === undefined) taken.add(port)
      return why
    },
    next: () => {
      let port = server.nodePort()
      while (taken.has(port)) port = server.nodePort()
      taken.add(port)
      return port
    },
  }
}

/** Allocates ports of nodes where the type has them. */
export const settlePorts = (
  spec: JsonObject,
  old: JsonObject | undefined,
  server: Allocations,
): Problem[] => {
  if (!hasNodePorts(spec)) return []
  const taking = startTaking(server)
  const ports = portsOf(spec)
  const settle = old ? changedPort(taking, nodePortsOf(old)) : newPort(taking, ports)
  for (const [index, port] of ports.entries()) {
    if (nodePortOf(port) === 0 && !allocates(spec)) continue
    const asked = settle(port)
    const field = `spec.ports[${index}].nodePort`
    if (asked !== undefined) return [invalid(field, asked.port, asked.why)]
  }
  return []
}

type Settle = (port: JsonObject) => { port: number; why: string } | undefined

/** Ports that differ by their protocols only share one of the nodes. */
const newPort = (taking: Taking, ports: JsonObject[]): Settle => {
  const byPort = new Map<number, number>()
  return (one) => {
    const number = numberAt(one, 'port') ?? 0
    const shared = byPort.get(number)
    if (shared !== undefined) {
      const own = nodePortOf(one)
      if (own === 0) one.nodePort = shared
      return own === 0 || own === shared ? undefined : refused(taking, own)
    }
    const asked = ports.find((port) => port.port === number && nodePortOf(port) !== 0)
    const port = asked ? nodePortOf(asked) : taking.next()
    const problem = asked && refused(taking, port)
    if (problem) return problem
    one.nodePort = port
    byPort.set(number, port)
    return undefined
  }
}

const refused = (taking: Taking, port: number): { port: number; why: string } | undefined => {
  const why = taking.take(port)
  return why === undefined ? undefined : { port, why }
}

/** Throws 500, as the real server does, when two ports of a protocol have one of the nodes. */
const changedPort = (taking: Taking, had: number[]): Settle => {
  const own = new Set<number>()
  const pairs = new Set<string>()
  return (one) => {
    const port = nodePortOf(one)
    if (port === 0) one.nodePort = taking.next()
    else if (!had.includes(port) && !own.has(port)) {
      const problem = refused(taking, port)
      if (problem) return problem
      own.add(port)
    }
    const pair = `${stringAt(one, 'protocol')} ${nodePortOf(one)}`
    if (pairs.has(pair)) throw internal(`duplicate nodePort: {${pair}}`)
    pairs.add(pair)
    return undefined
  }
}

/** The port by which load balancers ask. Throws 500 when the one asked for is not to be had. */
export const settleHealthPort = (
  spec: JsonObject,
  old: JsonObject | undefined,
  server: Allocations,
): void => {
  if (!needsHealthCheck(spec) || (old && needsHealthCheck(old))) return
  const asked = numberAt(spec, 'healthCheckNodePort') ?? 0
  const taking = startTaking(server)
  for (const port of nodePortsOf(spec)) taking.take(port)
  if (asked === 0) {
    spec.healthCheckNodePort = taking.next()
    return
  }
  const why = taking.take(asked)
  if (why !== undefined)
    throw internalError(`failed to allocate requested HealthCheck NodePort ${asked}: ${why}`)
}

const internalError = (message: string): StatusError =>
  new StatusError(500, `Internal error occurred: ${message}`, {
    reason: 'InternalError',
    details: { causes: [{ message }] },
  })

/** Ports of nodes go with a type that has none, unless the client asks for others. */
export const dropPorts = (spec: JsonObject, old: JsonObject): void => {
  const had = nodePortsOf(old)
  if (!hasNodePorts(old) || hasNodePorts(spec) || nodePortsOf(spec).some((port) => !had.includes(port)))
    return
  for (const port of portsOf(spec)) delete port.nodePort
}
