/**
 * CEL rules of custom resources (`x-kubernetes-validations`): compiled once per schema, evaluated on every write.
 */

import type { Json, JsonObject, Problem, Schema } from '../resource.ts'
import { type CompiledRule, compileRules } from './cel/compile.ts'
import { runError } from './cel/message.ts'
import { CostExceeded } from './cel/meter.ts'
import { declared, formerly } from './declared.ts'
import { isEqual, isObject } from './equal.ts'
import { duplicate, forbidden, invalid, required } from './problem.ts'
import { correlated } from './validate.ts'

/** The rules of a schema and of everything below it; parts without rules are left out. */
interface RuleTree {
  readonly schema: Schema
  readonly rules: readonly CompiledRule[]
  readonly properties: ReadonlyMap<string, RuleTree>
  readonly additional: RuleTree | undefined
  readonly items: RuleTree | undefined
}

/** Evaluates all rules on a new object (`before` absent) or an update. */
export type RuleCheck = (object: JsonObject, before: JsonObject | undefined) => Problem[]

/**
 * The check for the rules of a resource's schema, or undefined when it has none. Rules compile at the first call. A rule
 * that does not compile (its CRD would have been refused) is passed over.
 */
export const rulesOf = (schema: Schema): RuleCheck | undefined => {
  if (!hasRules(schema)) return undefined
  let tree: RuleTree | undefined
  return (object, before) => {
    tree ??= treeOf(schema, true)
    const problems: Problem[] = []
    evaluate({ value: object, before, tree, path: '', budget: { left: BUDGET } }, problems)
    return problems
  }
}

const belowOf = (schema: Schema): Schema[] => [
  ...Object.values(schema.properties ?? {}),
  ...(schema.items ? [schema.items] : []),
  ...(typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : []),
]

const hasRules = (schema: Schema): boolean =>
  (schema['x-kubernetes-validations']?.length ?? 0) > 0 || belowOf(schema).some(hasRules)

const treeOf = (schema: Schema, isRoot: boolean): RuleTree => {
  const branch = (below: Schema | boolean | undefined): RuleTree | undefined =>
    typeof below === 'object' && hasRules(below) ? treeOf(below, false) : undefined
  const properties = new Map<string, RuleTree>()
  for (const [name, below] of Object.entries(schema.properties ?? {})) {
    const found = branch(below)
    if (found) properties.set(name, found)
  }
  const rules = compileRules(schema, isRoot).filter((one) => 'holds' in one)
  return {
    schema,
    rules,
    properties,
    additional: branch(schema.additionalProperties),
    items: branch(schema.items),
  }
}

interface Visited {
  readonly value: Json
  readonly before: Json | undefined
  readonly tree: RuleTree
  readonly path: string
  /** What all rules of the object may still cost; below zero none is run any more. */
  readonly budget: { left: number }
}

/** What the rules of one object may cost together (k8s.io/apiserver, RuntimeCELCostBudget). */
const BUDGET = 10_000_000

const evaluate = (visited: Visited, problems: Problem[]): void => {
  const { value, before, tree, path, budget } = visited
  if (value === null) return
  for (const rule of tree.rules) {
    if (budget.left < 0) return
    const problem = problemOf(rule, visited)
    if (problem) problems.push(problem)
    if (budget.left < 0) return
    budget.left -= rule.spent()
    if (budget.left < 0)
      problems.push(invalid(fieldOf(path, undefined), tree.schema.type ?? 'any', EXHAUSTED))
  }
  if (Array.isArray(value)) {
    if (!tree.items) return
    const counterpart = correlated({ before, schema: tree.schema })
    for (const [index, item] of value.entries())
      evaluate(
        { value: item, before: counterpart(item), tree: tree.items, path: `${path}[${index}]`, budget },
        problems,
      )
  } else if (isObject(value)) evaluateFields(visited, value, problems)
}

const evaluateFields = (
  { before, tree, path, budget }: Visited,
  object: JsonObject,
  problems: Problem[],
): void => {
  for (const [name, value] of Object.entries(object)) {
    const below = tree.properties.get(name) ?? (declared(tree.schema, name) ? undefined : tree.additional)
    const place = tree.additional ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`
    if (below) evaluate({ value, before: formerly(before, name), tree: below, path: place, budget }, problems)
  }
}

const EXHAUSTED =
  'validation failed due to running out of cost budget, no further validation rules will be run'

const problemOf = (
  compiled: CompiledRule,
  { value, before, tree, path, budget }: Visited,
): Problem | undefined => {
  const { rule, usesOldSelf } = compiled
  // A rule about a change has nothing to say where nothing was before, unless it asks for that case.
  if (usesOldSelf && before === undefined && !rule.optionalOldSelf) return undefined
  // What was there already may stay, however wrong (ratcheting); rules about changes decide for themselves.
  if (!usesOldSelf && before !== undefined && isEqual(value, before)) return undefined
  const field = fieldOf(path, rule.fieldPath)
  try {
    if (compiled.holds(value, before)) return undefined
  } catch (error) {
    const type = tree.schema.type ?? 'any'
    const shown = rule.message?.trim() || rule.rule.trim()
    if (error instanceof CostExceeded) {
      budget.left = -1
      const why = `no further validation rules will be run due to call cost exceeds limit for rule: ${shown}`
      return invalid(field, type, `'${error.message}': ${why}`)
    }
    return invalid(field, type, `${runError(error)} evaluating rule: ${rule.message ?? rule.rule}`)
  }
  const text = compiled.message(value, before) ?? rule.message?.trim() ?? `failed rule: ${rule.rule.trim()}`
  return failure(rule.reason ?? 'FieldValueInvalid', field, value, text)
}

const fieldOf = (path: string, fieldPath: string | undefined): string => {
  const field = `${path}${fieldPath ?? ''}`.replaceAll(/\['([^']*)'\]/g, '[$1]').replace(/^\./, '')
  return field === '' ? '<nil>' : field
}

const failure = (reason: string, field: string, value: Json, text: string): Problem => {
  const shown = typeof value === 'object' ? undefined : value
  if (reason === 'FieldValueRequired') return required(field, text)
  if (reason === 'FieldValueForbidden') return forbidden(field, text)
  if (reason === 'FieldValueDuplicate') return duplicate(field, shown)
  return invalid(field, shown, text)
}

const blocking = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

/** Rules are not evaluated on objects whose structure is wrong; that is said instead. */
export const blockedBy = (problems: readonly Problem[]): Problem[] =>
  problems.some((problem) => blocking.has(problem.reason))
    ? [
        invalid(
          '<nil>',
          null,
          'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
        ),
      ]
    : []
