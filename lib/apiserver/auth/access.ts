/**
 * What a request is about to do, as authorization sees it: read off the method and the path alone, before anybody looks
 * whether the path leads anywhere (k8s.io/apiserver/pkg/endpoints/request/requestinfo.go). And the words of its refusal.
 */
import { integerOf } from '../numbers.ts'
import { booleanOf } from '../options.ts'
import { pathProblems } from '../schema/names.ts'
import { exactName } from '../selector/fields.ts'
import { parseLabelSelector } from '../selector/labels.ts'
import type { ApiRequest } from '../server.ts'
import { forbidden, StatusError } from '../status.ts'
import type { User } from './user.ts'

export type Access = ResourceAccess | PathAccess

/** Absent parts are ''. */
export interface ResourceAccess {
  readonly type: 'resource'
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
}

/** Everything that is no resource: `/healthz`, `/apis/apps`. */
export interface PathAccess {
  readonly type: 'path'
  /** The method, in lower case. */
  readonly verb: string
  readonly path: string
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Parts of a path after a namespace's name that still are about the namespace itself. */
const OF_NAMESPACE = new Set(['status', 'finalize'])

/** Never throws: a path that names nothing is refused in the words of what it seems to name. */
export function accessOf(request: ApiRequest): Access {
  const { method, path, segments } = request
  const [root] = segments
  const start = root === 'api' ? 2 : root === 'apis' ? 3 : Number.POSITIVE_INFINITY
  if (segments.length <= start)
    return { type: 'path', verb: method.toLowerCase(), path: path.includes('%') ? decoded(path) : path }
  let parts = segments.slice(start)
  const [first = ''] = parts
  const isPrefixed = (first === 'watch' || first === 'proxy') && parts.length > 1
  if (isPrefixed) parts = parts.slice(1)
  const isWithin = parts[0] === 'namespaces' && parts.length > 1
  const namespace = isWithin ? (parts[1] ?? '') : ''
  if (isWithin && parts.length > 2 && !OF_NAMESPACE.has(parts[2] ?? '')) parts = parts.slice(2)
  const [resource = '', name = '', subresource = ''] = parts
  const verb = isPrefixed ? first : (VERBS[method] ?? '')
  return {
    type: 'resource',
    group: start === 2 ? '' : (segments[1] ?? ''),
    resource,
    subresource: verb === 'proxy' ? '' : subresource,
    namespace,
    ...(name === '' ? collective(verb, request) : { verb, name }),
  }
}

/** What a verb without a name means. */
function collective(verb: string, { query }: ApiRequest): Pick<ResourceAccess, 'verb' | 'name'> {
  if (verb === 'delete') return { verb: 'deletecollection', name: '' }
  if (verb !== 'get') return { verb, name: '' }
  const name = exactName(query.get('fieldSelector') ?? '') ?? ''
  return {
    verb: booleanOf(query, 'watch') === true ? 'watch' : 'list',
    name: pathProblems(name).length === 0 && isReadable(query) ? name : '',
  }
}

/** A query that cannot be read as a whole names nothing. */
function isReadable(query: URLSearchParams): boolean {
  try {
    integerOf(query, 'limit')
    integerOf(query, 'timeoutSeconds')
    parseLabelSelector(query.get('labelSelector') ?? '')
    return true
  } catch (error) {
    if (error instanceof StatusError) return false
    throw error
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (error) {
    if (error instanceof URIError) return path
    throw error
  }
}

/** 403; `reason` is the authorizer's. */
export function forbiddenAccess({ username }: User, access: Access, reason: string): StatusError {
  const who = `User ${JSON.stringify(username)} cannot ${access.verb}`
  const text = sanitized(`${who} ${access.type === 'path' ? pathText(access) : resourceText(access)}`)
  const why = reason === '' ? text : `${text}: ${reason}`
  if (access.type === 'path' || access.resource === '')
    return new StatusError(403, `forbidden: ${why}`, { reason: 'Forbidden', details: {} })
  return forbidden({ group: access.group, plural: access.resource, kind: '' }, access.name, why)
}

const pathText = ({ path }: PathAccess): string => `path ${JSON.stringify(path)}`

function resourceText({ group, resource, subresource, namespace }: ResourceAccess): string {
  const what = JSON.stringify(subresource === '' ? resource : `${resource}/${subresource}`)
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  return `resource ${what} in API group ${JSON.stringify(group)} ${where}`
}

/** Such a text may end up in a browser. */
const sanitized = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
