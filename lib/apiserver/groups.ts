/** Groups, versions and resources as discovery lists them. */
import { createHash } from 'node:crypto'
import type { Registry } from './registry.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { subresourcesOf } from './route.ts'
import { compareVersions } from './versions.ts'

/** Groups that exist although none of their kinds is stored. */
const REVIEW_GROUP = 'authorization.k8s.io'

/** The named groups, built-in ones first. */
export function groupsOf(registry: Registry): string[] {
  const groups = new Set([...registry.versions.keys()].map((key) => key.slice(0, key.indexOf('/'))))
  groups.delete('')
  const named = [...groups]
  const own = named.filter((group) => registry.builtinGroups.has(group))
  const rest = named.filter((group) => !registry.builtinGroups.has(group)).sort()
  return [...own, REVIEW_GROUP, ...rest]
}

/** The versions of a group, the preferred one first (by stability, then number). */
export function versionsOf(registry: Registry, group: string): string[] {
  if (group === REVIEW_GROUP) return ['v1']
  const prefix = `${group}/`
  const versions = [...registry.versions.keys()].filter((key) => key.startsWith(prefix))
  return versions.map((key) => key.slice(prefix.length)).sort(compareVersions)
}

const groupVersion = (group: string, version: string) => ({ groupVersion: `${group}/${version}`, version })

/** A group; alone it says what it is. */
export function apiGroup(registry: Registry, group: string, isAlone: boolean): JsonObject {
  const versions = versionsOf(registry, group).map((version) => groupVersion(group, version))
  return {
    ...(isAlone ? { kind: 'APIGroup', apiVersion: 'v1' } : {}),
    name: group,
    versions,
    preferredVersion: versions[0] ?? {},
  }
}

const typesOf = (registry: Registry, group: string, version: string): ResourceType[] =>
  [...(registry.versions.get(`${group}/${version}`)?.values() ?? [])].sort((one, other) =>
    one.plural < other.plural ? -1 : 1,
  )

/** Built-in kinds list their verbs in order, custom ones in the order of the real server's source. */
const CUSTOM_VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']
const verbsOf = (type: ResourceType): string[] =>
  type.custom ? CUSTOM_VERBS.filter((verb) => type.verbs.includes(verb)) : [...type.verbs].sort()

/** Subresources in the real server's order. */
const subresources = (type: ResourceType): string[] =>
  type.custom ? subresourcesOf(type) : subresourcesOf(type).sort()

const subresourceVerbs = (subresource: string): string[] =>
  subresource === 'finalize' ? ['update'] : ['get', 'patch', 'update']

const names = (type: ResourceType): JsonObject => ({
  ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
  ...(type.categories.length > 0 ? { categories: type.categories } : {}),
})

/** The resources of a version. */
export function resourceList(registry: Registry, group: string, version: string): JsonObject {
  const groupVersionText = group === '' ? version : `${group}/${version}`
  const resources = group === REVIEW_GROUP ? REVIEWS : typesOf(registry, group, version).flatMap(resourcesOf)
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: groupVersionText,
    resources,
  }
}

const resourcesOf = (type: ResourceType): JsonObject[] => [
  {
    name: type.plural,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: verbsOf(type),
    ...names(type),
    storageVersionHash: storageHash(type),
  },
  ...subresources(type).map((subresource) => ({
    name: `${type.plural}/${subresource}`,
    singularName: '',
    namespaced: type.namespaced,
    ...(subresource === 'scale' ? { group: 'autoscaling', version: 'v1' } : {}),
    kind: subresource === 'scale' ? 'Scale' : type.kind,
    verbs: subresourceVerbs(subresource),
  })),
]

/** Kinds of one storage have one hash: events are those of the core group, CRDs are still stored as their beta. */
function storageHash(type: ResourceType): string {
  const group = type.group === 'events.k8s.io' ? '' : type.group
  const version = group === 'apiextensions.k8s.io' ? 'v1beta1' : type.version
  const text = `${group}/${version}/${type.kind}`
  return createHash('sha256').update(text).digest().subarray(0, 8).toString('base64')
}

const REVIEWS: JsonObject[] = [
  ['LocalSubjectAccessReview', true] as const,
  ['SelfSubjectAccessReview', false] as const,
  ['SelfSubjectRulesReview', false] as const,
  ['SubjectAccessReview', false] as const,
].map(([kind, namespaced]) => ({
  name: `${kind.toLowerCase()}s`,
  singularName: kind.toLowerCase(),
  namespaced,
  kind,
  verbs: ['create'],
}))

/** A group of aggregated discovery. */
export function aggregatedGroup(registry: Registry, group: string): JsonObject {
  const versions = group === '' ? ['v1'] : versionsOf(registry, group)
  return {
    metadata: group === '' ? {} : { name: group },
    versions: versions.map((version) => ({
      version,
      resources:
        group === REVIEW_GROUP
          ? REVIEWS.map(aggregatedReview)
          : typesOf(registry, group, version).map(aggregatedResource),
      freshness: 'Current',
    })),
  }
}

const scopeOf = (namespaced: boolean): string => (namespaced ? 'Namespaced' : 'Cluster')

const aggregatedReview = (review: JsonObject): JsonObject => ({
  resource: review.name ?? '',
  responseKind: { group: '', version: '', kind: review.kind ?? '' },
  scope: scopeOf(review.namespaced === true),
  singularResource: review.singularName ?? '',
  verbs: ['create'],
})

function aggregatedResource(type: ResourceType): JsonObject {
  const own = type.custom ? { group: type.group, version: type.version } : { group: '', version: '' }
  const parts = subresources(type).map((subresource) => ({
    subresource,
    responseKind:
      subresource === 'scale'
        ? { group: 'autoscaling', version: 'v1', kind: 'Scale' }
        : { ...own, kind: type.kind },
    verbs: subresourceVerbs(subresource),
  }))
  return {
    resource: type.plural,
    responseKind: { ...own, kind: type.kind },
    scope: scopeOf(type.namespaced),
    singularResource: type.singular,
    verbs: verbsOf(type),
    ...names(type),
    ...(parts.length > 0 ? { subresources: parts } : {}),
  }
}
