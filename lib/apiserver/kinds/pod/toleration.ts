/**
 * Tolerations of taints.
 */

import type { Json, JsonObject, Problem } from '../../resource.ts'
import { isEqual, listAt, numberAt, stringAt } from '../../schema/equal.ts'
import { labelValueProblems, qualifiedProblems } from '../../schema/names.ts'
import { forbidden, invalid } from '../../schema/problem.ts'
import { each, formedIfAny, oneOf } from '../rules.ts'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** What is wrong with `tolerations`. */
export const tolerationsProblems = (tolerations: Json[], field: string): Problem[] =>
  each(tolerations, field, (one, at) => {
    const key = stringAt(one, 'key')
    const operator = stringAt(one, 'operator')
    const effect = stringAt(one, 'effect')
    const all = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
    const seconds = "effect must be 'NoExecute' when `tolerationSeconds` is set"
    return [
      ...formedIfAny(key, `${at}.key`, qualifiedProblems),
      ...(key === '' && operator !== 'Exists' ? [invalid(`${at}.operator`, operator, all)] : []),
      ...(numberAt(one, 'tolerationSeconds') !== undefined && effect !== 'NoExecute'
        ? [invalid(`${at}.effect`, effect, seconds)]
        : []),
      ...operatorProblems(one, operator, `${at}.operator`),
      ...(effect === '' ? [] : oneOf(effect, `${at}.effect`, effects)),
    ]
  })

const operatorProblems = (toleration: JsonObject, operator: string, field: string): Problem[] => {
  const value = stringAt(toleration, 'value')
  switch (operator) {
    case '':
    case 'Equal': {
      const wrong = labelValueProblems(value)
      return wrong.length === 0 ? [] : [invalid(field, value, wrong.join(';'))]
    }
    case 'Exists':
      return value === '' ? [] : [invalid(field, value, "value must be empty when `operator` is 'Exists'")]
    case 'Lt':
    case 'Gt':
      // The feature gate for these two is off.
      return oneOf(`${operator} `, field, ['Equal', 'Exists', 'Lt', 'Gt']).map((problem) => ({
        ...problem,
        message: problem.message.replace(`${operator} `, operator),
      }))
    default:
      return oneOf(operator, field, ['Equal', 'Exists'])
  }
}

/** Tolerations of a pod may only be added; how long old ones last may change. */
export const addedTolerationsProblems = (spec: JsonObject, before: JsonObject, field: string): Problem[] => {
  const now = listAt(spec, 'tolerations')
  const withoutSeconds = (one: Json): Json =>
    typeof one === 'object' && one !== null && !Array.isArray(one) ? { ...one, tolerationSeconds: null } : one
  const isKept = (old: Json): boolean => now.some((one) => isEqual(withoutSeconds(one), withoutSeconds(old)))
  if (!listAt(before, 'tolerations').every(isKept))
    return [forbidden(field, 'existing toleration can not be modified except its tolerationSeconds')]
  return tolerationsProblems(now, field)
}
