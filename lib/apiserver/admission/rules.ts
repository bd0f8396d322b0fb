/** Rules of webhooks (k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules): operations, resources, scope. */
import { equivalentsOf } from '../registry.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import { listAt } from '../schema/equal.ts'
import type { Server } from '../server.ts'
import { type Attributes, isNamespaceType } from './attributes.ts'
import type { Hook } from './hooks.ts'

/**
 * The version in which a webhook wants to see the object: that of the request, or with matchPolicy Equivalent another
 * version of the same resource. Undefined: it is not meant.
 */
export function wantedType(server: Server, hook: Hook, attributes: Attributes): ResourceType | undefined {
  const { type } = attributes
  if (hook.rules.some((rule) => matchesRule(rule, attributes, type))) return type
  if (!hook.takesEquivalents) return undefined
  const others = equivalentsOf(server.registry, type, attributes.subresource)
  for (const rule of hook.rules) {
    const other = others.find((one) => one !== type && matchesRule(rule, attributes, one))
    if (other !== undefined) return other
  }
  return undefined
}

function matchesRule(rule: JsonObject, attributes: Attributes, type: ResourceType): boolean {
  return (
    matchesScope(rule, attributes) &&
    includes(rule, 'operations', attributes.operation) &&
    includes(rule, 'apiGroups', type.group) &&
    includes(rule, 'apiVersions', type.version) &&
    listAt(rule, 'resources').some((one) => matchesResource(String(one), type.plural, attributes.subresource))
  )
}

const includes = (rule: JsonObject, field: string, value: string): boolean =>
  listAt(rule, field).some((one) => one === '*' || one === value)

function matchesScope({ scope }: JsonObject, { type, namespace }: Attributes): boolean {
  const isCluster = namespace === '' || isNamespaceType(type)
  if (scope === 'Namespaced') return !isCluster
  return scope !== 'Cluster' || isCluster
}

function matchesResource(pattern: string, plural: string, subresource: string): boolean {
  const slash = pattern.indexOf('/')
  const resource = slash < 0 ? pattern : pattern.slice(0, slash)
  const sub = slash < 0 ? '' : pattern.slice(slash + 1)
  return (resource === '*' || resource === plural) && (sub === '*' || sub === subresource)
}
