/** Groups, versions and resources as discovery lists them. */
import { createHash } from 'node:crypto'
import { byPriority, priorityOf } from './priorities.ts'
import type { Registry } from './registry.ts'
import type { JsonObject, ResourceType, Verb } from './resource.ts'

/**
 * The named groups as plain discovery lists them. It sorts their versions (`v1.example.com`), not their names: a group
 * comes where the first of its versions does.
 */
export function groupsOf(registry: Registry): string[] {
  const services = [...registry.versions.keys()]
    .map((key) => key.split('/') as [string, string])
    .filter(([group]) => group !== '')
    .map(([group, version]) => ({
      group,
      name: `${version}.${group}`,
      priority: priorityOf(group, version).group,
    }))
  services.sort((one, other) => other.priority - one.priority || (one.name < other.name ? -1 : 1))
  return [...new Set(services.map(({ group }) => group))]
}

/** The same as aggregated discovery lists them: by priority, then by name. */
export function aggregatedGroupsOf(registry: Registry): string[] {
  const rank = (group: string) => priorityOf(group, '').group
  return groupsOf(registry).sort((one, other) => rank(other) - rank(one) || (one < other ? -1 : 1))
}

/** The versions of a group, the preferred one first. */
export function versionsOf(registry: Registry, group: string): string[] {
  const prefix = `${group}/`
  const versions = [...registry.versions.keys()].filter((key) => key.startsWith(prefix))
  return versions.map((key) => key.slice(prefix.length)).sort(byPriority(group))
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

const ENDING = new Set<Verb>(['delete', 'deletecollection', 'get', 'list', 'watch'])

/** Those that discovery lists. */
const verbsOf = ({ verbs, isEnding }: ResourceType): Verb[] =>
  isEnding === true ? verbs.filter((verb) => ENDING.has(verb)) : verbs

const names = (type: ResourceType): JsonObject => ({
  ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
  ...(type.categories.length > 0 ? { categories: type.categories } : {}),
})

/** The resources of a version. */
export function resourceList(registry: Registry, group: string, version: string): JsonObject {
  const groupVersionText = group === '' ? version : `${group}/${version}`
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: groupVersionText,
    resources: typesOf(registry, group, version).flatMap(resourcesOf),
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
    ...(type.isVirtual === true ? {} : { storageVersionHash: storageHash(type) }),
  },
  ...type.subresources.map(({ name, group, version, kind, verbs }) => ({
    name: `${type.plural}/${name}`,
    singularName: '',
    namespaced: type.namespaced,
    ...(group === undefined ? {} : { group }),
    ...(version === undefined ? {} : { version }),
    kind: kind ?? type.kind,
    verbs,
  })),
]

/** Kinds of one storage have one hash. */
function storageHash(type: ResourceType): string {
  const text = `${type.storageVersion ?? `${type.group}/${type.version}`}/${type.kind}`
  return createHash('sha256').update(text).digest().subarray(0, 8).toString('base64')
}

/** A group of aggregated discovery. */
export const aggregatedGroup = (registry: Registry, group: string): JsonObject => ({
  metadata: group === '' ? {} : { name: group },
  versions: versionsOf(registry, group).map((version) => ({
    version,
    resources: typesOf(registry, group, version).map(aggregatedResource),
    freshness: 'Current',
  })),
})

function aggregatedResource(type: ResourceType): JsonObject {
  // Only custom kinds say here where they are from.
  const own = type.custom ? { group: type.group, version: type.version } : { group: '', version: '' }
  const parts = type.subresources.map(({ name, group, version, kind, verbs }) => ({
    subresource: name,
    responseKind: {
      group: group ?? own.group,
      version: version ?? own.version,
      kind: kind ?? type.kind,
    },
    verbs,
  }))
  return {
    resource: type.plural,
    responseKind: { ...own, kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: verbsOf(type),
    ...names(type),
    ...(parts.length > 0 ? { subresources: parts } : {}),
  }
}
