/**
 * Paths. A path below `/api` or `/apis` names a resource, an object of it, or a subresource; whether that exists, and in
 * which words it does not, is decided here.
 */
import { goQuote } from './quote.ts'
import { findType, type Registry } from './registry.ts'
import type { ResourceType, Verb } from './resource.ts'
import { badRequest, methodNotSupported, notFound, unknownResource } from './status.ts'
import { subresourceOf } from './subresource.ts'

/** What a path names. */
export interface Route {
  type: ResourceType
  namespace: string
  name: string
  subresource: string
  /** One of the old `/watch/` paths. */
  watch: boolean
}

/** A path that leads nowhere, answered in plain text. */
export class PageNotFound extends Error {}

/** The route of decoded path segments that begin with `api` or `apis`. Throws 404s. */
export function parseRoute(registry: Registry, segments: readonly string[]): Route {
  const isCore = segments[0] === 'api'
  const group = isCore ? '' : (segments[1] ?? '')
  const version = segments[isCore ? 1 : 2] ?? ''
  const missing = () => (isCore || registry.builtinGroups.has(group) ? unknownResource() : new PageNotFound())
  let rest = segments.slice(isCore ? 2 : 3)
  const watch = rest[0] === 'watch'
  if (watch) rest = rest.slice(1)
  // A namespace that is left empty stands for all.
  if (rest[0] === 'namespaces' && rest[1] === '' && rest.length > 2) rest = rest.slice(2)
  let namespace = ''
  // `/namespaces/NAME[/status]` is the namespace itself; anything longer or other lies within it.
  const within = rest[0] === 'namespaces' && rest.length > 2 && !isOfNamespace(group, rest)
  if (within) {
    namespace = rest[1] ?? ''
    rest = rest.slice(2)
  }
  const [plural = '', name = '', subresource = '', ...extra] = rest
  const type = findType(registry, group, version, plural)
  if (type === undefined) throw missing()
  const part = subresourceOf(type, subresource)
  // Of a custom resource's path nobody reads on.
  if (extra.length > 0 && !type.custom && part?.connection?.hasPath !== true) throw missing()
  if (type.namespaced ? namespace === '' && name !== '' : namespace !== '') throw missing()
  // Questions are sent to their collection, and have no other path.
  if (isQuestion(type) && (name !== '' || watch || (type.namespaced && !within))) throw missing()
  if (subresource !== '' && part === undefined) throw type.custom ? notFound(type, name) : missing()
  checkName(name)
  return { type, namespace, name, subresource, watch }
}

const isQuestion = ({ isVirtual, verbs }: ResourceType): boolean =>
  isVirtual === true && !verbs.includes('get')

/** What storage takes for a part of a key (IsValidPathSegmentName). Throws 400. */
function checkName(name: string): void {
  const why =
    name === '.' || name === '..' ? `may not be '${name}'` : name.includes('%') ? "may not contain '%'" : ''
  if (why !== '') throw badRequest(`Name parameter invalid: ${goQuote(name)}: ${why}`)
}

const isOfNamespace = (group: string, rest: readonly string[]): boolean =>
  group === '' && rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize')

/** What a request does, or undefined where the method is not allowed. */
export function verbOf(route: Route, given: string, isWatch: boolean): Verb | undefined {
  // Built-in kinds have no HEAD, custom ones take it for a GET.
  const method = given === 'HEAD' && route.type.custom ? 'GET' : given
  const verb = route.name === '' ? collectionVerb(route, method, isWatch) : itemVerb(route, method)
  if (verb === undefined && route.type.custom) throw methodNotSupported(route.type, '')
  if (verb === undefined || !allows(route, verb)) return undefined
  return verb
}

function collectionVerb(route: Route, method: string, isWatch: boolean): Verb | undefined {
  const everywhere = route.type.namespaced && route.namespace === ''
  if (method === 'GET') return isWatch ? 'watch' : 'list'
  if (everywhere && route.type.custom) throw new PageNotFound()
  if (everywhere) return undefined
  if (method === 'POST') return 'create'
  if (method === 'DELETE') return 'deletecollection'
  if (route.type.custom && (method === 'PUT' || method === 'PATCH')) throw badRequest('name must be provided')
  return undefined
}

const ITEM: Record<string, Verb> = {
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Of a single object `?watch` is not looked at. */
function itemVerb(route: Route, method: string): Verb | undefined {
  if (route.watch) return method === 'GET' ? 'watch' : undefined
  if (route.subresource !== '') {
    const connection = subresourceOf(route.type, route.subresource)?.connection
    if (connection !== undefined) return connection.methods.includes(method) ? connectVerb(method) : undefined
    if (route.type.custom && (method === 'POST' || method === 'DELETE'))
      throw methodNotSupported(route.type, method === 'POST' ? 'create' : 'delete')
    return method === 'POST' ? 'create' : ITEM[method]
  }
  if (method === 'POST' && route.type.custom) return 'create'
  return ITEM[method]
}

/** Whoever asks what may be asked reads. */
const connectVerb = (method: string): Verb => (method === 'POST' ? 'create' : (ITEM[method] ?? 'get'))

const allows = ({ type, subresource }: Route, verb: Verb): boolean =>
  (subresource === '' ? type : subresourceOf(type, subresource))?.verbs.includes(verb) === true
