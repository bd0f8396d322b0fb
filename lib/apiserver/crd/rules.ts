/**
 * The CEL rules of a CRD's schema: they must compile, fit what they stand at, and use what exists.
 */

import type { Problem, Schema, ValidationRule } from '../resource.ts'
import { compileRules, type RuleError, usesOldSelf } from '../schema/cel/compile.ts'
import { invalid, invalidPrinted } from '../schema/problem.ts'
import { printRule } from './internal.ts'

/** What is wrong with the rules of a schema at `path`, and of all below it. */
export const ruleProblems = (schema: Schema, path: string): Problem[] => {
  const problems: Problem[] = []
  visit({ schema, path, isRoot: true, uncorrelated: undefined }, problems)
  return problems
}

interface Place {
  readonly schema: Schema
  readonly path: string
  readonly isRoot: boolean
  /** The nearest list above whose items have no identity, so that nothing is known of what they were. */
  readonly uncorrelated: string | undefined
}

const visit = (place: Place, problems: Problem[]): void => {
  const { schema, path, uncorrelated } = place
  const rules = schema['x-kubernetes-validations'] ?? []
  const compiled = rules.length > 0 ? compileRules(schema, place.isRoot) : []
  for (const [index, rule] of rules.entries()) {
    const result = compiled[index]
    const error = result && 'text' in result ? result : undefined
    problems.push(...problemsOf(rule, place, `${path}.x-kubernetes-validations[${index}]`, error))
  }
  for (const [name, below] of Object.entries(schema.properties ?? {}))
    visit({ schema: below, path: `${path}.properties[${name}]`, isRoot: false, uncorrelated }, problems)
  if (typeof schema.additionalProperties === 'object')
    visit(
      {
        schema: schema.additionalProperties,
        path: `${path}.additionalProperties`,
        isRoot: false,
        uncorrelated,
      },
      problems,
    )
  if (schema.items) {
    const isKeyed = schema['x-kubernetes-list-type'] === 'map'
    visit(
      {
        schema: schema.items,
        path: `${path}.items`,
        isRoot: false,
        uncorrelated: isKeyed ? uncorrelated : path,
      },
      problems,
    )
  }
}

const problemsOf = (
  rule: ValidationRule,
  place: Place,
  path: string,
  error: RuleError | undefined,
): Problem[] => {
  const problems: Problem[] = []
  if (rule.optionalOldSelf !== undefined && !usesOldSelf(rule))
    problems.push(
      invalid(
        `${path}.optionalOldSelf`,
        rule.optionalOldSelf,
        'may not be set if oldSelf is not used in rule',
      ),
    )
  if (error) problems.push(invalidPrinted(`${path}.${error.part}`, printRule({ ...rule }), error.text))
  else if (place.uncorrelated !== undefined && usesOldSelf(rule) && !rule.optionalOldSelf)
    problems.push(
      invalid(
        `${path}.rule`,
        rule.rule,
        `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelated}`,
      ),
    )
  return problems
}
