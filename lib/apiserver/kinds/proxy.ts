/**
 * Pods, nodes and Services behind the API server, which passes requests on to them.
 */

import type { ParameterSet } from '../openapi/parameters.ts'
import type { Subresource } from '../resource.ts'

const proxy = (options: ParameterSet): Subresource => ({
  name: 'proxy',
  kind: options,
  verbs: ['create', 'delete', 'get', 'patch', 'update'],
  options,
  connection: { methods: ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'], hasPath: true },
})

/** The part of each through which it is reached. */
export const podProxy = proxy('PodProxyOptions')
export const nodeProxy = proxy('NodeProxyOptions')
export const serviceProxy = proxy('ServiceProxyOptions')
