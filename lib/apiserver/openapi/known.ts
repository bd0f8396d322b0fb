/** Which components there are in a document, by name: the kinds that are served, their lists, and what belongs to no kind. */
import type { Component } from './component.ts'
import { customComponents } from './custom.ts'
import { listMeta, metaTypes } from './meta.ts'
import { componentName } from './names.ts'
import { always, needed, struct } from '../kinds/dsl.ts'
import type { Registry } from '../registry.ts'
import type { JsonObject, ResourceType } from '../resource.ts'

/** Looks components up by name; `gvs` are the versions whose own options there are in the document. */
export function knownComponents(
  registry: Registry,
  options: readonly Version[],
): (name: string) => Component | undefined {
  const found = new Map<string, () => Component>()
  for (const [name, schema] of metaTypes) found.set(name, () => ({ schema, ...kindsOf(name, options) }))
  for (const served of registry.versions.values()) for (const type of served.values()) addKind(found, type)
  return (name) => found.get(name)?.()
}

export type Version = Pick<ResourceType, 'group' | 'version'>

function addKind(found: Map<string, () => Component>, type: ResourceType): void {
  if (type.custom) {
    for (const [name, body] of customComponents(type)) found.set(name, () => ({ body }))
    return
  }
  const name = componentName(type, type.kind)
  found.set(name, () => ({ schema: type.schema, kinds: [kindOf(type, type.kind)] }))
  for (const { sent } of type.subresources) if (sent !== undefined) addKind(found, sent)
  if (type.verbs.includes('list'))
    found.set(componentName(type, type.listKind), () => ({
      schema: listSchema(type),
      kinds: [kindOf(type, type.listKind)],
    }))
}

const kindOf = ({ group, version }: Version, kind: string): JsonObject => ({ group, kind, version })

const listSchema = (type: ResourceType) =>
  struct(type.listKind, {
    apiVersion: 'string',
    items: needed({ type: 'array', items: type.schema }),
    kind: 'string',
    metadata: always(listMeta),
  })

/** Types of apimachinery that are kinds of the core group; options are kinds of every group. */
function kindsOf(name: string, options: readonly Version[]): { kinds?: JsonObject[] } {
  const kind = name.slice(name.lastIndexOf('.') + 1)
  if (name === 'io.k8s.api.autoscaling.v1.Scale')
    return { kinds: [kindOf({ group: 'autoscaling', version: 'v1' }, kind)] }
  if (KINDS.has(kind)) return { kinds: [kindOf({ group: '', version: 'v1' }, kind)] }
  if (!EVERYWHERE.has(kind)) return {}
  return { kinds: options.map((version) => kindOf(version, kind)) }
}

const KINDS = new Set(['APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions', 'Status'])
const EVERYWHERE = new Set(['DeleteOptions', 'WatchEvent'])
