/** Label selectors as objects (`matchLabels`, `matchExpressions`), and which objects they choose for admission. */
import { labelsOf } from '../metadata.ts'
import { findKind } from '../registry.ts'
import type { JsonObject } from '../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { findEntry, type Server } from '../server.ts'
import { notFound } from '../status.ts'
import { type Attributes, isNamespaceType } from './attributes.ts'

type Labels = Readonly<Record<string, string>>

const isEmpty = (selector: JsonObject): boolean =>
  Object.keys(objectAt(selector, 'matchLabels')).length === 0 &&
  listAt(selector, 'matchExpressions').length === 0

/** Does an object with these labels match? */
export const matchesLabels = (selector: JsonObject, labels: Labels): boolean =>
  Object.entries(objectAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value) &&
  listAt(selector, 'matchExpressions')
    .filter(isObject)
    .every((expression) => holds(expression, labels))

function holds(expression: JsonObject, labels: Labels): boolean {
  const key = stringAt(expression, 'key')
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  const values = listAt(expression, 'values')
  switch (expression.operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    default:
      return value === undefined
  }
}

/** The object as it was counts as well as the object as it will be. */
export const matchesObject = (selector: JsonObject, { object, before }: Attributes): boolean =>
  isEmpty(selector) ||
  [object, before].some((one) => one !== undefined && matchesLabels(selector, labelsOf(one)))

/**
 * Cluster-scoped objects always match, but Namespaces by their own labels. Throws 404 for a namespace that is absent; only
 * a webhook that is otherwise meant may say so.
 */
export function matchesNamespace(server: Server, selector: JsonObject, attributes: Attributes): boolean {
  const { type, namespace, subresource, operation, object } = attributes
  if (namespace === '' || isEmpty(selector)) return true
  const isOwn = isNamespaceType(type) && subresource === '' && operation !== 'DELETE'
  if (isOwn) return matchesLabels(selector, object === undefined ? {} : labelsOf(object))
  const namespaces = findKind(server.registry, 'v1', 'Namespace')
  if (namespaces === undefined) return false
  const entry = findEntry(server, namespaces, '', namespace)
  if (entry === undefined) throw notFound(namespaces, namespace)
  return matchesLabels(selector, labelsOf(entry.object))
}
