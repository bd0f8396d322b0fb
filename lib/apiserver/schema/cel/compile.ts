/**
 * Rules, compiled against the schema that they stand at.
 */

import type { Json, Schema, ValidationRule } from '../../resource.ts'
import { createEnvironment, type Environment, optionalOf } from './environment.ts'
import { compileError } from './message.ts'
import type { Meter } from './meter.ts'
import { type CelShape, shapeOf } from './types.ts'

/** A rule that can be evaluated. */
export interface CompiledRule {
  readonly rule: ValidationRule
  /** Says something about the change, not about the value. */
  readonly usesOldSelf: boolean
  /** Throws what CEL throws. `before` undefined: there was nothing. */
  readonly holds: (value: Json, before: Json | undefined) => boolean
  /** The text of messageExpression; undefined when there is none, or it gives no usable text. */
  readonly message: (value: Json, before: Json | undefined) => string | undefined
  /** What the latest `holds` or `message` of this schema's rules has cost. */
  readonly spent: () => number
}

/** What is wrong with a rule; `part` is the field of the rule. */
export interface RuleError {
  readonly part: 'rule' | 'messageExpression'
  readonly text: string
}

/** Compiles the rules of one schema. Errors stand where a rule would. */
export const compileRules = (schema: Schema, isRoot: boolean): (CompiledRule | RuleError)[] => {
  const rules = schema['x-kubernetes-validations'] ?? []
  const scopes = new Map<boolean, Scope | undefined>()
  return rules.map((rule) => {
    const isOptional = rule.optionalOldSelf === true
    if (!scopes.has(isOptional)) scopes.set(isOptional, scopeOf(schema, isRoot, isOptional))
    const scope = scopes.get(isOptional)
    return scope
      ? compileRule(rule, scope)
      : { part: 'rule', text: 'rules are not supported on values without a type' }
  })
}

/** Where the rules of one schema are compiled. */
interface Scope {
  readonly environment: Environment
  readonly shape: CelShape
  readonly meter: Meter
}

const scopeOf = (schema: Schema, isRoot: boolean, isOptional: boolean): Scope | undefined => {
  const environment = createEnvironment()
  const meter: Meter = { spent: 0 }
  const shape = shapeOf(schema, environment, isRoot, meter)
  if (!shape) return undefined
  environment.registerVariable('self', shape.type)
  environment.registerVariable('oldSelf', isOptional ? `optional<${shape.type}>` : shape.type)
  return { environment, shape, meter }
}

const mentionsOldSelf = (rule: ValidationRule): boolean => /\boldSelf\b/.test(withoutStrings(rule.rule))

const withoutStrings = (text: string): string => text.replaceAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "''")

/** Does the rule compare with the value before? */
export const usesOldSelf = mentionsOldSelf

const compileRule = (
  rule: ValidationRule,
  { environment, shape, meter }: Scope,
): CompiledRule | RuleError => {
  const error = checkRule(environment, rule)
  if (error) return error
  const run = environment.parse(rule.rule)
  const runMessage =
    rule.messageExpression === undefined ? undefined : environment.parse(rule.messageExpression)
  const context = (value: Json, before: Json | undefined) => {
    meter.spent = 0
    return {
      self: shape.toValue(value),
      oldSelf: oldValue(before === undefined ? undefined : shape.toValue(before), rule),
    }
  }
  return {
    rule,
    usesOldSelf: mentionsOldSelf(rule),
    holds: (value, before) => run(context(value, before)) === true,
    message: (value, before) => usableText(() => runMessage?.(context(value, before))),
    spent: () => meter.spent,
  }
}

const oldValue = (value: unknown, rule: ValidationRule): unknown => {
  if (!rule.optionalOldSelf) return value
  return optionalOf(value)
}

/** A message that cannot be made is no failure of the rule: another one is used (apiextensions, validation.go). */
const usableText = (make: () => unknown): string | undefined => {
  try {
    const text = make()
    return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') ? text.trim() : undefined
  } catch {
    return undefined
  }
}

const checkRule = (environment: Environment, rule: ValidationRule): RuleError | undefined => {
  if (rule.rule.trim() === '') return { part: 'rule', text: 'rule is not specified' }
  const error = compileError(environment, rule.rule)
  if (error !== undefined) return { part: 'rule', text: `compilation failed: ${error}` }
  if (!isOf(environment, rule.rule, 'bool'))
    return { part: 'rule', text: 'cel expression must evaluate to a bool' }
  if (rule.messageExpression === undefined) return undefined
  const messageError = compileError(environment, rule.messageExpression)
  if (messageError !== undefined)
    return { part: 'messageExpression', text: `messageExpression compilation failed: ${messageError}` }
  if (isOf(environment, rule.messageExpression, 'string')) return undefined
  return { part: 'messageExpression', text: 'messageExpression must evaluate to a string' }
}

const isOf = (environment: Environment, expression: string, type: string): boolean => {
  const found = environment.check(expression).type
  return found === type || found === 'dyn'
}
