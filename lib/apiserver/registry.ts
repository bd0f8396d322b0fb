/**
 * Which kinds are served where. Built-in types are there from the start; those of a CustomResourceDefinition come and go
 * with it.
 */
import type { ResourceType } from './resource.ts'
import { subresourceOf } from './subresource.ts'

export interface Registry {
  /** `group/version` -> plural -> type. */
  readonly versions: Map<string, Map<string, ResourceType>>
  /** Groups that are built in: unknown paths below them are answered in other words than elsewhere. */
  readonly builtinGroups: Set<string>
  /** The types of each CRD, by its name. */
  readonly custom: Map<string, ResourceType[]>
}

/** A registry of the built-in types. */
export function createRegistry(builtin: readonly ResourceType[]): Registry {
  const registry: Registry = { versions: new Map(), builtinGroups: new Set(), custom: new Map() }
  for (const type of builtin) {
    register(registry, type)
    registry.builtinGroups.add(type.group)
  }
  return registry
}

const versionKey = (group: string, version: string): string => `${group}/${version}`

function register(registry: Registry, type: ResourceType): void {
  const key = versionKey(type.group, type.version)
  const types = registry.versions.get(key) ?? new Map<string, ResourceType>()
  types.set(type.plural, type)
  registry.versions.set(key, types)
}

/** Serves exactly these types for a CRD from now on; none removes it. */
export function serveCustom(registry: Registry, crd: string, types: ResourceType[]): void {
  for (const type of registry.custom.get(crd) ?? []) {
    const key = versionKey(type.group, type.version)
    const served = registry.versions.get(key)
    served?.delete(type.plural)
    if (served?.size === 0) registry.versions.delete(key)
  }
  registry.custom.delete(crd)
  if (types.length === 0) return
  registry.custom.set(crd, types)
  for (const type of types) register(registry, type)
}

/** The type served at a path. */
export const findType = (
  registry: Registry,
  group: string,
  version: string,
  plural: string,
): ResourceType | undefined => registry.versions.get(versionKey(group, version))?.get(plural)

/** The type of an object by its apiVersion and kind. */
export function findKind(registry: Registry, apiVersion: string, kind: string): ResourceType | undefined {
  const key = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
  for (const type of registry.versions.get(key)?.values() ?? []) if (type.kind === kind) return type
  return undefined
}

/** The served versions of a resource (that have the subresource): what is one object in several of them. */
export function equivalentsOf(registry: Registry, type: ResourceType, subresource: string): ResourceType[] {
  const found: ResourceType[] = []
  for (const served of registry.versions.values())
    for (const one of served.values())
      if (
        one.storage === type.storage &&
        (subresource === '' || subresourceOf(one, subresource) !== undefined)
      )
        found.push(one)
  return found
}

/** Is the resource still served, in this version? That may have ended while a request waited. */
export const isServed = (registry: Registry, type: ResourceType): boolean =>
  findType(registry, type.group, type.version, type.plural) !== undefined

/** One type per storage key: what a controller that visits all objects goes through. */
export function storedTypes(registry: Registry): ResourceType[] {
  const types = new Map<string, ResourceType>()
  for (const served of registry.versions.values())
    for (const type of served.values())
      if (type.isVirtual !== true && !types.has(type.storage)) types.set(type.storage, type)
  return [...types.values()]
}

/** Every resource once, in the first version in which it is served: what clients that ask discovery go through. */
export function preferredTypes(registry: Registry): ResourceType[] {
  const types = new Map<string, ResourceType>()
  for (const served of registry.versions.values())
    for (const type of served.values()) {
      const resource = `${type.group}/${type.plural}`
      if (!types.has(resource)) types.set(resource, type)
    }
  return [...types.values()]
}
