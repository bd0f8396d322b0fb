/**
 * The authorizer library of Kubernetes' CEL: expressions ask whether the user of a request, or a service account, may do
 * something. Who decides is given with each evaluation.
 */
import type { Access, ResourceAccess } from '../../auth/access.ts'
import type { Decision } from '../../auth/rbac.ts'
import { labelProblems, subdomainProblems } from '../names.ts'
import type { Environment } from './environment.ts'

/** Decides for one user. */
export interface Authority {
  check(access: Access): Decision
  /** The same for a service account. */
  as(namespace: string, name: string): Authority
}

/** CEL tells types by their constructor: each has one of its own. */
class Held<T> {
  readonly held: T

  constructor(held: T) {
    this.held = held
  }
}

class GroupCheck extends Held<{ readonly authority: Authority; readonly group: string }> {}
class ResourceCheck extends Held<{ readonly authority: Authority; readonly access: ResourceAccess }> {}
class PathCheck extends Held<{ readonly authority: Authority; readonly path: string }> {}
class Outcome extends Held<Decision> {}
class Authorizer extends Held<Authority> {
  /** What the request itself is about. */
  requestResource: ResourceCheck | undefined
}

/** The value of the variable `authorizer`, for a request that is about this resource. */
export function authorizerFor(authority: Authority, request: ResourceAccess): object {
  const authorizer = new Authorizer(authority)
  authorizer.requestResource = new ResourceCheck({ authority, access: request })
  return authorizer
}

const AUTHORIZER = 'kubernetes.authorization.Authorizer'
const GROUP = 'kubernetes.authorization.GroupCheck'
const RESOURCE = 'kubernetes.authorization.ResourceCheck'
const PATH = 'kubernetes.authorization.PathCheck'
const DECISION = 'kubernetes.authorization.Decision'

/** Declares the types, the functions and the variable `authorizer`. */
export function addAuthorizer(environment: Environment): void {
  environment.registerType(GROUP, GroupCheck)
  environment.registerType(RESOURCE, ResourceCheck)
  environment.registerType(PATH, PathCheck)
  environment.registerType(DECISION, Outcome)
  environment.registerType(AUTHORIZER, { ctor: Authorizer, fields: { requestResource: RESOURCE } })
  environment.registerVariable('authorizer', AUTHORIZER)
  const method = <T>(on: string, name: string, gives: string, run: (on: T, ...texts: string[]) => unknown) =>
    environment.registerFunction({
      name,
      receiverType: on,
      returnType: gives,
      params: Array.from({ length: run.length - 1 }, (_, at) => ({ name: `argument${at}`, type: 'string' })),
      handler: run,
    })
  method(AUTHORIZER, 'group', GROUP, ({ held }: Authorizer, group) => {
    return new GroupCheck({ authority: held, group })
  })
  method(AUTHORIZER, 'path', PATH, ({ held }: Authorizer, path) => {
    return new PathCheck({ authority: held, path: filled('path', path) })
  })
  method(AUTHORIZER, 'serviceAccount', AUTHORIZER, ({ held }: Authorizer, namespace, name) => {
    if (subdomainProblems(name).length > 0) throw new Error('Invalid service account name')
    if (labelProblems(namespace).length > 0) throw new Error('Invalid service account namespace')
    return new Authorizer(held.as(namespace, name))
  })
  method(GROUP, 'resource', RESOURCE, ({ held: { authority, group } }: GroupCheck, resource) => {
    const access = { ...NOTHING, group, resource: filled('resource', resource) }
    return new ResourceCheck({ authority, access })
  })
  for (const part of ['subresource', 'namespace', 'name'])
    method(RESOURCE, part, RESOURCE, ({ held: { authority, access } }: ResourceCheck, value) => {
      return new ResourceCheck({ authority, access: { ...access, [part]: value } })
    })
  // Roles cannot grant by selectors.
  for (const selector of ['fieldSelector', 'labelSelector'])
    method(RESOURCE, selector, RESOURCE, (check: ResourceCheck, _selector) => check)
  method(RESOURCE, 'check', DECISION, ({ held: { authority, access } }: ResourceCheck, verb) => {
    return new Outcome(authority.check({ ...access, verb }))
  })
  method(PATH, 'check', DECISION, ({ held: { authority, path } }: PathCheck, verb) => {
    return new Outcome(authority.check({ type: 'path', verb, path }))
  })
  method(DECISION, 'allowed', 'bool', ({ held }: Outcome) => held.allowed)
  method(DECISION, 'reason', 'string', ({ held }: Outcome) => held.reason)
  method(DECISION, 'errored', 'bool', (_: Outcome) => false)
  method(DECISION, 'error', 'string', (_: Outcome) => '')
}

const NOTHING: ResourceAccess = {
  type: 'resource',
  verb: '',
  group: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
}

function filled(what: string, text: string): string {
  if (text.trim() === '') throw new Error(`${what} must not be empty`)
  return text
}
