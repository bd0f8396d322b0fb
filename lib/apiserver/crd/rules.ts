/**
 * The CEL rules of a CRD's schema: they must compile, fit what they stand at, and use what exists.
 */

import type { Problem, Schema, ValidationRule } from '../resource.ts'
import { compileRules, type RuleError, usesOldSelf } from '../schema/cel/compile.ts'
import { invalid, invalidPrinted, notSupported, required } from '../schema/problem.ts'
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

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']

const problemsOf = (
  rule: ValidationRule,
  place: Place,
  path: string,
  error: RuleError | undefined,
): Problem[] => {
  if ((rule.rule ?? '').trim() === '') return [required(`${path}.rule`, 'rule is not specified')]
  const problems: Problem[] = []
  if (rule.message?.includes('\n'))
    problems.push(invalid(`${path}.message`, rule.message, 'must not contain line breaks'))
  if (rule.reason !== undefined && !reasons.includes(rule.reason))
    problems.push(notSupported(`${path}.reason`, rule.reason, reasons))
  if (rule.fieldPath !== undefined && !leadsSomewhere(place.schema, rule.fieldPath))
    problems.push(invalid(`${path}.fieldPath`, rule.fieldPath, 'must be a valid path'))
  if (rule.optionalOldSelf && !usesOldSelf(rule))
    problems.push(invalid(`${path}.optionalOldSelf`, true, 'may not be set if oldSelf is not used in rule'))
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

/** Does a field path like `.a.b['c.d']` name a field of the schema? */
const leadsSomewhere = (schema: Schema, fieldPath: string): boolean => {
  let found: Schema | undefined = schema
  const steps = [...fieldPath.matchAll(/\.([A-Za-z_][\w]*)|\['([^']*)'\]/g)]
  if (steps.length === 0 || steps.map((step) => step[0]).join('') !== fieldPath) return false
  for (const step of steps) {
    const name = step[1] ?? step[2] ?? ''
    const additional: Schema | boolean | undefined = found?.additionalProperties
    found = found?.properties?.[name] ?? (typeof additional === 'object' ? additional : undefined)
  }
  return found !== undefined
}
