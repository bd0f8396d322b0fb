/** What admission is told of a request: who asks, and the options as they were given. */
import type { User } from '../auth/user.ts'
import type { DeleteOptions } from '../deleteOptions.ts'
import type { JsonObject } from '../resource.ts'
import type { AdmittedRequest, ApiRequest, Server } from '../server.ts'
import type { Asking } from './attributes.ts'

/** No write takes longer (endpoints/handlers, requestTimeoutUpperBound). */
const LONGEST_MILLISECONDS = 34_000

/** The `timeout` of a query is a duration in Go's notation; one that cannot be read says nothing. */
function deadlineOf(server: Server, { query }: ApiRequest): number {
  const asked = millisecondsOf(query.get('timeout') ?? '')
  return server.clock.now() + Math.min(asked ?? LONGEST_MILLISECONDS, LONGEST_MILLISECONDS)
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

function millisecondsOf(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  const sum = parts.reduce((total, [, count, unit = '']) => total + Number(count) * (UNITS[unit] ?? 0), 0)
  return sum > 0 ? sum : undefined
}

/** For POST, PUT and PATCH, whose options are in the query. */
export function askingOf(server: Server, request: AdmittedRequest, warn: (text: string) => void): Asking {
  const { query } = request
  const options: JsonObject = {}
  const dryRun = query.getAll('dryRun')
  if (dryRun.length > 0) options.dryRun = dryRun
  for (const name of ['fieldManager', 'fieldValidation']) {
    const value = query.get(name) ?? ''
    if (value !== '') options[name] = value
  }
  return {
    user: request.user,
    options,
    dryRun: dryRun.length > 0,
    deadline: deadlineOf(server, request),
    warn,
  }
}

/** For DELETE. */
export const deletionOf = (
  server: Server,
  request: AdmittedRequest,
  options: DeleteOptions,
  warn: (text: string) => void,
): Asking => ({
  ...deletionBy(server, request.user, options),
  deadline: deadlineOf(server, request),
  warn,
})

/** For a deletion that this server itself asks for, too. */
export function deletionBy(server: Server, user: User, options: DeleteOptions): Asking {
  const { dryRun, propagationPolicy, orphanDependents, gracePeriodSeconds, uid, resourceVersion } = options
  const preconditions: JsonObject = {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
  const told: JsonObject = {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(dryRun ? { dryRun: ['All'] } : {}),
  }
  const deadline = server.clock.now() + LONGEST_MILLISECONDS
  return { user, options: told, dryRun, deadline, warn: () => {} }
}
