/**
 * Role-based access control: which stored rules apply to somebody, and whether one of them allows what they ask for
 * (kubernetes/plugin/pkg/auth/authorizer/rbac). Nothing is cached: a binding counts from the moment at which it is stored.
 */
import { RBAC_GROUP } from '../kinds/rbacrules.ts'
import { findType } from '../registry.ts'
import type { Json, JsonObject } from '../resource.ts'
import { listAt, stringAt } from '../schema/equal.ts'
import { findEntry, type Server, tableFor } from '../server.ts'
import { type Entry, rangeOf } from '../store.ts'
import { type Access, forbiddenAccess, type ResourceAccess } from './access.ts'
import { isMaster, serviceAccountName, type User } from './user.ts'

/** `PolicyRule`; absent lists are empty. */
export interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames: readonly string[]
  readonly nonResourceURLs: readonly string[]
}

/** What authorization says. `reason` is '' where there is nothing to tell. */
export interface Decision {
  readonly allowed: boolean
  readonly reason: string
}

/** A rule that applies to somebody, or a role that a binding names in vain. */
export type Grant =
  | { readonly type: 'rule'; readonly rule: Rule; readonly source: () => string }
  | { readonly type: 'absent'; readonly role: RoleName }

/** `kind` is Role or ClusterRole. */
export interface RoleName {
  readonly kind: string
  readonly name: string
}

const ALLOWED: Decision = { allowed: true, reason: '' }

/** May this user do that? */
export function authorize(server: Server, user: User, access: Access): Decision {
  if (isMaster(user)) return ALLOWED
  const absent: RoleName[] = []
  for (const grant of grantsFor(server, user, access.type === 'resource' ? access.namespace : '')) {
    if (grant.type === 'absent') absent.push(grant.role)
    else if (allows(grant.rule, access))
      return { allowed: true, reason: `RBAC: allowed by ${grant.source()}` }
  }
  return { allowed: false, reason: absent.length === 0 ? '' : `RBAC: ${absenceText(absent)}` }
}

/** Throws 403 when the user may not do that. */
export function demand(server: Server, user: User, access: Access): void {
  const { allowed, reason } = authorize(server, user, access)
  if (!allowed) throw forbiddenAccess(user, access, reason)
}

/** As a client's lister words it, which names the kind, not the resource. */
export function absenceText(roles: readonly RoleName[]): string {
  const texts = roles.map(
    ({ kind, name }) => `${kind.toLowerCase()}.${RBAC_GROUP} ${JSON.stringify(name)} not found`,
  )
  return aggregate(texts)
}

/** Several errors as one text (k8s.io/apimachinery/pkg/util/errors, Aggregate). */
export function aggregate(texts: readonly string[]): string {
  const distinct = [...new Set(texts)]
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`
}

/** Everything that applies to the user in a namespace; '' is the cluster alone. Bindings come in the order of their names. */
export function* grantsFor(server: Server, user: User, namespace: string): Generator<Grant> {
  for (const binding of entriesOf(server, 'clusterrolebindings', '')) yield* grantsOf(server, user, binding)
  if (namespace === '') return
  for (const binding of entriesOf(server, 'rolebindings', namespace)) yield* grantsOf(server, user, binding)
}

function* grantsOf(server: Server, user: User, binding: Entry): Generator<Grant> {
  const { object, namespace } = binding
  const subject = listAt(object, 'subjects').find((one) => isMeant(user, one, namespace))
  if (subject === undefined) return
  const role = roleOf(object)
  const rules = rulesOf(server, role, namespace)
  if (rules === undefined) yield { type: 'absent', role }
  const source = () => sourceText(binding, role, subject)
  for (const rule of rules ?? []) yield { type: 'rule', rule, source }
}

/** The role that a binding is for. */
export const roleOf = (binding: JsonObject): RoleName => ({
  kind: stringAt(binding, 'roleRef', 'kind'),
  name: stringAt(binding, 'roleRef', 'name'),
})

/** The rules of a role, or undefined when there is no such role. */
export function rulesOf(server: Server, { kind, name }: RoleName, namespace: string): Rule[] | undefined {
  const isCluster = kind === 'ClusterRole'
  const type = findType(server.registry, RBAC_GROUP, 'v1', isCluster ? 'clusterroles' : 'roles')
  const entry = type && findEntry(server, type, isCluster ? '' : namespace, name)
  return entry && listAt(entry.object, 'rules').map(ruleOf)
}

/** A stored rule as data. */
export const ruleOf = (rule: Json): Rule => ({
  verbs: textsAt(rule, 'verbs'),
  apiGroups: textsAt(rule, 'apiGroups'),
  resources: textsAt(rule, 'resources'),
  resourceNames: textsAt(rule, 'resourceNames'),
  nonResourceURLs: textsAt(rule, 'nonResourceURLs'),
})

const textsAt = (rule: Json, name: string): string[] => listAt(rule, name).map(String)

function entriesOf(server: Server, plural: string, namespace: string): readonly Entry[] {
  const type = findType(server.registry, RBAC_GROUP, 'v1', plural)
  return type === undefined ? [] : rangeOf(tableFor(server, type).entries, namespace)
}

/** Does a subject of a binding mean this user? */
function isMeant({ username, groups }: User, subject: Json, bindingNamespace: string): boolean {
  const name = stringAt(subject, 'name')
  switch (stringAt(subject, 'kind')) {
    case 'User':
      return username === name
    case 'Group':
      return groups.includes(name)
    case 'ServiceAccount': {
      const namespace = stringAt(subject, 'namespace') || bindingNamespace
      return namespace !== '' && username === serviceAccountName(namespace, name)
    }
    default:
      return false
  }
}

function sourceText({ namespace, name }: Entry, role: RoleName, subject: Json): string {
  const binding = namespace === '' ? ['ClusterRoleBinding', name] : ['RoleBinding', `${name}/${namespace}`]
  const kind = stringAt(subject, 'kind')
  const whom =
    kind === 'ServiceAccount'
      ? `${stringAt(subject, 'name')}/${stringAt(subject, 'namespace') || namespace}`
      : stringAt(subject, 'name')
  return `${binding[0]} ${JSON.stringify(binding[1])} of ${role.kind} ${JSON.stringify(role.name)} to ${kind} ${JSON.stringify(whom)}`
}

/** Does a rule allow that? */
export function allows(rule: Rule, access: Access): boolean {
  if (!has(rule.verbs, access.verb)) return false
  return access.type === 'resource'
    ? has(rule.apiGroups, access.group) && isResourceOf(rule, access) && isNameOf(rule, access)
    : rule.nonResourceURLs.some((url) => coversPath(url, access.path))
}

const has = (list: readonly string[], wanted: string): boolean => list.includes('*') || list.includes(wanted)

const isNameOf = ({ resourceNames }: Rule, { name }: ResourceAccess): boolean =>
  resourceNames.length === 0 || resourceNames.includes(name)

function isResourceOf({ resources }: Rule, { resource, subresource }: ResourceAccess): boolean {
  if (subresource === '') return has(resources, resource)
  return has(resources, `${resource}/${subresource}`) || resources.includes(`*/${subresource}`)
}

/** Is the path that of a rule, or below one that ends with a star? */
export const coversPath = (url: string, path: string): boolean =>
  url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, '')))
