/**
 * Probes and lifecycle hooks: what they run, and when.
 */

import type { Json, JsonObject, Problem } from '../../resource.ts'
import { listAt, numberAt, objectAt, stringAt } from '../../schema/equal.ts'
import { headerNameProblems, portNameProblems, portProblems } from '../../schema/names.ts'
import { invalid, required } from '../../schema/problem.ts'
import { each, noneNegative, oneOf, onlyOne, whenGiven } from '../rules.ts'

type Handler = (value: JsonObject, field: string) => Problem[]

const portOrNameProblems = (port: Json | undefined, field: string): Problem[] =>
  typeof port === 'string'
    ? portNameProblems(port).map((text) => invalid(field, port, text))
    : portProblems(Number(port ?? 0)).map((text) => invalid(field, port ?? 0, text))

const exec: Handler = (value, field) =>
  listAt(value, 'command').length === 0 ? [required(`${field}.command`)] : []

const httpGet: Handler = (value, field) => [
  ...portOrNameProblems(value.port, `${field}.port`),
  ...oneOf(stringAt(value, 'scheme'), `${field}.scheme`, ['HTTP', 'HTTPS']),
  ...each(listAt(value, 'httpHeaders'), field, (header) => {
    const name = stringAt(header, 'name')
    return headerNameProblems(name).map((text) => invalid(`${field}.httpHeaders`, name, text))
  }),
]

const port: Handler = (value, field) => portOrNameProblems(value.port, `${field}.port`)

const sleepWithin =
  (grace: number | undefined): Handler =>
  (value, field) => {
    const seconds = numberAt(value, 'seconds') ?? 0
    if (grace === undefined || (seconds >= 0 && seconds <= grace)) return []
    const text = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`
    return [invalid(field, seconds, text)]
  }

const probeHandlers = { exec, httpGet, tcpSocket: port, grpc: port }

const probeProblems = (probe: JsonObject, field: string): Problem[] => {
  const grace = numberAt(probe, 'terminationGracePeriodSeconds')
  return [
    ...onlyOne(probe, field, 'handler', probeHandlers),
    ...noneNegative(
      probe,
      field,
      'initialDelaySeconds',
      'timeoutSeconds',
      'periodSeconds',
      'successThreshold',
      'failureThreshold',
    ),
    ...(grace !== undefined && grace <= 0
      ? [invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0')]
      : []),
  ]
}

const onceProblems = (probe: JsonObject, field: string): Problem[] => {
  const successes = numberAt(probe, 'successThreshold') ?? 0
  return successes === 1 ? [] : [invalid(`${field}.successThreshold`, successes, 'must be 1')]
}

const unendedProblems = (probe: JsonObject, field: string): Problem[] => {
  const grace = numberAt(probe, 'terminationGracePeriodSeconds')
  if (grace === undefined) return []
  return [invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes')]
}

const probes: Readonly<Record<string, Handler>> = {
  livenessProbe: onceProblems,
  readinessProbe: unendedProblems,
  startupProbe: onceProblems,
}

/** The names of everything that only a container that goes on running may have. */
export const runningOnly = ['lifecycle', ...Object.keys(probes)]

/** What is wrong with the probes and hooks of a container; `grace` is how long its pod may take to end. */
export const runningProblems = (
  container: JsonObject,
  field: string,
  grace: number | undefined,
): Problem[] => {
  const { exec, httpGet, tcpSocket } = probeHandlers
  const handlers = { exec, httpGet, tcpSocket, sleep: sleepWithin(grace) }
  const lifecycle = objectAt(container, 'lifecycle')
  return [
    ...['postStart', 'preStop'].flatMap((name) =>
      whenGiven(lifecycle[name], (hook) => onlyOne(hook, `${field}.lifecycle.${name}`, 'handler', handlers)),
    ),
    ...Object.entries(probes).flatMap(([name, more]) =>
      whenGiven(container[name], (probe) => [
        ...probeProblems(probe, `${field}.${name}`),
        ...more(probe, `${field}.${name}`),
      ]),
    ),
  ]
}
