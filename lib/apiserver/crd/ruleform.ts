/** CEL rules before they are compiled: what they must say, and in one line. */

import type { Problem, Schema, ValidationRule } from '../resource.ts'
import { declared } from '../schema/declared.ts'
import { invalid, notSupported, required } from '../schema/problem.ts'

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const BREAK = /[\n\r]/

/** What is wrong with the form of the rules of a schema at `path`; not of those below it. */
export const ruleFormProblems = (schema: Schema, path: string): Problem[] =>
  (schema['x-kubernetes-validations'] ?? []).flatMap((rule, index) => {
    const field = `${path}.x-kubernetes-validations[${index}]`
    return [
      ...textProblems(rule, field),
      ...(rule.messageExpression !== undefined && rule.messageExpression.trim() === ''
        ? [required(`${field}.messageExpression`, 'messageExpression must be non-empty if specified')]
        : []),
      ...(rule.reason === undefined || REASONS.includes(rule.reason)
        ? []
        : [notSupported(`${field}.reason`, rule.reason, REASONS)]),
      ...fieldPathProblems(schema, rule.fieldPath ?? '', `${field}.fieldPath`),
    ]
  })

const textProblems = ({ rule = '', message = '' }: ValidationRule, field: string): Problem[] => {
  if (rule.trim() === '') return [required(`${field}.rule`, 'rule is not specified')]
  if (message !== '' && message.trim() === '')
    return [invalid(`${field}.message`, message, 'must be non-empty if specified')]
  if (BREAK.test(message.trim()))
    return [invalid(`${field}.message`, message, 'must not contain line breaks')]
  if (BREAK.test(rule.trim()) && message.trim() === '')
    return [required(`${field}.message`, 'message must be specified if rule contains line breaks')]
  return []
}

const fieldPathProblems = (schema: Schema, fieldPath: string, field: string): Problem[] => {
  if (fieldPath === '') return []
  return [
    ...(fieldPath.trim() === '' ? [invalid(field, fieldPath, 'must be non-empty if specified')] : []),
    ...(BREAK.test(fieldPath) ? [invalid(field, fieldPath, 'must not contain line breaks')] : []),
    ...(schemaAt(schema, fieldPath) === undefined ? [invalid(field, fieldPath, 'must be a valid path')] : []),
  ]
}

/** The schema that a field path like `.a.b['c.d']` leads to. */
const schemaAt = (schema: Schema, fieldPath: string): Schema | undefined => {
  const steps = [...fieldPath.matchAll(/\.([A-Za-z_][\w]*)|\['([^']*)'\]/g)]
  if (steps.length === 0 || steps.map((step) => step[0]).join('') !== fieldPath) return undefined
  let found: Schema | undefined = schema
  for (const step of steps) {
    const name = step[1] ?? step[2] ?? ''
    const additional: Schema | boolean | undefined = found?.additionalProperties
    found = (found && declared(found, name)) ?? (typeof additional === 'object' ? additional : undefined)
  }
  return found
}
