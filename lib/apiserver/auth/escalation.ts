/**
 * Nobody may give away what they do not have: the check of roles and bindings that are about to be stored
 * (kubernetes/pkg/registry/rbac, policybased). Who is allowed to `escalate` roles or to `bind` one is free of it.
 */
import { RBAC_GROUP } from '../kinds/rbacrules.ts'
import { metadataOf, metadataText, withMetadata } from '../metadata.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import { isEqual, listAt, stringAt } from '../schema/equal.ts'
import type { Server } from '../server.ts'
import { forbidden, internal, notFound, type StatusError } from '../status.ts'
import type { Access } from './access.ts'
import { missingRights } from './covers.ts'
import { aggregate, authorize, grantsFor, type RoleName, type Rule, roleOf, ruleOf, rulesOf } from './rbac.ts'
import { isMaster, type User } from './user.ts'

/** A role or a binding that is to be written. */
export interface Grant {
  readonly type: ResourceType
  readonly namespace: string
  /** As the path of the request has it: '' for a POST. */
  readonly name: string
  readonly object: JsonObject
  /** What it replaces; undefined for a create. */
  readonly before: JsonObject | undefined
}

/** Of other kinds it has nothing to say. Throws 403, and 404 for a binding to a role that is not there. */
export function refuseEscalation(server: Server, user: User, grant: Grant): void {
  if (grant.type.group !== RBAC_GROUP || isMaster(user)) return
  if (grant.before !== undefined && onlyMayGo(grant.object, grant.before)) return
  if (grant.type.kind.endsWith('Binding')) checkBinding(server, user, grant)
  else checkRole(server, user, grant)
}

/** Does a write change nothing but what the garbage collector needs? */
function onlyMayGo(object: JsonObject, before: JsonObject): boolean {
  const { ownerReferences, finalizers, managedFields } = metadataOf(before)
  return isEqual(withMetadata(object, { ownerReferences, finalizers, managedFields }), before)
}

function checkRole(server: Server, user: User, grant: Grant): void {
  const { type, namespace, name, object, before } = grant
  if (authorize(server, user, accessTo('escalate', type.plural, namespace, name)).allowed) return
  refuseMissing(server, user, grant, listAt(object, 'rules').map(ruleOf))
  const isAggregated = [object, before].some(
    (one) => listAt(one, 'aggregationRule', 'clusterRoleSelectors').length > 0,
  )
  if (isAggregated && missingRights(rightsOf(server, user, namespace).rules, EVERYTHING).length > 0)
    throw forbidden(
      type,
      metadataText(object, 'name'),
      'must have cluster-admin privileges to use the aggregationRule',
    )
}

const EVERYTHING: readonly Rule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [], nonResourceURLs: [] },
  { verbs: ['*'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ['*'] },
]

function checkBinding(server: Server, user: User, grant: Grant): void {
  const { namespace, object } = grant
  const role = roleOf(object)
  const plural = PLURALS[role.kind]
  if (plural === undefined) throw internal(`unsupported role reference kind: ${JSON.stringify(role.kind)}`)
  const bind = accessTo('bind', plural, namespace, role.name, stringAt(object, 'roleRef', 'apiGroup'))
  if (authorize(server, user, bind).allowed) return
  const rules = rulesOf(server, role, namespace)
  if (rules === undefined) throw absent(role, grant.type)
  refuseMissing(server, user, grant, rules)
}

const PLURALS: Readonly<Record<string, string>> = { Role: 'roles', ClusterRole: 'clusterroles' }

/** Of an absent role the real server says that the kind of the request is absent. */
const absent = ({ name }: RoleName, type: ResourceType): StatusError => notFound(type, name)

const accessTo = (
  verb: string,
  resource: string,
  namespace: string,
  name: string,
  group = RBAC_GROUP,
): Access => ({ type: 'resource', verb, group, resource, subresource: '', namespace, name })

function refuseMissing(
  server: Server,
  user: User,
  { type, namespace, object }: Grant,
  rules: readonly Rule[],
): void {
  const { rules: own, absent: lost } = rightsOf(server, user, namespace)
  const missing = missingRights(own, rules)
  if (missing.length === 0) return
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ')
  const who = `user ${JSON.stringify(user.username)} (groups=[${groups}])`
  const why = `${who} is attempting to grant RBAC permissions not currently held:\n${missing.join('\n')}`
  const texts = lost.map((role) => absent(role, type).message)
  const errors = texts.length === 0 ? '' : `; resolution errors: [${aggregate(texts)}]`
  throw forbidden(type, metadataText(object, 'name'), why + errors)
}

/** What somebody may do in a namespace, and the roles that they are bound to in vain. */
function rightsOf(server: Server, user: User, namespace: string): { rules: Rule[]; absent: RoleName[] } {
  const rules: Rule[] = []
  const absent: RoleName[] = []
  for (const grant of grantsFor(server, user, namespace)) {
    if (grant.type === 'rule') rules.push(grant.rule)
    else absent.push(grant.role)
  }
  return { rules, absent }
}
