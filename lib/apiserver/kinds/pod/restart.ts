/**
 * When containers are started again: by their own policy and rules, and after a change of their resources.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { isObject, listAt, stringAt } from '../../schema/equal.ts'
import { duplicate, invalid, required, tooMany } from '../../schema/problem.ts'
import { each, neededOneOf, oneOf, textAt } from '../rules.ts'

const MAX_RULES = 20
const MAX_EXIT_CODES = 255

/** What is wrong with the restart policy and rules of a container. */
export const restartProblems = (container: JsonObject, field: string): Problem[] => {
  const rules = listAt(container, 'restartPolicyRules')
  const policy = textAt(container, 'restartPolicy')
  const at = `${field}.restartPolicyRules`
  const lacks = policy === undefined && rules.length > 0
  return [
    ...(lacks
      ? [required(`${field}.restartPolicy`, 'must specify restartPolicy when restart rules are used')]
      : []),
    ...oneOf(policy, `${field}.restartPolicy`, ['Always', 'Never', 'OnFailure']),
    ...(rules.length > MAX_RULES ? [tooMany(at, rules.length, MAX_RULES)] : []),
    ...each(rules, at, ruleProblems),
  ]
}

const ruleProblems = (rule: JsonObject, field: string): Problem[] => {
  const codes = rule.exitCodes
  const action = oneOf(stringAt(rule, 'action'), `${field}.action`, ['Restart', 'RestartAllContainers'])
  if (!isObject(codes)) return [...action, required(`${field}.exitCodes`, 'must be specified')]
  const many = listAt(codes, 'values').length
  return [
    ...action,
    ...oneOf(stringAt(codes, 'operator'), `${field}.exitCodes.operator`, ['In', 'NotIn']),
    ...(many > MAX_EXIT_CODES ? [tooMany(`${field}.exitCodes.values`, many, MAX_EXIT_CODES)] : []),
  ]
}

/** What is wrong with `resizePolicy`; `podPolicy` is the restart policy of the pod. */
export const resizeProblems = (container: JsonObject, field: string, podPolicy: string): Problem[] => {
  const seen = new Set<string>()
  const list = `${field}.resizePolicy`
  return each(listAt(container, 'resizePolicy'), list, (one, at) => {
    const resource = stringAt(one, 'resourceName')
    const policy = stringAt(one, 'restartPolicy')
    const text = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
    const problems = [
      ...(seen.has(resource) ? [duplicate(at, resource)] : []),
      ...neededOneOf(resource, list, ['cpu', 'memory']),
      ...neededOneOf(policy, list, ['NotRequired', 'RestartContainer']),
      ...(podPolicy === 'Never' && policy !== 'NotRequired' ? [invalid(list, policy, text)] : []),
    ]
    seen.add(resource)
    return problems
  })
}

/** Only containers that go on running can be started again when they are resized. */
export const noRestartOnResize = (container: JsonObject, field: string): Problem[] =>
  each(listAt(container, 'resizePolicy'), `${field}.resizePolicy`, (one, at) =>
    one.restartPolicy === 'RestartContainer'
      ? [
          invalid(
            `${at}.restartPolicy`,
            'RestartContainer',
            "must not be set to 'RestartContainer' for non-sidecar initContainers",
          ),
        ]
      : [],
  )
