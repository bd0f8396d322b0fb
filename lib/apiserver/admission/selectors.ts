/** Which objects the selectors of webhooks choose. */
import { labelsOf } from '../metadata.ts'
import { findKind } from '../registry.ts'
import type { JsonObject } from '../resource.ts'
import { listAt, objectAt } from '../schema/equal.ts'
import { selectorMatches } from '../selector/object.ts'
import { findEntry, type Server } from '../server.ts'
import { notFound } from '../status.ts'
import { type Attributes, isNamespaceType } from './attributes.ts'

const isEmpty = (selector: JsonObject): boolean =>
  Object.keys(objectAt(selector, 'matchLabels')).length === 0 &&
  listAt(selector, 'matchExpressions').length === 0

/** The object as it was counts as well as the object as it will be. */
export const matchesObject = (selector: JsonObject, { object, before }: Attributes): boolean =>
  isEmpty(selector) ||
  [object, before].some((one) => one !== undefined && selectorMatches(selector, labelsOf(one)))

/**
 * Cluster-scoped objects always match, but Namespaces by their own labels. Throws 404 for a namespace that is absent; only
 * a webhook that is otherwise meant may say so.
 */
export function matchesNamespace(server: Server, selector: JsonObject, attributes: Attributes): boolean {
  const { type, namespace, subresource, operation, object } = attributes
  if (namespace === '' || isEmpty(selector)) return true
  const isOwn = isNamespaceType(type) && subresource === '' && operation !== 'DELETE'
  if (isOwn) return selectorMatches(selector, object === undefined ? {} : labelsOf(object))
  const namespaces = findKind(server.registry, 'v1', 'Namespace')
  if (namespaces === undefined) return false
  const entry = findEntry(server, namespaces, '', namespace)
  if (entry === undefined) throw notFound(namespaces, namespace)
  return selectorMatches(selector, labelsOf(entry.object))
}
