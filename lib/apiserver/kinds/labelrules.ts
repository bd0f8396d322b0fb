/**
 * What a label selector must look like, wherever it stands.
 */

import type { JsonObject, Problem } from '../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { labelsProblems } from '../schema/metadata.ts'
import { labelValueProblems, qualifiedProblems } from '../schema/names.ts'
import { forbidden, invalid, required } from '../schema/problem.ts'
import { formed } from './rules.ts'

/** What is wrong with a label selector itself; `anyValues` lets values pass that no label can have. */
export const labelSelectorProblems = (
  selector: JsonObject,
  field: string,
  { anyValues }: { anyValues: boolean } = { anyValues: false },
): Problem[] => [
  ...labelsProblems(objectAt(selector, 'matchLabels'), `${field}.matchLabels`),
  ...listAt(selector, 'matchExpressions')
    .filter(isObject)
    .flatMap((one, index) => expressionProblems(one, `${field}.matchExpressions[${index}]`, anyValues)),
]

const expressionProblems = (expression: JsonObject, field: string, anyValues: boolean): Problem[] => [
  ...operatorProblems(expression, field),
  ...formed(stringAt(expression, 'key'), `${field}.key`, qualifiedProblems),
  ...(anyValues ? [] : listAt(expression, 'values')).flatMap((value, index) =>
    formed(String(value), `${field}.values[${index}]`, labelValueProblems),
  ),
]

const operatorProblems = (expression: JsonObject, field: string): Problem[] => {
  const operator = stringAt(expression, 'operator')
  const many = listAt(expression, 'values').length
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (many > 0) return []
      return [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist': {
      const text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
      return many === 0 ? [] : [forbidden(`${field}.values`, text)]
    }
    default:
      return [invalid(`${field}.operator`, operator, 'not a valid selector operator')]
  }
}
