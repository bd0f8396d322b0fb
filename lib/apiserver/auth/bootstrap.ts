/**
 * The roles and bindings that every cluster has from its start (kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy).
 * They are there before the first request, and none of them is a change: revisions begin as if they had always been there.
 */
import { trackUpdate } from '../fields/managed.ts'
import { RBAC_GROUP } from '../kinds/rbacrules.ts'
import { metadataList, withMetadata } from '../metadata.ts'
import { findType } from '../registry.ts'
import type { JsonObject } from '../resource.ts'
import { type Server, tableFor, timestamp } from '../server.ts'
import { type Entry, preset } from '../store.ts'
import { AGGREGATOR, gatheredRules } from './aggregate.ts'
import { CLUSTER_ROLES, SYSTEM_ROLES } from './bootstrapRoles.ts'
import { controllerUser, serviceAccountOf } from './user.ts'

/** Puts those of them into the store that are not there; the roles that gather others, as somebody gathered them or not. */
export function presetRoles(server: Server, isGathered: boolean): void {
  for (const [name, lines] of Object.entries(CLUSTER_ROLES))
    place(server, 'clusterroles', '', { metadata: metadataFor(name), rules: lines.map(ruleFrom) })
  for (const [name, lines] of Object.entries(SYSTEM_ROLES))
    place(server, 'roles', SYSTEM, { metadata: metadataFor(name), rules: lines.map(ruleFrom) })
  for (const name of Object.keys(AGGREGATED))
    place(server, 'clusterroles', '', aggregatedRole(name), isGathered)
  for (const [name, subjects] of Object.entries(CLUSTER_BINDINGS))
    place(server, 'clusterrolebindings', '', binding(name, 'ClusterRole', name, subjects))
  for (const [name, { role, subjects }] of Object.entries(SYSTEM_BINDINGS))
    place(server, 'rolebindings', SYSTEM, binding(name, 'Role', role, subjects))
}

const SYSTEM = 'kube-system'

function place(
  server: Server,
  plural: string,
  namespace: string,
  content: JsonObject,
  isGathered = false,
): void {
  const type = findType(server.registry, RBAC_GROUP, 'v1', plural)
  if (type === undefined) return
  const { metadata, ...rest } = content as { metadata: { name: string } }
  const now = timestamp(server)
  const own = { ...metadata, ...(namespace === '' ? {} : { namespace }) }
  const after = { kind: type.kind, apiVersion: `${RBAC_GROUP}/v1`, metadata: own, ...rest }
  const tracked = trackUpdate({ before: undefined, after, type, manager: 'kube-apiserver', now })
  const table = tableFor(server, type)
  const object = isGathered ? gathered(tracked, metadata.name, table.entries, now) : tracked
  preset(server.store, table, { namespace, name: metadata.name }, (resourceVersion) =>
    withMetadata(object, { uid: server.newUid(), creationTimestamp: now, resourceVersion }),
  )
}

/** A role with the rules of others, as the controller would have written it. */
function gathered(object: JsonObject, name: string, roles: readonly Entry[], now: string): JsonObject {
  const entry = {
    manager: AGGREGATOR,
    operation: 'Apply',
    apiVersion: `${RBAC_GROUP}/v1`,
    time: now,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:rules': {} },
  }
  const managedFields = [entry, ...metadataList(object, 'managedFields')]
  return withMetadata({ ...object, rules: gatheredRules({ name, object }, roles) }, { managedFields })
}

const metadataFor = (name: string): JsonObject => ({
  name,
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...aggregationLabel(name) },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
})

const WORDS: Readonly<Record<string, readonly string[]>> = {
  read: ['get', 'list', 'watch'],
  write: ['create', 'delete', 'deletecollection', 'patch', 'update'],
}

/** A rule from its line. */
function ruleFrom(line: string): JsonObject {
  const [verbs = '', groups = '', resources, names] = line.split(' ')
  const list = (text: string): string[] => text.split(',').map((one) => (one === 'core' ? '' : one))
  const all = verbs.split(',').flatMap((word) => WORDS[word] ?? [word])
  if (resources === undefined) return { verbs: all.sort(), nonResourceURLs: list(groups) }
  return {
    verbs: all.sort(),
    apiGroups: list(groups),
    resources: resources.split(','),
    ...(names === undefined ? {} : { resourceNames: names.split(',') }),
  }
}

/** Roles that are gathered from those with a label, and the one that each of them is gathered into in turn, which comes later. */
const AGGREGATED: Readonly<Record<string, string>> = { view: 'edit', edit: 'admin', admin: '' }

const labelFor = (role: string): JsonObject => ({ [`${RBAC_GROUP}/aggregate-to-${role}`]: 'true' })

function aggregationLabel(name: string): JsonObject {
  const role = AGGREGATED[name] ?? /^system:aggregate-to-(.*)$/.exec(name)?.[1] ?? ''
  return role === '' ? {} : labelFor(role)
}

const aggregatedRole = (name: string): JsonObject => ({
  metadata: metadataFor(name),
  rules: null,
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: labelFor(name) }] },
})

const binding = (name: string, kind: string, role: string, subjects: readonly string[]): JsonObject => ({
  metadata: metadataFor(name),
  ...(subjects.length === 0 ? {} : { subjects: subjects.map(subjectOf) }),
  roleRef: { apiGroup: RBAC_GROUP, kind, name: role },
})

/** A service account, a group, or (`user:`) somebody with a name. */
function subjectOf(text: string): JsonObject {
  const account = serviceAccountOf(text)
  if (account !== undefined) return { kind: 'ServiceAccount', ...account }
  const [, user] = /^user:(.*)$/.exec(text) ?? []
  return { kind: user === undefined ? 'Group' : 'User', apiGroup: RBAC_GROUP, name: user ?? text }
}

const account = (name: string): string => controllerUser(name).username

/** Subjects of the ClusterRoles, each bound under its own name. */
const CLUSTER_BINDINGS: Readonly<Record<string, readonly string[]>> = {
  'cluster-admin': ['system:masters'],
  'system:basic-user': ['system:authenticated'],
  'system:controller:clusterrole-aggregation-controller': [account('clusterrole-aggregation-controller')],
  'system:controller:generic-garbage-collector': [account('generic-garbage-collector')],
  'system:controller:namespace-controller': [account('namespace-controller')],
  'system:discovery': ['system:authenticated'],
  'system:kube-controller-manager': ['user:system:kube-controller-manager'],
  'system:kube-dns': [account('kube-dns')],
  'system:kube-scheduler': ['user:system:kube-scheduler'],
  'system:monitoring': ['system:monitoring'],
  'system:node': [],
  'system:node-proxier': ['user:system:kube-proxy'],
  'system:public-info-viewer': ['system:authenticated', 'system:unauthenticated'],
  'system:service-account-issuer-discovery': ['system:serviceaccounts'],
  'system:volume-scheduler': ['user:system:kube-scheduler'],
}

const MANAGER_LOCK = 'system::leader-locking-kube-controller-manager'
const SCHEDULER_LOCK = 'system::leader-locking-kube-scheduler'

const SYSTEM_BINDINGS: Readonly<Record<string, { role: string; subjects: readonly string[] }>> = {
  'system::extension-apiserver-authentication-reader': {
    role: 'extension-apiserver-authentication-reader',
    subjects: ['user:system:kube-controller-manager', 'user:system:kube-scheduler'],
  },
  [MANAGER_LOCK]: {
    role: MANAGER_LOCK,
    subjects: [
      'user:system:kube-controller-manager',
      account('kube-controller-manager'),
      account('leader-election-controller'),
    ],
  },
  [SCHEDULER_LOCK]: {
    role: SCHEDULER_LOCK,
    subjects: ['user:system:kube-scheduler', account('kube-scheduler')],
  },
}
