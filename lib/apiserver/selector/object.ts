/** Label selectors as objects (meta/v1 LabelSelector: `matchLabels`, `matchExpressions`), matched. */
import type { Json, JsonObject } from '../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'

type Labels = Readonly<Record<string, Json>>

/** Does a selector match these labels? An empty selector matches everything. */
export const selectorMatches = (selector: JsonObject, labels: Labels): boolean =>
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
