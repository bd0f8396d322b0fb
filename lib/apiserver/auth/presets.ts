/**
 * The roles and bindings that every cluster has from its start, as objects as far as they are the same in all of them
 * (kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy). Made once: a server starts in a few milliseconds.
 */
import { RBAC_GROUP } from '../kinds/rbacrules.ts'
import type { Json, JsonObject } from '../resource.ts'
import { gatheredRules } from './aggregate.ts'
import { CLUSTER_BINDINGS, SYSTEM_BINDINGS } from './bootstrapBindings.ts'
import { CLUSTER_ROLES, SYSTEM_ROLES } from './bootstrapRoles.ts'
import { serviceAccountOf } from './user.ts'

/** One of them. */
export interface Preset {
  readonly plural: string
  readonly namespace: string
  readonly name: string
  readonly labels: JsonObject
  /** Everything but metadata. */
  readonly content: JsonObject
  /** What its maker owns of it, as `fieldsV1`. */
  readonly owned: JsonObject
  /** For a role that gathers those of others: what there is to gather. */
  readonly gathered?: Json[]
}

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

/** Roles that gather those with a label, and the one that each of them goes into in turn, which comes later. */
const AGGREGATED: Readonly<Record<string, string>> = { view: 'edit', edit: 'admin', admin: '' }

const labelFor = (role: string): JsonObject => ({ [`${RBAC_GROUP}/aggregate-to-${role}`]: 'true' })

function aggregationLabel(name: string): JsonObject {
  const role = AGGREGATED[name] ?? /^system:aggregate-to-(.*)$/.exec(name)?.[1] ?? ''
  return role === '' ? {} : labelFor(role)
}

const selectorFor = (role: string): JsonObject => ({
  clusterRoleSelectors: [{ matchLabels: labelFor(role) }],
})

const binding = (kind: string, role: string, subjects: readonly string[]): JsonObject => ({
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

function presetOf(plural: string, namespace: string, name: string, content: JsonObject): Preset {
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...aggregationLabel(name) }
  return { plural, namespace, name, labels, content, owned: ownedBy(content, labels) }
}

/** All of these objects are alike, so that to track each would be a waste. */
const ownedBy = (
  { rules, aggregationRule, subjects, roleRef }: JsonObject,
  labels: JsonObject,
): JsonObject => ({
  ...(aggregationRule === undefined
    ? {}
    : { 'f:aggregationRule': { '.': {}, 'f:clusterRoleSelectors': {} } }),
  'f:metadata': {
    'f:annotations': { '.': {}, 'f:rbac.authorization.kubernetes.io/autoupdate': {} },
    'f:labels': { '.': {}, ...Object.fromEntries(Object.keys(labels).map((name) => [`f:${name}`, {}])) },
  },
  ...(rules === undefined || rules === null ? {} : { 'f:rules': {} }),
  ...(roleRef === undefined ? {} : { 'f:roleRef': {} }),
  ...(subjects === undefined ? {} : { 'f:subjects': {} }),
})

const clusterRoles = Object.entries(CLUSTER_ROLES).map(([name, lines]) =>
  presetOf('clusterroles', '', name, { rules: lines.map(ruleFrom) }),
)

/** The roles that gather others, each with those of its kind that came before it. */
function gatheringRoles(): Preset[] {
  const made: Preset[] = []
  for (const name of Object.keys(AGGREGATED)) {
    const one = presetOf('clusterroles', '', name, { rules: null, aggregationRule: selectorFor(name) })
    const others = [...clusterRoles, ...made].sort((a, b) => (a.name < b.name ? -1 : 1))
    const roles = others.map(({ name, labels, content, gathered }) => ({
      name,
      object: { metadata: { labels }, rules: gathered ?? content.rules ?? null },
    }))
    made.push({ ...one, gathered: gatheredRules({ name, object: one.content }, roles) })
  }
  return made
}

/** All of them. */
export const PRESETS: readonly Preset[] = [
  ...clusterRoles,
  ...gatheringRoles(),
  ...Object.entries(SYSTEM_ROLES).map(([name, lines]) =>
    presetOf('roles', 'kube-system', name, { rules: lines.map(ruleFrom) }),
  ),
  ...Object.entries(CLUSTER_BINDINGS).map(([name, subjects]) =>
    presetOf('clusterrolebindings', '', name, binding('ClusterRole', name, subjects)),
  ),
  ...Object.entries(SYSTEM_BINDINGS).map(([name, { role, subjects }]) =>
    presetOf('rolebindings', 'kube-system', name, binding('Role', role, subjects)),
  ),
]
