/** What admission is told of a request: who asks, and the options as they were given. */
import type { DeleteOptions } from '../deleteOptions.ts'
import type { JsonObject } from '../resource.ts'
import type { ApiRequest } from '../server.ts'
import type { Asking } from './attributes.ts'
import { type User, userOf } from './user.ts'

/** For POST, PUT and PATCH, whose options are in the query. */
export function askingOf(request: ApiRequest, warn: (text: string) => void): Asking {
  const { query } = request
  const options: JsonObject = {}
  const dryRun = query.getAll('dryRun')
  if (dryRun.length > 0) options.dryRun = dryRun
  for (const name of ['fieldManager', 'fieldValidation']) {
    const value = query.get(name) ?? ''
    if (value !== '') options[name] = value
  }
  return { user: userOf(request), options, dryRun: dryRun.length > 0, warn }
}

/** For DELETE. */
export const deletionOf = (
  request: ApiRequest,
  options: DeleteOptions,
  warn: (text: string) => void,
): Asking => deletionBy(userOf(request), options, warn)

/** For a deletion that this server itself asks for, too. */
export function deletionBy(user: User, options: DeleteOptions, warn: (text: string) => void): Asking {
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
  return { user, options: told, dryRun, warn }
}
